"""What the numbers of an answer may be: the cells of the evidence, and what follows from them.

Belongs here: the values of a row, and differences, quotients and complements of cells. Does not
belong here: which of them a number is compared with (:mod:`journey_assets.analyses.number_lookup`).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from journey_assets.analyses.evidence import Cell, Evidence
from journey_assets.analyses.rendering import TIME_UNITS, Unit, shown, time_unit

_COMPARABLE = frozenset(
    {Unit.COUNT, Unit.SHARE, Unit.RATIO, Unit.SECONDS, Unit.MONEY, Unit.BITS, Unit.NUMBER}
)


@dataclass(frozen=True, slots=True)
class Value:
    """Something a number may be: a cell's value, or one derived from cells.

    exact: as the prompt showed it; values: that and the unrounded one. near: only looked at where
    its row is spoken of. points: may be percentage points. bare: the number of a cell whose unit is
    left out; whole numbers are never that. heading: of the cell's column.
    """

    unit: Unit
    exact: float
    values: tuple[float, ...]
    rows: tuple[str, ...]
    near: bool = False
    points: bool = False
    bare: bool = False
    heading: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    """A cell that may be compared with others."""

    row: str
    heading: str
    unit: Unit
    value: float


def values_of(row_id: str, evidence: Evidence) -> Iterator[Value]:
    """The values of a row's cells."""
    table, row = evidence.rows[row_id]
    for cell, column in zip(row.cells, table.columns, strict=True):
        if cell.value is None:
            continue
        exact = shown(cell.value, cell.unit)
        yield Value(
            cell.unit,
            exact,
            (exact, cell.value),
            (row_id,),
            near=column.bound,
            heading=column.heading,
        )
        if scale := _written_in(cell):
            # Beside its row a figure may stand without its unit: "a share of 34.2 [T3]".
            bare = (exact / scale, cell.value / scale)
            yield Value(Unit.NUMBER, bare[0], bare, (row_id,), near=True, bare=True)


class Derived:
    """What follows from rows: each row and each pair of rows is derived from once."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._rows: dict[str, tuple[tuple[_Term, ...], list[Value], list[Value]]] = {}
        self._pairs: dict[tuple[str, str], list[Value]] = {}

    def alike(self, rows: Iterable[str]) -> list[Value]:
        """What comparing like with like gives.

        Complements of shares, ratios as percent, and differences and quotients of two cells: of one
        heading in two rows, or of two shares in one row. Ends of intervals are not compared.
        """
        chosen = sorted(rows)
        own = [value for row in chosen for value in self._row(row)[1]]
        return own + [value for pair in combinations(chosen, 2) for value in self._pair(pair)]

    def within(self, rows: Iterable[str]) -> list[Value]:
        """Differences and quotients of other two cells of one row and unit."""
        return [value for row in sorted(rows) for value in self._row(row)[2]]

    def _row(self, row: str) -> tuple[tuple[_Term, ...], list[Value], list[Value]]:
        if row not in self._rows:
            terms = _terms(row, self._evidence)
            alike = [value for term in terms for value in _alone(term)]
            within: list[Value] = []
            for one, other in combinations(terms, 2):
                if one.unit is other.unit:
                    (alike if _alike(one, other) else within).extend(_pair(one, other))
            self._rows[row] = terms, alike, within
        return self._rows[row]

    def _pair(self, pair: tuple[str, str]) -> list[Value]:
        if pair not in self._pairs:
            ones, others = (self._row(row)[0] for row in pair)
            self._pairs[pair] = [
                value
                for one in ones
                for other in others
                if _alike(one, other)
                for value in _pair(one, other)
            ]
        return self._pairs[pair]


def _alike(one: _Term, other: _Term) -> bool:
    if one.unit is not other.unit:
        return False
    return one.heading == other.heading or (one.row == other.row and one.unit is Unit.SHARE)


def _terms(row_id: str, evidence: Evidence) -> tuple[_Term, ...]:
    table, row = evidence.rows[row_id]
    return tuple(
        _Term(row_id, column.heading, cell.unit, cell.value)
        for cell, column in zip(row.cells, table.columns, strict=True)
        if cell.value is not None and cell.unit in _COMPARABLE and not column.bound
    )


def _written_in(cell: Cell) -> float | None:
    """What the prompt's unit of a share or duration is worth."""
    if cell.unit is Unit.SHARE:
        return 0.01
    if cell.unit is Unit.SECONDS and cell.value is not None:
        return TIME_UNITS[time_unit(cell.value)]
    return None


def _alone(term: _Term) -> Iterator[Value]:
    pair, rows = (term.value, term.value), (term.row,)
    if term.unit is Unit.SHARE:
        yield _made(Unit.SHARE, lambda a, _: 1 - a, Unit.SHARE, pair, rows)
    if term.unit is Unit.RATIO:
        yield _made(Unit.SHARE, lambda a, _: abs(a - 1), Unit.RATIO, pair, rows)
        yield _made(Unit.SHARE, lambda a, _: a, Unit.RATIO, pair, rows)


def _pair(one: _Term, other: _Term) -> Iterator[Value]:
    unit, rows = one.unit, (one.row, other.row)
    yield _made(unit, lambda a, b: abs(a - b), unit, (one.value, other.value), rows, points=True)
    for pair in ((one.value, other.value), (other.value, one.value)):
        if shown(pair[1], unit) and pair[1]:
            yield _made(Unit.RATIO, lambda a, b: a / b, unit, pair, rows)
            yield _made(Unit.SHARE, lambda a, b: abs(a - b) / b, unit, pair, rows)
            if unit is Unit.COUNT:
                yield _made(Unit.SHARE, lambda a, b: a / b, unit, pair, rows)


def _made(
    unit: Unit,
    make: Callable[[float, float], float],
    of: Unit,
    pair: tuple[float, float],
    rows: tuple[str, ...],
    points: bool = False,
) -> Value:
    """A derived value, from what the prompt showed and from the unrounded values."""
    exact = make(shown(pair[0], of), shown(pair[1], of))
    return Value(unit, exact, (exact, make(*pair)), tuple(dict.fromkeys(rows)), points=points)
