"""The clusters of a sample of the persons of each as_of."""

from typing import TYPE_CHECKING

from journey_assets.journeys.counts import CODE
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistics.path_clusters.clustering import clustered
from journey_assets.warehouse.arrow import arrow_table

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

#: Persons whose paths are compared with each other. Of 500 a share is known to ± 4 points.
SAMPLED = 500

#: Every so many-th path in the order of a hash: the same for the same rows, and of like paths as many as
#: there are in proportion. The hash is of names: codes are others where other days are computed along.
_SAMPLE = f"""
CREATE OR REPLACE TEMP TABLE journey_sampled_walks AS
SELECT as_of, cohort, walk, persons, row_number() OVER (ORDER BY as_of, place) - 1 AS number
FROM (
    SELECT
        as_of,
        cohort,
        walk,
        count(*) OVER (PARTITION BY as_of) AS persons,
        row_number() OVER (
            PARTITION BY as_of
            ORDER BY hash(list_select(getvariable('journeys_event_names'), codes_of(walk))), cohort
        ) AS place
    FROM journey_walks
)
WHERE place * {SAMPLED} // persons > (place - 1) * {SAMPLED} // persons OR persons <= {SAMPLED}
"""


def leave_clusters(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``journey_sampled_walks`` (number, as_of, cohort, walk, persons: of the as_of) and
    ``journey_clustered`` (number, cluster, is_medoid, stability, silhouette), a row per sampled path."""
    con.execute(_SAMPLE)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_clustered "
        "(number BIGINT, cluster BIGINT, is_medoid BOOLEAN, stability DOUBLE, silhouette DOUBLE)"
    )
    days = con.execute("SELECT DISTINCT as_of FROM journey_sampled_walks ORDER BY as_of").fetchall()
    for (day,) in days:
        _leave_day(con, rules, day)


def _leave_day(con: "DuckDBPyConnection", rules: Rules, day: "date") -> None:
    import numpy as np

    rows = con.execute(
        "SELECT number, walk FROM journey_sampled_walks WHERE as_of = ? ORDER BY number", [day]
    ).fetchall()
    numbers = np.array([number for number, _ in rows])
    # The outcome makes no path like another: clusters say what people do, not what becomes of it.
    sequences = [
        [int(code) for code in np.frombuffer(walk, dtype=CODE) if code != rules.conversion]
        for _, walk in rows
    ]
    found = clustered(sequences)
    is_medoid = np.zeros(len(numbers), dtype=bool)
    is_medoid[found.medoid] = True
    con.register(
        "clustered",
        arrow_table(
            {
                "number": numbers,
                "cluster": found.cluster + 1,
                "is_medoid": is_medoid,
                "stability": found.stability[found.cluster],
                "silhouette": np.full(len(numbers), found.silhouette),
            }
        ),
    )
    con.execute("INSERT INTO journey_clustered BY NAME FROM clustered")
    con.unregister("clustered")
