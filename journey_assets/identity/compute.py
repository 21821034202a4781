"""Computing the tables of schema ``identity`` for the days of a run.

Belongs here: what is read, in which order the SQL files beside this module run, and the way of the
links to the graph and back. Does not belong here: Dagster (``assets.py``), the arithmetic of the
graph (:mod:`journey_assets.identity.graph`), what a value becomes
(:mod:`journey_assets.identity.values`).

A person is a connected component over (type, normalised value) of what the trailing window's rows
say; an over-merged component is split back to its user ids. A person is named by its smallest
identifier (user id before Amplitude id before e-mail address before others; shorter before longer,
then by value). So a person with a user id keeps its name whatever joins; a join changes a name only

- when an anonymous person becomes known: the user id names it from then on,
- when two anonymous persons join: the smaller identifier names both,

and a name that only the window's oldest days supported goes with them.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.identity.graph import resolve
from journey_assets.identity.values import register_normalising, register_safe_values
from journey_assets.names import plain_name
from journey_assets.settings import Settings
from journey_assets.warehouse.arrow import arrow_table
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.intervals import register_wilson
from journey_assets.warehouse.pseudonyms import hash_key
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.tables.identity import COVERAGE, PERSONS
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    MAVENOID_CONVERSATIONS,
    SEGMENT_EXTERNAL_IDS,
    SEGMENT_PROFILES,
)
from journey_assets.warehouse.warnings import warn
from journey_assets.warehouse.windows import copy_stored, first_day, register_windows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READ: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (AMPLITUDE_EVENTS, "identity_events", ("event_date", "amplitude_id", "user_id", "device_id")),
    (
        AMPLITUDE_USERS,
        "identity_users",
        (
            "event_date",
            "amplitude_id",
            "user_id",
            "status",
            "canonical_amplitude_id",
            "merged_amplitude_ids",
        ),
    ),
    (SEGMENT_PROFILES, "identity_profiles", ("snapshot_date", "profile_key", "email")),
    (
        SEGMENT_EXTERNAL_IDS,
        "identity_external_ids",
        ("snapshot_date", "profile_key", "id_type", "id_value"),
    ),
    (MAVENOID_CONVERSATIONS, "identity_conversations", ("conversation_date", "id", "form_data")),
)

#: Nodes given to the graph at once: bounds the memory of a range of many days.
_NODES_AT_ONCE = 4_000_000


def compute(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of every table of ``wanted`` in its session table ``Table.result``.

    days: the as_of dates of the run, ascending. Sources never materialized count as empty.
    """
    con = session.con
    partitions = (first_day(days[0], settings.window_days), days[-1])
    with session.reading():
        for table, name, columns in _READ:
            copy_stored(con, table, columns, partitions, name)
    register_windows(con, days, settings.window_days)
    register_safe_values(con, hash_key(settings))
    register_normalising(con, settings)
    _leave_limits(con, settings)
    for name in ("observed", "encoded", "windowed"):
        _run(con, name)
    _warn_shared(con, days[-1])
    _leave_resolved(con, days)
    _run(con, "owned")
    if PERSONS in wanted:
        _run(con, "persons")
    if COVERAGE in wanted:
        register_wilson(con, settings.confidence_level)
        for name in ("measures_records", "measures_persons", "coverage"):
            _run(con, name)


def _run(con: "DuckDBPyConnection", name: str) -> None:
    con.execute(sql_of(__package__, name))


def _leave_limits(con: "DuckDBPyConnection", settings: Settings) -> None:
    """Leave ``identity_limits`` (type, most): how many records may carry an identifier."""
    limits = settings.id_limits()
    con.execute(
        "CREATE OR REPLACE TEMP TABLE identity_limits AS "
        "SELECT unnest($types::VARCHAR[]) AS type, unnest($most::BIGINT[]) AS most",
        {"types": list(limits), "most": list(limits.values())},
    )


def _warn_shared(con: "DuckDBPyConnection", as_of: date) -> None:
    rows = con.execute(
        "SELECT source, type, count(*) FROM identity_carried "
        "WHERE as_of = ? AND shared GROUP BY ALL ORDER BY ALL",
        [as_of],
    ).fetchall()
    for source, type_, count in rows:
        warn(
            con,
            f"{count} identifiers of type {plain_name(type_)} are carried by more records of {source} "
            "than JOURNEY_SHARED_ID_LIMITS allows: they join nobody. Values that stand for nobody "
            "belong into JOURNEY_PLACEHOLDER_IDS.",
        )


def _leave_resolved(con: "DuckDBPyConnection", days: Sequence[date]) -> None:
    """Leave ``identity_resolved``: every node's component and person, each by its smallest code.

    alone: the person consists of nothing but the node.
    """
    codes, users = con.execute(
        "SELECT count(*), count(*) FILTER (type = 'user_id') FROM identity_values"
    ).fetchall()[0]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE identity_resolved "
        "(as_of DATE, code INTEGER, component INTEGER, person INTEGER, alone BOOLEAN)"
    )
    if not codes:
        return  # an empty window should not pay for loading scipy
    for batch in _batches(days, codes):
        _resolve_batch(con, batch, codes, users)


def _batches(days: Sequence[date], codes: int) -> Iterator[Sequence[date]]:
    size = max(1, _NODES_AT_ONCE // max(1, codes))
    return (days[start : start + size] for start in range(0, len(days), size))


def _resolve_batch(con: "DuckDBPyConnection", days: Sequence[date], codes: int, users: int) -> None:
    """Resolve some as_ofs in one graph: value ``code`` at the i-th as_of is node i·codes + code."""
    import numpy as np

    first = days[0]
    edges = con.execute(
        "SELECT date_diff('day', $first, as_of) * $codes + record AS record, "
        "date_diff('day', $first, as_of) * $codes + id AS id FROM identity_edges "
        "WHERE as_of BETWEEN $first AND $last AND record IS NOT NULL AND id IS NOT NULL",
        {"first": first, "last": days[-1], "codes": codes},
    ).fetchnumpy()
    nodes = con.execute(
        "SELECT DISTINCT date_diff('day', $first, as_of) * $codes + code AS node "
        "FROM identity_nodes WHERE as_of BETWEEN $first AND $last",
        {"first": first, "last": days[-1], "codes": codes},
    ).fetchnumpy()["node"]
    starts = np.arange(len(days), dtype=np.int64)[:, None] * codes
    # User ids have the first codes.
    user_nodes = (starts + np.arange(users, dtype=np.int64)).ravel()
    resolution = resolve(len(days) * codes, edges["record"], edges["id"], user_nodes)
    resolved = arrow_table(
        {
            "day": nodes // max(1, codes),
            "code": nodes % max(1, codes),
            "component": resolution.component[nodes] % max(1, codes),
            "person": resolution.person[nodes] % max(1, codes),
            "alone": np.bincount(resolution.person)[resolution.person[nodes]] == 1,
        }
    )
    con.register("resolved_batch", resolved)
    con.execute(
        "INSERT INTO identity_resolved SELECT $first + day::INTEGER, code, component, person, alone "
        "FROM resolved_batch",
        {"first": first},
    )
    con.unregister("resolved_batch")
