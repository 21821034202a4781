"""The picture of ``identity.coverage``: how well the sources' identifiers join."""

from collections.abc import Sequence

from journey_assets.pictures import figures
from journey_assets.pictures.card import OTHERS, PLAIN, short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line
from journey_assets.warehouse.tables.identity import COVERAGE

#: Measures by the first part of their name, in the order in which they are read.
_GROUPS = (
    ("linkable", "Persons of one source whom another knows too", PLAIN),
    ("anonymous_to_known", "Anonymous activity that got a user id", PLAIN),
    ("id_coverage", "Records that have an identifier", PLAIN),
    ("over_merged", "Joined too much", OTHERS),
    ("unmatched", "Joined to nobody", OTHERS),
    ("unassigned", "Joined to nobody", OTHERS),
)
_NAME = 36


def coverage(day: Day) -> bytes | None:
    """Retention of identities: shares with numerators and denominators, by pair of sources."""
    rows = day.rows(COVERAGE, rest="AND denominator > 0 ORDER BY measure")
    if not rows:
        return None
    lines: list[Line] = []
    for group, heading, color in _GROUPS:
        if found := [row for row in rows if row["measure"].split(":")[0] == group]:
            if not any(line.label == heading for line in lines):
                lines.append(Line(heading))
            lines += _lines(found, color)
    return rows_picture(
        "How well identities survive the join of the sources",
        f"Beside each share: its numerator and denominator; {figures.level(day.level)} intervals "
        "(Wilson).",
        [Panel("share")],
        lines,
        names=200,
    )


def _lines(rows: Sequence[Row], color: str) -> list[Line]:
    return [
        Line(
            _name(row["measure"]),
            [
                [
                    share_mark(
                        row,
                        "share",
                        "share_low",
                        "share_high",
                        f"{figures.of(row['numerator'], row['denominator'])} {row['unit']}",
                        color,
                    )
                ]
            ],
        )
        for row in rows
    ]


def _name(measure: str) -> str:
    """``linkable:amplitude:segment`` as ``amplitude → segment``."""
    group, *parts = measure.split(":")
    return short((" → " if group == "linkable" else ": ").join(parts), _NAME)
