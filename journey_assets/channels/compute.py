"""Computing the tables of schema ``channels`` for the days of a run.

Belongs here: what is read, in which order the SQL files beside this module run, and the intervals
that SQL has no function for. Does not belong here: Dagster (``assets.py``) and the definitions of
the figures, which stand in the SQL files and in ``warehouse/tables/channels.py``.
"""

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.channels.counts import WAYS
from journey_assets.channels.ltv import mean_interval, median_interval, ratio_interval
from journey_assets.channels.statistics import STATISTICS
from journey_assets.identity.values import register_normalising, register_safe_values
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.stored_paths import count_stored
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.intervals import register_rates
from journey_assets.warehouse.pseudonyms import hash_key
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.channels import (
    PROFILE_CHANNELS,
    SEGMENT_MOVES,
    SEGMENTS,
)
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import SEGMENT_EXTERNAL_IDS, SEGMENT_PROFILES
from journey_assets.warehouse.windows import (
    copy_stored,
    first_day,
    make_empty_result,
    register_windows,
)

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

_PROFILE_COLUMNS = (
    "snapshot_date",
    "profile_key",
    "email",
    "web_sessions_30d",
    "mobile_sessions_30d",
    "emails_opened_30d",
    "ltv",
    "plan",
    "traits_window_days",
)

#: Every person has a record of the vendor that knows it; the other identifiers are not needed.
_RECORDS = "id_type IN ('profile_key', 'amplitude_id', 'conversation')"

#: The golden path that the segments are held against.
_GOLDEN = "reading = 'common_subsequence' AND cohort = 'converter' AND len(path) > 0"


def compute(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of every table of ``wanted`` in its session table ``Table.result``.

    days: the as_of dates of the run, ascending. An as_of without a Segment snapshot in its trailing
    window has no rows.
    """
    con = session.con
    with session.reading():
        _read(con, (first_day(days[0], settings.window_days), days[-1]), (days[0], days[-1]))
    register_windows(con, days, settings.window_days)
    register_rates(con, settings.confidence_level)
    register_safe_values(con, hash_key(settings))
    register_normalising(con, settings)
    _run(con, "classified.sql")
    known = con.execute("SELECT as_of FROM channel_snapshots ORDER BY as_of").fetchall()
    if not known:
        for table in wanted:
            make_empty_result(con, table)
        return
    if SEGMENT_MOVES in wanted:
        _run(con, "segment_moves.sql")
    if set(wanted) - {SEGMENT_MOVES}:
        _run(con, "profile_persons.sql")
    if PROFILE_CHANNELS in wanted:
        _run(con, "profile_channels.sql")
    if set(wanted) - {SEGMENT_MOVES, PROFILE_CHANNELS}:
        _count_paths(session, [day for (day,) in known], settings, wanted)
    if SEGMENTS in wanted:
        _leave_ltv_intervals(con, settings.confidence_level)
        _run(con, "expected_ltv.sql")
        _leave_standardised_ltv(con, settings.confidence_level)
        _run(con, "segments.sql")


def _count_paths(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of the statistics that are ``wanted``, and ``segment_ways``.

    days: those with a Segment snapshot; of the others nothing is said of segments.
    """
    con = session.con
    statistics = [each for each in STATISTICS if each.table in wanted]
    _run(con, "person_segments.sql")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE golden_steps AS SELECT as_of, "
        "generate_subscripts(path, 1) AS step, unnest(path) AS event_type FROM stored_golden_paths"
    )
    counts = dict.fromkeys([WAYS, *(count for each in statistics for count in each.counts)])
    rules = count_stored(session, days, settings, list(counts))
    _run(con, "segment_ways.sql")
    for statistic in statistics:
        make_empty_result(con, statistic.table)
        statistic.ready(con, rules)
        statistic.fill(con)


def _read(con: "DuckDBPyConnection", window: tuple[date, date], as_ofs: tuple[date, date]) -> None:
    copy_stored(con, SEGMENT_PROFILES, _PROFILE_COLUMNS, window, "channels_profiles")
    id_columns = ("snapshot_date", "profile_key", "id_type")
    copy_stored(con, SEGMENT_EXTERNAL_IDS, id_columns, window, "channels_external_ids")
    person_columns = ("as_of", "person_id", "source", "id_type", "id_value")
    copy_stored(con, PERSONS, person_columns, as_ofs, "channels_persons", _RECORDS)
    copy_stored(con, GOLDEN_PATHS, ("as_of", "path"), as_ofs, "stored_golden_paths", _GOLDEN)


def _run(con: "DuckDBPyConnection", file: str) -> None:
    con.execute(_sql(file))


def _sql(file: str) -> str:
    return Path(__file__).with_name(file).read_text(encoding="utf-8")


def _leave_ltv_intervals(con: "DuckDBPyConnection", confidence_level: float) -> None:
    """Leave ``ltv_intervals``: a row per snapshot and segment, whatever as_ofs use it."""
    rows = []
    for snapshot, segment, values, known in _ltv_values(con):
        mean = mean_interval(values, confidence_level)
        median = median_interval(known, confidence_level)
        of_known = mean_interval(known, confidence_level)
        verdict = "ok" if mean.method else "insufficient"
        rows.append(
            [
                *(snapshot, segment, verdict, mean.method, mean.low, mean.high),
                *(median.low, median.high, of_known.low, of_known.high),
            ]
        )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE ltv_intervals (snapshot_date DATE, segment VARCHAR, "
        "verdict VARCHAR, ltv_method VARCHAR, ltv_low DOUBLE, ltv_high DOUBLE, "
        "median_ltv_low DOUBLE, median_ltv_high DOUBLE, "
        "avg_known_ltv_low DOUBLE, avg_known_ltv_high DOUBLE)"
    )
    if rows:
        con.executemany("INSERT INTO ltv_intervals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _leave_standardised_ltv(con: "DuckDBPyConnection", confidence_level: float) -> None:
    """Leave ``standardised_ltv``: what the values of a segment are of those expected of its activity."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE standardised_ltv (snapshot_date DATE, segment VARCHAR, "
        "standardised_ltv_ratio DOUBLE, standardised_ltv_low DOUBLE, standardised_ltv_high DOUBLE)"
    )
    groups = con.execute(
        "SELECT snapshot_date, segment FROM expected_ltv GROUP BY ALL "
        "HAVING sum(expected) > 0 ORDER BY ALL"
    ).fetchall()
    for snapshot, segment in groups:
        values = con.execute(
            "SELECT ltv, expected FROM expected_ltv WHERE snapshot_date = ? AND segment = ? "
            "ORDER BY ltv, expected",
            [snapshot, segment],
        ).fetchnumpy()
        ratio, low, high = ratio_interval(values["ltv"], values["expected"], confidence_level)
        con.execute(
            "INSERT INTO standardised_ltv VALUES (?, ?, ?, ?, ?)",
            [snapshot, segment, ratio, low, high],
        )


def _ltv_values(
    con: "DuckDBPyConnection",
) -> "list[tuple[date, str, NDArray[np.float64], NDArray[np.float64]]]":
    """Snapshot, segment, all values with the missing as 0, and the known ones, each sorted."""
    groups = con.execute(
        "SELECT snapshot_date, segment, count(*) - count(ltv), count(ltv) "
        "FROM classified GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    if not groups:
        return []

    import numpy as np

    values = con.execute(
        "SELECT ltv FROM classified WHERE ltv IS NOT NULL ORDER BY snapshot_date, segment, ltv"
    ).fetchnumpy()["ltv"]
    found, start = [], 0
    for snapshot, segment, missing, count in groups:
        known = values[start : start + count]
        found.append((snapshot, segment, np.concatenate([np.zeros(missing), known]), known))
        start += count
    return found
