"""Segment's profiles and their identifiers, as a snapshot, into ``raw``.

Belongs here: which partition a snapshot belongs to, what is stored and what is said about it. Which
of several records of a profile counts is settled in ``segment.sql``. Does not belong here: asking
and laying out (:mod:`journey_assets.raw.segment_staging`), the wire (``vendors/segment.py``).
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

from journey_assets.raw.ingested import Ingested
from journey_assets.raw.parse import Parsed, parse_records
from journey_assets.raw.segment_ids import asked_profiles
from journey_assets.raw.segment_staging import OWN, Noted, Staged, stage_asked, stage_listing
from journey_assets.raw.staging import staging_folder
from journey_assets.settings import Settings
from journey_assets.vendors.segment import EVENT_DAYS, SegmentListing, SegmentProfileApi
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.tables.raw import REJECTS, SEGMENT_EXTERNAL_IDS, SEGMENT_PROFILES

_SQL = sql_of(__package__, "segment")
_TABLES = (SEGMENT_PROFILES, SEGMENT_EXTERNAL_IDS)


def ingest_profiles(
    session: Session,
    client: SegmentListing | SegmentProfileApi,
    settings: Settings,
    first: date,
    last: date,
    log: Callable[[str], None],
) -> Ingested:
    """Store the profiles as they are now under ``last``, in one transaction with their identifiers.

    Segment serves only the present: partitions ``first`` to the day before ``last`` keep what they
    have. Raises :class:`~journey_assets.vendors.errors.VendorError`, and
    :class:`~journey_assets.settings.SettingsError` when nothing says whom to ask for.
    """
    with staging_folder(settings.directory()) as folder:
        if isinstance(client, SegmentListing):
            staged = stage_listing(client, folder, settings, log)
        else:
            asked = asked_profiles(session, settings, last)
            staged = stage_asked(client, folder, asked, settings, log)
        parsed = {
            SEGMENT_PROFILES: _parse(session, SEGMENT_PROFILES, staged.profiles, OWN, last),
            SEGMENT_EXTERNAL_IDS: _parse(
                session, SEGMENT_EXTERNAL_IDS, staged.external_ids, {"profile_key": "VARCHAR"}, last
            ),
        }
    _note(session, parsed[SEGMENT_PROFILES], staged.noted, last)
    session.con.execute(_SQL)
    _store(session, parsed, last)
    return _ingested(session, staged, parsed, first, last)


def _parse(session: Session, table: Table, file: Path, own: Mapping[str, str], day: date) -> Parsed:
    return parse_records(
        session.con, table, [file], partition=f"DATE '{day}'", first=day, last=day, own=own
    )


def _note(session: Session, parsed: Parsed, noted: list[Noted], day: date) -> None:
    for each in noted:
        session.con.execute(
            f"INSERT INTO {parsed.rejects} BY NAME SELECT ?::DATE AS reject_date, "
            "? AS table_name, ? AS field, ? AS reason, ? AS kept, 'profiles' AS file, "
            "?::BIGINT AS line, ? AS hash",
            [
                day,
                SEGMENT_PROFILES.full_name,
                each.field,
                each.reason,
                each.kept,
                each.line,
                each.sha256,
            ],
        )


def _store(session: Session, parsed: Mapping[Table, Parsed], day: date) -> None:
    rows = [
        Replacement(table, f"SELECT {', '.join(table.column_names)} FROM kept_{table.name}")
        for table in _TABLES
    ]
    rejects = [
        Replacement(REJECTS, f"FROM {parsed[table].rejects}", {"table_name": table.full_name})
        for table in _TABLES
    ]
    replace_partitions(session, day, day, *rows, *rejects)


def _ingested(
    session: Session,
    staged: Staged,
    parsed: Mapping[Table, Parsed],
    first: date,
    last: date,
) -> Ingested:
    stored = {table.full_name: _stored(session, table, first, last) for table in _TABLES}
    fields = {table.full_name: parsed[table].fields for table in _TABLES}
    # Every event that was read offered its time.
    fields[SEGMENT_PROFILES.full_name] += staged.events
    return Ingested(
        rows=stored,
        rejects={
            table.full_name: _count(session, f"FROM {parsed[table].rejects}") for table in _TABLES
        },
        fields_read=fields,
        notes=_notes(session, staged, stored[SEGMENT_PROFILES.full_name], first, last),
        facts={
            "profiles_read": staged.records,
            "profiles_not_found": staged.not_found,
            "profiles_with_counts_from_events": staged.profiles_from_events,
        },
    )


def _stored(session: Session, table: Table, first: date, last: date) -> dict[date, int]:
    """Rows by partition, 0 for one without a snapshot."""
    with session.reading() as con:
        rows = con.execute(
            f"SELECT {table.partition}, count(*) FROM {CATALOG}.{table.full_name} "
            f"WHERE {table.partition} BETWEEN ? AND ? GROUP BY ALL",
            [first, last],
        ).fetchall()
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return dict.fromkeys(days, 0) | {day: int(count) for day, count in rows}


def _notes(
    session: Session, staged: Staged, stored: Mapping[date, int], first: date, last: date
) -> tuple[str, ...]:
    older = (last - first).days
    kept = sum(1 for day, rows in stored.items() if day < last and rows)
    without = _count(
        session,
        "FROM kept_segment_profiles WHERE web_sessions_30d IS NULL AND mobile_sessions_30d IS NULL "
        "AND emails_opened_30d IS NULL",
    )
    notes = (
        (
            older,
            f"Segment serves only the present, stored under {last}: of the {older} older "
            f"partitions {kept} keep the snapshot they have, {older - kept} have none.",
        ),
        (
            staged.not_found,
            f"{staged.not_found} of {staged.asked} profiles asked for are unknown to Segment"
            + (
                ": check SEGMENT_SPACE_ID and SEGMENT_PROFILE_IDS."
                if staged.not_found == staged.asked
                else "."
            ),
        ),
        (
            staged.profiles_from_events,
            f"{staged.profiles_from_events} profiles lack computed traits: what they lack was "
            f"counted from their events of the last {EVENT_DAYS} days, not 30 "
            "(column traits_window_days).",
        ),
        (
            without,
            f"{without} profiles have none of web_sessions_30d, mobile_sessions_30d and "
            "emails_opened_30d: set them up as computed traits, or set SEGMENT_API=profile_api, "
            "which counts them from events.",
        ),
    )
    return tuple(text for number, text in notes if number)


def _count(session: Session, relation: str) -> int:
    return int(session.con.execute(f"SELECT count(*) {relation}").fetchall()[0][0])
