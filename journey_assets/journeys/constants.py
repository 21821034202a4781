"""What the SQL of statistics over paths reads besides relations: settings, names, macros.

Belongs here: variables ``journeys_<name>`` and macros that several statistics use.
"""

from statistics import NormalDist
from typing import TYPE_CHECKING

from journey_assets.journeys.paths import Rules
from journey_assets.warehouse.guards import register_guards
from journey_assets.warehouse.intervals import register_relative_risk, register_wilson

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Settings that SQL files read, each as the variable ``journeys_<name>``.
_VARIABLES = {
    "step_limit": "BIGINT",
    "variant_limit": "BIGINT",
}

#: Of values counted ``upto`` each in their order, ``total`` in all: the quantile that quantile_cont
#: interpolates; an aggregate.
_QUANTILE = """
CREATE OR REPLACE TEMP MACRO counted_quantile(value, upto, total, q) AS
min(value) FILTER (upto > floor((total - 1) * q))
    + (
        min(value) FILTER (upto > ceil((total - 1) * q))
        - min(value) FILTER (upto > floor((total - 1) * q))
    ) * ((any_value(total) - 1) * q - floor((any_value(total) - 1) * q))
"""

#: The codes in a binary of counts.walks, four bytes each.
_CODES = """
CREATE OR REPLACE TEMP MACRO codes_of(walk) AS
list_transform(
    range(octet_length(walk) // 4),
    lambda place: ('0x' || substr(hex(walk), 8 * place + 1, 8))::BIGINT
)
"""

#: What a hazard with and without something says: low, high: the bounds of the ratio; q NULL: the sample
#: does not tell. And whether the stratified answer is another than the pooled one.
_HAZARDS = """
CREATE OR REPLACE TEMP MACRO hazard_verdict(q, low, high) AS
CASE
    WHEN q IS NULL OR low IS NULL THEN 'insufficient'
    WHEN significant(q) AND high < 1 THEN 'friction'
    WHEN significant(q) AND low > 1 THEN 'with_conversion'
    ELSE 'no_difference'
END;
CREATE OR REPLACE TEMP MACRO step_verdict(q, low, high) AS
CASE hazard_verdict(q, low, high)
    WHEN 'friction' THEN 'converts_less'
    WHEN 'with_conversion' THEN 'converts_more'
    ELSE hazard_verdict(q, low, high)
END;
CREATE OR REPLACE TEMP MACRO chain_verdict(p) AS
CASE WHEN p IS NULL THEN 'insufficient' WHEN significant(p) THEN 'refused' ELSE 'not_refused' END;
CREATE OR REPLACE TEMP MACRO strata_differ(ratio, verdict, stratified_ratio, stratified_verdict) AS
CASE WHEN stratified_verdict IS NOT NULL THEN
    verdict <> stratified_verdict
    OR coalesce((ratio < 1 AND stratified_ratio > 1) OR (ratio > 1 AND stratified_ratio < 1), false)
END
"""


def set_constants(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Make what is above, the guards and the intervals known; needs ``journey_event_types``."""
    settings = rules.settings
    register_wilson(con, settings.confidence_level)
    register_relative_risk(con, settings.confidence_level)
    register_guards(con, settings)
    con.execute(_QUANTILE)
    con.execute(_CODES)
    con.execute(_HAZARDS)
    z = NormalDist().inv_cdf(0.5 + settings.confidence_level / 2)
    con.execute("SET VARIABLE journeys_z = ?::DOUBLE", [z])
    for name, type_ in _VARIABLES.items():
        con.execute(f"SET VARIABLE journeys_{name} = ?::{type_}", [getattr(settings, name)])
    con.execute(
        "SET VARIABLE journeys_conversion_known = ?::BOOLEAN", [bool(settings.conversion_event)]
    )
    con.execute("SET VARIABLE journeys_by_session = ?::BOOLEAN", [rules.by_session])
    con.execute("SET VARIABLE journeys_cohorts = ?::VARCHAR[]", [list(rules.cohorts)])
    # The outcome, said once: its code is 0 where nobody has it and −1 where the settings name none,
    # and no event has either.
    con.execute(f"CREATE OR REPLACE TEMP MACRO is_outcome(event) AS (event = {rules.conversion})")
    con.execute(
        "SET VARIABLE journeys_event_names = "
        "(SELECT list(event_type ORDER BY event) FROM journey_event_types)"
    )
