"""A row of marks for each event, one for each of the largest cohorts."""

from collections.abc import Sequence

from journey_assets.pictures import figures
from journey_assets.pictures.card import cohort_colors, short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Legend, Mark, Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line

_SHOWN = 12
_COHORTS = 2
_NAME = 29


def by_event(
    title: str,
    subtitle: str,
    panel: Panel,
    rows: Sequence[Row],
    day: Day,
    method: str = "Wilson",
) -> bytes | None:
    """A row an event, a mark a cohort: columns cohort, event_type, n, whole, share, low, high.

    ``method`` says in words how low and high were found.
    """
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
        f"{subtitle}; {figures.level(day.level)} intervals ({method}).",
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
