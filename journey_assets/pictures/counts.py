"""Pictures of the tables of schema ``journeys`` that count: cohorts, events, endings, returns."""

from collections.abc import Sequence

from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS, cohort_colors, short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Legend, Mark, Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line
from journey_assets.warehouse.tables.journeys.counts import (
    LAST_EVENTS,
    STEP_FREQUENCIES,
    SUMMARY,
)
from journey_assets.warehouse.tables.journeys.patterns import LOOPS, STEP_HAZARD, VARIANTS

_SHOWN = 12
_COHORTS = 2
_VARIANTS = 6
_STEPS = 15
_NAME = 29


def summary(day: Day) -> bytes | None:
    """How large the cohorts are, and how long their paths."""
    rows = day.rows(SUMMARY, rest="ORDER BY cohort")
    if not rows:
        return None
    return rows_picture(
        "The cohorts: size and length of paths",
        f"Of all {figures.count(rows[0]['population'])} persons with a path; "
        f"{figures.level(day.level)} intervals (Wilson). Length: mean events a path.",
        [Panel("share of persons"), Panel("mean length", "amount")],
        [
            Line(
                short(figures.cohort(row["cohort"]), _NAME),
                [[_share_of_all(row)], [_length(row)]],
                f"{figures.count(row['exits'])} exits, {figures.count(row['censored'])} censored",
            )
            for row in rows
        ],
    )


def _share_of_all(row: Row) -> Mark:
    counted = figures.count(row["persons"])
    return share_mark(row, "share_of_population", "share_low", "share_high", counted)


def _length(row: Row) -> Mark:
    mean = row["avg_length"]
    text = figures.INSUFFICIENT if mean is None else f"{mean:.1f} events"
    return Mark(mean, None, None, text)


def step_frequencies(day: Day) -> bytes | None:
    """How many persons of each cohort have each event."""
    panel = Panel("share of the cohort")
    rows = day.rows(
        STEP_FREQUENCIES,
        "cohort, event_type, persons AS n, cohort_persons AS whole, "
        "share_of_persons AS share, share_low AS low, share_high AS high",
    )
    return _by_event(
        "Who has which event",
        "Persons whose path has the event, of all persons of the cohort with a path",
        panel,
        rows,
        day,
    )


def last_events(day: Day) -> bytes | None:
    """How likely a visit of each event is the last one."""
    rows = day.rows(
        LAST_EVENTS,
        "cohort, event_type, exits AS n, visits - censored - cut AS whole, "
        "exit_rate AS share, exit_low AS low, exit_high AS high",
        "AND exits > 0",
    )
    return _by_event(
        "Which events paths end with",
        "Exits of the visits whose end is known, most exits first",
        Panel("exit rate"),
        rows,
        day,
    )


def loops(day: Day) -> bytes | None:
    """How many come back to an event after another one."""
    rows = day.rows(
        LOOPS,
        "cohort, event_type, persons_returning AS n, persons_with AS whole, "
        "return_share AS share, return_low AS low, return_high AS high",
    )
    return _by_event(
        "Which events people come back to",
        "Persons who come back to the event from another one, of those whose path has it",
        Panel("share who come back"),
        rows,
        day,
    )


def _by_event(
    title: str, subtitle: str, panel: Panel, rows: Sequence[Row], day: Day
) -> bytes | None:
    """A row an event, a mark a cohort: columns cohort, event_type, n, whole, share, low, high."""
    if not rows:
        return None
    size: dict[str, int] = {}
    for row in rows:
        size[row["cohort"]] = max(size.get(row["cohort"], 0), row["whole"])
    cohorts = sorted(sorted(size, key=lambda each: (-size[each], each))[:_COHORTS])
    colors = cohort_colors(cohorts)
    events: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row["cohort"] in colors:
            events.setdefault(row["event_type"], {})[row["cohort"]] = row
    ranked = sorted(events, key=lambda e: (-sum(row["n"] for row in events[e].values()), e))
    shown = ranked[:_SHOWN]
    return rows_picture(
        title,
        f"{subtitle}; {figures.level(day.level)} intervals (Wilson).",
        [panel],
        [
            Line(
                short(event, _NAME),
                [
                    [
                        _mark(events[event][each], colors[each])
                        for each in cohorts
                        if each in events[event]
                    ]
                ],
            )
            for event in shown
        ],
        legend=[Legend(colors[each], short(figures.cohort(each), _NAME)) for each in cohorts],
        notes=figures.rest(shown, len(ranked), "event"),
    )


def _mark(row: Row, color: str) -> Mark:
    return share_mark(row, "share", "low", "high", figures.of(row["n"], row["whole"]), color)


def step_hazard(day: Day) -> bytes | None:
    """How many of the paths that reach a step end there."""
    rows = day.rows(STEP_HAZARD, rest=f"AND step <= {_STEPS} ORDER BY step")
    if not rows:
        return None
    return rows_picture(
        "At which step paths end",
        f"Of the paths of all cohorts that reach the step; {figures.level(day.level)} intervals "
        f"(Wilson). The first {rows[-1]['step']} steps.",
        [Panel("end with an exit"), Panel("end with a conversion")],
        [
            Line(
                f"step {row['step']}",
                [
                    [
                        share_mark(
                            row,
                            "hazard_exit",
                            "hazard_low",
                            "hazard_high",
                            figures.of(row["exits"], row["at_risk"]),
                            OTHERS,
                        )
                    ],
                    [_conversions(row)],
                ],
            )
            for row in rows
        ],
        names=60,
    )


def _conversions(row: Row) -> Mark:
    share = row["hazard_conversion"]
    stated = figures.INSUFFICIENT if share is None else figures.percent(share)
    text = f"{stated} · {figures.of(row['conversions'], row['at_risk'])}"
    return Mark(share, None, None, text, CONVERTERS)


def variants(day: Day) -> bytes | None:
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
