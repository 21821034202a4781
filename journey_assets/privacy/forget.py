"""Forgetting a person: everywhere, in an order that a kill at any moment leaves to be finished.

Belongs here: the steps and their order. First what can be found by the person's identifiers outside
of the database (the archives of the inbox), then the rows in one transaction, which also keeps the
person out and notes what is left: reports and exports of the days, the free pages of the file, the
figures. Whoever is asked for again is nobody any more, and what was left is finished.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock

from journey_assets.privacy.archives import Cleaned, clean_archives
from journey_assets.privacy.person import ForgetError, Person, find_person
from journey_assets.privacy.removal import (
    Removal,
    finished,
    remove,
    tables_of_others,
    unfinished,
)
from journey_assets.reports.files import index_path, report_path, write_index
from journey_assets.reports.page import index_page
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Database, Session
from journey_assets.warehouse.event_store.days import sweep
from journey_assets.warehouse.explored import explored_folder
from journey_assets.warehouse.folders import process_folder
from journey_assets.warehouse.forgotten import Identifier, is_forgotten
from journey_assets.warehouse.rewrite import rewrite

#: Computes figures and reports of these days anew; the days are in one run's order.
Recompute = Callable[[Sequence[date]], None]

#: Largest file that is looked through for what is left, in bytes.
_LARGEST_LOOK = 1 << 30
#: Beside the database, and searched for nothing: no file in it holds what a person is known by.
_OURS = frozenset({"quota", "hash_key"})


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done. person: empty when somebody forgot them before. left: files that still hold a
    text that names the person, or that could not be looked into; tables: of the database, which the
    project did not declare and which hold an identifier of the person."""

    person: Person
    removals: Sequence[Removal]
    archives: Cleaned
    left: Sequence[Path]
    tables: Sequence[str]


def forget(
    settings: Settings,
    given: Identifier,
    recompute: Recompute | None,
    log: Callable[[str], None],
    found: Callable[[Person], None] = lambda _: None,
    removed: Callable[[Removal], None] = lambda _: None,
) -> Forgotten:
    """Remove the person that ``given`` names from all that is kept, and keep them out.

    recompute: None leaves the figures of the days removed. found: told of the person before anything
    is removed, since nobody knows their ids afterwards. removed: told of what the removal took, as soon
    as it is done. Raises :class:`ForgetError` when nobody is found, and errors of the database.
    """
    database = Database.of(settings)
    if not database.path.exists():
        raise ForgetError(f"There is no database {database.path}: nobody is stored.")
    with FileLock(database.path.with_name(".forget.lock")), database.session() as session:
        person = find_person(session, settings, given)
        if not person.identifiers:
            _check_known(session, given)
        seen = person if person.identifiers else Person(frozenset({given}))
        archives = clean_archives(settings.inbox_folder(), seen)
        if person.identifiers:
            log(f"{len(person.identifiers)} identifiers of the person found; removing their rows.")
            found(person)
            removed(remove(session, settings, given, person, _now()))
        removals = unfinished(session)
        _clean_files(session, settings, removals, log)
    for removal in removals:
        if recompute:
            for days in _ranges(removal.computable):
                log(f"Computing the figures of {days[0]} … {days[-1]} without the person.")
                recompute(days)
        with database.session() as session:
            finished(session, removal, _now())
    ours = [database.path, Path(settings.event_store_location() or database.path)]
    left = [*archives.unread, *_left(settings.directory(), ours, seen)]
    with database.session() as session:
        tables = tables_of_others(session, seen)
    return Forgotten(person, removals, archives, left, tables)


def _check_known(session: Session, given: Identifier) -> None:
    """Raise :class:`ForgetError` unless the identifier was forgotten before."""
    with session.reading() as con:
        if not is_forgotten(con, session.database, given):
            raise ForgetError(
                "Nobody is stored under this identifier: check its type and spelling. Nothing was "
                "removed."
            )


def _clean_files(
    session: Session,
    settings: Settings,
    removals: Sequence[Removal],
    log: Callable[[str], None],
) -> None:
    """Remove what was made of the removed rows: reports, exports, copies, free pages, leftovers."""
    for removal in removals:
        for path in _files_of(settings.directory(), removal.days):
            _remove_path(path)
    if removals and index_path(settings.directory()).exists():
        write_index(settings.directory(), index_page)
    store = session.database.event_store
    if removals and store:
        sweep(store.objects(), replaced=True)
    if removals:
        log("Rewriting the database without the pages that held the rows.")
        rewrite(session)
    for folder in ("spill", "staging"):
        with process_folder(settings.directory() / folder):
            pass  # making one sweeps what killed processes left


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _ranges(days: Sequence[date]) -> Iterator[list[date]]:
    """The days in runs of days that follow each other."""
    found: list[date] = []
    for day in days:
        if found and (day - found[-1]).days > 1:
            yield found
            found = []
        found.append(day)
    if found:
        yield found


def _files_of(directory: Path, days: Sequence[date]) -> Iterator[Path]:
    """Reports and exports of the days, explorations, and copies of the database for readers."""
    for day in days:
        yield report_path(directory, day).parent
        yield directory / "exports" / day.isoformat()
    yield from directory.glob("*.read.duckdb")
    yield from explored_folder(directory).glob("*")


def _remove_path(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _left(directory: Path, ours: Sequence[Path], person: Person) -> Iterator[Path]:
    """Other files that hold a text which names the person."""
    names = [name.encode() for name in person.texts]
    for path in sorted(directory.rglob("*")):
        top = path.relative_to(directory).parts[0]
        if top in _OURS or not path.is_file() or path.is_symlink():
            continue
        if any(path.is_relative_to(each) for each in ours):
            continue
        if names and path.stat().st_size <= _LARGEST_LOOK:
            content = path.read_bytes().lower()
            if any(name.lower() in content for name in names):
                yield path
