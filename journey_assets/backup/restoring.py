"""Going back to a copy: all of its parts, or none.

Belongs here: taking the parts' places. Everything is laid ready beside its place first; then a plan
is written, and from there on no session opens the database until all parts are in place. Who is
killed meanwhile carries the plan out with the next ``make restore``.
"""

import fcntl
import json
import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from journey_assets.backup.parts import EVENTS, BackupError, Parts, check_whole
from journey_assets.places import private_folder
from journey_assets.warehouse.database import (
    Database,
    DatabaseLocked,
    WarehouseError,
    restore_plan,
)
from journey_assets.warehouse.upgrade import VERSION

#: The byte of SQLite's shared-memory file that every open connection holds
#: (https://sqlite.org/walformat.html#locks).
_OPEN_BYTE = 128


@dataclass(frozen=True, slots=True)
class _Move:
    """ready: the restored part beside its place, or nothing where the copy has none. aside: where
    what stands in the place goes."""

    ready: Path | None
    place: Path
    aside: Path


def restore(database: Database, parts: Parts, copy: Path, *, overwrite: bool) -> list[Path]:
    """Put the parts of ``copy`` in their places; returns where what stood there is now.

    Raises :class:`BackupError` when the copy is damaged or of a later version, when something stands
    in a place and ``overwrite`` is not set, and when Dagster or a run is using it; nothing is changed
    then.
    """
    facts = check_whole(copy)
    if not isinstance(version := facts.get("schema_version"), int) or version > VERSION:
        raise BackupError(
            f"{copy} has a later schema version than this journey_assets knows, {VERSION}. "
            "Update it: git pull && make install"
        )
    if (copy / EVENTS).exists() and parts.events is None:
        raise BackupError(
            f"{copy} holds an event store: set JOURNEY_EVENT_STORE to the folder where it shall be."
        )
    _refuse_overwriting(parts, overwrite=overwrite)
    _refuse_running(parts)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    moves = [
        _lay_ready(copy / name, place, place.with_name(f"{place.name}.before-{stamp}"))
        for name, place in parts.targets().items()
    ]
    with ExitStack() as alone:
        _hold(alone, database)
        log = database.path.with_name(f"{database.path.name}.wal")
        moves.append(_Move(None, log, log.with_name(f"{moves[0].aside.name}.wal")))
        _write_plan(database.path, moves)
        _carry_out(moves)
        restore_plan(database.path).unlink()
    return [move.aside for move in moves if move.aside.exists()]


def finish_interrupted(database: Database) -> bool:
    """Carry out the plan of a restore that was interrupted; whether there was one."""
    plan = restore_plan(database.path)
    if not plan.exists():
        return False
    noted = json.loads(plan.read_text(encoding="utf-8"))
    _carry_out(
        [
            _Move(Path(ready) if ready else None, Path(place), Path(aside))
            for ready, place, aside in noted
        ]
    )
    plan.unlink()
    return True


def _refuse_overwriting(parts: Parts, *, overwrite: bool) -> None:
    there = [
        place
        for place in parts.targets().values()
        if place.is_file() or (place.is_dir() and any(place.iterdir()))
    ]
    if there and not overwrite:
        raise BackupError(
            f"{there[0]} is there already. make restore FROM=… OVERWRITE=1 puts it aside, under "
            "another name beside it; or set JOURNEY_DATABASE and DAGSTER_HOME to another place."
        )


def _refuse_running(parts: Parts) -> None:
    """Raise when a process has one of SQLite's files open: it would go on writing the old one."""
    for folder in parts.folders.values():
        for shared in folder.rglob("*-shm"):
            with shared.open("r+b") as opened:
                try:
                    fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _OPEN_BYTE)
                except OSError:
                    raise BackupError(
                        f"A process uses {folder}: stop Dagster's webserver, its daemon and all "
                        "runs, and restore again."
                    ) from None


def _lay_ready(source: Path, place: Path, aside: Path) -> _Move:
    ready = place.with_name(f".{place.name}.restored")
    private_folder(place.parent)
    if ready.is_dir():
        shutil.rmtree(ready)
    if source.is_dir():
        shutil.copytree(source, ready, copy_function=shutil.copyfile)
    elif source.is_file():
        shutil.copyfile(source, ready)
    else:
        return _Move(None, place, aside)
    return _Move(ready, place, aside)


def _hold(alone: ExitStack, database: Database) -> None:
    """Keep all other processes out of the present database, if it is one that opens."""
    if not database.path.exists():
        return
    try:
        session = alone.enter_context(database.session())
        alone.enter_context(session.attached(read_only=False))
    except DatabaseLocked:
        raise
    except WarehouseError:
        return  # damaged, as databases are that somebody restores


def _write_plan(database: Path, moves: list[_Move]) -> None:
    """From here on the restore happens, whoever ends it."""
    plan = restore_plan(database)
    draft = plan.with_name(f"{plan.name}.tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(
            [[str(m.ready) if m.ready else None, str(m.place), str(m.aside)] for m in moves], file
        )
        file.flush()
        os.fsync(file.fileno())
    draft.replace(plan)


def _carry_out(moves: list[_Move]) -> None:
    """Take every place that is not taken yet; twice does no harm."""
    for move in moves:
        waiting = move.ready is None or move.ready.exists()
        if waiting and move.place.exists() and not move.aside.exists():
            move.place.rename(move.aside)
        if move.ready and move.ready.exists():
            move.ready.rename(move.place)
