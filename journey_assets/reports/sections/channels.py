"""The section about channels: where profiles are active, what they are worth, where they move."""

from collections.abc import Sequence

from journey_assets.analyses.rendering import Unit
from journey_assets.reports import figures
from journey_assets.reports.figures import Columns
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.sections.common import absent
from journey_assets.reports.view import (
    Block,
    Cell,
    Folded,
    Heading,
    Section,
    Sentence,
    TableRow,
    TableView,
)
from journey_assets.settings import Settings
from journey_assets.warehouse.tables.channels import (
    SEGMENT_GOLDEN_STEPS,
    SEGMENT_MOVES,
    SEGMENTS,
)

_ORDER = (
    "omnichannel",
    "web_dominant",
    "mobile_dominant",
    "email_dominant",
    "inactive",
    "no_profile",
)
_MOVES_SHOWN = 12


def channels_section(day: Day, settings: Settings) -> Section:
    """Channel segments and moves between them."""
    rows = sorted(day.rows(SEGMENTS), key=lambda row: _ORDER.index(row["segment"]))
    empty = "There is no snapshot of Segment's profiles in this window."
    blocks: list[Block] = []
    if rows:
        blocks += [_segments(rows), _moves(day)]
    if steps := day.rows(SEGMENT_GOLDEN_STEPS):
        blocks.append(
            Folded("How far each segment comes on the golden path", [_golden_steps(steps)])
        )
    return Section(
        "channels",
        "Channels",
        "Profiles by where more than half of their activity of 30 days is; omnichannel has no such "
        "channel, inactive no activity. Lifetime value in the team's currency.",
        blocks or [absent(day, SEGMENTS, settings, "segment", empty)],
    )


def _segments(rows: Sequence[Row]) -> TableView:
    largest = figures.largest_bound(rows, "share_high", "conversion_rate_high")
    return TableView(
        "segments",
        "Channel segments",
        (
            Heading("segment"),
            Heading("share of profiles", True),
            Heading("conversion rate", True),
            Heading("mean of known lifetime values", True),
            Heading("mean, missing as 0", True),
            Heading("over that of like activity", True),
            Heading("web / mobile / e-mail", True),
            Heading("plans"),
        ),
        [
            TableRow(
                (
                    Cell(figures.word(row["segment"])),
                    figures.share_cell(
                        row,
                        Columns.of("share"),
                        largest,
                        detail=f"{figures.number(row['profiles'])} profiles",
                    ),
                    figures.share_cell(
                        row,
                        Columns.of("conversion_rate"),
                        largest,
                        detail=figures.count_of(row["converters"], row["persons_with_path"]),
                    ),
                    Cell(
                        figures.number(row["avg_known_ltv"], Unit.MONEY),
                        detail=" · ".join(
                            part
                            for part in (
                                figures.interval(
                                    row["avg_known_ltv_low"], row["avg_known_ltv_high"], Unit.MONEY
                                ),
                                f"{figures.count_of(row['known_ltv'], row['profiles'])} known",
                            )
                            if part
                        ),
                    ),
                    Cell(
                        figures.number(row["avg_ltv"], Unit.MONEY),
                        detail=figures.interval(row["ltv_low"], row["ltv_high"], Unit.MONEY),
                    ),
                    Cell(
                        figures.number(row["standardised_ltv_ratio"], Unit.RATIO),
                        detail=_standardised(row),
                    ),
                    Cell(
                        " / ".join(
                            figures.decimal(row[f"avg_{channel}"])
                            for channel in ("web", "mobile", "email")
                        )
                    ),
                    Cell(
                        ", ".join(figures.name(each) for each in row["top_plans"] or ()), name=True
                    ),
                )
            )
            for row in rows
        ],
        "Conversion rate: converters of the segment's persons with a path. Counts are means per "
        "profile in 30 days, missing ones taken as 0. Lifetime value: the mean of the amounts that are "
        "known, and beside it the average as the seed has it, in which a missing or unreadable one "
        "counts as 0. Segments differ in activity by construction, and whoever is more active is worth "
        "more: the claim is the ratio to profiles of like activity, 1.00× where channels do not matter.",
    )


def _standardised(row: Row) -> str:
    """The interval of the standardised ratio, and the raw ratio to all profiles as what it is."""
    bounds = figures.interval(row["standardised_ltv_low"], row["standardised_ltv_high"], Unit.RATIO)
    raw = row["ltv_ratio"]
    said = f"raw {figures.number(raw, Unit.RATIO)}" if raw is not None else ""
    return " · ".join(part for part in (bounds, said) if part)


def _moves(day: Day) -> Block:
    rows = [row for row in day.rows(SEGMENT_MOVES) if row["from_segment"] != row["to_segment"]]
    if not rows:
        return Sentence(
            "No move between segments to show: it takes two snapshots within the window.", True
        )
    rows.sort(key=lambda row: (-row["profiles"], row["from_segment"], row["to_segment"]))
    shown = rows[:_MOVES_SHOWN]
    largest = figures.largest_bound(shown, "share_high")
    dates = rows[0]["previous_snapshot_date"], rows[0]["snapshot_date"]
    return TableView(
        "segment-moves",
        f"Moves between segments, {dates[0]} to {dates[1]}",
        (
            Heading("from"),
            Heading("to"),
            Heading("profiles", True),
            Heading("of those in the first", True),
            Heading("mean lifetime value before / after", True),
        ),
        [
            TableRow(
                (
                    Cell(figures.word(row["from_segment"])),
                    Cell(figures.word(row["to_segment"])),
                    figures.count(row["profiles"]),
                    figures.share_cell(row, Columns.of("share"), largest),
                    Cell(
                        " / ".join(
                            figures.number(row[f"avg_ltv_{when}"], Unit.MONEY)
                            for when in ("before", "after")
                        )
                    ),
                )
            )
            for row in shown
        ],
        figures.rest_of(len(rows), len(shown), "move"),
    )


def _golden_steps(rows: Sequence[Row]) -> TableView:
    """A row for each segment, a column for each step."""
    steps = {row["step"]: row["event_type"] for row in rows}
    by_segment: dict[str, dict[int, Row]] = {}
    for row in rows:
        by_segment.setdefault(row["segment"], {})[row["step"]] = row
    return TableView(
        "segment-golden-steps",
        "Persons of each segment whose path has the golden path up to the step",
        (
            Heading("segment"),
            Heading("persons with a path", True),
            *(
                Heading(f"{step} · {figures.name(event)}", True)
                for step, event in sorted(steps.items())
            ),
        ),
        [
            TableRow(
                (
                    Cell(figures.word(segment)),
                    figures.count(next(iter(found.values()))["segment_persons"]),
                    *(
                        figures.share_cell(found[step], Columns.of("share"), 1.0, bar=True)
                        if step in found
                        else Cell(figures.NOTHING)
                        for step in sorted(steps)
                    ),
                )
            )
            for segment, found in sorted(by_segment.items(), key=lambda each: _ORDER.index(each[0]))
        ],
    )
