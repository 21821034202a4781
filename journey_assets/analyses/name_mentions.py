"""Where a text speaks of names: events, segments, flows.

Belongs here: finding many names in a long text at once, whatever their case, underscores and hyphens.
Does not belong here: what a mention means (:mod:`journey_assets.analyses.number_attribution`).
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from journey_assets.analyses.numerals import Span, plain

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that speaks of a name, which is given as the words of :func:`words_of`."""

    span: Span
    words: tuple[str, ...]


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, case folded: how names are compared with prose."""
    return tuple(word.casefold() for word in _WORD.findall(plain(name)))


class Mentions:
    """The mentions of ``names`` in a text, the longest name first, without overlap.

    text: as :func:`~journey_assets.analyses.numerals.plain` gives it. A plural will do.
    """

    def __init__(self, text: str, names: Iterable[tuple[str, ...]]) -> None:
        by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for words in sorted({*names} - {()}, key=len, reverse=True):
            by_first[words[0]].append(words)
            if len(words) == 1:
                by_first[f"{words[0]}s"].append(words)
        found = [(match.group().casefold(), match.span()) for match in _WORD.finditer(text)]
        self.all = tuple(_mentions(found, by_first))
        self._starts = [each.span[0] for each in self.all]

    def within(self, span: Span) -> Sequence[Mention]:
        """The mentions that begin within ``span``."""
        first, last = (bisect_left(self._starts, place) for place in span)
        return self.all[first:last]


def _mentions(
    found: Sequence[tuple[str, Span]], by_first: dict[str, list[tuple[str, ...]]]
) -> Iterable[Mention]:
    place = 0
    while place < len(found):
        for words in by_first.get(found[place][0], ()):
            said = [word for word, _ in found[place : place + len(words)]]
            whole = len(said) == len(words) and said[:-1] == [*words[:-1]]
            if whole and said[-1] in {words[-1], f"{words[-1]}s"}:
                last = place + len(words) - 1
                yield Mention((found[place][1][0], found[last][1][1]), words)
                place = last
                break
        place += 1
