"""The most frequent variants of each cohort.

Does not belong here: their figures (``figures.sql``). One query for each cohort: the first of an order
are found without sorting the rest, which most paths are.
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_VARIANTS = """
CREATE OR REPLACE TEMP TABLE journey_variants AS
SELECT as_of, cohort, walk, count(*) AS persons
FROM journey_walks
GROUP BY ALL
"""

_FIRST = """
INSERT INTO journey_variant_ranks
SELECT *, row_number() OVER (ORDER BY persons DESC, walk) AS rank
FROM (
    SELECT as_of, cohort, walk, persons
    FROM journey_variants
    WHERE (as_of, cohort) = ($as_of, $cohort)
    ORDER BY persons DESC, walk
    LIMIT $variants
)
"""


def leave_ranks(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``journey_variants`` and, of those within the limit, ``journey_variant_ranks``.

    Codes of events are in the order of their names, so ties by the codes are ties by the names.
    """
    con.execute(_VARIANTS)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_variant_ranks AS "
        "SELECT *, 0::BIGINT AS rank FROM journey_variants LIMIT 0"
    )
    cohorts = con.execute("SELECT DISTINCT as_of, cohort FROM journey_cohorts ORDER BY ALL")
    for as_of, cohort in cohorts.fetchall():
        con.execute(
            _FIRST,
            {"as_of": as_of, "cohort": cohort, "variants": rules.settings.variant_limit},
        )
