"""The longest order of events that many paths have in common.

Belongs here: the search, on codes. Does not belong here: reading paths, names, shares or verdicts
(:mod:`~.readings`).

A path counts by the first occurrence of each of its events. A sequence is *in* a path when its events
occur there for the first time in this order, with others between. Without that, a loop walked twenty
times would hold nearly every order of its events, the longest sequence would be made of loops, and
there would be factorially many of them; with it an event stands at most once in a sequence, and two
opposite orders are never both in one path.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Words of 64 paths that a search may look at, some ten seconds. A search that would pass it says so.
WORK_LIMIT = 4_000_000_000
#: Orders that are looked at together.
_SLICE = 20_000
#: What a step of the search costs besides, and each event that it looks at, in words.
_WORDS_PER_STEP = 20_000
_WORDS_PER_CANDIDATE = 400


@dataclass(frozen=True)
class CommonSubsequence:
    """Codes in order; how many paths have it; False for ``exact``: a better one may exist."""

    events: tuple[int, ...]
    support: int
    exact: bool


@dataclass(frozen=True)
class FirstOrders:
    """Distinct orders of first occurrences: their codes end to end, how many each has, persons of each."""

    events: "NDArray[np.integer[Any]]"
    lengths: "NDArray[np.int64]"
    persons: "NDArray[np.int64]"

    def slices(
        self,
    ) -> "Iterator[tuple[NDArray[np.integer[Any]], NDArray[np.int64], NDArray[np.int64]]]":
        """The same, so many orders at a time that what is made of them is small."""
        import numpy as np

        ends = np.cumsum(self.lengths)
        for first in range(0, len(self.lengths), _SLICE):
            lengths = self.lengths[first : first + _SLICE]
            stop = int(ends[first + len(lengths) - 1])
            events = self.events[stop - int(lengths.sum()) : stop]
            yield events, lengths, self.persons[first : first + _SLICE]

    @classmethod
    def of(cls, orders: Mapping[tuple[int, ...], int]) -> "FirstOrders":
        """The same of persons by order."""
        import numpy as np

        return cls(
            np.array([event for order in orders for event in order], dtype=np.int64),
            np.array([len(order) for order in orders], dtype=np.int64),
            np.array(list(orders.values()), dtype=np.int64),
        )


def longest_common_subsequence(
    first_orders: FirstOrders, fewest: int, work_limit: int = WORK_LIMIT
) -> CommonSubsequence:
    """The longest sequence in at least ``fewest`` paths (1 or more).

    first_orders: the paths by their events in the order of first occurrences. Among the longest it is the
    one in the most paths, then the first by codes. It is closed: a longer sequence in as many paths
    would have been found instead. Empty when no event is in ``fewest`` paths.

    The order of patterns is PrefixSpan's (Pei et al., ICDE 2001): grow a prefix by the events that
    stay frequent behind it, depth first. A path's part behind a prefix depends on the prefix's last
    event alone, so projections are intersections of bit sets, one per pair of events. A prefix is
    given up when the longest way through its frequent successors could not beat the best so far.
    """
    first = _FirstOccurrences.of(first_orders, fewest)
    search = _Search(first, fewest, work_limit)
    search.run()
    best = search.best
    return CommonSubsequence(
        tuple(first.codes[event] for event in best.events), best.support, search.exact
    )


@dataclass(frozen=True)
class _FirstOccurrences:
    """The events in enough paths, as rows by code, and bit sets of paths.

    codes, supports: of each row. members: the paths that have it. followers: the rows that come
    behind it in enough paths, ascending, and ``behind`` the paths of each; ``followers_mask`` the
    same rows as bits of an integer.
    """

    codes: list[int]
    supports: list[int]
    members: "list[NDArray[np.uint64]]"
    followers: "list[NDArray[np.int64]]"
    behind: "list[NDArray[np.uint64]]"
    followers_mask: list[int]

    @classmethod
    def of(cls, first_orders: FirstOrders, fewest: int) -> "_FirstOccurrences":
        import numpy as np

        codes, place_of = _places(first_orders, fewest)
        # Behind every place, so that an event that is missing comes before nothing.
        missing = np.iinfo(place_of.dtype).max
        found = cls(codes.tolist(), [], [], [], [], [])
        for place in place_of:
            has = place < missing
            found.supports.append(int(np.count_nonzero(has)))
            found.members.append(_packed(has))
            followers, behind = [], []
            for row, other in enumerate(place_of):
                bits = (place < other) & (other < missing)
                if np.count_nonzero(bits) >= fewest:
                    followers.append(row)
                    behind.append(_packed(bits))
            found.followers.append(np.array(followers, dtype=np.int64))
            found.behind.append(np.array(behind, dtype=np.uint64))
            found.followers_mask.append(_mask(followers))
        return found


def _places(
    first_orders: FirstOrders, fewest: int
) -> "tuple[NDArray[np.int64], NDArray[np.unsignedinteger[Any]]]":
    """Codes in ``fewest`` paths or more, ascending; the place of each (row) in the order of each path
    (column), the largest number where it has none.
    """
    import numpy as np

    width = int(first_orders.events.max(initial=0)) + 1
    supports = np.zeros(width)
    for events, lengths, persons in first_orders.slices():
        supports += np.bincount(events, weights=np.repeat(persons, lengths), minlength=width)
    codes = np.flatnonzero(supports >= fewest)
    longest = int(first_orders.lengths.max(initial=0))
    type_ = np.uint16 if longest < np.iinfo(np.uint16).max else np.uint32
    missing, total = np.iinfo(type_).max, int(first_orders.persons.sum())
    place_of = np.full((len(codes), total), missing, dtype=type_)
    column = 0
    for events, lengths, persons in first_orders.slices():
        # A path is a column for each person who has it.
        own = np.full((len(codes), len(lengths)), missing, dtype=type_)
        within = np.arange(len(events)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        path = np.repeat(np.arange(len(lengths)), lengths)
        for row, code in enumerate(codes):
            here = np.flatnonzero(events == code)
            own[row, path[here]] = within[here]
        several = int(persons.sum())
        place_of[:, column : column + several] = np.repeat(own, persons, axis=1)
        column += several
    return codes, place_of


def _packed(bits: "NDArray[np.bool_]") -> "NDArray[np.uint64]":
    import numpy as np

    octets = np.packbits(bits)
    return np.pad(octets, (0, -len(octets) % 8)).view(np.uint64)


@dataclass(frozen=True)
class _Found:
    """A sequence of rows and its support."""

    events: tuple[int, ...] = ()
    support: int = 0

    def beats(self, other: "_Found") -> bool:
        if len(self.events) != len(other.events):
            return len(self.events) > len(other.events)
        return (-self.support, self.events) < (-other.support, other.events)


@dataclass
class _Search:
    first: _FirstOccurrences
    fewest: int
    work_left: int
    best: _Found = field(default_factory=_Found)
    exact: bool = True

    def run(self) -> None:
        """Leave the best sequence in ``best``."""
        supports = self.first.supports
        everything = (1 << len(supports)) - 1
        for row in _in_turn(supports):
            self._grow(_Found((row,), supports[row]), self.first.members[row], everything)

    def _grow(self, prefix: _Found, paths: "NDArray[np.uint64]", frequent: int) -> None:
        """Look at ``prefix``, which ``paths`` have, and all that begins with it.

        frequent: the rows that may follow, as bits; one that is not frequent behind a part of the
        prefix is not frequent behind the whole.
        """
        import numpy as np

        if prefix.beats(self.best):
            self.best = prefix
        last = prefix.events[-1]
        candidates = self.first.followers_mask[last] & frequent
        needed = self._needed(prefix, candidates)
        if needed is None:
            return
        followers = self.first.followers[last]
        chosen = [place for place, row in enumerate(followers.tolist()) if candidates >> row & 1]
        self.work_left -= _WORDS_PER_STEP + len(chosen) * (len(paths) + _WORDS_PER_CANDIDATE)
        if self.work_left < 0:
            self.exact = False
            return
        projected = self.first.behind[last][chosen] & paths
        supports = np.bitwise_count(projected).sum(axis=1, dtype=np.int64)
        enough = np.flatnonzero(supports >= needed)
        rows = followers[chosen][enough].tolist()
        still_frequent = _mask(rows)
        for number in _in_turn(supports[enough].tolist()):
            place = enough[number]
            longer = _Found((*prefix.events, rows[number]), int(supports[place]))
            self._grow(longer, projected[place], still_frequent)

    def _needed(self, prefix: _Found, candidates: int) -> int | None:
        """The support that events behind ``prefix`` need to lead to something better than the best;
        None when nothing does.
        """
        missing = len(self.best.events) - len(prefix.events)
        if not candidates or candidates.bit_count() < missing:
            return None
        longest = self._longest_way(candidates)
        if longest > missing:
            return self.fewest
        same = prefix.events <= self.best.events[: len(prefix.events)]
        if longest < missing or prefix.support < self.best.support + (not same):
            return None
        return self.best.support

    def _longest_way(self, rows: int) -> int:
        """A bound of how many of ``rows`` (bits) can follow each other in frequent pairs.

        Peels off those that none of the rest comes before, layer by layer: a way takes at most one
        of a layer. What is left when no layer can be peeled goes in circles and counts whole.
        """
        layers = 0
        while rows:
            after, rest = 0, rows
            while rest:
                lowest = rest & -rest
                after |= self.first.followers_mask[lowest.bit_length() - 1]
                rest ^= lowest
            left = rows & after
            if left == rows:
                return layers + rows.bit_count()
            rows = left
            layers += 1
        return layers


def _mask(rows: list[int]) -> int:
    return sum(1 << row for row in rows)


def _in_turn(supports: list[int]) -> list[int]:
    """What most paths have first: a good sequence found early spares the search the others."""
    return sorted(range(len(supports)), key=lambda number: (-supports[number], number))
