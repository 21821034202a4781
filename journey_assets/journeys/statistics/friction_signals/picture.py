"""The picture: events after which people convert less, and more."""

from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS, short, word
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Legend, Mark, Panel, ratio_mark, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.pictures.sides import of_one_focus

_SHOWN = 12
_NAME = 29


def picture(day: Day) -> bytes | None:
    """Events after which people convert less, and more."""
    found = of_one_focus(day.rows(FRICTION_SIGNALS, rest="ORDER BY rank NULLS LAST, event_type"))
    tested = [row for row in found if row["rank"] is not None]
    if not found:
        return None
    rows = (tested or found)[:_SHOWN]
    return rows_picture(
        "Events after which people convert less",
        "Chance to convert right after a visit, of those who have had the event by then over the others at "
        f"the same visit; {figures.level(day.level)} intervals. Beside it: persons with it, of "
        f"{figures.count(rows[0]['non_converters'])} others / of "
        f"{figures.count(rows[0]['converters'])} converters.",
        [Panel("hazard ratio", "ratio")],
        [Line(short(row["event_type"], _NAME), [[_friction_mark(row)]]) for row in rows],
        legend=[Legend(OTHERS, "friction"), Legend(CONVERTERS, "converts more")],
        notes=["Grey: no difference can be told.", *figures.rest(rows, len(found), "event")],
    )


def _friction_mark(row: Row) -> Mark:
    counts = (
        f"({figures.count(row['non_converters_with'])} / {figures.count(row['converters_with'])})"
    )
    return ratio_mark(
        row,
        "stratified_ratio",
        "stratified_low",
        "stratified_high",
        f"{counts} {word(row['verdict'])}",
        OTHERS if row["verdict"] == "friction" else CONVERTERS,
        faint=row["verdict"] not in {"friction", "with_conversion"},
    )
