"""One family of claims per report, and which of its claims are new.

Belongs here: error control over the claims of all statistics of an as_of, and the comparison with
reports that are stored already. Does not belong here: tests (each entry's own), the procedure
(:mod:`journey_assets.journeys.error_control`).

A report that tests hundreds of claims, each table with its own error control, holds some claim far more
often than in one report of twenty. So the claims of an as_of are one family, whichever of their tables
a run is asked for: a verdict must not depend on what else was selected.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import false_discovery_rates
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistic import Claims, Statistic
from journey_assets.settings import Settings
from journey_assets.warehouse.arrow import arrow_table
from journey_assets.warehouse.choices import unlike_days
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.windows import copy_stored

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Reports of a month: they share the level of "new" among them (Bonferroni), so that a month of daily
#: reports over pure noise holds a new claim no more often than one report holds any.
LOOKS = 30


def with_family(every: Sequence[Statistic], wanted: Sequence[Statistic]) -> list[Statistic]:
    """``wanted``, and all others of ``every`` that claim something when one of them does."""
    if not any(each.claims for each in wanted):
        return list(wanted)
    return [each for each in every if each.claims or each in wanted]


def fill(
    con: "DuckDBPyConnection",
    rules: Rules,
    ready: Sequence[Statistic],
    wanted: Sequence[Statistic],
    judged_before: str | None = None,
) -> None:
    """Add the batch's rows of ``wanted``, whose claims are judged with all those of ``ready``.

    judged_before: a relation (as_of, p_value) of claims that another package tested.
    """
    for each in ready:
        each.ready(con, rules)
    leave_families(con, [each.claims for each in ready if each.claims], judged_before)
    for each in wanted:
        each.fill(con)


def leave_families(
    con: "DuckDBPyConnection", claims: Sequence[Claims], judged_before: str | None = None
) -> None:
    """Leave ``<name>_family`` (test, family_q) of all ``claims``: one procedure over each as_of's."""
    import numpy as np

    for one in claims:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {one.name}_family (test BIGINT, family_q DOUBLE)"
        )
    sources = [
        f"SELECT as_of, {place} AS place, test::BIGINT AS test, p_value FROM {one.name}_tests"
        for place, one in enumerate(claims)
    ]
    if judged_before:
        sources.append(f"SELECT as_of, -1, -1, p_value FROM {judged_before}")
    if not claims:
        return
    found = con.execute(
        f"FROM ({' UNION ALL '.join(sources)}) WHERE p_value IS NOT NULL ORDER BY ALL"
    ).fetchnumpy()
    if not len(found["p_value"]):
        return  # a day without tests should not pay for loading pyarrow
    days = np.asarray(found["as_of"]).astype("datetime64[D]").astype(np.int64)
    q = false_discovery_rates(np.asarray(found["p_value"], dtype=np.float64), days)
    place, test = np.asarray(found["place"]), np.asarray(found["test"])
    con.register("judged", arrow_table({"place": place, "test": test, "family_q": q}))
    for number, one in enumerate(claims):
        con.execute(
            f"INSERT INTO {one.name}_family SELECT test, family_q FROM judged WHERE place = {number}"
        )
    con.unregister("judged")


def mark_new(
    session: Session, statistics: Sequence[Statistic], days: Sequence[date], settings: Settings
) -> None:
    """Say in ``is_new`` of the run's rows which claims no earlier report with shared days held.

    A claim is held for this where its ``family_q`` is below the level divided by :data:`LOOKS`. What is
    asked of an earlier report is in its own figures: that it held the claim, not that it was the first;
    so no partition's rows depend on when, or after which others, it was computed. A report that was made
    with other settings asked another question and says nothing of it.
    """
    for each in statistics:
        if each.claims:
            _mark_new(session, each.table, each.claims, days, settings)


def _mark_new(
    session: Session, table: Table, claims: Claims, days: Sequence[date], settings: Settings
) -> None:
    con, earlier = session.con, f"earlier_{table.name}"
    columns = [column for column in table.column_names if column != "is_new"]
    span = (days[0] - timedelta(days=settings.window_days - 1), days[-1])
    with session.reading():
        copy_stored(con, table, columns, span, earlier)
        left_out = [*days, *unlike_days(con, settings, table, *span)]
    spent = (1 - settings.confidence_level) / LOOKS
    held = f"({claims.holds}) AND family_q < {spent!r}"
    same = ", ".join(f'"{column}"' for column in claims.same)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {earlier} AS SELECT as_of, {same} FROM {earlier} "
        f"WHERE {held} AND NOT list_contains(?::DATE[], as_of) "
        f"UNION ALL SELECT as_of, {same} FROM {table.result} WHERE {held}",
        [left_out],
    )
    alike = " AND ".join(
        f'before."{column}" IS NOT DISTINCT FROM now."{column}"' for column in claims.same
    )
    con.execute(
        f"""
        UPDATE {table.result} AS now SET is_new = coalesce({held}, false) AND NOT EXISTS (
            FROM {earlier} AS before
            WHERE before.as_of < now.as_of
                AND before.as_of > now.as_of - {settings.window_days}
                AND {alike}
        )
        """
    )
    con.execute(f"DROP TABLE {earlier}")
