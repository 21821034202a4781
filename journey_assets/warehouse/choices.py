"""The settings that made a stored partition, so that figures of unlike settings are never mixed.

Belongs here: what the ledger records of each partition (:func:`made_with`), telling unlike records
apart, and refusing to compute from them. Which settings matter to which table is said in
:mod:`journey_assets.settings`. Does not belong here: what is shown of a record.

A record gives a variable's value as the environment would have it; ids are told by number and keyed
hash, the key of the hash by a hash of itself. Figures have the settings of fetching from the rows that
they read; where those differ among each other the record has all their values, in order.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from journey_assets.names import masked
from journey_assets.settings import (
    Settings,
    SettingsError,
    concerns,
    is_fetched,
    is_personal,
    read_list,
    secret_fields,
    variable,
)
from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import CATALOG, Session, WarehouseError
from journey_assets.warehouse.pseudonyms import hash_key, pseudonym
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.ledger import LEDGER

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: By variable its value, or several where what was read was made with several.
Choices = Mapping[str, tuple[str, ...]]

#: The records of a table's partitions.
Records = Mapping[date, Choices]

#: Longest value that is recorded whole; of a longer one the beginning and a keyed hash.
_LONGEST_RECORDED = 400
_TEXT = "text"

#: Longest value that is told in a sentence, in characters.
_LONGEST = 80


class UnlikeSettings(WarehouseError):  # noqa: N818 - reads as what happened
    """What is to be computed would mix figures of unlike settings; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """A variable with the values of two records."""

    variable: str
    one: tuple[str, ...]
    other: tuple[str, ...]


def own_choices(settings: Settings, table: Table, *, fetched: bool) -> Choices:
    """The run's values of the settings that the table's rows depend on.

    fetched: with those that act when rows are fetched.
    """
    return {
        variable(field): (_written(settings, field),)
        for field in Settings.model_fields
        if concerns(field, table.full_name) and (fetched or not is_fetched(field))
    }


def made_with(
    settings: Settings, table: Table, days: Collection[date], read: Mapping[Table, Records]
) -> dict[date, Choices]:
    """What is to be recorded of the partitions ``days`` of a table.

    read: the tables that it was computed from, with the records of their partitions. Of ``raw`` each day
    of the trailing window is read, of a snapshot the nearest one, of all else the same day.
    """
    own = own_choices(settings, table, fetched=table.schema == "raw")
    wanted = {variable(f) for f in Settings.model_fields if concerns(f, table.full_name)}
    return {
        day: merged(
            own,
            *(
                {name: values for name, values in choices.items() if name in wanted}
                for each, stored in read.items()
                for choices in _read_of(each, stored, day, settings.window_days)
            ),
        )
        for day in days
    }


def records(con: "DuckDBPyConnection", table: Table, *, filled: bool = False) -> Records:
    """The records of the partitions of ``table``, or of those with rows; needs the ledger."""
    rows = con.execute(
        f"SELECT partition, settings FROM {CATALOG}.{LEDGER.full_name} "
        "WHERE table_name = ? AND (rows > 0 OR NOT ?)",
        [table.full_name, filled],
    ).fetchall()
    return {day: from_json(text) for day, text in rows}


def merged(*records: Choices) -> Choices:
    """All variables of the records, each with the values that it has in any of them."""
    values: dict[str, set[str]] = {}
    for record in records:
        for name, given in record.items():
            values.setdefault(name, set()).update(given)
    return {name: tuple(sorted(values[name])) for name in sorted(values)}


def to_json(choices: Choices) -> str:
    """The record as the ledger keeps it: a value is a text, or a list where there are several."""
    plain = {name: values[0] if len(values) == 1 else values for name, values in choices.items()}
    return json.dumps(plain, ensure_ascii=False, sort_keys=True)


@lru_cache(maxsize=1000)
def from_json(text: str | None) -> Choices:
    """The record again; nothing where none was made."""
    given = json.loads(text) if text else {}
    return {name: (v,) if isinstance(v, str) else tuple(v) for name, v in given.items()}


def hash_of(choices: Choices) -> str:
    """Twelve digits that are the same for the same record."""
    return hashlib.sha256(to_json(choices).encode()).hexdigest()[:12]


def recorded(
    con: "DuckDBPyConnection", tables: Collection[Table], first: date, last: date
) -> dict[tuple[str, date], Choices]:
    """The records of the stored partitions by ``schema.table`` and day; needs the file.

    A partition that was stored before settings were recorded has an empty one.
    """
    if "settings" not in stored_columns(con, LEDGER):
        return {}
    rows = con.execute(
        f"SELECT table_name, partition, settings FROM {CATALOG}.{LEDGER.full_name} "
        "WHERE list_contains(?::VARCHAR[], table_name) AND partition BETWEEN ? AND ?",
        [[table.full_name for table in tables], first, last],
    ).fetchall()
    return {(name, day): from_json(text) for name, day, text in rows}


def unlike(one: Choices, other: Choices) -> list[Unlike]:
    """The variables that both records have, with unlike values."""
    return [
        Unlike(name, values, other[name])
        for name, values in sorted(one.items())
        if name in other and other[name] != values
    ]


def unlike_days(
    con: "DuckDBPyConnection", settings: Settings, table: Table, first: date, last: date
) -> list[date]:
    """The partitions of ``table`` that were made with other settings than these; needs the file."""
    own = own_choices(settings, table, fetched=False)
    found = recorded(con, [table], first, last)
    return sorted(day for (_, day), choices in found.items() if unlike(choices, own))


def refuse_unlike(
    session: Session, settings: Settings, what: str, tables: Collection[Table], days: Sequence[date]
) -> None:
    """Raise :class:`UnlikeSettings` when ``what`` would be computed of partitions that do not fit.

    tables: those of which the same days are read. Each must have been made with the run's settings, and
    all of a day with the same.
    """
    with session.reading() as con:
        found = recorded(con, tables, days[0], days[-1])
    for table in tables:
        own = own_choices(settings, table, fetched=False)
        for day in days:
            for each in unlike(found.get((table.full_name, day), {}), own):
                raise UnlikeSettings(
                    f"{what}: {table.full_name} of {day} was made with {told(each.variable, each.one)}, "
                    f"and this run has {told(each.variable, each.other)}. Figures of unlike settings are "
                    f"not mixed: materialize {table.schema} of {day} again with this run's settings, or "
                    "run this with those."
                )
    for day in days:
        _refuse_unlike_of_day(what, day, found)


def told(name: str, values: Sequence[str]) -> str:
    """A variable with its value as a sentence says it."""
    return f"{name}={value(values)}" if any(values) else f"{name} not set"


def value(values: Sequence[str]) -> str:
    """Values as a sentence says them."""
    return " and ".join(short(each) for each in values)


def short(text: str) -> str:
    """A value as a sentence says it: bounded, or ``not set``."""
    if len(text) > _LONGEST:
        return f"{text[:_LONGEST]}…"
    return text or "not set"


def as_they_were(settings: Settings, choices: Choices) -> Settings:
    """``settings`` with the recorded values in place of their own, as far as a record tells them."""
    given = settings.model_dump()
    for field in Settings.model_fields:
        values = choices.get(variable(field), ())
        if len(values) == 1 and _is_whole(field, values[0]):
            given[field] = _read(field, values[0])
    try:
        return Settings.checked(given)
    except SettingsError:  # of a version with other bounds
        return settings


def _refuse_unlike_of_day(what: str, day: date, found: Mapping[tuple[str, date], Choices]) -> None:
    first: dict[str, tuple[str, tuple[str, ...]]] = {}
    for (name, of), choices in sorted(found.items()):
        if of != day:
            continue
        for each, values in choices.items():
            other, theirs = first.setdefault(each, (name, values))
            if theirs != values:
                raise UnlikeSettings(
                    f"{what}: of {day}, {other} was made with {told(each, theirs)} and {name} with "
                    f"{told(each, values)}. Figures of unlike settings are not mixed: materialize both "
                    "again in one run."
                )


def _read_of(table: Table, stored: Records, day: date, window_days: int) -> Iterator[Choices]:
    """The records of the partitions of ``table`` that figures of ``day`` stand on."""
    if table.schema != "raw":
        found: Iterable[date] = (day,)
    elif table.snapshot:
        earlier = max((each for each in stored if each <= day), default=None)
        found = (earlier or min(stored, default=day),)
    else:
        found = (day - timedelta(days=offset) for offset in range(window_days))
    # Most days have the record of the day before: each is looked at once.
    yield from {id(stored[each]): stored[each] for each in found if each in stored}.values()


def _written(settings: Settings, field: str) -> str:
    given = getattr(settings, field)
    if field in secret_fields():
        return _hashed(settings, field)
    if is_personal(field):
        return _counted(settings, field, str(given)) if given else ""
    if given is None:
        return ""
    # A default of 20 and a given 20.0 are one value.
    text = f"{given:.15g}" if isinstance(given, (bool, int, float)) else str(given)
    if len(text) <= _LONGEST_RECORDED and masked(text) == text:
        return text
    return f"{masked(text)[:_LONGEST]}… ({pseudonym(hash_key(settings), _TEXT, text)})"


def _is_whole(field: str, text: str) -> bool:
    """Whether the text is the value itself, not what is told of it."""
    told_of = is_personal(field) or field in secret_fields()
    return not told_of and not re.search(rf"… \({_TEXT}_[0-9a-f]+\)$", text)


def _read(field: str, text: str) -> object:
    if text or isinstance(Settings.model_fields[field].default, str):
        return text
    return None


def _hashed(settings: Settings, field: str) -> str:
    return pseudonym(hash_key(settings), "key", field)


def _counted(settings: Settings, field: str, given: str) -> str:
    entries = sorted(_entries(given, variable(field)))
    digest = pseudonym(hash_key(settings), "list", "\n".join(entries))
    return f"{len(entries):,} ids ({digest})"


@lru_cache(maxsize=16)
def _entries(given: str, name: str) -> frozenset[str]:
    return frozenset(read_list(given, name))
