"""Looking a number of an answer up in the evidence the answer was given.

Belongs here: deciding whether a cell of the evidence holds it. Does not belong here: going through
an answer (:mod:`journey_assets.analyses.marks`). The demands grow with the distance of the evidence:

1. A cell of a row that the sentence cites: the number is the cell's, rounded to any precision.
2. A cell of a row that the line cites, names, or has quoted already; then a difference, quotient or
   complement of cells of rows that the line cites: likewise, unless such values lie so densely that
   an invented number of this precision would also have met one.
3. Any other cell of the evidence, ends of intervals excepted: with three significant digits; with
   fewer only where an invented number would hardly have met a cell, be it as the prompt shows it or
   rounded. A whole number up to ten must count what the column counts.

The units must fit in any case.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from journey_assets.analyses.answer_layout import Layout, Span
from journey_assets.analyses.evidence import Cell, Evidence
from journey_assets.analyses.number_exemptions import counted_thing
from journey_assets.analyses.number_reading import Number, Reading, Sense, Written
from journey_assets.analyses.rendering import TIME_UNITS, Unit, shown, time_unit

#: A match that more than this share of the neighbouring numbers would have had proves nothing.
MAX_CHANCE = 0.2
#: Neighbours to each side of a number for which it is tried.
NEIGHBOURS = 10
#: With so many significant digits an uncited number is looked for in the whole evidence.
ENOUGH_DIGITS = 3

_TOLERANCE = 1e-9
_COMPARABLE = frozenset({Unit.COUNT, Unit.SHARE, Unit.RATIO, Unit.SECONDS, Unit.MONEY, Unit.NUMBER})


class Status(StrEnum):
    """What the look-up of a number, or of a cited id, gave."""

    GROUNDED = "grounded"  #: a cell of the evidence holds it
    DERIVED = "derived"  #: a difference, quotient or complement of cited cells
    NOT_FOUND = "not_found"
    UNKNOWN_ID = "unknown_id"  #: no number, but a cited id that no row has


@dataclass(frozen=True, slots=True)
class _Value:
    """Something a number may be: a cell's value, or one derived from cells.

    exact: as the prompt showed it; values: that and the unrounded one. near: only looked at where
    its row is spoken of. points: may be percentage points. heading: of the cell's column.
    """

    unit: Unit
    exact: float
    values: tuple[float, ...]
    rows: tuple[str, ...]
    near: bool = False
    points: bool = False
    heading: str = ""


_Holds = Callable[[Reading, Sense, _Value], bool]


class Lookup:
    """Looks numbers up in the order of the text, which a line's later numbers profit from."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._values = {
            row_id: tuple(_values_of(row_id, layout.evidence)) for row_id in layout.evidence.rows
        }
        self._quoted: dict[Span, set[str]] = defaultdict(set)

    def status(self, number: Number) -> tuple[Status, tuple[str, ...]]:
        """The status, and the rows that hold the number."""
        position = number.span[0]
        line = self._layout.line_of(position)
        cited = self._layout.cited(self._layout.sentence_of(position))
        near = self._layout.cited(line) | self._layout.mentioned(position) | self._quoted[line]
        found = _found(number, self._of(cited)) or _unlikely(number, self._of(near))
        if not found:
            derived = _derived(self._layout.cited(line), self._layout.evidence)
            if rows := _unlikely(number, derived):
                return Status.DERIVED, rows
            found = self._anywhere(number)
        if not found:
            return Status.NOT_FOUND, ()
        if len(found) == 1:
            self._quoted[line].update(found)
        return Status.GROUNDED, found

    def _anywhere(self, number: Number) -> tuple[str, ...]:
        values = [value for value in self._of(self._values) if not value.near]
        if number.small:
            counted = counted_thing(number)
            return _unlikely(number, [value for value in values if counted in value.heading])
        demand = _found if number.digits >= ENOUGH_DIGITS else _unlikely
        if found := demand(number, values, _shows):
            return found
        return (demand if number.sense is Sense.EXACT else _unlikely)(number, values)

    def _of(self, rows: Iterable[str]) -> list[_Value]:
        return [value for row_id in sorted(rows) for value in self._values[row_id]]


def _holds(reading: Reading, sense: Sense, value: _Value) -> bool:
    """Whether ``reading`` is the value, rounded as it is written and hedged."""
    if not _fits(reading, value):
        return False
    below, above = _bounds(reading, sense)
    if value.unit is Unit.PROBABILITY and sense is Sense.UNDER:
        below = 0.0
    eps = _eps(reading.value)
    return any(below - eps <= abs(each) <= above + eps for each in value.values)


def _shows(reading: Reading, _: Sense, value: _Value) -> bool:
    """Whether ``reading`` is the value just as the prompt shows it."""
    return _fits(reading, value) and abs(reading.value - value.exact) <= _eps(value.exact)


def _found(number: Number, values: Collection[_Value], holds: _Holds = _holds) -> tuple[str, ...]:
    rows = [
        row
        for value in values
        if any(holds(reading, number.sense, value) for reading in number.readings)
        for row in value.rows
    ]
    return tuple(dict.fromkeys(rows))


def _unlikely(
    number: Number, values: Collection[_Value], holds: _Holds = _holds
) -> tuple[str, ...]:
    """As :func:`_found`, but nothing when neighbouring numbers would too often be found as well."""
    found = _found(number, values, holds)
    return found if found and _chance(number, values, holds) <= MAX_CHANCE else ()


def _chance(number: Number, values: Collection[_Value], holds: _Holds) -> float:
    """The share of numbers of the same form around ``number`` that ``values`` would also hold."""
    hits = tries = 0
    for offset in range(-NEIGHBOURS, NEIGHBOURS + 1):
        moved = [replace(each, value=each.value + offset * each.loose) for each in number.readings]
        if all(each.value > 0 for each in moved):
            tries += 1
            hits += any(
                holds(reading, number.sense, value) for reading in moved for value in values
            )
    return hits / tries if tries else 1.0


def _bounds(reading: Reading, sense: Sense) -> tuple[float, float]:
    half = reading.step / 2
    if sense is Sense.ABOUT:
        half = reading.loose / 2
    below = reading.loose if sense is Sense.UNDER else half
    above = reading.loose if sense is Sense.OVER else half
    return reading.value - below, reading.value + above


def _fits(reading: Reading, value: _Value) -> bool:
    if reading.written is Written.POINTS:
        return value.unit is Unit.SHARE and value.points
    if reading.written is Written.PERCENT:
        return value.unit is Unit.SHARE
    if reading.written is Written.TIMES:
        return value.unit is Unit.RATIO or (value.unit is Unit.COUNT and reading.step >= 1)
    if reading.written is Written.DURATION:
        return value.unit is Unit.SECONDS
    if reading.written is Written.MONEY:
        return value.unit is Unit.MONEY
    if value.unit is Unit.COUNT:
        return reading.step >= 1
    if value.unit is Unit.SHARE:
        return reading.step < 1 and reading.value <= 1
    return value.unit is not Unit.SECONDS


def _eps(value: float) -> float:
    return _TOLERANCE * max(1.0, abs(value)) if abs(value) >= 1 else _TOLERANCE


def _values_of(row_id: str, evidence: Evidence) -> Iterator[_Value]:
    table, row = evidence.rows[row_id]
    for cell, column in zip(row.cells, table.columns, strict=True):
        if cell.value is None:
            continue
        exact = shown(cell.value, cell.unit)
        yield _Value(
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
            yield _Value(Unit.NUMBER, bare[0], bare, (row_id,), near=True)


def _written_in(cell: Cell) -> float | None:
    """What the prompt's unit of a share or duration is worth."""
    if cell.unit is Unit.SHARE:
        return 0.01
    if cell.unit is Unit.SECONDS and cell.value is not None:
        return TIME_UNITS[time_unit(cell.value)]
    return None


def _derived(rows: Iterable[str], evidence: Evidence) -> list[_Value]:
    """Differences, quotients and complements of the cells of ``rows``.

    Two cells are compared when they share unit and heading, or unit and row; ends of intervals are
    not.
    """
    cells = [cell for row_id in sorted(rows) for cell in _comparable(row_id, evidence)]
    found = [each for row_id, _, unit, value in cells for each in _alone(row_id, unit, value)]
    for (row, heading, unit, value), (other_row, other_heading, other_unit, other) in combinations(
        cells, 2
    ):
        if unit is other_unit and (heading == other_heading or row == other_row):
            found.extend(_pair(unit, value, other, (row, other_row)))
    return found


def _comparable(row_id: str, evidence: Evidence) -> Iterator[tuple[str, str, Unit, float]]:
    table, row = evidence.rows[row_id]
    for cell, column in zip(row.cells, table.columns, strict=True):
        if cell.value is not None and cell.unit in _COMPARABLE and not column.bound:
            yield row_id, column.heading, cell.unit, cell.value


def _alone(row_id: str, unit: Unit, value: float) -> Iterator[_Value]:
    if unit is Unit.SHARE:
        yield _made(Unit.SHARE, lambda a, _: 1 - a, unit, (value, value), (row_id,))
    if unit is Unit.RATIO:
        yield _made(Unit.SHARE, lambda a, _: abs(a - 1), unit, (value, value), (row_id,))
        yield _made(Unit.SHARE, lambda a, _: a, unit, (value, value), (row_id,))


def _pair(unit: Unit, one: float, other: float, rows: tuple[str, str]) -> Iterator[_Value]:
    yield _made(unit, lambda a, b: abs(a - b), unit, (one, other), rows, points=True)
    for pair in ((one, other), (other, one)):
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
) -> _Value:
    """A derived value, from what the prompt showed and from the unrounded values."""
    exact = make(shown(pair[0], of), shown(pair[1], of))
    return _Value(unit, exact, (exact, make(*pair)), tuple(dict.fromkeys(rows)), points=points)
