"""The picture: how many persons each cluster has, and the path in its middle."""

from journey_assets.journeys.statistics.path_clusters.table import PATH_CLUSTERS
from journey_assets.pictures import figures
from journey_assets.pictures.card import PLAIN, short, word
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line

_NAME = 48
_STEPS = 5


def picture(day: Day) -> bytes | None:
    """How many persons each cluster has, by the path in its middle."""
    rows = day.rows(PATH_CLUSTERS, rest="ORDER BY cluster")
    if not rows:
        return None
    sampled = rows[0]["sampled_persons"]
    return rows_picture(
        "Groups of like paths",
        f"Share of {figures.count(sampled)} sampled persons, named by the path most like the others of the "
        f"group; {figures.level(day.level)} intervals (Wilson).",
        [Panel("share of persons")],
        [
            Line(
                short(" → ".join(row["medoid"][:_STEPS]), _NAME),
                [
                    [
                        share_mark(
                            row,
                            "share",
                            "share_low",
                            "share_high",
                            f"{figures.of(row['persons'], sampled)} {word(row['verdict'])}",
                            PLAIN,
                        )
                    ]
                ],
            )
            for row in rows
        ],
        notes=[f"The first {_STEPS} steps of each path; consecutive repeats once."],
    )
