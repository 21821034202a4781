"""The picture: the most frequent whole paths of each cohort."""

from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets.pictures import figures
from journey_assets.pictures.card import short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line

_COHORTS = 2
_VARIANTS = 6
_NAME = 29


def picture(day: Day) -> bytes | None:
    """The most frequent whole paths of each cohort."""
    found = day.rows(
        VARIANTS, rest=f"AND rank <= {_VARIANTS} AND path IS NOT NULL ORDER BY cohort, rank"
    )
    if not found:
        return None
    lines: list[Line] = []
    for cohort in sorted({row["cohort"] for row in found})[:_COHORTS]:
        rows = [row for row in found if row["cohort"] == cohort]
        people = figures.count(rows[0]["cohort_persons"])
        lines.append(Line(f"{short(figures.cohort(cohort), _NAME)}, {people} persons"))
        lines += [_variant(row) for row in rows]
    return rows_picture(
        "The most frequent whole paths",
        f"Persons whose path is exactly this one, repeats in a row counted once; "
        f"{figures.level(day.level)} intervals (Wilson).",
        [Panel("share of the cohort")],
        lines,
        names=280,
    )


def _variant(row: Row) -> Line:
    counted = figures.of(row["persons"], row["cohort_persons"])
    return Line(
        short(" → ".join(short(event, 20) for event in row["path"]), 52),
        [[share_mark(row, "share", "share_low", "share_high", counted)]],
        f"{len(row['path'])} events, ends with {short(row['path'][-1], _NAME)}",
    )
