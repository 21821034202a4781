"""The number check: a mark for every number of an answer, with the rows of the evidence that hold it.

Belongs here: going through an answer, and the marks. Does not belong here: how one number is looked
up (:mod:`journey_assets.analyses.number_lookup`). Numbers that state nothing about the data get no
mark (:mod:`journey_assets.analyses.number_exemptions` lists which).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from journey_assets.analyses.answer_layout import Layout, Spans
from journey_assets.analyses.claims import claims
from journey_assets.analyses.evidence import Evidence
from journey_assets.analyses.number_exemptions import exempt_spans, states_nothing
from journey_assets.analyses.number_lookup import Lookup, Status, multiple_of
from journey_assets.analyses.number_reading import Number, read_numbers

__all__ = ["Mark", "NumberCheck", "Status", "marked"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A number in the answer: characters ``start`` to ``end``, status, rows that hold it.

    claim: ``future`` or ``cause`` where its sentence says more than figures can show, else "".
    """

    start: int
    end: int
    text: str
    status: Status
    rows: tuple[str, ...] = ()
    claim: str = ""


def marked(content: str, evidence: Evidence) -> tuple[Mark, ...]:
    """The marks of an answer in the order of its text; no two overlap.

    evidence: what the answer was given, also as read back from its stored JSON
    (:meth:`Evidence.from_json`).
    """
    layout = Layout(content, evidence)
    exempt = Spans(exempt_spans(layout))
    numbers = [
        number
        for number in read_numbers(layout)
        if not exempt.overlap(number.span) and not states_nothing(number, layout)
    ]
    lookup = Lookup(layout, numbers)
    unknown = [
        Mark(*each.span, content[slice(*each.span)], Status.UNKNOWN_ID)
        for each in layout.citations
        if each.unknown
    ]
    said = [*claims(layout)]
    by_sentence = {layout.sentence_of(span[0]): claim for span, claim in reversed(said)}
    found = [
        Mark(*each.span, each.text, *gave, by_sentence.get(layout.sentence_of(each.span[0]), ""))
        for each, gave in _with_multiples(layout, [(each, lookup.status(each)) for each in numbers])
    ]
    taken = Spans([*(each.span for each in numbers), *(each.span for each in layout.citations)])
    words = [
        Mark(*span, content[slice(*span)], Status(claim))
        for span, claim in said
        if not taken.overlap(span)
    ]
    return tuple(sorted((*unknown, *found, *words), key=lambda mark: mark.start))


_Given = tuple[Number, tuple[Status, tuple[str, ...]]]
#: Numbers to each side of "twice" that it may compare.
_BESIDE = 2


def _with_multiples(layout: Layout, given: Sequence[_Given]) -> Iterator[_Given]:
    """What was not found may be the quotient of the numbers beside it, in its sentence."""
    for place, (number, gave) in enumerate(given):
        if gave[0] is Status.NOT_FOUND:
            sentence = layout.sentence_of(number.span[0])
            beside = [
                (other, rows)
                for other, (status, rows) in given[max(0, place - _BESIDE) : place + _BESIDE + 1]
                if status in _GROUNDED and sentence[0] <= other.span[0] < sentence[1]
            ]
            if rows := multiple_of(number, beside):
                yield number, (Status.DERIVED, rows)
                continue
        yield number, gave


_NO_NUMBERS = frozenset({Status.UNKNOWN_ID, Status.FUTURE, Status.CAUSE})
_GROUNDED = frozenset({Status.GROUNDED, Status.DERIVED})


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """What the marks of an answer come to."""

    marks: Sequence[Mark]

    @property
    def total(self) -> int:
        """Numbers that were looked up."""
        return sum(mark.status not in _NO_NUMBERS for mark in self.marks)

    @property
    def grounded(self) -> int:
        """Numbers that were found, the derived ones included."""
        return self.total - len(self.ungrounded)

    @property
    def derived(self) -> int:
        """Numbers that follow from cited cells."""
        return sum(mark.status is Status.DERIVED for mark in self.marks)

    @property
    def ungrounded(self) -> tuple[str, ...]:
        """Numbers that were not found, or found of something else, as the answer writes them."""
        return tuple(mark.text for mark in self.marks if mark.status not in _NO_NUMBERS | _GROUNDED)

    @property
    def misattributed(self) -> tuple[str, ...]:
        """Of these, the numbers that the evidence holds of something else."""
        return tuple(mark.text for mark in self.marks if mark.status is Status.MISATTRIBUTED)
