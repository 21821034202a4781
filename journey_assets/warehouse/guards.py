"""What is enough to claim something, for SQL: the guards, said once.

Belongs here: the minima of JOURNEY_MIN_PERSONS, JOURNEY_MIN_SHARE, JOURNEY_MIN_COHORT_PERSONS and
JOURNEY_CONFIDENCE_LEVEL as conditions. Does not belong here: intervals
(:mod:`journey_assets.warehouse.intervals`), what a statistic says instead of a claim.
"""

from typing import TYPE_CHECKING

from journey_assets.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def register_guards(con: "DuckDBPyConnection", settings: Settings) -> None:
    """Make the guards callable in SQL on ``con``.

    ``enough_persons(n, population)``: n persons of them are the minimum support of a signal.
    ``enough_in_cohort(n)``: n persons are enough to say something of a cohort. ``significant(q)``: an
    error-controlled p-value is below 1 − the confidence level.
    """
    # From text: a number with a point would be a DECIMAL, and its product another one.
    share = f"'{settings.min_share!r}'::DOUBLE"
    alpha = f"'{1 - settings.confidence_level!r}'::DOUBLE"
    for guard, condition in (
        (
            "enough_persons(n, population)",
            f"n >= least({settings.min_persons}, {share} * population)",
        ),
        ("enough_in_cohort(n)", f"n >= {settings.min_cohort_persons}"),
        ("significant(q)", f"q < {alpha}"),
    ):
        con.execute(f"CREATE OR REPLACE TEMP MACRO {guard} AS ({condition})")
