"""The picture: how large the cohorts are, and how long their paths."""

from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.pictures import figures
from journey_assets.pictures.card import short
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import Mark, Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line

_NAME = 29


def picture(day: Day) -> bytes | None:
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
    text = "no path" if mean is None else f"{mean:.1f} events"
    return Mark(mean, None, None, text)
