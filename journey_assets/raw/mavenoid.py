"""Mavenoid's three lists, from answers to rows: latest state by key, reconciled with the vendor.

Belongs here: what names a row, which of its versions counts, which days an answer covers, what
stays of rows that Mavenoid no longer serves, and what becomes of a row whose day is another by now.
Rows that differ from Mavenoid's own summary of them are not stored. Does not belong here: the wire
(``vendors/mavenoid.py``), reading fields (``parse.py``), the comparison (``reconciliation.py``).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from journey_assets.raw.ingested import Ingested, Reconciliation
from journey_assets.raw.mavenoid_feeds import (
    AVAILABILITY_FEED,
    CONVERSATION_FEED,
    SESSION_FEED,
    Feed,
)
from journey_assets.raw.mavenoid_moved import Answer, settle_moved
from journey_assets.raw.parse import SAME_REJECT, Parsed, parse_records
from journey_assets.raw.reconciliation import own_groups, reconcile
from journey_assets.raw.staging import staging_folder
from journey_assets.settings import Settings
from journey_assets.vendors.errors import UnexpectedAnswer
from journey_assets.vendors.mavenoid import MOST_DAYS, MavenoidClient, days_back_to, first_whole_day
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import (
    Replacement,
    ensure_table,
    replace_partitions,
    stored_columns,
)
from journey_assets.warehouse.tables.raw import REJECTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Log = Callable[[str], None]


def ingest_conversations(
    session: Session,
    client: MavenoidClient,
    settings: Settings,
    first: date,
    last: date,
    log: Log,
    now: datetime,
) -> Ingested:
    """Store the conversations created on the days ``first`` … ``last`` (UTC) as they are ``now``.

    Raises :class:`~journey_assets.vendors.errors.VendorError`, of which :class:`SummaryDiffers` is
    one; nothing is stored then.
    """
    return _ingest(CONVERSATION_FEED, session, client, settings, first, last, log, now)


def ingest_sessions(
    session: Session,
    client: MavenoidClient,
    settings: Settings,
    first: date,
    last: date,
    log: Log,
    now: datetime,
) -> Ingested:
    """Store the live support sessions begun on the days: see :func:`ingest_conversations`."""
    return _ingest(SESSION_FEED, session, client, settings, first, last, log, now)


def ingest_availabilities(
    session: Session,
    client: MavenoidClient,
    settings: Settings,
    first: date,
    last: date,
    log: Log,
    now: datetime,
) -> Ingested:
    """Store the agents' periods begun on the days: see :func:`ingest_conversations`."""
    return _ingest(AVAILABILITY_FEED, session, client, settings, first, last, log, now)


class SummaryDiffers(UnexpectedAnswer):
    """Mavenoid's rows are not those that it counts in its summary; ``verdict`` says where."""

    def __init__(self, feed: Feed, verdict: Reconciliation) -> None:
        super().__init__(
            "Mavenoid",
            f"summary of {feed.endpoint.name}",
            "its rows and its own summary of them differ, so nothing was stored: "
            f"{'; '.join(verdict.differences[:_MOST_DIFFERENCES])}",
            remedy="Run again later; if it stays so, ask Mavenoid about these days.",
        )
        self.verdict = verdict


#: Differences that an error line shows.
_MOST_DIFFERENCES = 3


@dataclass(frozen=True, slots=True)
class _Run:
    """One list, one range of days, and how far back is asked for it.

    read_from: the first day whose rows are read; before ``first`` when a row may have left that day.
    """

    feed: Feed
    session: Session
    client: MavenoidClient
    folder: Path
    first: date
    last: date
    log: Log
    now: datetime
    started: float
    days: int
    read_from: date

    def covered_from(self) -> date:
        """The first day of which an answer that is here now holds everything."""
        elapsed = timedelta(seconds=time.monotonic() - self.started)
        return first_whole_day(self.days, self.now, elapsed)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of the list.

    answer: table of the latest version of each key in the whole answer, as declared. rows: those of
    the run's days.
    """

    answer: str
    rows: str
    parsed: Parsed
    covered_from: date


def _ingest(
    feed: Feed,
    session: Session,
    client: MavenoidClient,
    settings: Settings,
    first: date,
    last: date,
    log: Log,
    now: datetime,
) -> Ingested:
    with staging_folder(settings.directory()) as folder:
        run = _Run(
            feed,
            session,
            client,
            folder,
            first,
            last,
            log,
            now,
            started=time.monotonic(),
            days=days_back_to(first, now),
            read_from=first,
        )
        if last < run.covered_from() - timedelta(days=1):
            nothing = _latest(run, "nothing", [], covered_from=last + timedelta(days=1))
            return _store(run, nothing, Reconciliation(compared=0))
        reading = _read(run, "reading")
        if (left := _left_before(run, reading)) is not None:
            log(
                f"Mavenoid: {feed.endpoint.name} may have moved from {left} on; reading from there."
            )
            run = replace(run, read_from=left, days=days_back_to(left, now))
            reading = _read(run, "reading")
        summary = client.summary(feed.endpoint, feed.grouping.group_by, run.days)
        verdict = _compare(run, reading, None, summary)
        if not verdict.passed:
            log(f"Mavenoid: rows and summary of {feed.endpoint.name} differ; reading rows again.")
            earlier, reading = reading, _read(run, "rereading")
            verdict = _compare(run, reading, earlier, summary)
        if not verdict.passed:
            raise SummaryDiffers(feed, verdict)
        return _store(run, reading, verdict)


def _read(run: _Run, name: str) -> _Reading:
    path = run.folder / f"{name}.ndjson"
    records = run.client.stage_rows(run.feed.endpoint, run.days, path)
    run.log(
        f"Mavenoid: {records} {run.feed.endpoint.name} read, of the last {run.days} times 24 hours."
    )
    return _latest(run, name, [path], run.covered_from())


def _left_before(run: _Run, reading: _Reading) -> date | None:
    """The earliest stored day before the run's that a row read for the first time may have left.

    None when there is none within Mavenoid's reach. Asked of lists whose key names the day only: the
    answer has to hold that day to tell whether the row left it or another one began.
    """
    feed, key = run.feed, _key(run.feed)
    if feed.known_by is None:
        return None
    with run.session.reading() as con:
        if not stored_columns(con, feed.table):
            return None
        stored, day = f"{CATALOG}.{feed.table.full_name}", feed.table.partition
        rows = con.execute(
            f"SELECT min({day}) FROM {stored} WHERE {day} BETWEEN ? AND ? AND {feed.known_by} IN ("
            f"SELECT {feed.known_by} FROM {reading.rows} ANTI JOIN {stored} USING ({key}))",
            [
                first_whole_day(MOST_DAYS, run.now, timedelta()),
                run.first - timedelta(days=1),
            ],
        ).fetchall()
    return rows[0][0] if rows else None


def _latest(run: _Run, name: str, files: Sequence[Path], covered_from: date) -> _Reading:
    """Of several versions of a key in one answer the newest counts."""
    feed, con = run.feed, run.session.con
    # All days of the answer are read: a row of the run's days may have moved to a later one.
    parsed = parse_records(
        con, feed.table, files, partition=feed.day, first=run.read_from, last=date.max
    )
    # Records whose day cannot be read stand under the last day asked for.
    con.execute(
        f"UPDATE {parsed.rejects} SET reject_date = ? WHERE reject_date = ?", [run.last, date.max]
    )
    con.execute(
        f"DELETE FROM {parsed.rejects} WHERE reject_date NOT BETWEEN ? AND ?", [run.first, run.last]
    )
    answer, rows = f"{name}_answer", f"{name}_{feed.table.name}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {answer} AS SELECT {', '.join(feed.table.column_names)} "
        f"FROM {parsed.rows} QUALIFY row_number() OVER "
        f"(PARTITION BY {_key(feed)} ORDER BY {feed.newest}) = 1"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {rows} AS FROM {answer} "
        f"WHERE {feed.table.partition} BETWEEN DATE '{run.first}' AND DATE '{run.last}'"
    )
    return _Reading(answer, rows, parsed, covered_from)


def _compare(
    run: _Run, reading: _Reading, earlier: _Reading | None, summary: Sequence[Any]
) -> Reconciliation:
    """Hold the rows against the summary; rows that changed since our first reading are excused."""
    con, feed = run.session.con, run.feed
    changed = _unsettle(run, reading, earlier)
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW settled AS FROM {reading.rows} "
        f"ANTI JOIN unsettled USING ({_key(feed)})"
    )
    own = own_groups(con, feed.grouping, feed.table.partition, "settled", "unsettled_groups")
    # The summary was read last: its window has moved on.
    days = (max(run.first, run.covered_from()), run.last)
    verdict = reconcile(feed.grouping, own, summary, days, _allowances(run, reading))
    return replace(verdict, changed_while_reading=changed)


def _unsettle(run: _Run, reading: _Reading, earlier: _Reading | None) -> int:
    """Make ``unsettled`` (keys) and ``unsettled_groups``; returns how many keys changed."""
    con, feed, key = run.session.con, run.feed, _key(run.feed)
    con.execute("SET VARIABLE read_at = ?::TIMESTAMP", [run.now.replace(tzinfo=None)])
    versions = f"FROM {reading.rows}" + (f" UNION ALL FROM {earlier.rows}" if earlier else "")
    con.execute(f"CREATE OR REPLACE TEMP TABLE changed AS SELECT {key} FROM {reading.rows} LIMIT 0")
    for one, other in ((reading, earlier), (earlier, reading)):
        if one and other:
            con.execute(
                f"INSERT INTO changed SELECT {key} FROM (FROM {one.rows} EXCEPT FROM {other.rows})"
            )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE unsettled AS SELECT {key} FROM changed UNION "
        f"SELECT {key} FROM ({versions}) "
        f"WHERE coalesce({feed.changed_at} >= getvariable('read_at'), true) "
        f"OR len({feed.days}) > 1"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE unsettled_groups AS "
        "SELECT day, name, count(*) AS rows FROM ("
        f"SELECT DISTINCT {key}, coalesce({feed.grouping.column}, '') AS name, "
        f"unnest({feed.days}) AS day FROM ({versions}) SEMI JOIN unsettled USING ({key})) "
        "GROUP BY ALL"
    )
    return int(con.execute(f"SELECT count(DISTINCT ({key})) FROM changed").fetchall()[0][0])


def _allowances(run: _Run, reading: _Reading) -> dict[date, int]:
    """By day: records that the vendor may count and we could not read or keep apart."""
    con, feed, day = run.session.con, run.feed, run.feed.table.partition
    rows = con.execute(
        "SELECT day, sum(n)::BIGINT FROM ("
        f"SELECT reject_date AS day, count(*) AS n FROM {reading.parsed.rejects} GROUP BY ALL "
        f"UNION ALL SELECT {day}, count(*) - count(DISTINCT ({_key(feed)})) "
        f"FROM {reading.parsed.rows} GROUP BY ALL) GROUP BY ALL HAVING sum(n) > 0"
    ).fetchall()
    allowances = {at: int(n) for at, n in rows}
    if feed.carries_over:
        allowances[run.first] = allowances.get(run.first, 0) + 1
    return allowances


def _store(run: _Run, reading: _Reading, verdict: Reconciliation) -> Ingested:
    table, rejects = run.feed.table, reading.parsed.rejects
    noted, unusable, read = _counts(run, reading)
    kept: list[int] = []
    left: set[date] = set()

    def prepare(con: "DuckDBPyConnection") -> None:
        ensure_table(con, table)
        ensure_table(con, REJECTS)
        con.execute(f"CREATE OR REPLACE TEMP TABLE {table.result} AS FROM {reading.rows}")
        if run.feed.moves:
            whole = max(reading.covered_from, run.read_from)
            answer = Answer(reading.answer, run.first, run.last, whole, run.now)
            left.update(settle_moved(con, run.feed, answer))
        if run.first < reading.covered_from:
            kept.append(_keep_stored(run, reading))

    counted = replace_partitions(
        run.session,
        run.first,
        run.last,
        Replacement(table, f"FROM {table.result}"),
        Replacement(REJECTS, f"FROM {rejects}", {"table_name": table.full_name}),
        prepare=prepare,
    )
    fields = sum(1 for column in table.columns if column.source)
    return Ingested(
        rows={table.full_name: counted[table.full_name]},
        rejects={table.full_name: noted},
        fields_read={table.full_name: (read + unusable) * fields},
        notes=_notes(run, reading, sum(kept)),
        facts={"days_asked": run.days, "stored_rows_kept": sum(kept)},
        reconciliation=verdict,
        left=frozenset(left),
    )


def _counts(run: _Run, reading: _Reading) -> tuple[int, int, int]:
    """Of the range: fields and records noted, records unusable, records usable."""
    inside = f"{run.feed.table.partition} BETWEEN DATE '{run.first}' AND DATE '{run.last}'"
    (row,) = run.session.con.execute(
        f"SELECT count(*), count(DISTINCT line) FILTER (NOT kept), "
        f"(SELECT count(*) FROM {reading.parsed.rows} WHERE {inside}) "
        f"FROM {reading.parsed.rejects}"
    ).fetchall()
    return int(row[0]), int(row[1]), int(row[2])


def _keep_stored(run: _Run, reading: _Reading) -> int:
    """Take over what is stored of the days that the answer did not cover, unless it has the key.

    What was noted of those days is taken over too. Returns the number of rows.
    """
    feed, con, key = run.feed, run.session.con, _key(run.feed)
    limits = [run.first, min(run.last, reading.covered_from - timedelta(days=1))]
    kept = con.execute(
        f"INSERT INTO {feed.table.result} BY NAME SELECT {', '.join(feed.table.column_names)} "
        f"FROM {CATALOG}.{feed.table.full_name} ANTI JOIN {reading.answer} USING ({key}) "
        f"WHERE {feed.table.partition} BETWEEN ? AND ?",
        limits,
    ).fetchall()[0][0]
    con.execute(
        f"INSERT INTO {reading.parsed.rejects} BY NAME FROM {CATALOG}.{REJECTS.full_name} "
        f"AS old ANTI JOIN {reading.parsed.rejects} AS new ON {SAME_REJECT} "
        "WHERE table_name = ? AND reject_date BETWEEN ? AND ?",
        [feed.table.full_name, *limits],
    )
    return int(kept)


def _notes(run: _Run, reading: _Reading, kept: int) -> tuple[str, ...]:
    if run.first >= reading.covered_from:
        return ()
    until = min(run.last, reading.covered_from - timedelta(days=1))
    return (
        f"The days {run.first} to {until} are not wholly in Mavenoid's answer, which reaches back "
        f"{MOST_DAYS} days at most: {kept} rows stored of them before were kept.",
    )


def _key(feed: Feed) -> str:
    return ", ".join(feed.table.key)
