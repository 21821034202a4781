"""The picture: events after which the cohorts go different ways."""

from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.pictures import figures
from journey_assets.pictures.card import short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Mark, Panel, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.pictures.sides import of_one_focus

_SHOWN = 12
_NAME = 29


def picture(day: Day) -> bytes | None:
    """Events after which the cohorts go different ways."""
    found = of_one_focus(day.rows(DIVERGENCE_POINTS, rest="ORDER BY rank NULLS LAST, event_type"))
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "Events after which the cohorts go different ways",
        f"Jensen–Shannon divergence of the next events, chance taken off, in bits; "
        f"{figures.level(day.level)} intervals. Beside it: persons compared, converters / others.",
        [Panel("divergence", "amount", lambda bits: f"{bits:.2f}")],
        [Line(short(row["event_type"], _NAME), [[_divergence_mark(row)]]) for row in rows],
        notes=["Grey: no difference can be told.", *figures.rest(rows, len(found), "event")],
    )


def _divergence_mark(row: Row) -> Mark:
    compared = f"({figures.count(row['n_converters'])} / {figures.count(row['n_non_converters'])})"
    different = row["verdict"] == "different"
    if row["verdict"] == "insufficient":
        return Mark(None, None, None, f"{figures.INSUFFICIENT} · {compared}")
    words = "different" if different else "no clear difference"
    return Mark(
        row["jsd_corrected"],
        row["jsd_low"],
        row["jsd_high"],
        f"{row['jsd_corrected']:.3f} · {compared} {words}",
        faint=not different,
    )
