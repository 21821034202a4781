"""Counts are additive over persons, and no figure depends on how the persons are split."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from journey_assets.journeys import counted as computing
from journey_assets.journeys import counting, events
from journey_assets.journeys.constants import set_constants
from journey_assets.journeys.counting import Count, Counting
from journey_assets.journeys.folding import fold, folds
from journey_assets.journeys.paths import Persons, Window
from journey_assets.journeys.statistics import STATISTICS, TABLES
from journey_assets.journeys.window import Loaded, load
from journey_assets.warehouse.database import Session
from journey_assets_tests.journeys_store import Row, Store
from journey_assets_tests.journeys_worlds import DAYS, World, stored, worlds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Each computes everything twice: few, and none to find a smaller one that fails.
examples = settings(max_examples=6, deadline=None, phases=[Phase.generate])
few_examples = settings(examples, max_examples=2)

Sums = dict[str, Counter[str]]


class _Split(Counting):
    """Counting in which every person goes to one of the shards that are given for them."""

    shards: Sequence[int] = ()

    def _chunks(self, windows: Any, part: int) -> Any:
        return [
            counting.Chunk(chunk.rules, chunk.window, some, chunk.events)
            for chunk in super()._chunks(windows, part)
            for some in _by_shard(chunk.persons, self.shards)
        ]


def _by_shard(persons: Persons, shards: Sequence[int]) -> Iterator[Persons]:
    if not len(persons):
        yield persons
        return
    of = np.resize(np.array(shards), len(persons))
    for shard in np.unique(of):
        mine = np.flatnonzero(of == shard)
        ids = [persons.ids[persons.starts[p] : persons.starts[p + 1]] for p in mine]
        yield Persons(
            np.cumsum([0, *map(len, ids)]),
            np.concatenate(ids),
            **{
                each.name: getattr(persons, each.name)[mine]
                for each in fields(persons)
                if each.name not in ("starts", "ids")
            },
        )


def _counted(
    session: Session, loaded: Loaded, counting_: type[Counting], counts: Sequence[Count]
) -> Sums:
    """Of every relation, each row with how often it stands there; what ``n`` counts, by its number."""
    con = session.con
    run = counting_(session, loaded, loaded.rules.settings.memory_bytes())
    windows: Sequence[Window] = loaded.windows
    if folds(loaded.rules):
        windows = fold(con, loaded.rules, windows, run.occurrences(windows))
    run.run(windows, counts, computing._leave_comparisons)
    return {name: _rows(con, count, name) for count in counts for name in count.relations}


def _rows(con: "DuckDBPyConnection", count: Count, name: str) -> Counter[str]:
    relation = con.execute(f"FROM journey_{name}")
    columns = [column for column, *_ in relation.description or ()]
    rows: Counter[str] = Counter()
    for row in relation.fetchall():
        told = dict(zip(columns, row, strict=True))
        number = told.pop("n", 1) if count.rows else 1
        rows[repr(sorted(told.items()))] += number
    return rows


@given(worlds, st.lists(st.integers(0, 4), min_size=1, max_size=30))
@examples
def test_the_counts_of_shards_sum_to_those_of_all_persons(world: World, shards: list[int]) -> None:
    counts = tuple(dict.fromkeys(count for each in STATISTICS for count in each.counts))
    split_counting = type("_SplitSo", (_Split,), {"shards": shards})
    with tempfile.TemporaryDirectory() as directory:
        store = stored(directory, world)
        with store.session() as session:
            loaded = load(session, DAYS, store.settings)
            set_constants(session.con, loaded.rules)
            whole = _counted(session, loaded, Counting, counts)
            split = _counted(session, loaded, split_counting, counts)
    assert split == whole


@given(worlds, st.sampled_from([2, 8]), st.integers(2, 4), st.booleans())
@few_examples
def test_no_figure_depends_on_memory_threads_or_batches(
    world: World, parts: int, threads: int, batched: bool
) -> None:
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        store = stored(directory, world)
        plain = _figures(store)
        patch.setattr(counting, "parts_for", _into(parts))
        patch.setattr(counting, "_FEWEST_EVENTS", 1)
        patch.setattr("os.cpu_count", lambda: threads)
        if batched:
            patch.setattr(computing, "BATCH_EVENTS", 1)
        assert _figures(store) == plain


def _into(parts: int) -> Callable[..., int]:
    """``parts_for`` of a memory that holds no more than one of ``parts`` parts."""

    def forced(con: "DuckDBPyConnection", number: int, _memory: int, _least: int = 1) -> int:
        return events.parts_for(con, parts, events.BYTES_PER_EVENT) if number else 1

    return forced


def _figures(store: Store) -> dict[str, list[dict[str, Any]]]:
    return {
        table.name: sorted(map(_rounded, rows), key=repr)
        for table, rows in store.all_figures(*TABLES, days=DAYS).items()
    }


def _rounded(row: Row) -> Row:
    """Sums of fractions come in another order with other threads: their last digits are free."""
    return {name: _rounded_value(value) for name, value in row.items()}


def _rounded_value(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return _rounded(value)
    if isinstance(value, list):
        return [_rounded_value(each) for each in value]
    return value
