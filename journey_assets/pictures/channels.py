"""Pictures of the tables of schema ``channels``."""

from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, short, word
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.grid import EMPTY, Cell, Matrix, grid_picture, share_cell
from journey_assets.pictures.rows import Mark, Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line
from journey_assets.warehouse.tables.channels import SEGMENT_GOLDEN_STEPS, SEGMENTS


def segments(day: Day) -> bytes | None:
    """How many profiles each channel segment has, what they are worth and how they convert."""
    rows = day.rows(SEGMENTS, rest="ORDER BY profiles DESC, segment")
    if not rows:
        return None
    return rows_picture(
        "Channel segments: size, lifetime value, conversion",
        f"{figures.count(rows[0]['all_profiles'])} profiles of the snapshot of "
        f"{rows[0]['snapshot_date']}. Value: mean of the known, team's currency. Conversion: of "
        f"persons with a path. {figures.level(day.level)} intervals.",
        [
            Panel("share of profiles"),
            Panel("lifetime value", "amount"),
            Panel("conversion rate"),
        ],
        [
            Line(word(row["segment"]), [[_size(row)], [_value(row)], [_conversion(row)]])
            for row in rows
        ],
        names=100,
    )


def _size(row: Row) -> Mark:
    return share_mark(row, "share", "share_low", "share_high", figures.count(row["profiles"]))


def _value(row: Row) -> Mark:
    if row["avg_known_ltv_low"] is None:
        return Mark(None, None, None, figures.INSUFFICIENT)
    text = f"{figures.count(row['avg_known_ltv'])}, {figures.count(row['avg_ltv'])} missing as 0"
    return Mark(row["avg_known_ltv"], row["avg_known_ltv_low"], row["avg_known_ltv_high"], text)


def _conversion(row: Row) -> Mark:
    return share_mark(
        row,
        "conversion_rate",
        "conversion_rate_low",
        "conversion_rate_high",
        f"of {figures.count(row['persons_with_path'])}",
        CONVERTERS,
    )


def segment_golden_steps(day: Day) -> bytes | None:
    """How far the persons of each segment come along the golden path."""
    rows = day.rows(SEGMENT_GOLDEN_STEPS, rest="ORDER BY segment_persons DESC, segment, step")
    if not rows:
        return None
    segments: dict[str, list[Row]] = {}
    for row in rows:
        segments.setdefault(row["segment"], []).append(row)
    steps = [short(row["event_type"], 17) for row in next(iter(segments.values()))]
    return grid_picture(
        "Which channel carries whom along the golden path",
        "Percent of the segment's persons with a path whose path has the golden path's events up to "
        "the step, in order.",
        [
            f"{word(segment)} ({figures.count(cells[0]['segment_persons'])})"
            for segment, cells in segments.items()
        ],
        [Matrix("step", steps, [[_step(row) for row in cells] for cells in segments.values()])],
        slanted=True,
        notes=["–: insufficient, fewer than 10 persons of the segment."],
    )


def _step(row: Row) -> Cell:
    return EMPTY if row["share"] is None else share_cell(row["share"], CONVERTERS)
