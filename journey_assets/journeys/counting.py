"""Counting: every count over every part of the persons, and the sums over all parts.

Belongs here: what a count declares, threads, and merging. Does not belong here: what is counted (the
``count.py`` of each entry), what is read (:mod:`journey_assets.journeys.window`), figures.

A count is additive: over any split of the persons its columns sum to those of the whole. So persons
are split as memory and threads ask for, and no figure depends on how.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from journey_assets.journeys.events import BYTES_PER_EVENT, parts_for, read_part
from journey_assets.journeys.paths import (
    ENDINGS,
    Events,
    Paths,
    Persons,
    Rules,
    Whose,
    Window,
    arrange,
)
from journey_assets.journeys.persons import persons_of, traits_of
from journey_assets.journeys.window import Loaded
from journey_assets.warehouse.arrow import arrow_table
from journey_assets.warehouse.database import Session

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

#: Columns by name: the keys and the values of a relation, an element per row.
Columns = Mapping[str, Any]

#: The columns of a relation, by its name, that some persons of an as_of give.
Counted = tuple[str, date, Columns]

#: Persons with fewer events than this are not worth a thread of their own.
_FEWEST_EVENTS = 200_000

#: The SQL type of a key; every other key is a BIGINT.
_KEYS = {
    "cohort": "getvariable('journeys_cohorts')[cohort + 1]::journey_cohort",
    "focus": "getvariable('journeys_cohorts')[focus + 1]::journey_cohort",
    "event": "event::UINTEGER",
    "next_event": "nullif(next_event, 0)::UINTEGER",
    "ending": f"{list(ENDINGS)}[ending]::journey_ending",
}


@dataclass(frozen=True)
class Task:
    """What a count is told: the rules, the window, and the persons whose paths it gets.

    asked: what :attr:`Count.ask` gave for the window, None in the first pass.
    """

    rules: Rules
    window: Window
    persons: Persons
    asked: Any = None


@dataclass(frozen=True)
class Count:
    """Additive columns over paths, in the session tables ``journey_<relation>``.

    module: where ``count(paths, task)`` is, which gives the columns of each relation; it is compiled,
    and imported only when there is something to count. relations: the keys by relation (as_of comes
    before them); all other columns are summed. of: whose paths it gets. traits: it
    reads platform and country; counts of those who are compared may read them in any case. rows: nothing
    is summed, a row is as it was given. prefix: stands before the names that the module gives its relations.
    ask: what the count needs to know besides, by as_of: of what the session holds before the pass. Over
    events such a count comes in a second pass, and may ask of the first pass's relations.
    """

    module: str
    relations: Mapping[str, tuple[str, ...]] = field(hash=False)
    of: Whose = "regular"
    traits: bool = False
    rows: bool = False
    prefix: str = ""
    ask: "Callable[[DuckDBPyConnection, Rules], Mapping[date, Any]] | None" = None


def among_compared(count: Count) -> Count:
    """The same count of those alone who are compared, in relations named ``compared_…``."""
    relations = {f"compared_{name}": keys for name, keys in count.relations.items()}
    return replace(count, relations=relations, of="compared", prefix="compared_")


class Piece(Protocol):
    """Some persons of an as_of; their paths are laid out when the turn comes to them."""

    @property
    def window(self) -> Window:
        """The as_of with its window."""

    def paths(self) -> Paths:
        """The paths of the persons."""

    def task(self, asked: Any) -> Task:
        """What a count is told of them."""


class Pass:
    """Counts over pieces, part by part, and then the sums over all parts.

    counts: with what each asked for, by as_of.
    """

    def __init__(
        self, con: "DuckDBPyConnection", counts: Mapping[Count, Mapping[date, Any]]
    ) -> None:
        self._asked = counts
        self._merged = {
            name: _Merged(con, name, keys, rows=count.rows)
            for count in counts
            for name, keys in count.relations.items()
        }

    def count(self, pieces: Iterable[Piece]) -> None:
        """Count over the pieces of a part, at least one, which may all be in memory together."""
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            self.add(
                each
                for found in threads.map(partial(count_piece, asked=self._asked), pieces)
                for each in found
            )

    def add(self, counts: Iterable[Counted]) -> None:
        """Add what was counted over a part, at least one piece of it."""
        for name, as_of, columns in counts:
            self._merged[name].add(as_of, columns)
        for relation in self._merged.values():
            relation.flush()

    def finish(self) -> None:
        """Leave the relations of the counts."""
        for relation in self._merged.values():
            relation.finish()


def count_piece(piece: Piece, asked: Mapping[Count, Mapping[date, Any]]) -> list[Counted]:
    """What the counts, with what each asked for by as_of, find in a piece."""
    as_of = piece.window.as_of
    found: list[Counted] = []
    # Where everyone is compared there is one answer to what is counted of both.
    same: dict[tuple[str, int], Mapping[str, Columns]] = {}
    for count, known in asked.items():
        paths, given = piece.paths().of(count.of), known.get(as_of)
        columns = same.get((count.module, id(paths)))
        if columns is None or given is not None:
            columns = import_module(count.module).count(paths, piece.task(given))
            same[count.module, id(paths)] = columns
        found += [(count.prefix + name, as_of, each) for name, each in columns.items()]
    return found


class Counting:
    """The counts of a batch of as_ofs."""

    def __init__(
        self, session: Session, loaded: Loaded, memory_bytes: int, least_parts: int = 1
    ) -> None:
        self._session, self._loaded = session, loaded
        self._threads = os.cpu_count() or 1
        self._memory_bytes = memory_bytes
        self._parts = parts_for(session.con, loaded.events, memory_bytes, least_parts)
        self._events: tuple[int, Events] | None = None
        self._persons: tuple[date, Persons, NDArray[np.int64]] | None = None
        self._traits: Mapping[str, NDArray[np.int64]] | None = None

    def run(
        self,
        windows: Sequence[Window],
        counts: Sequence[Count],
        between: "Callable[[DuckDBPyConnection], None]",
    ) -> None:
        """Leave the relations of ``counts``, of both passes, for the as_ofs of ``windows``.

        between: what is done with those of the first pass before the second is asked for.
        """
        con, rules = self._session.con, self._loaded.rules
        if self._traits is None and any(each.traits or each.of == "compared" for each in counts):
            self._traits = traits_of(self._session, self._loaded.days)
            self._persons = None
        laid_out: dict[int, list[Chunk]] = {}
        self._pass(windows, {count: {} for count in counts if count.ask is None}, laid_out)
        between(con)
        second = {count: count.ask(con, rules) for count in counts if count.ask is not None}
        if second:
            self._pass(windows, second, laid_out)

    def occurrences(self, windows: Sequence[Window]) -> "dict[date, NDArray[np.int64]]":
        """How often each step, by its code, occurs in each window among the persons counted there."""
        from journey_assets.journeys import kernels

        found: dict[date, NDArray[np.int64]] = {}
        for part in range(self._parts):
            for chunk in self._chunks(windows, part):
                window, persons, events = chunk.window, chunk.persons, chunk.events
                counted = kernels.steps_between(
                    persons.starts, persons.ids, persons.heavy, events.offset, events.rows,
                    window.low, window.high, self._loaded.rules.steps,
                )  # fmt: skip
                found[window.as_of] = found.get(window.as_of, 0) + counted
        return found

    def _pass(
        self,
        windows: Sequence[Window],
        counts: Mapping[Count, Mapping[date, Any]],
        laid_out: "dict[int, list[Chunk]]",
    ) -> None:
        """laid_out: the paths by part, where memory has room for them between the passes."""
        counting = Pass(self._session.con, counts)
        for part in range(self._parts):
            chunks = laid_out.pop(part, None) or self._chunks(windows, part)
            if self._parts == 1 and self._fits(windows):
                laid_out[part] = chunks
            counting.count(chunks)
        counting.finish()

    def _fits(self, windows: Sequence[Window]) -> bool:
        events = sum(self._loaded.events_of[window.as_of] for window in windows)
        return events * BYTES_PER_EVENT <= self._memory_bytes

    def _persons_of(self, window: Window, part: int) -> Persons:
        """Of one as_of in many parts the persons are looked up once."""
        import numpy as np

        if self._persons is None or self._persons[0] != window.as_of:
            loaded = self._loaded
            found = persons_of(self._session.con, window, loaded.rules, loaded.known, self._traits)
            self._persons = window.as_of, *found
        _, persons, parts = self._persons
        begin, stop = np.searchsorted(parts, [part, part + 1])
        return persons.part(int(begin), int(stop))

    def _read(self, part: int) -> Events:
        if self._events is None or self._events[0] != part:
            self._events = None  # before the next part takes its memory
            events = read_part(self._session, self._loaded.source, part, self._parts)
            self._events = part, events
        return self._events[1]

    def _chunks(self, windows: Sequence[Window], part: int) -> "list[Chunk]":
        """The persons of each window, in as many pieces as threads are worth their while."""
        import numpy as np

        from journey_assets.journeys import kernels

        events, chunks = self._read(part), []
        for window in windows:
            persons = self._persons_of(window, part)
            sizes = kernels.events_between(
                persons.starts, persons.ids, events.offset, events.rows, window.low, window.high
            )
            before = np.cumsum(sizes)
            total = int(before[-1]) if len(before) else 0
            pieces = max(min(self._threads, total // _FEWEST_EVENTS), 1)
            cuts = np.searchsorted(before, [total * n // pieces for n in range(1, pieces)])
            edges = [0, *map(int, cuts), len(persons)]
            chunks += [
                Chunk(self._loaded.rules, window, persons.part(begin, stop), events)
                for begin, stop in pairwise(edges)
            ]
        return chunks


@dataclass
class Chunk:
    """Some persons of a window; their paths are laid out once, by the thread that counts them."""

    rules: Rules
    window: Window
    persons: Persons
    events: Events
    _paths: Paths | None = None

    def paths(self) -> Paths:
        """The paths of the persons."""
        if self._paths is None:
            self._paths = arrange(self.events, self.persons, self.window, self.rules)
        return self._paths

    def task(self, asked: Any) -> Task:
        """What a count is told of them."""
        return Task(self.rules, self.window, self.persons, asked)


class _Merged:
    """One relation: columns are gathered, put into the session part by part, and summed at the end."""

    def __init__(
        self, con: "DuckDBPyConnection", name: str, keys: Sequence[str], *, rows: bool
    ) -> None:
        self._con, self._name, self._keys, self._rows = con, name, keys, rows
        self._gathered: list[tuple[date, Columns]] = []
        self._made = False

    def add(self, as_of: date, columns: Columns) -> None:
        self._gathered.append((as_of, columns))

    def flush(self) -> None:
        """Put what was gathered into the session, where it may spill."""
        import numpy as np
        import pyarrow as pa

        tables = [
            arrow_table(
                {"as_of": np.full(len(next(iter(columns.values()))), as_of, dtype="datetime64[D]")}
                | {name: _whole(values) for name, values in columns.items()}
            )
            for as_of, columns in self._gathered
        ]
        self._gathered.clear()
        self._con.register("gathered", pa.concat_tables(tables))
        how = (
            f"INSERT INTO counted_{self._name}"
            if self._made
            else (f"CREATE OR REPLACE TEMP TABLE counted_{self._name} AS")
        )
        self._con.execute(f"{how} FROM gathered")
        self._con.unregister("gathered")
        self._made = True

    def finish(self) -> None:
        """Leave ``journey_<name>``: the sums over all parts."""
        keys = "".join(f"{_KEYS.get(key, key)} AS {key}, " for key in self._keys)
        if self._rows:
            self._con.execute(
                f"CREATE OR REPLACE TEMP VIEW journey_{self._name} AS SELECT {keys}"
                f"* EXCLUDE ({', '.join(self._keys)}) FROM counted_{self._name}"
            )
            return
        described = self._con.execute(f"DESCRIBE counted_{self._name}").fetchall()
        values = [name for name, *_ in described if name not in ("as_of", *self._keys)]
        sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in values)
        self._con.execute(
            f"CREATE OR REPLACE TEMP TABLE journey_{self._name} AS SELECT as_of, {keys}{sums} "
            f"FROM counted_{self._name} GROUP BY ALL"
        )
        self._con.execute(f"DROP TABLE counted_{self._name}")


def _whole(values: Any) -> Any:
    """An array of NumPy as whole numbers of 64 bits, or an array of Arrow as it is."""
    import numpy as np

    return np.asarray(values, dtype=np.int64) if isinstance(values, np.ndarray) else values
