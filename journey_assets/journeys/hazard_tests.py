"""The tests of hazards of a comparison, between the counts and the figures.

Belongs here: passing what was counted to :mod:`journey_assets.journeys.hazards`, pooled and within each
stratification, and error control over the tests of a table. Does not belong here: which tests there are
and what they are called (the entries), the mathematics.
"""

from dataclasses import fields
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.hazards import Hazards, Risks, claimed, mantel_byar, picked
from journey_assets.journeys.paths import Rules
from journey_assets.journeys.stratified import STRATA, q_values
from journey_assets.warehouse.arrow import in_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

#: What is stated of a test, in the columns that tables have: where the pooled sample does not tell, the
#: strata do not either.
_STATED = """
SELECT
    as_of,
    test,
    p_value,
    q_value,
    ratio AS hazard_ratio,
    low AS hr_low,
    high AS hr_high,
    CASE WHEN ratio IS NOT NULL THEN if(peto, 'peto', 'mantel_haenszel') END AS hr_method,
    z,
    observed,
    expected,
    variance,
    strata,
    CASE WHEN p_value IS NOT NULL THEN stratified_by END AS stratified_by,
    CASE WHEN p_value IS NOT NULL THEN stratified_ratio END AS stratified_ratio,
    CASE WHEN p_value IS NOT NULL THEN stratified_low END AS stratified_low,
    CASE WHEN p_value IS NOT NULL THEN stratified_high END AS stratified_high,
    CASE WHEN p_value IS NOT NULL THEN stratified_p END AS stratified_p,
    CASE WHEN p_value IS NOT NULL THEN stratified_q END AS stratified_q
FROM hazards_found
"""


def leave_hazards(
    con: "DuckDBPyConnection", rules: Rules, name: str, tests: str, risks: str
) -> None:
    """Leave ``<name>_hazards`` (a row per test) and ``<name>_tests`` (as_of, test, p_value of the claim).

    tests: SELECT of as_of, focus, test, family, exposure. risks: SELECT of as_of, focus and the columns
    of a relation of risks, any number of rows for a key. Columns of ``<name>_hazards``: as_of, test, and
    those that tables have of hazards and of strata, but verdicts. Empty where the sample does not tell.
    """
    import numpy as np

    quantile = NormalDist().inv_cdf(0.5 + rules.settings.confidence_level / 2)
    rows = con.execute(
        f"SELECT as_of, test, family, exposure FROM ({tests}) ORDER BY as_of, focus, test"
    ).fetchnumpy()
    con.execute(f"CREATE OR REPLACE TEMP TABLE hazard_risks AS {risks}")
    comparisons = con.execute(
        f"SELECT as_of, focus, count(*) FROM ({tests}) GROUP BY ALL ORDER BY as_of, focus"
    ).fetchall()
    pooled: list[Hazards] = []
    strata: list[Hazards] = []
    places: list[NDArray[np.int64]] = []
    begin = 0
    for as_of, focus, number in comparisons:
        exposures = np.asarray(rows["exposure"][begin : begin + number], dtype=np.int64)
        of_all, *within = _within(con, as_of, focus, exposures, quantile)
        place = claimed(of_all, within)
        pooled.append(of_all)
        strata.append(picked(within, place))
        places.append(place)
        begin += number
    con.execute("DROP TABLE hazard_risks")
    _register(con, name, rows, pooled, strata, places)


def _within(
    con: "DuckDBPyConnection",
    as_of: Any,
    focus: str,
    exposures: "NDArray[np.int64]",
    quantile: float,
) -> list[Hazards]:
    """The tests of a comparison: pooled, and within each of :data:`STRATA`."""
    import numpy as np

    found = con.execute(
        "SELECT exposure, visit, platform, country, entered, gone, converted "
        "FROM hazard_risks WHERE (as_of, focus) = (?, ?)",
        [as_of, focus],
    ).fetchnumpy()
    column = {each: np.asarray(values, dtype=np.int64) for each, values in found.items()}
    counts = {each: column[each] for each in ("exposure", "visit", "entered", "gone", "converted")}
    strata = [np.zeros_like(column["visit"]), *(column[each] for each in STRATA)]
    return [mantel_byar(Risks(stratum=each, **counts), exposures, quantile) for each in strata]


def _register(
    con: "DuckDBPyConnection",
    name: str,
    rows: "Mapping[str, NDArray[Any]]",
    pooled: list[Hazards],
    strata: list[Hazards],
    places: "list[NDArray[np.int64]]",
) -> None:
    import numpy as np
    import pyarrow as pa

    def joined(of: list[Hazards], column: str) -> "NDArray[Any]":
        arrays = [getattr(each, column) for each in of]
        return np.concatenate(arrays) if arrays else np.empty(0)

    columns: dict[str, Any] = {each.name: joined(pooled, each.name) for each in fields(Hazards)}
    columns["q_value"] = q_values(columns["p_value"], rows["family"])
    for ours, theirs in (("ratio", "ratio"), ("low", "low"), ("high", "high"), ("p", "p_value")):
        columns[f"stratified_{ours}"] = joined(strata, theirs)
    columns["stratified_q"] = q_values(columns["stratified_p"], rows["family"])
    place = np.concatenate(places) if places else np.empty(0, dtype=np.int64)
    columns["stratified_by"] = np.array(STRATA)[place]
    columns |= {"test": rows["test"], "as_of": rows["as_of"]}
    table = pa.table({each: in_arrow(values, nan_is_null=True) for each, values in columns.items()})
    con.register("hazards_found", table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name}_hazards AS {_STATED}")
    con.unregister("hazards_found")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name}_tests AS SELECT as_of, test, stratified_p AS p_value "
        f"FROM {name}_hazards WHERE stratified_p IS NOT NULL"
    )
