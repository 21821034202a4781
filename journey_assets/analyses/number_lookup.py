"""Looking a number of an answer up in the evidence the answer was given.

Belongs here: deciding whether a cell of the evidence holds it. Does not belong here: going through
an answer (:mod:`journey_assets.analyses.marks`), what cells hold and what follows from them
(:mod:`journey_assets.analyses.number_values`).

The units must fit in any case. What is demanded besides grows with the distance of the evidence,
since many cells hold much by chance; the chance is that of a number of the same form close by:

1. A cell of a row that the sentence cites: the number is the cell's, rounded to any precision.
2. A cell of a row that the line cites, names or has quoted already, or of the table that holds for
   all others, where the sentence speaks of it: likewise, at a chance of at most ``CHANCE_NEAR``.
3. What follows from cells of rows that the line cites: likewise, comparing unlike cells of a row at
   ``CHANCE_FAR``.
4. Where the sentence cites rows, which do not hold it: any other figure just as the prompt shows it,
   at ``CHANCE_ELSEWHERE``.
5. Where it cites none: a figure that the answer quotes beside its row somewhere else, at
   ``CHANCE_REPEATED``; then any figure, those of rows that the answer cites or names somewhere first:
   with three significant digits as the prompt shows them, else at ``CHANCE_NEAR`` in those rows and
   ``CHANCE_FAR`` in the others. A bare whole number under ``FEW`` is only looked for where the
   sentence says what the column counts.

Figures are all values but ends of intervals. What is found is held to what the words around the number
say it is of (:mod:`journey_assets.analyses.number_attribution`).
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import permutations, product

from journey_assets.analyses.answer_layout import Layout, stems
from journey_assets.analyses.evidence import ABOUT
from journey_assets.analyses.number_attribution import Attribution
from journey_assets.analyses.number_exemptions import counted_in, counted_thing
from journey_assets.analyses.number_reading import Number, Reading, Sense
from journey_assets.analyses.number_values import Derived, Value, values_of
from journey_assets.analyses.numerals import Span, Written
from journey_assets.analyses.rendering import Unit

CHANCE_NEAR = 0.2
CHANCE_REPEATED = 0.35
CHANCE_FAR = 0.1
CHANCE_ELSEWHERE = 0.05
#: Neighbours to each side of a number for which it is tried.
NEIGHBOURS = 10
#: With so many significant digits an uncited number is looked for in the whole evidence.
ENOUGH_DIGITS = 3
#: Bare whole numbers below this need words that say what they count.
FEW = 100
#: Rows of one line from which figures are derived: of more, nearly any number follows.
MOST_COMPARED = 12
#: With so many significant digits a number that another cell of the kind shows was taken from there.
MOVED_DIGITS = 2
#: Sets of rows whose index is kept; an answer that cites more different ones is made of citations.
MOST_KEPT = 1_000

_TOLERANCE = 1e-9
_Found = tuple[str, ...]


class Status(StrEnum):
    """What the look-up of a number, or of a cited id, gave."""

    GROUNDED = "grounded"  #: a cell of the evidence holds it
    DERIVED = "derived"  #: a difference, quotient or complement of cited cells
    MISATTRIBUTED = "misattributed"  #: a cell holds it, but not of what the answer says it of
    NOT_FOUND = "not_found"
    UNKNOWN_ID = "unknown_id"  #: no number, but a cited id that no row has
    FUTURE = "future"  #: no number, but words of what would be
    CAUSE = "cause"  #: no number, but words of why it is so


class Pool:
    """Values in which numbers are looked up, sorted once for all of them."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._values = tuple(values)
        self._sorted: dict[tuple[Written, bool, bool, bool, bool], _Sizes] = {}

    def found(self, number: Number, chance: float = 1.0, *, shown: bool = False) -> _Found:
        """The rows of the values that are ``number``; none where chance would find more than that.

        shown: only values just as the prompt shows them, else rounded as the number is written.
        """
        values = self.holding(number, shown=shown)
        if not values or (chance < 1.0 and self._chance(number, shown) > chance):
            return ()
        return tuple(dict.fromkeys(row for value in values for row in value.rows))

    def holding(self, number: Number, *, shown: bool = False) -> list[Value]:
        """The values that are ``number``, in their order."""
        if not self._values:
            return []
        places = {
            place
            for reading in number.readings
            for sizes, first, last in self._ranges(reading, number.sense, shown)
            for place in sizes.places[first:last]
        }
        values = (self._values[place] for place in sorted(places))
        if number.sense in {Sense.OVER, Sense.UNDER}:
            # "More than 98%" is not said of the end of an interval.
            return [value for value in values if value.bare or not value.near]
        return list(values)

    def _chance(self, number: Number, shown: bool) -> float:
        """The share of numbers of the same form around ``number`` that would also be found."""
        hits = tries = 0
        for offset in range(-NEIGHBOURS, NEIGHBOURS + 1):
            moved = [
                replace(each, value=each.value + offset * each.loose) for each in number.readings
            ]
            if all(each.value > 0 for each in moved):
                tries += 1
                hits += any(
                    first < last
                    for each in moved
                    for _, first, last in self._ranges(each, number.sense, shown)
                )
        return hits / tries if tries else 1.0

    def _ranges(
        self, reading: Reading, sense: Sense, shown: bool
    ) -> Iterator[tuple["_Sizes", int, int]]:
        """Where the sizes lie that ``reading`` is: as shown, or rounded as written and hedged."""
        below, above = _bounds(reading, sense, shown)
        eps = _eps(reading.value)
        # p- and q-values are written without a unit.
        for probability in (False, True) if reading.written is Written.BARE else (False,):
            sizes = self._of(reading, shown, probability)
            if sizes.sizes:
                under = probability and sense is Sense.UNDER and not shown
                first = bisect_left(sizes.sizes, (0.0 if under else below) - eps)
                yield sizes, first, bisect_right(sizes.sizes, above + eps)

    def _of(self, reading: Reading, shown: bool, probability: bool) -> "_Sizes":
        """The sizes that fit the unit of ``reading``, sorted."""
        key = (reading.written, reading.step < 1, reading.value <= 1, shown, probability)
        if key not in self._sorted:
            pairs = sorted(
                (abs(size), place)
                for place, value in enumerate(self._values)
                if (value.unit is Unit.PROBABILITY) is probability and _fits(reading, value)
                for size in ((value.exact,) if shown else value.values)
            )
            self._sorted[key] = _Sizes([size for size, _ in pairs], [at for _, at in pairs])
        return self._sorted[key]


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Sizes in order, and the place of each one's value."""

    sizes: list[float]
    places: list[int]


class Lookup:
    """Looks numbers up; what an answer quotes beside its rows helps its other numbers."""

    def __init__(self, layout: Layout, numbers: Collection[Number]) -> None:
        self._layout = layout
        self._values: Mapping[str, tuple[Value, ...]] = {
            row_id: tuple(values_of(row_id, layout.evidence)) for row_id in layout.evidence.rows
        }
        self._about = {
            row.id
            for table in layout.evidence.tables
            if table.letter == ABOUT
            for row in table.rows
        }
        self._quoted: dict[Span, set[str]] = defaultdict(set)
        self._derived = Derived(layout.evidence)
        self._attribution = Attribution(layout, [*numbers])
        self._near_pools: dict[frozenset[str], _NearPools] = {}
        self._columns: dict[frozenset[str], frozenset[tuple[str, str]]] = {}
        self._counting: dict[tuple[str, frozenset[str]], tuple[Pool, Pool]] = {}
        self._said: dict[Span, frozenset[str]] = {}
        self._about_said: dict[frozenset[str], Pool] = {}
        self._repeated = Pool(
            {
                id(value): replace(value, near=False)
                for number in numbers
                if (cited := self._cited(number))
                for value in self._of(cited).all.holding(number)
            }.values()
        )

    def status(self, number: Number) -> tuple[Status, _Found]:
        """The status, and the rows that hold the number."""
        line = self._layout.line_of(number.span[0])
        cited = self._layout.cited(line)
        held = self._all.holding(number)
        status, found = self._looked_up(number, line, cited, anywhere=bool(held))
        if status is Status.DERIVED:
            carried = self._attribution.carried_derived(number, found)
            return (status if carried else Status.MISATTRIBUTED), found
        if not held:
            return status, found
        return self._attributed(number, status, found, line, held)

    def _looked_up(
        self, number: Number, line: Span, cited: frozenset[str], *, anywhere: bool
    ) -> tuple[Status, _Found]:
        """As far as the number alone goes. anywhere: some cell of the evidence holds it."""
        if anywhere and (found := self._near(number, line, cited)):
            return Status.GROUNDED, found
        if len(cited) <= MOST_COMPARED:
            pools = self._of(cited)
            for derived, chance in ((pools.alike, CHANCE_NEAR), (pools.within, CHANCE_FAR)):
                if found := derived.found(number, chance):
                    return Status.DERIVED, found
        if anywhere and (found := self._far(number)):
            return Status.GROUNDED, found
        return Status.NOT_FOUND, ()

    def _attributed(
        self, number: Number, status: Status, found: _Found, line: Span, held: Sequence[Value]
    ) -> tuple[Status, _Found]:
        """As far as the words around the number go."""
        if status is Status.NOT_FOUND:
            moved = self._moved(number, line)
            if moved and self._attribution.carried(number, held):
                # It may be the figure that is meant, and may be chance: nothing says it is another's.
                return status, found
            return (Status.MISATTRIBUTED, moved) if moved else (status, found)
        if self._about & {*found}:
            return Status.GROUNDED, self._quote(line, found)
        figures = [value for value in held if value.rows[0] not in self._about]
        rows = _rows(self._attribution.carried(number, figures))
        kept = [row for row in found if row in rows]
        if rows and not self._miscited(number, rows):
            return Status.GROUNDED, self._quote(line, tuple(kept or rows))
        return Status.MISATTRIBUTED, found

    def _miscited(self, number: Number, rows: Collection[str]) -> bool:
        """Whether nothing but a citation beside the number says what it is of, and it is wrong."""
        cited = self._layout.cited(self._attribution.clause(number))
        return bool(cited) and not cited & {*rows} and self._attribution.silent(number)

    def _moved(self, number: Number, line: Span) -> _Found:
        """Rows that show a number not found here: it stands in the wrong place."""
        if number.digits < MOVED_DIGITS:
            return ()
        meant = self._layout.cited(line) | self._layout.mentioned(number.span[0])
        columns = self._columns_of(meant)
        return tuple(
            _rows(
                value
                for value in self._elsewhere.holding(number, shown=True)
                if (value.rows[0].rstrip("0123456789"), value.heading) in columns
            )
        )

    def _columns_of(self, rows: frozenset[str]) -> frozenset[tuple[str, str]]:
        """The columns of the tables that have ``rows``, by letter and heading."""
        if rows not in self._columns:
            self._columns[rows] = frozenset(
                (row.rstrip("0123456789"), value.heading)
                for row in rows
                for value in self._values[row]
            )
        return self._columns[rows]

    def _quote(self, line: Span, found: _Found) -> _Found:
        if len(found) == 1:
            self._quoted[line].update(found)
        return found

    def _near(self, number: Number, line: Span, cited: frozenset[str]) -> _Found:
        if (sentence := self._cited(number)) and (found := self._of(sentence).all.found(number)):
            return found
        named = self._layout.mentioned(number.span[0])
        near = self._of(cited | named | self._quoted[line])
        about = self._about_values(number)
        # Ends of intervals are many and seldom quoted: they are looked at last.
        for pools in ((near.figures, about), (near.all,)):
            for shown in (True, False):
                for pool in pools:
                    if found := pool.found(number, CHANCE_NEAR, shown=shown):
                        return found
        return ()

    @cached_property
    def _all(self) -> Pool:
        return Pool(value for values in self._values.values() for value in values)

    def _of(self, rows: frozenset[str]) -> "_NearPools":
        if rows not in self._near_pools:
            if len(self._near_pools) >= MOST_KEPT:
                self._near_pools.clear()
            self._near_pools[rows] = _NearPools(rows, self._values, self._derived)
        return self._near_pools[rows]

    def _about_values(self, number: Number) -> Pool:
        """What holds for all tables, as far as the sentence speaks of it."""
        words = self._words(number) & self._about_words
        if words not in self._about_said:
            self._about_said[words] = Pool(
                value
                for value in self._figures(self._about)
                if value.unit is Unit.PROBABILITY or stems(value.heading) & words
            )
        return self._about_said[words]

    @cached_property
    def _about_words(self) -> frozenset[str]:
        return frozenset().union(*(stems(each.heading) for each in self._figures(self._about)))

    def _far(self, number: Number) -> _Found:
        if self._cited(number):
            return self._elsewhere.found(number, CHANCE_ELSEWHERE, shown=True)
        if found := self._repeated.found(number, CHANCE_REPEATED):
            return found
        if _needs_words(number):
            pools = self._counted(counted_thing(number), self._words(number))
            return next((found for pool in pools if (found := pool.found(number, CHANCE_FAR))), ())
        exact = 1.0 if number.digits >= ENOUGH_DIGITS else CHANCE_FAR
        return (
            self._spoken_pool.found(number, exact, shown=True)
            or self._spoken_pool.found(number, CHANCE_NEAR)
            or self._unspoken_pool.found(number, exact, shown=True)
            or self._unspoken_pool.found(number, CHANCE_FAR)
        )

    def _counted(self, counted: str, words: frozenset[str]) -> tuple[Pool, Pool]:
        """The figures, spoken of first, that the sentence says it counts."""
        key = (counted, frozenset() if counted else words)
        if key not in self._counting:
            spoken, other = (
                Pool(value for value in pool if _counts(value, counted, words))
                for pool in (self._spoken, self._unspoken)
            )
            self._counting[key] = (spoken, other)
        return self._counting[key]

    def _words(self, number: Number) -> frozenset[str]:
        sentence = self._layout.sentence_of(number.span[0])
        if sentence not in self._said:
            text = self._layout.plain[slice(*sentence)]
            self._said[sentence] = stems(re.sub(r"\bCIs?\b", "confidence intervals", text))
        return self._said[sentence]

    def _cited(self, number: Number) -> frozenset[str]:
        return self._layout.cited(self._layout.sentence_of(number.span[0]))

    @cached_property
    def _elsewhere(self) -> Pool:
        return Pool(self._figures(self._values.keys() - self._about))

    @cached_property
    def _spoken(self) -> list[Value]:
        return self._figures(self._layout.spoken)

    @cached_property
    def _unspoken(self) -> list[Value]:
        return self._figures(self._values.keys() - self._layout.spoken - self._about)

    @cached_property
    def _spoken_pool(self) -> Pool:
        return Pool(self._spoken)

    @cached_property
    def _unspoken_pool(self) -> Pool:
        return Pool(self._unspoken)

    def _figures(self, rows: Iterable[str]) -> list[Value]:
        """The values of ``rows`` without the ends of intervals."""
        return _figures(rows, self._values)


class _NearPools:
    """The values of some rows: all, those without ends of intervals, and what follows from them."""

    def __init__(
        self, rows: frozenset[str], values: Mapping[str, tuple[Value, ...]], derived: Derived
    ) -> None:
        self.all = Pool(value for row_id in sorted(rows) for value in values[row_id])
        self.figures = Pool(_figures(rows, values))
        self._rows = rows
        self._derived = derived

    @cached_property
    def alike(self) -> Pool:
        """What comparing like with like gives."""
        return Pool(self._derived.alike(self._rows))

    @cached_property
    def within(self) -> Pool:
        """What comparing unlike cells of a row gives."""
        return Pool(self._derived.within(self._rows))


def multiple_of(number: Number, told: Sequence[tuple[Number, _Found]]) -> _Found:
    """For "twice" and "3 times": the rows of two numbers told beside it that have this quotient."""
    for (one, rows), (other, others) in permutations(told, 2):
        for above, below in product(one.readings, other.readings):
            if above.written is not below.written or not below.value:
                continue
            quotient = above.value / below.value
            for each in number.readings:
                first, last = _bounds(each, number.sense, shown=False)
                if each.written is Written.TIMES and first <= quotient <= last:
                    return tuple(dict.fromkeys((*rows, *others)))
    return ()


def _rows(values: Iterable[Value]) -> list[str]:
    return [*dict.fromkeys(row for value in values for row in value.rows)]


def _figures(rows: Iterable[str], values: Mapping[str, tuple[Value, ...]]) -> list[Value]:
    return [value for row_id in sorted(rows) for value in values[row_id] if not value.near]


def _needs_words(number: Number) -> bool:
    return bool(number.readings) and all(
        each.written is Written.BARE and each.step >= 1 and each.value < FEW
        for each in number.readings
    )


def _counts(value: Value, counted: str, words: frozenset[str]) -> bool:
    """Whether the sentence says what ``value`` counts."""
    if value.unit is not Unit.COUNT:
        return not counted
    if counted:
        return counted in counted_in(value.heading)
    return bool(stems(value.heading) & words)


def _bounds(reading: Reading, sense: Sense, shown: bool) -> tuple[float, float]:
    """Between which sizes a value must lie to be what is written.

    "More than 34%" is true of 34.2%, not of 33.6%: a comparison has no rounding on its wrong side.
    """
    if shown:
        return reading.value, reading.value
    half = (reading.loose if sense is Sense.ABOUT else reading.step) / 2
    below = {Sense.UNDER: reading.loose, Sense.OVER: 0.0}.get(sense, half)
    above = {Sense.OVER: reading.loose, Sense.UNDER: 0.0}.get(sense, half)
    return reading.value - below, reading.value + above


def _fits(reading: Reading, value: Value) -> bool:
    fitting = _FITTING.get(reading.written)
    if reading.written is Written.POINTS:
        return value.unit is Unit.SHARE and value.points
    if fitting is not None:
        return value.unit is fitting
    if reading.written is Written.TIMES:
        return value.unit is Unit.RATIO or (value.unit is Unit.COUNT and reading.step >= 1)
    if value.unit is Unit.COUNT:
        return reading.step >= 1
    if value.bare:
        return reading.step < 1
    if value.unit is Unit.SHARE:
        return reading.step < 1 and reading.value <= 1
    return value.unit is not Unit.SECONDS


#: The unit of the evidence for each written one that fits a single unit.
_FITTING = {
    Written.PERCENT: Unit.SHARE,
    Written.DURATION: Unit.SECONDS,
    Written.MONEY: Unit.MONEY,
    Written.BITS: Unit.BITS,
}


def _eps(value: float) -> float:
    return _TOLERANCE * max(1.0, abs(value)) if abs(value) >= 1 else _TOLERANCE
