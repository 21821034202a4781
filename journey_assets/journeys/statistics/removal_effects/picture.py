"""The picture: what part of conversions would be lost without an event."""

from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.pictures import figures
from journey_assets.pictures.card import short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Mark, Panel, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.pictures.sides import of_one_focus

_SHOWN = 12
_NAME = 29


def picture(day: Day) -> bytes | None:
    """What part of conversions would be lost without an event."""
    found = of_one_focus(
        day.rows(REMOVAL_EFFECTS, rest="ORDER BY effect DESC NULLS LAST, event_type")
    )
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "What part of conversions would be lost without an event",
        f"Removal effect of the first-order chain over all paths; without removal "
        f"{figures.percent(rows[0]['conversion_rate'] or 0.0)} convert. It speaks of the way, not of a "
        "cause, and has no interval.",
        [Panel("share of conversions lost")],
        [
            Line(
                short(row["event_type"], _NAME),
                [
                    [
                        Mark(
                            row["effect"],
                            None,
                            None,
                            _removal_text(row),
                            faint=row["verdict"] == "gate",
                        )
                    ]
                ],
            )
            for row in rows
        ],
        notes=["Grey: every converter passes it.", *figures.rest(rows, len(found), "event")],
    )


def _removal_text(row: Row) -> str:
    passed = f"passed by {figures.count(row['converters_with'])} converters"
    stated = figures.INSUFFICIENT if row["effect"] is None else figures.percent(row["effect"])
    return f"{stated} · {passed}"
