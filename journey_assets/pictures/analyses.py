"""The picture of ``analyses.mave_analyses``: how much of the answers the evidence holds."""

from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, word
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Mark, Panel, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES


def mave_analyses(day: Day) -> bytes | None:
    """Of the numbers of each answer: those found in the evidence, and those derived from it."""
    rows = day.rows(MAVE_ANALYSES, rest="AND numbers_total > 0 ORDER BY kind")
    if not rows:
        return None
    return rows_picture(
        "How much of Mave's answers is found in the evidence",
        "Numbers of each answer that stand in the evidence it was given, or are the difference, quotient "
        "or complement of cited cells, of all numbers that were looked up.",
        [Panel("numbers grounded"), Panel("of them derived")],
        [
            Line(
                word(row["kind"]),
                [
                    [_part(row["numbers_grounded"], row["numbers_total"])],
                    [_part(row["numbers_derived"], row["numbers_grounded"])],
                ],
                _cost(row),
            )
            for row in rows
        ],
    )


def _part(part: int | None, whole: int) -> Mark:
    if part is None or not whole:
        return Mark(None, None, None, "–")
    text = f"{figures.percent(part / whole)} · {figures.of(part, whole)}"
    return Mark(part / whole, None, None, text, CONVERTERS)


def _cost(row: Row) -> str:
    if row["credits_used"] is None:
        return f"{row['status']}, credits not said"
    return f"{row['status']}, {row['credits_used']:g} credits"
