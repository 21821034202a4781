"""The section that holds what else is told of the paths: a table each, with how to read it.

Belongs here: funnels, retention, life cycle, orders of events, groups of like paths. What has no rows
is left out. Does not belong here: what a reader of one page must see (:mod:`.headline`).
"""

from collections.abc import Callable, Iterator, Sequence

from journey_assets.analyses.rendering import Unit
from journey_assets.journeys.statistics.discriminating_subsequences.table import (
    DISCRIMINATING_SUBSEQUENCES,
)
from journey_assets.journeys.statistics.funnels.table import FUNNELS
from journey_assets.journeys.statistics.lifecycle.table import LIFECYCLE
from journey_assets.journeys.statistics.path_clusters.table import PATH_CLUSTERS
from journey_assets.journeys.statistics.retention.table import RETENTION
from journey_assets.reports import figures
from journey_assets.reports.figures import Columns
from journey_assets.reports.flow_view import slug
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.sections.common import (
    by_focus,
    heading_of,
    new_claim,
    row_anchor,
    sides,
)
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
from journey_assets.warehouse.schema import Table

_ROWS_SHOWN = 10
_WEEKS_SHOWN = 6
_DAYS_SHOWN = 7
_CLUSTERS_SHOWN = 8
_STEPS_SHOWN = 10


def more_section(day: Day) -> Section | None:
    """All that has rows, folded; nothing where nothing has."""
    blocks = [
        Folded(title, [Sentence(how), *tables(day.rows(table))])
        for table, title, how, tables in _PARTS
        if day.rows(table)
    ]
    if not blocks:
        return None
    return Section("more", "More", "What else is known of the paths; open what you need.", blocks)


def _funnels(rows: Sequence[Row]) -> Iterator[Block]:
    for funnel in dict.fromkeys(row["funnel"] for row in rows):
        steps = [row for row in rows if row["funnel"] == funnel and row["cohort"] == "all"]
        if not steps:
            continue
        within = figures.number(steps[0]["within_seconds"], Unit.SECONDS)
        yield TableView(
            f"funnel-{slug(funnel)}",
            f"{figures.name(funnel)}: {figures.word(steps[0]['step_order'])}, within {within}",
            (
                Heading("step"),
                Heading("persons", True),
                Heading("of the first step", True),
                Heading("of the step before", True),
                Heading("median time since it", True),
            ),
            [
                TableRow(
                    (
                        Cell(f"{row['step']} · {figures.name(row['event'])}", name=True),
                        Cell(
                            figures.number(row["persons"]),
                            detail=f"{figures.number(row['still_open'])} still open",
                        ),
                        _share(row, "conversion", "low", "high"),
                        _share(row, "step_conversion", "step_low", "step_high"),
                        Cell(figures.number(row["median_seconds"], Unit.SECONDS)),
                    )
                )
                for row in steps
            ],
        )


def _share(row: Row, value: str, low: str, high: str) -> Cell:
    """A share with its interval, without a drawing."""
    return Cell(
        figures.number(row[value], Unit.SHARE),
        detail=figures.interval(row[low], row[high], Unit.SHARE),
    )


def _retention(rows: Sequence[Row]) -> Iterator[Block]:
    weeks: dict[str, dict[int, Row]] = {}
    for row in rows:
        weeks.setdefault(f"{row['cohort_week']:%-d %B %Y}", {})[row["n"]] = row
    shown = range(min(_WEEKS_SHOWN, max(row["n"] for row in rows) + 1))
    yield TableView(
        "retention",
        "Persons who come back, by week of sign-up",
        (
            Heading("week of"),
            Heading("persons", True),
            *(Heading(f"week {n}", True) for n in shown),
        ),
        [
            TableRow(
                (
                    Cell(week),
                    figures.count(next(iter(found.values()))["persons"]),
                    *(
                        _share(found[n], "share", "low", "high")
                        if n in found
                        else Cell(figures.NOTHING)
                        for n in shown
                    ),
                )
            )
            for week, found in weeks.items()
        ],
    )


def _lifecycle(rows: Sequence[Row]) -> Iterator[Block]:
    kinds = ("active", "new", "retained", "resurrected", "dormant")
    shown = rows[-_DAYS_SHOWN:]
    yield TableView(
        "lifecycle",
        "Persons of each day",
        (Heading("day"), *(Heading(kind, True) for kind in kinds)),
        [
            TableRow(
                (
                    Cell(f"{row['day']:%-d %B %Y}"),
                    *(figures.count(row[kind]) for kind in kinds),
                )
            )
            for row in shown
        ],
        figures.rest_of(len(rows), len(shown), "day"),
    )


def _orders(rows: Sequence[Row]) -> Iterator[Block]:
    for focus, found in by_focus(rows):
        shown = sorted(found, key=lambda row: row["rank"])[:_ROWS_SHOWN]
        widest = figures.widest_ratio(shown, "stratified_low", "stratified_high")
        mine, others = sides(focus)
        yield TableView(
            f"orders-{slug(focus)}",
            heading_of(focus, "Events in this order, others between them or not"),
            (
                Heading("events in order"),
                Heading(f"{others} with it", True),
                Heading(f"{mine} with it", True),
                Heading("converts, with it over without", True),
                Heading("verdict"),
            ),
            [
                TableRow(
                    (
                        Cell(" → ".join(map(figures.name, row["subsequence"] or ())), name=True),
                        Cell(figures.number(row["share_non_converters"], Unit.SHARE)),
                        Cell(figures.number(row["share_converters"], Unit.SHARE)),
                        figures.ratio_cell(
                            row,
                            Columns("stratified_ratio", "stratified_low", "stratified_high"),
                            widest,
                        ),
                        Cell(figures.verdict(row["verdict"]).text, detail=new_claim(row)),
                    ),
                    f"{row_anchor('orders', row)}-{row['rank']}",
                )
                for row in shown
            ],
            figures.rest_of(len(found), len(shown), "order"),
        )


def _clusters(rows: Sequence[Row]) -> Iterator[Block]:
    shown = rows[:_CLUSTERS_SHOWN]
    yield TableView(
        "path-clusters",
        "Groups of like paths, the largest first",
        (
            Heading("most typical path"),
            Heading("share of persons", True),
            Heading("conversion rate", True),
            Heading("median steps", True),
            Heading("verdict"),
        ),
        [
            TableRow(
                (
                    _typical(row["medoid"] or ()),
                    _share(row, "share", "share_low", "share_high"),
                    _share(row, "conversion_rate", "conversion_low", "conversion_high"),
                    Cell(figures.number(row["median_length"], Unit.NUMBER)),
                    figures.verdict(row["verdict"]),
                )
            )
            for row in shown
        ],
        f"Found in {figures.count_of(rows[0]['sampled_persons'], rows[0]['all_persons'])} persons.",
    )


def _typical(path: Sequence[str]) -> Cell:
    """The path's first steps, and how many it has in all where those are more."""
    more = len(path) > _STEPS_SHOWN
    names = [*map(figures.name, path[:_STEPS_SHOWN]), *(["…"] if more else [])]
    return Cell(" → ".join(names), detail=f"{len(path)} steps" if more else "", name=True)


#: What is told: the table, its title, how to read it, and what makes tables of its rows.
_PARTS: tuple[tuple[Table, str, str, Callable[[Sequence[Row]], Iterator[Block]]], ...] = (
    (
        FUNNELS,
        "Funnels",
        "Each person counts once, with the attempt that comes furthest; whoever is still open may yet go on.",
        _funnels,
    ),
    (
        RETENTION,
        "Retention by week of sign-up",
        "Of those who came in a week, the share with any event so many weeks later. A cell is empty until "
        "the week is over for all of them.",
        _retention,
    ),
    (
        LIFECYCLE,
        "Life cycle by day",
        "Active persons are new, retained from the day before, or resurrected; dormant ones were active the "
        "day before and no longer are.",
        _lifecycle,
    ),
    (
        DISCRIMINATING_SUBSEQUENCES,
        "Orders of events before converting more or less",
        "Who has gone through the events in this order, over others at the same visit: above 1 they convert "
        "more from then on. The shares are a description. An association, not a cause.",
        _orders,
    ),
    (
        PATH_CLUSTERS,
        "Groups of like paths",
        "Paths that have the same events and transitions about as often. A group that is not stable is "
        "chance. It describes: longer paths convert more for being longer.",
        _clusters,
    ),
)

#: The tables of this section.
MORE = tuple(table for table, *_ in _PARTS)
