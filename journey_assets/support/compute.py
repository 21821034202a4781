"""Computing the tables of schema ``support`` for the days of a run.

Belongs here: what is read, and in which order the SQL files beside this module run. Does not belong
here: Dagster (``assets.py``) and the definitions of the figures, which stand in the SQL files and in
``warehouse/tables/support.py``.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.journeys.family import fill, mark_new, with_family
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics import copy_tested
from journey_assets.journeys.stored_paths import count_stored
from journey_assets.settings import Settings
from journey_assets.support.statistics import STATISTICS
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.intervals import register_rates
from journey_assets.warehouse.pseudonyms import hash_key, register_pseudonym
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.ledger import LEDGER
from journey_assets.warehouse.tables.raw import (
    MAVENOID_AVAILABILITIES,
    MAVENOID_CONVERSATIONS,
    MAVENOID_SESSIONS,
)
from journey_assets.warehouse.tables.support import (
    AGENT_STATISTICS,
    CONVERSATION_STATISTICS,
    LIVE_SUPPORT_STATISTICS,
    TOPICS,
)
from journey_assets.warehouse.windows import (
    copy_stored,
    first_day,
    make_empty_result,
    register_windows,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CONVERSATION_COLUMNS = (
    "conversation_date",
    "id",
    "created_at",
    "flow_name",
    "lang_code",
    "status",
    "latest_live_support_session_status",
    "latest_search_query",
    "latest_search_result_chosen",
    "latest_search_shortcut_chosen",
    "feedback_topics",
    "feedback_rating",
)
_SESSION_COLUMNS = (
    "session_date",
    "assistant_conversation_id",
    "agent_email",
    "agent_group_name",
    "queue_duration_ms",
    "first_response_ms",
    "chat_duration_ms",
    "status",
    "feedback_rating",
)
_AVAILABILITY_COLUMNS = (
    "availability_date",
    "agent_email",
    "start_timestamp",
    "end_timestamp",
    "duration_ms",
    "active_duration_ms",
)

#: The longest topic or title that a table holds.
_LONGEST_TEXT = 80

#: The names of the states that conversations are put to, by code (:mod:`.counts.places`).
_STATES = """
SET VARIABLE support_states = list_concat(
    getvariable('journeys_event_names'), ['(after conversion)', '(beyond the path)']
)
"""

#: The p-values of the claims of journeys' tables: contacts are judged in one family with them.
_JOURNEYS = "support_judged_before"

#: A shift may begin the day before the window and reach into it.
_LONGEST_SHIFT = timedelta(days=1)


def compute(
    session: Session, days: Sequence[date], settings: Settings, wanted: Collection[Table]
) -> None:
    """Leave the rows of every table of ``wanted`` in its session table ``Table.result``.

    days: the as_of dates of the run, ascending. Tables never materialized count as empty; without
    ``identity.persons`` nobody is identified and no return is seen.
    """
    con = session.con
    window = (first_day(days[0], settings.window_days), days[-1])
    with session.reading():
        _read(con, window, (days[0], days[-1]))
    register_windows(con, days, settings.window_days)
    register_rates(con, settings.confidence_level)
    register_pseudonym(con, hash_key(settings))
    _register_one_line(con)
    if set(wanted) - {LIVE_SUPPORT_STATISTICS, AGENT_STATISTICS}:
        _run(con, "contacts.sql")
    for table in (CONVERSATION_STATISTICS, LIVE_SUPPORT_STATISTICS, AGENT_STATISTICS, TOPICS):
        if table in wanted:
            _run(con, f"{table.name}.sql")
    _count_paths(session, settings, [each for each in STATISTICS if each.table in wanted])


def _count_paths(session: Session, settings: Settings, statistics: Sequence[Statistic]) -> None:
    """Leave the rows of the statistics that put contacts to paths."""
    con = session.con
    ready = with_family(STATISTICS, statistics)
    for statistic in statistics:
        make_empty_result(con, statistic.table)
    # A day without any conversation says nothing of rates: support may not be connected.
    days = (
        statistics and con.execute("SELECT DISTINCT as_of FROM contacts ORDER BY as_of").fetchall()
    )
    if not days:
        return
    counts = dict.fromkeys(count for each in ready for count in each.counts)
    rules = count_stored(session, [day for (day,) in days], settings, list(counts))
    con.execute(_STATES)
    _run(con, "places.sql")
    fill(con, rules, ready, statistics, judged_before=_JOURNEYS)
    mark_new(session, statistics, [day for (day,) in days], settings)


def _register_one_line(con: "DuckDBPyConnection") -> None:
    """Make ``one_line(text)`` callable in SQL: what other people wrote, fit for a table.

    Without line ends, control and invisible characters and e-mail addresses, bounded in length;
    NULL when nothing is left.
    """
    con.execute(
        rf"""
        CREATE OR REPLACE TEMP MACRO one_line(text) AS nullif(trim(left(trim(regexp_replace(
            masked_name(text), '[\s\p{{Z}}\p{{C}}]+', ' ', 'g'
        )), {_LONGEST_TEXT})), '')
        """
    )


def _read(con: "DuckDBPyConnection", window: tuple[date, date], as_ofs: tuple[date, date]) -> None:
    copy_stored(con, MAVENOID_CONVERSATIONS, _CONVERSATION_COLUMNS, window, "support_conversations")
    copy_stored(con, MAVENOID_SESSIONS, _SESSION_COLUMNS, window, "support_sessions")
    shifts = (window[0] - _LONGEST_SHIFT, window[1])
    copy_stored(
        con, MAVENOID_AVAILABILITIES, _AVAILABILITY_COLUMNS, shifts, "support_availabilities"
    )
    copy_stored(
        con,
        LEDGER,
        ("partition", "written_at"),
        shifts,
        "support_ledger",
        f"table_name = '{MAVENOID_AVAILABILITIES.full_name}'",
    )
    copy_stored(
        con,
        PERSONS,
        ("as_of", "person_id", "id_value"),
        as_ofs,
        "support_persons",
        "source = 'mavenoid' AND id_type = 'conversation'",
    )
    copy_tested(con, as_ofs, _JOURNEYS)


def _run(con: "DuckDBPyConnection", file: str) -> None:
    con.execute(Path(__file__).with_name(file).read_text(encoding="utf-8"))
