"""Support held against journeys: from which state people turn to it, about what, and what follows.

Belongs here: the order of the statements that put conversations to states, and the tests that SQL
has no function for. Does not belong here: the definitions of the figures, which stand in the SQL
files beside this module and in ``warehouse/tables/support.py``.
"""

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import (
    false_discovery_rates,
    fisher_exact,
    more_than_elsewhere,
)
from journey_assets.journeys.stored_paths import stored_paths
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.intervals import register_relative_risk
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.support import CONTACT_TOPICS, JOURNEY_CONTACTS
from journey_assets.warehouse.windows import make_empty_result

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

#: The tables that are computed here.
TABLES = (JOURNEY_CONTACTS, CONTACT_TOPICS)


def compute_contacts(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of those of :data:`TABLES` that are ``wanted`` in ``Table.result``.

    Needs the session tables ``windows`` and ``contacts`` of the days and the rate macros.
    """
    con = session.con
    _set_constants(con, settings)
    for table in wanted:
        make_empty_result(con, table)
    for batch in stored_paths(session, days, settings):
        for name, day in zip(("support_first_as_of", "support_last_as_of"), batch, strict=True):
            con.execute(f"SET VARIABLE {name} = ?::DATE", [day])
        con.execute(_sql("journey_places"))
        if JOURNEY_CONTACTS in wanted:
            con.execute(_sql("compared_contacts"))
            _leave_tested_contacts(con)
        if CONTACT_TOPICS in wanted:
            con.execute(_sql("contact_values"))
            _leave_tested_values(con)
        for table in wanted:
            con.execute(f"INSERT INTO {table.result} BY NAME {_sql(table.name)}")


def _set_constants(con: "DuckDBPyConnection", settings: Settings) -> None:
    register_relative_risk(con, settings.confidence_level)
    for name, type_, value in (
        ("min_cohort_persons", "BIGINT", settings.min_cohort_persons),
        ("min_persons", "BIGINT", settings.min_persons),
        ("min_share", "DOUBLE", settings.min_share),
        ("alpha", "DOUBLE", 1 - settings.confidence_level),
        ("conversion_known", "BOOLEAN", bool(settings.conversion_event)),
    ):
        con.execute(f"SET VARIABLE support_{name} = ?::{type_}", [value])


def _leave_tested_contacts(con: "DuckDBPyConnection") -> None:
    """Leave ``tested_contacts``: p and q of the states with enough persons on both sides."""
    tested = con.execute(
        "SELECT as_of, event_type, compared_contacting_converters, compared_contacting, "
        "compared_others_converters, compared_others FROM compared_contacts "
        "WHERE enough AND getvariable('support_conversion_known') ORDER BY as_of, event_type"
    ).fetchnumpy()
    counts = [_counts(column) for column in list(tested.values())[2:]]
    # fisher_exact takes successes of trials against others of the rest.
    p = fisher_exact(counts[0], counts[1], counts[2], counts[3]) if len(counts[0]) else None
    _leave_q_values(con, "tested_contacts", tested, ("event_type",), p)


def _leave_tested_values(con: "DuckDBPyConnection") -> None:
    """Leave ``tested_values``: p and q of the states and values with enough contacts."""
    tested = con.execute(
        "SELECT as_of, event_type, kind, value, contacts, state_contacts, value_contacts, "
        "all_contacts FROM contact_values WHERE enough ORDER BY as_of, event_type, kind, value"
    ).fetchnumpy()
    counts = [_counts(column) for column in list(tested.values())[4:]]
    p = more_than_elsewhere(counts[0], counts[1], counts[2], counts[3]) if len(counts[0]) else None
    _leave_q_values(con, "tested_values", tested, ("event_type", "kind", "value"), p)


def _leave_q_values(
    con: "DuckDBPyConnection",
    name: str,
    tested: "dict[str, NDArray[np.generic]]",
    key: Sequence[str],
    p: "NDArray[np.float64] | None",
) -> None:
    """Leave table ``name`` (as_of, ``key``, p_value, q_value); the tests of a day are one family."""
    columns = ", ".join(f"{column} VARCHAR" for column in key)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} "
        f"(as_of DATE, {columns}, p_value DOUBLE, q_value DOUBLE)"
    )
    if p is None:
        return  # a day without tests should not pay for loading pyarrow
    import pyarrow as pa

    days = tested["as_of"].astype("datetime64[D]")
    rows = {column: tested[column] for column in key}
    q = false_discovery_rates(p, days.astype("int64"))
    con.register("tested", pa.table({"as_of": days, **rows, "p_value": p, "q_value": q}))
    con.execute(f"INSERT INTO {name} BY NAME FROM tested")
    con.unregister("tested")


def _counts(column: "NDArray[np.generic]") -> "NDArray[np.int64]":
    return column.astype("int64")


def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
