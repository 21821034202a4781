"""The flow of a cohort from step to step, exact: every person is in it once at every step.

Belongs here: putting counted moves together to columns of nodes and the links between them. Does not
belong here: counting (``flow.sql``) and drawing (:mod:`journey_assets.reports.flow_layout`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a band stands for; all but the first two are where paths end."""

    EVENT = "event"
    OTHER = "other"  #: the events too rare at the step to stand alone, together
    CONVERSION = "conversion"
    LATER = "later"  #: the path goes on beyond the steps shown
    CUT = "cut"  #: the path goes on beyond a limit of the settings
    CENSORED = "censored"  #: still active when the observed time ended
    EXIT = "exit"

    @property
    def ends(self) -> bool:
        """Whether nothing leaves the band."""
        return self not in {Kind.EVENT, Kind.OTHER}


@dataclass(frozen=True, slots=True)
class Band:
    """What persons do at a step: an event by name, or one of the other kinds."""

    kind: Kind
    event: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """Persons of a cohort who are in ``source`` at ``step`` and in ``target`` next."""

    cohort: str
    step: int
    source: Band
    target: Band
    persons: int


@dataclass(frozen=True, slots=True)
class Node:
    """A band at a step; ends stand one step after the last event of their paths."""

    step: int
    band: Band
    persons: int


@dataclass(frozen=True, slots=True)
class Link:
    """Persons who go from a node to one of the next step."""

    source: Node
    target: Node
    persons: int


@dataclass(frozen=True, slots=True)
class Flow:
    """A cohort's flow. columns: the nodes of each step, from step 1; most persons first."""

    cohort: str
    persons: int
    columns: tuple[tuple[Node, ...], ...]
    links: tuple[Link, ...]

    def leaving(self) -> dict[Node, list[Link]]:
        """The links by the node they leave, most persons first; ends have none."""
        found: dict[Node, list[Link]] = {node: [] for column in self.columns for node in column}
        for link in self.links:
            found[link.source].append(link)
        return found


#: Cohorts that no comparison holds: they come behind those that are compared.
_LEFT_OUT = frozenset({"earlier_converter", "both_lists"})


def flows(moves: Iterable[Move]) -> tuple[Flow, ...]:
    """The flow of each cohort, those that are compared first, in the order of their names.

    The moves must be whole: who arrives somewhere also leaves, or the band is an end. Raises
    ValueError when they are not.
    """
    by_cohort: dict[str, list[Move]] = {}
    for move in moves:
        by_cohort.setdefault(move.cohort, []).append(move)
    order = sorted(by_cohort, key=lambda cohort: (cohort in _LEFT_OUT, cohort))
    return tuple(_flow(cohort, by_cohort[cohort]) for cohort in order)


def event_order(found: Sequence[Flow]) -> tuple[str, ...]:
    """All events that have a node, those that most persons pass first; ties by name."""
    persons: Counter[str] = Counter()
    for flow in found:
        for node in (node for column in flow.columns for node in column):
            if node.band.kind is Kind.EVENT:
                persons[node.band.event] += node.persons
    return tuple(sorted(persons, key=lambda event: (-persons[event], event)))


def _flow(cohort: str, moves: Sequence[Move]) -> Flow:
    arriving: Counter[tuple[int, Band]] = Counter()
    leaving: Counter[tuple[int, Band]] = Counter()
    for move in moves:
        leaving[move.step, move.source] += move.persons
        arriving[move.step + 1, move.target] += move.persons
    _check(cohort, arriving, leaving)
    sizes = arriving | leaving
    nodes = {place: Node(*place, persons) for place, persons in sizes.items()}
    last = max(step for step, _ in nodes)
    by_step: dict[int, list[Node]] = {step: [] for step in range(1, last + 1)}
    for node in nodes.values():
        by_step[node.step].append(node)
    columns = (tuple(sorted(column, key=_by_size)) for column in by_step.values())
    links = [
        Link(nodes[move.step, move.source], nodes[move.step + 1, move.target], move.persons)
        for move in moves
    ]
    links.sort(
        key=lambda link: (
            link.source.step,
            _by_size(link.source),
            -link.persons,
            _by_size(link.target),
        )
    )
    first = sum(persons for (step, _), persons in leaving.items() if step == 1)
    return Flow(cohort, first, tuple(columns), tuple(links))


def _check(
    cohort: str,
    arriving: Mapping[tuple[int, Band], int],
    leaving: Mapping[tuple[int, Band], int],
) -> None:
    for (step, band), persons in arriving.items():
        gone = leaving.get((step, band), 0)
        if gone != (0 if band.kind.ends else persons):
            raise ValueError(
                f"{cohort}, step {step}: {persons} persons arrive at {band} and {gone} leave"
            )
    if lost := [place for place in leaving if place[0] > 1 and place not in arriving]:
        raise ValueError(f"{cohort}: nobody arrives at {lost[0]}, but persons leave")


def _by_size(node: Node) -> tuple[int, str, str]:
    return -node.persons, node.band.kind, node.band.event
