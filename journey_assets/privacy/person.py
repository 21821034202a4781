"""From one identifier to all that a person is known by.

Belongs here: reading what somebody typed, and finding the person's identifiers as the vendors write
them. Who is who is decided by :mod:`journey_assets.identity`, over all stored days at once.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from journey_assets.errors import ExplainedError
from journey_assets.identity.compute import compute
from journey_assets.identity.values import register_safe_values
from journey_assets.settings import Settings
from journey_assets.warehouse.columns import columns_within
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.forgotten import (
    Identifier,
    identifiers_sql,
    normal,
)
from journey_assets.warehouse.pseudonyms import hash_key
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import TABLES as RAW

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OWN = ("amplitude_id", "profile_key", "conversation")


class ForgetError(ExplainedError):
    """Nobody can be forgotten by what was given; the message says why, and does not repeat it."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person's identifiers as the vendors write them, and the names that stand for the person.

    pseudonyms: every ``person_id`` that a stored day has given them.
    """

    identifiers: frozenset[Identifier] = frozenset()
    pseudonyms: frozenset[str] = field(default=frozenset())

    def of(self, kind: str) -> list[str]:
        """The values of the identifiers of a type, sorted."""
        return sorted(value for each, value in self.identifiers if each == kind)

    @property
    def texts(self) -> list[str]:
        """Identifiers that stand for nobody else wherever they are read: not numbers, not short."""
        return sorted(
            {v for _, v in self.identifiers if "@" in v or (len(v) >= 8 and not v.isdigit())}
        )


def read_identifier(text: str) -> Identifier:
    """``type:value`` as somebody typed it. Raises :class:`ForgetError`."""
    kind, colon, value = text.strip().partition(":")
    if not colon or not kind.strip() or not value.strip():
        raise ForgetError(
            "Give the person as ID=type:value: user_id, amplitude_id, email, conversation, "
            "profile_key, or a type of Segment's external ids; e.g. make forget ID=user_id:42."
        )
    return normal((kind, value))


def find_person(session: Session, settings: Settings, given: Identifier) -> Person:
    """All identifiers of the person that ``given`` names; none when nothing stored carries it.

    Raises :class:`ForgetError` when several persons share it.
    """
    con = session.con
    with session.reading():
        days = _raw_days(con)
        _read_identifiers(con)
    known = con.execute("SELECT 1 FROM raw_identifiers WHERE id = ?", [":".join(given)]).fetchall()
    if days is None:
        return _of_stored_days(session, settings, given)
    window = (days[1] - days[0]).days + 1
    compute(session, [days[1]], settings.model_copy(update={"window_days": window}), [PERSONS])
    _name_identifiers(con)
    persons = con.execute(
        "SELECT DISTINCT person_id FROM named_identifiers WHERE id = ?", [":".join(given)]
    ).fetchall()
    if persons and all(person is None for (person,) in persons) and given[0] != "conversation":
        raise ForgetError(
            "Several persons share this identifier, or it stands for nobody: name the person by a "
            "user id or an Amplitude id."
        )
    found = {given} if known else set[Identifier]()
    rows = con.execute(
        "SELECT DISTINCT id FROM named_identifiers WHERE list_contains(?::VARCHAR[], person_id)",
        [[person for (person,) in persons if person is not None]],
    ).fetchall()
    for (text,) in rows:
        kind, _, value = str(text).partition(":")
        found.add((kind, value))
    if not found:
        return _of_stored_days(session, settings, given)
    with session.reading():
        return Person(frozenset(found), _pseudonyms(con, found))


def _of_stored_days(session: Session, settings: Settings, given: Identifier) -> Person:
    """The person whom only figures of earlier days know, since their raw rows are no longer kept.

    Identifiers that may be in several hands, and hashed ones, are left out.
    """
    con = session.con
    register_safe_values(con, hash_key(settings))
    kind, value = given
    with session.reading():
        if not columns_within(con, PERSONS):
            return Person()
        rows = con.execute(
            f"SELECT DISTINCT id_type, id_value, person_id FROM {CATALOG}.{PERSONS.full_name} "
            f"WHERE person_id IN (SELECT person_id FROM {CATALOG}.{PERSONS.full_name} "
            "WHERE id_type = $kind AND id_value = CASE WHEN $kind = 'profile_key' "
            "THEN safe_profile_key($value) ELSE safe_identifier($value) END)",
            {"kind": kind, "value": value},
        ).fetchall()
    known = {(t, v) for t, v, _ in rows if t in {"user_id", *_OWN} and "email_" not in v}
    pseudonyms = frozenset(str(person) for _, _, person in rows)
    return Person(frozenset({given, *known}), pseudonyms) if rows else Person()


def _raw_days(con: "DuckDBPyConnection") -> tuple[date, date] | None:
    """First and last partition of the raw tables that have rows."""
    found: list[date] = []
    for table in RAW:
        if columns_within(con, table):
            rows = con.execute(
                f"SELECT min({table.partition}), max({table.partition}) FROM {CATALOG}.{table.full_name}"
            ).fetchall()
            found += [day for day in rows[0] if day is not None]
    return (min(found), max(found)) if found else None


def _read_identifiers(con: "DuckDBPyConnection") -> None:
    """Table ``raw_identifiers`` (id): every identifier of the raw tables as ``type:value``, once."""
    con.execute("CREATE OR REPLACE TEMP TABLE raw_identifiers (id VARCHAR)")
    for table in RAW:
        present = columns_within(con, table)
        columns = [column for column in table.columns if column.name in present]
        if any(column.identifies for column in columns):
            con.execute(
                f"INSERT INTO raw_identifiers SELECT DISTINCT unnest({identifiers_sql(columns)}) "
                f"FROM {CATALOG}.{table.full_name}"
            )


def _name_identifiers(con: "DuckDBPyConnection") -> None:
    """Table ``named_identifiers`` (id, id_type, id_value, person_id): whose each of them is.

    ``identity.persons`` shows an identifier in a safe form: each is put into that form to find it.
    """
    own = ", ".join(f"'{kind}'" for kind in _OWN)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE named_identifiers AS WITH parts AS ("
        "SELECT DISTINCT id, split_part(id, ':', 1) AS type, "
        "substring(id, strpos(id, ':') + 1) AS value FROM raw_identifiers WHERE id IS NOT NULL), "
        f"safe AS (SELECT id, CASE WHEN type IN ({own}) THEN type ELSE normal_type(type) END "
        "AS id_type, CASE type WHEN 'profile_key' THEN safe_profile_key(value) "
        "WHEN 'conversation' THEN value "
        "ELSE safe_identifier(normal_value(type, without_blanks(value))) END AS id_value FROM parts) "
        f"SELECT DISTINCT id, id_type, id_value, person_id FROM safe JOIN {PERSONS.result} "
        "USING (id_type, id_value)"
    )


def _pseudonyms(con: "DuckDBPyConnection", found: Collection[Identifier]) -> frozenset[str]:
    """The names that any stored day gives the person of these identifiers."""
    if not columns_within(con, PERSONS):
        return frozenset()
    rows = con.execute(
        f"SELECT DISTINCT person_id FROM {CATALOG}.{PERSONS.full_name} SEMI JOIN ("
        "SELECT id_type, id_value FROM named_identifiers WHERE list_contains(?::VARCHAR[], id)) "
        "USING (id_type, id_value) WHERE person_id IS NOT NULL",
        [[":".join(each) for each in found]],
    ).fetchall()
    return frozenset(str(person) for (person,) in rows)
