"""Computing the tables of schema ``journeys`` for the days of a run.

Belongs here: the order of a run: read once, count, figure; and the relations and variables that the SQL
of several statistics reads (``figures.sql`` beside this module). Does not belong here: Dagster
(``assets.py``), what is counted and figured (the entries in ``journeys/statistics``).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from statistics import NormalDist
from typing import TYPE_CHECKING

from journey_assets.journeys.counting import Counting
from journey_assets.journeys.counts import LENGTHS
from journey_assets.journeys.folding import fold, folds
from journey_assets.journeys.paths import Rules, Window
from journey_assets.journeys.statistics import STATISTICS
from journey_assets.journeys.window import Loaded, load
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.guards import register_guards
from journey_assets.warehouse.intervals import register_relative_risk, register_wilson
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.windows import make_empty_result

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Events of windows that are counted at once: their counts stand in the session together.
BATCH_EVENTS = 50_000_000

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


def compute(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of every table of ``wanted`` in its session table ``Table.result``.

    days: the as_of dates of the run, ascending. Raises :class:`SettingsError` when there are events
    and nothing says who converted.
    """
    con = session.con
    statistics = [each for each in STATISTICS if each.table in wanted]
    for statistic in statistics:
        make_empty_result(con, statistic.table)
    loaded = load(session, days, settings)
    batches = list(_batches(loaded))
    if not batches:
        return
    _set_constants(con, loaded.rules)
    counts = dict.fromkeys([LENGTHS, *(count for each in statistics for count in each.counts)])
    # The limit is the process's: a part for the arrays, a part for DuckDB, and what both leave.
    share = settings.memory_bytes() * 2 // 5
    con.execute(f"SET memory_limit = '{share}B'")
    counting = Counting(session, loaded, share)
    for windows in batches:
        batch = windows
        if folds(loaded.rules):
            batch = fold(con, loaded.rules, windows, counting.occurrences(windows))
        counting.run(batch, list(counts), _leave_comparisons)
        for statistic in statistics:
            statistic.fill(con, loaded.rules)


def _batches(loaded: Loaded) -> Iterator[list[Window]]:
    """As many as_ofs at once as keep the events of their windows below :data:`BATCH_EVENTS`.

    Windows without an event have no rows in any table and are passed over, with the libraries they
    would load.
    """
    batch: list[Window] = []
    room = BATCH_EVENTS
    for window in loaded.windows:
        events = loaded.events_of[window.as_of]
        if not events:
            continue
        if batch and events > room:
            yield batch
            batch, room = [], BATCH_EVENTS
        batch.append(window)
        room -= events
    if batch:
        yield batch


def _leave_comparisons(con: "DuckDBPyConnection") -> None:
    con.execute(sql_of(__package__, "comparisons"))


def _set_constants(con: "DuckDBPyConnection", rules: Rules) -> None:
    settings = rules.settings
    register_wilson(con, settings.confidence_level)
    register_relative_risk(con, settings.confidence_level)
    register_guards(con, settings)
    con.execute(_QUANTILE)
    con.execute(_CODES)
    z = NormalDist().inv_cdf(0.5 + settings.confidence_level / 2)
    con.execute("SET VARIABLE journeys_z = ?::DOUBLE", [z])
    for name, type_ in _VARIABLES.items():
        con.execute(f"SET VARIABLE journeys_{name} = ?::{type_}", [getattr(settings, name)])
    con.execute(
        "SET VARIABLE journeys_conversion_known = ?::BOOLEAN", [bool(settings.conversion_event)]
    )
    con.execute("SET VARIABLE journeys_by_session = ?::BOOLEAN", [rules.by_session])
    # The outcome, said once: its code is 0 where nobody has it and −1 where the settings name none,
    # and no event has either.
    con.execute(f"CREATE OR REPLACE TEMP MACRO is_outcome(event) AS (event = {rules.conversion})")
    con.execute(
        "SET VARIABLE journeys_event_names = "
        "(SELECT list(event_type ORDER BY event) FROM journey_event_types)"
    )
