"""Every table of figures as files: ``exports/<as_of>/<schema>.<table>.parquet`` and ``.csv``.

Belongs here: which columns go out, how they are written in CSV, and putting a day's files in place at
once. Parquet keeps lists and their types; CSV has text in their place, and no cell that a spreadsheet
would take for a formula, since names of events may be anybody's.
"""

import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

from journey_assets.places import private_folder
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.schema import Column, Table

#: What holds figures and no personal data.
_SCHEMAS = ("journeys", "channels", "support")

#: Between the elements of a list in CSV.
_BETWEEN = " > "

_FORMATS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER"}


def exported_tables() -> tuple[Table, ...]:
    """The tables of figures, in their order."""
    return tuple(table for table in all_tables() if table.asset and table.schema in _SCHEMAS)


def export_folder(directory: Path, as_of: date) -> Path:
    """Where the files of a day lie, beside the database in ``directory``."""
    return directory / "exports" / as_of.isoformat()


def write_exports(session: Session, days: Sequence[date], directory: Path) -> dict[date, Path]:
    """Write the files of every table that is stored, for each of ``days``; returns the folders.

    The files of a day are exchanged together: a reader finds the old ones or the new ones.
    """
    return {as_of: _write_day(session, as_of, export_folder(directory, as_of)) for as_of in days}


def _write_day(session: Session, as_of: date, folder: Path) -> Path:
    private_folder(folder.parent)
    draft, old = (
        folder.with_name(f".{folder.name}.{os.getpid()}.{what}") for what in ("new", "old")
    )
    shutil.rmtree(draft, ignore_errors=True)
    private_folder(draft)
    try:
        with session.reading():
            for table in exported_tables():
                if stored := stored_columns(session.con, table):
                    _write_table(session, table, stored, as_of, draft)
        if folder.exists():
            folder.rename(old)
        draft.rename(folder)
    finally:
        for path in (draft, old):
            shutil.rmtree(path, ignore_errors=True)
    return folder


def _write_table(
    session: Session, table: Table, stored: Collection[str], as_of: date, folder: Path
) -> None:
    order = ", ".join(f'"{name}"' for name in dict.fromkeys((table.partition, *table.key)))
    for ending, how in _FORMATS.items():
        columns = ", ".join(_columns(table, stored, flat=ending == "csv"))
        file = str(folder / f"{table.full_name}.{ending}").replace("'", "''")
        session.con.execute(
            f"COPY (SELECT {columns} FROM {CATALOG}.{table.full_name} "
            f"WHERE \"{table.partition}\" = DATE '{as_of}' ORDER BY {order}) TO '{file}' ({how})"
        )


def _columns(table: Table, stored: Collection[str], *, flat: bool) -> Iterator[str]:
    for column in table.columns:
        # A file that an earlier version made may lack a column until something is stored in it.
        if column.name in stored and not column.personal:
            yield f'{_flat(column)} AS "{column.name}"' if flat else f'"{column.name}"'


def _flat(column: Column) -> str:
    """SQL of the column as text of one line, or as it is where it has one anyway."""
    name = f'"{column.name}"'
    if column.type in ("VARCHAR[]", "BIGINT[]", "DOUBLE[]"):
        return _no_formula(f"array_to_string({name}, '{_BETWEEN}')")
    if column.type == "VARCHAR":
        return _no_formula(name)
    nested = column.type.endswith("]") or column.type.startswith(("STRUCT", "MAP", "JSON"))
    return f"to_json({name})::VARCHAR" if nested else name


def _no_formula(text: str) -> str:
    return rf"CASE WHEN regexp_matches({text}, '^[=+\-@\t\r]') THEN '''' || {text} ELSE {text} END"
