"""The picture: figures of two periods beside each other, those that changed first."""

from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS, short, word
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Legend, Mark, Panel, rows_picture
from journey_assets.pictures.rows import Row as Line

_SHOWN = 12
_NAME = 29


def picture(day: Day) -> bytes | None:
    """Shares of two periods that share no day."""
    found = day.rows(
        CHANGES,
        rest="AND figure <> 'events_per_person' ORDER BY verdict NOT IN ('higher', 'lower'), "
        "family_q NULLS LAST, figure, event_type, to_event",
    )
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "What changed between two periods that share no day",
        f"Shares of the days to {day.as_of} beside those that they are compared with "
        f"(JOURNEY_COMPARE_TO), and the difference with its {figures.level(day.level)} interval.",
        [Panel("then"), Panel("now")],
        [
            Line(
                short(row["event_type"] or word(row["figure"]), _NAME),
                [[_then(row)], [_now(row)]],
                short(_detail(row), _NAME),
            )
            for row in rows
        ],
        legend=[Legend(CONVERTERS, "higher now"), Legend(OTHERS, "lower now")],
        notes=["Grey: no change can be told.", *figures.rest(rows, len(found), "figure")],
    )


def _detail(row: Row) -> str:
    if row["to_event"]:
        return f"to {row['to_event']}"
    return word(row["figure"]) if row["event_type"] else ""


def _then(row: Row) -> Mark:
    value = row["then_value"]
    return Mark(value, None, None, _stated(value), faint=True)


def _now(row: Row) -> Mark:
    changed = row["verdict"] in {"higher", "lower"}
    text = f"{_stated(row['now_value'])}; {word(row['verdict'])}"
    if row["low"] is not None:
        text += f", {100 * row['low']:+.1f} to {100 * row['high']:+.1f} points"
    color = CONVERTERS if row["verdict"] == "higher" else OTHERS
    return Mark(row["now_value"], None, None, text, color, faint=not changed)


def _stated(value: float | None) -> str:
    return figures.INSUFFICIENT if value is None else figures.percent(value)
