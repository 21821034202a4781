"""The differences of what ``compared.sql`` left beside each other, and of the lives of newcomers.

Belongs here: which mathematics a figure takes (``differences.py``), and error control within the table.
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import false_discovery_rates
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.statistics.changes.differences import (
    HOURS,
    Lives,
    Sums,
    converted_by,
    of_lives,
    of_means,
    of_shares,
)
from journey_assets.settings import Settings
from journey_assets.warehouse.arrow import arrow_table

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

#: Hours after a newcomer's first event, by figure.
HORIZONS = {"conversion_1d": 24, "conversion_7d": HOURS}

#: Conversions of both periods together below which the log-rank test is not near its distribution.
_FEWEST_CONVERSIONS = 10

_SUMS = ("n", "x", "v", "xx", "xv", "vv")


def leave_tests(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``change_tests`` (as_of, test, low, high, p_value, q_value), and the lives' rows."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE change_tests "
        "(as_of DATE, test BIGINT, low DOUBLE, high DOUBLE, p_value DOUBLE, q_value DOUBLE)"
    )
    if not rules.by_session:  # a session is not a life
        _compare_lives(con, rules.settings)
    level = rules.settings.confidence_level
    for sums, condition in ((of_shares, "<>"), (of_means, "=")):
        found = con.execute(
            f"SELECT as_of, test, {', '.join(f'{p}_{c}' for p in ('then', 'now') for c in _SUMS)} "
            f"FROM change_compared WHERE untested IS NULL AND figure {condition} 'events_per_person' "
            f"AND NOT list_contains({list(HORIZONS)}, figure) ORDER BY test"
        ).fetchnumpy()
        if len(found["test"]):
            then, now = (
                Sums(*(_floats(found[f"{period}_{column}"]) for column in _SUMS))
                for period in ("then", "now")
            )
            one = sums(then, now, level)
            _add(con, found["as_of"], found["test"], one.low, one.high, one.p)
    _control(con)


def _control(con: "DuckDBPyConnection") -> None:
    """Fill ``q_value``: the tests of an as_of in this table are one family."""
    found = con.execute(
        "SELECT test, p_value, dense_rank() OVER (ORDER BY as_of) AS family FROM change_tests "
        "ORDER BY test"
    ).fetchnumpy()
    if not len(found["test"]):
        return
    q = false_discovery_rates(_floats(found["p_value"]), found["family"])
    con.register("change_q", arrow_table({"test": found["test"], "q": q}))
    con.execute(
        "UPDATE change_tests SET q_value = q FROM change_q WHERE change_q.test = change_tests.test"
    )
    con.unregister("change_q")


def _add(con: "DuckDBPyConnection", *columns: object) -> None:
    names = ("as_of", "test", "low", "high", "p_value")
    con.register("change_found", arrow_table(dict(zip(names, columns, strict=True))))
    con.execute("INSERT INTO change_tests BY NAME FROM change_found")
    con.unregister("change_found")


def _compare_lives(con: "DuckDBPyConnection", settings: Settings) -> None:
    """Add the rows of conversion within the horizons, and their tests."""
    number = con.execute("SELECT coalesce(max(test), 0) FROM change_compared").fetchall()[0][0]
    periods = con.execute(
        "SELECT as_of, days, refused, history FROM change_periods "
        "SEMI JOIN journey_period_paths USING (as_of) ORDER BY as_of"
    ).fetchall()
    for as_of, days, refused, history in periods:
        then, now = _lives(con, as_of, "then"), _lives(con, as_of, "now")
        for figure, hours in HORIZONS.items():
            number += 1
            seen = [each.at_risk[hours - 1] > 0 for each in (then, now)]
            values = [
                converted_by(each, hours, settings.confidence_level).rate if ok else None
                for each, ok in zip((then, now), seen, strict=True)
            ]
            persons = [int(each.at_risk[0]) for each in (then, now)]
            conversions = sum(int(each.converting[:hours].sum()) for each in (then, now))
            enough = (
                history
                and all(seen)
                and days * 24 > hours
                and min(persons) >= settings.min_cohort_persons
                and conversions >= _FEWEST_CONVERSIONS
            )
            untested = refused or (None if enough else "insufficient")
            if not persons[1] and not persons[0]:
                continue
            con.execute(
                "INSERT INTO change_compared BY NAME SELECT change_periods.* EXCLUDE "
                "(days, refused, history), ? AS test, ? AS figure, ? AS then_n, ? AS now_n, "
                "?::DOUBLE AS then_value, ?::DOUBLE AS now_value, ?::VARCHAR AS untested "
                "FROM change_periods WHERE as_of = ?",
                [number, figure, *persons, *values, untested, as_of],
            )
            if untested is None:
                low, high, p = of_lives(then, now, hours, settings.confidence_level)
                con.execute(
                    "INSERT INTO change_tests VALUES (?, ?, ?, ?, ?, NULL)",
                    [as_of, number, low, high, p],
                )


def _lives(con: "DuckDBPyConnection", as_of: "date", period: str) -> Lives:
    import numpy as np

    found = np.zeros((2, HOURS + 1), dtype=np.int64)
    for hours, converted, persons in con.execute(
        "SELECT hours, converted, persons FROM change_lives WHERE as_of = ? AND period = ?",
        [as_of, period],
    ).fetchall():
        found[converted, hours] += persons
    return Lives(found[1], found[0])


def _floats(values: "NDArray[np.generic]") -> "NDArray[np.float64]":
    import numpy as np

    return np.asarray(values, dtype=np.float64)
