"""The evidence of a database, for tests of what it holds."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from journey_assets.analyses.catalogue import Kind
from journey_assets.analyses.evidence import Evidence, EvidenceTable
from journey_assets.analyses.gathering import gather
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.schema import Table
from journey_assets_tests.stored import store

DAY = date(2026, 11, 20)
COHORTS = ("converter", "non_converter")


def gathered(
    directory: Path, rows: Mapping[Table, Sequence[Mapping[str, Any]]], **settings: object
) -> dict[Kind, Evidence]:
    """The evidence of a database that holds ``rows``."""
    database = Database(directory / "a.duckdb")
    for each, given_rows in rows.items():
        store(database, each, [{"as_of": DAY, **row} for row in given_rows])
    with database.session() as session:
        found = gather(session, DAY, Settings.checked(settings))
    return {kind: each.evidence for kind, each in found.items()}


def by_letter(evidence: Evidence, letter: str) -> EvidenceTable:
    """The table with a letter."""
    return next(each for each in evidence.tables if each.letter == letter)


def cells(evidence: Evidence, row_id: str) -> dict[str, str]:
    """The cells of a row by heading, as written."""
    of, row = evidence.rows[row_id]
    return {c.heading: cell.text for c, cell in zip(of.columns, row.cells, strict=True)}


def numbers(of: EvidenceTable, heading: str) -> list[float]:
    """The values of a column, 0 where there is none."""
    place = [column.heading for column in of.columns].index(heading)
    return [row.cells[place].value or 0.0 for row in of.rows]
