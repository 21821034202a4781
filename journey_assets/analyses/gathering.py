"""Gathering the evidence of one ``as_of``: stored rows in, tables of evidence out.

Belongs here: copying the stored rows, running the SQL of the catalogue, turning its values into
cells, and keeping a prompt within its bounds. Does not belong here: the declarations
(:mod:`journey_assets.analyses.catalogue`).
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.analyses.catalogue import ANALYSES, Analysis, Kind
from journey_assets.analyses.evidence import (
    ABOUT,
    NOTHING,
    Cell,
    Evidence,
    EvidenceColumn,
    EvidenceTable,
    Row,
)
from journey_assets.analyses.quoting import quoted
from journey_assets.analyses.rendering import Unit, render
from journey_assets.analyses.sources import EvidenceSource
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.names import plain_name
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.sql import sql_of
from journey_assets.warehouse.windows import copy_stored

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Longest evidence of one prompt, in characters (some 8,000 tokens). Mavera documents no limit of
#: a message; this is a fraction of what current models read, so that no row is lost in the middle,
#: and what a person who checks the answer still reads. Rows beyond it are folded, not dropped.
MAX_EVIDENCE_CHARACTERS = 24_000

#: Most names of one cell; a longer path is cut.
MAX_NAMES = 12

_FEWER = 0.7


@dataclass(frozen=True, slots=True)
class Gathered:
    """The evidence of one kind. enough: there is something to analyse."""

    evidence: Evidence
    enough: bool


def gather(session: Session, as_of: date, settings: Settings) -> Mapping[Kind, Gathered]:
    """The evidence of every kind as of ``as_of``; the file is open only while rows are copied."""
    tables = {table for each in ANALYSES for source in each.sources for table in source.reads}
    with session.reading() as con:
        for table in sorted(tables, key=lambda table: table.full_name):
            copy_stored(con, table, table.column_names, (as_of, as_of), _copy(table))
    filled = {
        table for table in tables if session.con.execute(f"FROM {_copy(table)} LIMIT 1").fetchall()
    }
    return {each.kind: _gathered(session.con, each, filled, settings) for each in ANALYSES}


def tables_read(settings: Settings) -> list[Table]:
    """The tables of evidence of all kinds whose vendors are in use, by name."""
    found = {
        table
        for each in ANALYSES
        for source in each.sources
        if _in_use(source, settings)
        for table in source.reads
    }
    return sorted(found, key=lambda table: table.full_name)


def nobody_converted(session: Session) -> int:
    """The persons with a path of the gathered day when none of them converted, else 0."""
    rows = session.con.execute(
        f"SELECT population FROM {_copy(SUMMARY)} WHERE cohort = 'converter' AND persons = 0"
    ).fetchall()
    return int(rows[0][0]) if rows else 0


def _copy(table: Table) -> str:
    return f"evidence_{table.schema}_{table.name}"


def _gathered(
    con: "DuckDBPyConnection", analysis: Analysis, filled: Collection[Table], settings: Settings
) -> Gathered:
    wanted = {
        source.letter: source
        for source in analysis.sources
        if _in_use(source, settings) and any(table in filled for table in source.reads)
    }
    limits = {letter: source.limit for letter, source in wanted.items()}
    found = {letter: _table(con, source, source.limit) for letter, source in wanted.items()}
    while True:
        evidence = Evidence((_about(settings), *(each for each in found.values() if each.rows)))
        too_long = len(evidence.markdown()) > MAX_EVIDENCE_CHARACTERS
        longest = max(
            (letter for letter, limit in limits.items() if limit > 1),
            key=lambda letter: len(found[letter].markdown()),
            default=None,
        )
        if not too_long or longest is None:
            break
        limits[longest] = math.floor(limits[longest] * _FEWER)
        found[longest] = _table(con, wanted[longest], limits[longest])
    core = {source.letter for source in analysis.core}
    return Gathered(evidence, any(found[letter].rows for letter in core if letter in found))


def _in_use(source: EvidenceSource, settings: Settings) -> bool:
    """Whether the source's vendor is in use: tables of one left out may hold rows of earlier days."""
    vendor = {"journeys": "amplitude", "channels": "segment", "support": "mavenoid"}
    needed = {vendor[table.schema] for table in source.reads if table.schema in vendor}
    return needed <= settings.vendor_list()


def _about(settings: Settings) -> EvidenceTable:
    """What holds for all tables. No dates: the same figures on another day are the same evidence."""
    facts = (
        ("window of the figures, the last days", Unit.SECONDS, settings.window_days * 86400.0),
        ("confidence of the intervals (low to high)", Unit.SHARE, settings.confidence_level),
        ("a claim needs q below", Unit.PROBABILITY, 1 - settings.confidence_level),
        ("a signal needs at least", Unit.COUNT, float(settings.min_persons)),
        ("or this share of all", Unit.SHARE, settings.min_share),
        ("support that a golden path needs", Unit.SHARE, settings.golden_support),
        ("a longer pause ends a session", Unit.SECONDS, settings.session_gap_minutes * 60.0),
    )
    columns = tuple(EvidenceColumn(heading, unit) for heading, unit, _ in facts)
    values = [value for _, _, value in facts]
    cells = tuple(_cell(value, column) for value, column in zip(values, columns, strict=True))
    return EvidenceTable(
        ABOUT, "About these figures", "Holds for every table.", columns, (Row(f"{ABOUT}1", cells),)
    )


def _table(con: "DuckDBPyConnection", source: EvidenceSource, limit: int) -> EvidenceTable:
    sql = sql_of(__package__, f"evidence/{source.sql}")
    found = con.execute(sql, {"limit": limit} if source.limit else {}).fetchall()
    rows = tuple(
        Row(f"{source.letter}{number}", _cells(values, source.columns))
        for number, values in enumerate(found, start=1)
    )
    return EvidenceTable(source.letter, source.title, source.about, source.columns, rows)


def _cells(values: Sequence[Any], columns: Sequence[EvidenceColumn]) -> tuple[Cell, ...]:
    fold, folded, *rest = values
    cells = [_cell(value, column) for value, column in zip(rest, columns, strict=False)]
    if fold is not None:
        named = [i for i, column in enumerate(columns) if column.names_row]
        # A row that folds within a cohort or segment keeps that name.
        place = next((i for i in named if rest[i] is None), 0)
        cells[place] = Cell(f"{fold} ({folded:,})", Unit.COUNT, float(folded))
    return tuple(cells)


def _cell(value: Any, column: EvidenceColumn) -> Cell:
    if column.unit in {Unit.TEXT, Unit.PATH, Unit.NAME}:
        return _names(value, column.unit)
    if value is None or not math.isfinite(value):
        return Cell(NOTHING, column.unit)
    return Cell(render(float(value), column.unit), column.unit, float(value))


def _names(value: Any, unit: Unit) -> Cell:
    texts = value if isinstance(value, list) else [value]
    names = tuple(plain_name(text) for text in texts[:MAX_NAMES] if text is not None)
    if not names:
        return Cell(NOTHING, unit)
    written = [name if unit is Unit.NAME else quoted(name) for name in names]
    if left := len(texts) - len(texts[:MAX_NAMES]):
        written.append(f"… ({left} more)")
    return Cell((" → " if unit is Unit.PATH else ", ").join(written), unit, names=names)
