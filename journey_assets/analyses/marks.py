"""The number check: a mark for every number of an answer, with the rows of the evidence that hold it.

Belongs here: going through an answer, and the marks. Does not belong here: how one number is looked
up (:mod:`journey_assets.analyses.number_lookup`). Numbers that state nothing about the data get no
mark (:mod:`journey_assets.analyses.number_exemptions` lists which).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from journey_assets.analyses.answer_layout import Layout, Spans
from journey_assets.analyses.evidence import Evidence
from journey_assets.analyses.number_exemptions import exempt_spans, states_nothing
from journey_assets.analyses.number_lookup import Lookup, Status
from journey_assets.analyses.number_reading import read_numbers

__all__ = ["Mark", "NumberCheck", "Status", "marked"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A number in the answer: characters ``start`` to ``end``, status, rows that hold it."""

    start: int
    end: int
    text: str
    status: Status
    rows: tuple[str, ...] = ()


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
        if not exempt.overlap(number.span)
        and not states_nothing(number, layout)
    ]
    lookup = Lookup(layout, numbers)
    unknown = [
        Mark(*each.span, content[slice(*each.span)], Status.UNKNOWN_ID)
        for each in layout.citations
        if each.unknown
    ]
    found = [Mark(*each.span, each.text, *lookup.status(each)) for each in numbers]
    return tuple(sorted((*unknown, *found), key=lambda mark: mark.start))


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """What the marks of an answer come to."""

    marks: Sequence[Mark]

    @property
    def total(self) -> int:
        """Numbers that were looked up."""
        return sum(mark.status is not Status.UNKNOWN_ID for mark in self.marks)

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
        """Numbers that were not found, as the answer writes them."""
        return tuple(mark.text for mark in self.marks if mark.status is Status.NOT_FOUND)
