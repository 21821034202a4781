"""Files of earlier schema versions brought to the present one.

Belongs here: the version, the steps that lead to it, and taking them. A column that is new needs no
step: where the declarations have changed, all tables get what they lack before anything is written
(:mod:`journey_assets.warehouse.conform`). A step is for what a declaration cannot say: something stored
must go, moves or means something else.

To add one: append to :data:`STEPS`, and record the declarations before it with
``journey_assets_tests/warehouse_versions``. Steps may be taken twice, since a process may be killed
between a step and the note of it.
"""

import hashlib
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.database import CATALOG, Session, WarehouseError
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.rewrite import REWRITTEN, rewrite
from journey_assets.warehouse.tables.schema_versions import SCHEMA_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What leads to ``version`` from the one before it.

    change: what it does, in words. take: does it, in a transaction over the attached file. rewrites:
    the file is written anew afterwards, so that no byte of what was removed is left in it.
    """

    version: int
    change: str
    take: "Callable[[DuckDBPyConnection], None]"
    rewrites: bool = False


def _drop_texts_of_rejects(con: "DuckDBPyConnection") -> None:
    if relations(con).get("raw.rejects") == "TABLE":
        con.execute(f"ALTER TABLE {CATALOG}.raw.rejects DROP COLUMN IF EXISTS record")


STEPS = (
    Step(
        2,
        "raw.rejects no longer holds the texts of unreadable records, which may be personal",
        _drop_texts_of_rejects,
        rewrites=True,
    ),
)

#: The version of a file that this code writes.
VERSION = STEPS[-1].version

#: Before versions were noted.
_FIRST = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file notes of its schema: version, 0 without tables, and the hash of its declarations."""

    version: int
    declared: str | None = None

    @property
    def is_present(self) -> bool:
        """Whether the file has this version, and its tables were brought to these declarations."""
        return self == Stored(VERSION, declared())


@cache
def declared() -> str:
    """A hash of all declarations: where another is noted, a table may lack a column."""
    text = "\n".join(table.ddl(CATALOG) for table in all_tables())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def stored(con: "DuckDBPyConnection") -> Stored:
    """What the attached file notes of its schema; no transaction may be open."""
    import duckdb

    try:
        ((version, hash_),) = con.execute(
            "SELECT max(version), max_by(declared, version) "
            f"FROM {CATALOG}.{SCHEMA_VERSIONS.full_name}"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        version = None
    if version is not None:
        return Stored(int(version), hash_)
    return Stored(_FIRST if relations(con) else 0)


def refuse_newer(session: Session) -> Stored:
    """What the attached file notes; raises :class:`WarehouseError` when only newer code knows it."""
    found = stored(session.con)
    if found.version > VERSION:
        raise WarehouseError(
            f"{session.database.path} has schema version {found.version}, and this journey_assets knows "
            f"versions up to {VERSION}. Update it: git pull && make install"
        )
    return found


def upgrade(session: Session) -> None:
    """Bring the file to :data:`VERSION` and its tables to their declarations, whole or not at all.

    Raises :class:`WarehouseError` with the command to run when a table cannot be brought to its
    declaration; the file is as it was then.
    """
    with session.attached(read_only=False) as con:
        version = refuse_newer(session).version
        due = [step for step in STEPS if step.version > version] if version else []
        rewrites = any(step.rewrites for step in due)
        if due:
            _LOG.warning(
                "%s is brought from schema version %d to %d: %s.",
                *(session.database.path, version, VERSION, "; ".join(each.change for each in due)),
            )
        with _explained(session), session.transaction():
            for step in due:
                step.take(con)
            there = relations(con)
            for table in all_tables():
                if table.full_name in there:
                    ensure_table(con, table)
            ensure_table(con, SCHEMA_VERSIONS)
            if not rewrites:
                _note(con, CATALOG, version)
    if rewrites:
        rewrite(session, lambda con: _note(con, REWRITTEN, version))


@contextmanager
def _explained(session: Session) -> "Iterator[None]":
    import duckdb

    try:
        yield
    except (duckdb.CatalogException, duckdb.DependencyException):
        raise WarehouseError(
            f"{session.database.path} cannot be brought to schema version {VERSION}: an index or "
            "something else of your own depends on what changes. Drop it, and run: make upgrade"
        ) from None


def relations(con: "DuckDBPyConnection") -> dict[str, str]:
    """``TABLE`` or ``VIEW`` by ``schema.name``, in small letters; needs the file attached."""
    found = con.execute(
        "SELECT lower(schema_name || '.' || table_name), 'TABLE' FROM duckdb_tables() "
        "WHERE database_name = $name UNION ALL "
        "SELECT lower(schema_name || '.' || view_name), 'VIEW' FROM duckdb_views() "
        "WHERE database_name = $name AND NOT internal",
        {"name": CATALOG},
    ).fetchall()
    return dict(found)


def _note(con: "DuckDBPyConnection", catalog: str, version: int) -> None:
    """Note the versions that the file came to have; a new file has only had the present one."""
    changes = {_FIRST: None} | {step.version: step.change for step in STEPS}
    name = f"{catalog}.{SCHEMA_VERSIONS.full_name}"
    for new, change in changes.items():
        if new > version and (version or new == VERSION):
            con.execute(
                f"INSERT INTO {name} BY NAME SELECT current_date AS since, ? AS version, ? AS change, "
                f"version() AS duckdb WHERE NOT EXISTS (FROM {name} WHERE version = ?)",
                [new, change, new],
            )
    con.execute(f"UPDATE {name} SET declared = ? WHERE version = ?", [declared(), VERSION])
