"""One cohort beside all others: which one, its marks, and their legend.

Where several cohorts are compared with all others in turn, the picture is of the first one.
"""

from collections.abc import Sequence

from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS, short
from journey_assets.pictures.day import Row
from journey_assets.pictures.rows import Legend, Mark, share_mark

_NAME = 29


def of_one_focus(rows: Sequence[Row]) -> list[Row]:
    """The rows of one cohort that is compared with the others: converters where there are any."""
    names = sorted({row["cohort"] for row in rows}, key=lambda each: (each != "converter", each))
    return [row for row in rows if row["cohort"] == names[0]]


def sides(row: Row, share: str, counted: str) -> list[Mark]:
    """The marks of converters and of all others."""
    return [
        share_mark(
            row,
            f"{share}_{side}",
            f"{share}_{side}_low",
            f"{share}_{side}_high",
            figures.of(row[f"{counted}_{side}"], row[side]),
            color,
        )
        for side, color in (("converters", CONVERTERS), ("non_converters", OTHERS))
    ]


def sides_legend(row: Row) -> list[Legend]:
    """What the colours stand for, with the persons of each side."""
    focus = short(figures.cohort(row["cohort"]), _NAME)
    others = "non-converters" if row["cohort"] == "converter" else "all others"
    return [
        Legend(CONVERTERS, f"{focus} ({figures.count(row['converters'])})"),
        Legend(OTHERS, f"{others} ({figures.count(row['non_converters'])})"),
    ]
