"""The picture: the three readings of the golden path, and who goes them."""

from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.pictures import figures
from journey_assets.pictures.card import short, word
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Panel, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.pictures.sides import of_one_focus, sides, sides_legend

_NAME = 29

#: Who has a golden path: of one that ends with the conversion, which nobody else can have, what
#: comes before it.
_GOERS = "*, " + ", ".join(
    f"coalesce(before_{column}, {whole}) AS goers_{column}"
    for side in ("converters", "non_converters")
    for column, whole in (
        (side, f"support_{side}"),
        *((f"share_{side}{end}", f"share_{side}{end}") for end in ("", "_low", "_high")),
    )
)


def picture(day: Day) -> bytes | None:
    """The three readings of the golden path, and who goes them."""
    rows = of_one_focus(day.rows(GOLDEN_PATHS, _GOERS, "ORDER BY cohort, reading"))
    if not rows:
        return None
    return rows_picture(
        "The golden path, read in three ways",
        "Persons whose path contains it in order, others between allowed, of all persons of the cohort "
        "with a path; of a path that ends with the conversion, what comes before it. "
        f"{figures.level(day.level)} intervals (Wilson).",
        [Panel("share of the cohort")],
        [
            Line(
                word(row["reading"]),
                [sides(row, "goers_share", "goers")],
                f"{len(row['path'] or ())} events: {row['verdict']}",
            )
            for row in rows
        ],
        legend=sides_legend(rows[0]),
        notes=[
            f"{word(row['reading'])}: " + " → ".join(short(event, _NAME) for event in row["path"])
            for row in rows
            if row["path"]
        ],
    )
