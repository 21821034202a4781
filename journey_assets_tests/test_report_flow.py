"""The flow of a report: exact counts from step to step, and a drawing in which nothing overlaps."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from journey_assets.reports.flow import Band, Flow, Kind, Move, Node, flows
from journey_assets.reports.flow_layout import Size, lay_out
from journey_assets.reports.flow_view import flow_table, flow_views
from journey_assets.reports.reading import FLOW_STEPS, count_moves, register_prefixes

EVENTS = 2
Path = tuple[str, tuple[str, ...], str]

paths = st.lists(
    st.tuples(
        st.sampled_from(["converter", "non_converter"]),
        st.lists(st.sampled_from("abcdef"), min_size=1, max_size=FLOW_STEPS + 3).map(tuple),
        st.sampled_from(["exit", "conversion", "censored", "cut"]),
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def moves_of(con: duckdb.DuckDBPyConnection, found: Sequence[Path]) -> list[Move]:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE given (as_of DATE, cohort VARCHAR, ending VARCHAR, "
        "collapsed_events VARCHAR[], n_collapsed BIGINT)"
    )
    con.executemany(
        "INSERT INTO given VALUES ('2026-11-20', ?, ?, ?, ?)",
        [[cohort, ending, list(events), len(events)] for cohort, events, ending in found],
    )
    register_prefixes(con, "FROM given", [])
    return [move for moves in count_moves(con, EVENTS).values() for move in moves]


def arriving(flow: Flow) -> Counter[Node]:
    found: Counter[Node] = Counter()
    for link in flow.links:
        found[link.target] += link.persons
    return found


@given(paths)
@hypothesis_settings(max_examples=20)
def test_whoever_arrives_leaves_and_the_ends_sum_to_the_cohort(
    con: duckdb.DuckDBPyConnection, found: Sequence[Path]
) -> None:
    sizes = Counter(cohort for cohort, _, _ in found)
    for flow in flows(moves_of(con, found)):
        nodes = [node for column in flow.columns for node in column]
        arrived = arriving(flow)
        assert flow.persons == sizes[flow.cohort]
        for node in nodes:
            gone = sum(link.persons for link in flow.leaving()[node])
            assert gone == (0 if node.band.kind.ends else node.persons)
            assert node.step == 1 or arrived[node] == node.persons
        assert sum(n.persons for n in nodes if n.band.kind.ends) == flow.persons


@given(paths)
@hypothesis_settings(max_examples=20)
def test_a_band_counts_the_paths_that_are_there_and_other_is_exactly_the_rest(
    con: duckdb.DuckDBPyConnection, found: Sequence[Path]
) -> None:
    for flow in flows(moves_of(con, found)):
        for step, column in enumerate(flow.columns[:FLOW_STEPS], start=1):
            there = Counter(
                events[step - 1]
                for cohort, events, _ in found
                if cohort == flow.cohort and len(events) >= step
            )
            events = {n.band.event: n.persons for n in column if n.band.kind is Kind.EVENT}
            assert all(there[event] == persons for event, persons in events.items())
            rest = sum(there.values()) - sum(events.values())
            assert rest == sum(n.persons for n in column if n.band.kind is Kind.OTHER)
            if rest:
                assert len(events) == EVENTS
                assert min(events.values()) >= max(there[e] for e in there if e not in events)


@given(paths)
@hypothesis_settings(max_examples=20)
def test_no_two_bands_of_a_step_overlap_and_streams_fill_their_bands(
    con: duckdb.DuckDBPyConnection, found: Sequence[Path]
) -> None:
    size = Size()
    for flow in flows(moves_of(con, found)):
        layout = lay_out(flow, size)
        for x in layout.columns:
            boxes = sorted((box for box in layout.boxes if box.x == x), key=lambda box: box.y)
            assert all(a.y + max(a.slot, a.height) < b.y for a, b in pairwise(boxes))
            assert boxes[0].y >= 0
            assert boxes[-1].y + boxes[-1].slot <= size.height + 1e-6
        for box in layout.boxes:
            for ribbons in (
                sorted((r.y0, r.height) for r in layout.ribbons if r.link.source == box.node),
                sorted((r.y1, r.height) for r in layout.ribbons if r.link.target == box.node),
            ):
                assert all(a[0] + a[1] == pytest.approx(b[0]) for a, b in pairwise(ribbons))
                if ribbons:
                    assert ribbons[0][0] == pytest.approx(box.y)
                    assert sum(height for _, height in ribbons) == pytest.approx(box.height)


def test_heights_are_in_one_proportion_to_persons(con: duckdb.DuckDBPyConnection) -> None:
    found = [("converter", ("a", "b"), "conversion")] * 9 + [("converter", ("c",), "exit")]
    layout = lay_out(flows(moves_of(con, found))[0], Size())
    assert {round(box.height / box.node.persons, 9) for box in layout.boxes} == {
        round(layout.scale, 9)
    }


def test_a_path_longer_than_the_drawing_goes_on_whatever_its_ending(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = [("converter", ("a", "b") * FLOW_STEPS, "conversion")]
    last = flows(moves_of(con, found))[0].columns[-1]
    assert [node.band for node in last] == [Band(Kind.LATER)]


def test_a_single_event_left_over_stands_alone(con: duckdb.DuckDBPyConnection) -> None:
    found = [("converter", (event,), "exit") for event in "aabbc"]
    first = flows(moves_of(con, found))[0].columns[0]
    assert [(node.band.event, node.persons) for node in first] == [("a", 2), ("b", 2), ("c", 1)]


def test_an_event_called_other_is_not_the_rest(con: duckdb.DuckDBPyConnection) -> None:
    found = [("converter", (event,), "exit") for event in ("other", "other", "a", "a", "b", "c")]
    first = flows(moves_of(con, found))[0].columns[0]
    assert {node.band: node.persons for node in first} == {
        Band(Kind.EVENT, "a"): 2,
        Band(Kind.EVENT, "other"): 2,
        Band(Kind.OTHER): 2,
    }


def test_moves_that_lose_somebody_are_refused() -> None:
    a, b = Band(Kind.EVENT, "a"), Band(Kind.EVENT, "b")
    with pytest.raises(ValueError, match="3 persons arrive"):
        flows([Move("converter", 1, a, b, 3), Move("converter", 2, b, Band(Kind.EXIT), 2)])


def test_an_event_has_one_colour_in_both_diagrams(con: duckdb.DuckDBPyConnection) -> None:
    found = [("converter", ("b", "a"), "conversion"), ("non_converter", ("a",), "exit")]
    views = flow_views(flows(moves_of(con, found)), "persons", ("b",))
    colours = [{box.label: box.colour for box in view.boxes} for view in views]
    assert colours[0]["b"] == "c0"
    assert colours[0]["a"] == colours[1]["a"] == "c1"


def test_a_band_says_its_count_its_share_and_where_its_persons_go(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = [("converter", ("a", "b"), "conversion")] * 3 + [("converter", ("a",), "exit")]
    view = flow_views(flows(moves_of(con, found)), "persons")[0]
    assert view.boxes[0].readout == [
        "a, step 1: 4 persons, 100.0% of the cohort",
        "→ b 3 (75.0%) · left 1 (25.0%)",
    ]


def test_the_table_of_the_diagram_holds_every_link(con: duckdb.DuckDBPyConnection) -> None:
    found = [("converter", ("a", "b"), "conversion")] * 3 + [("converter", ("a",), "exit")]
    flow = flows(moves_of(con, found))[0]
    rows = [[cell.text for cell in row.cells] for row in flow_table(flow, "persons").rows]
    assert rows == [
        ["1", "a", "b", "3", "75.0%", "75.0%"],
        ["1", "a", "left", "1", "25.0%", "25.0%"],
        ["2", "b", "converted", "3", "100.0%", "75.0%"],
    ]


def test_cohorts_that_are_compared_come_before_those_left_out() -> None:
    ends = [
        Move(cohort, 1, Band(Kind.EVENT, "a"), Band(Kind.EXIT), 1)
        for cohort in ("earlier_converter", "non_converter", "converter")
    ]
    assert [flow.cohort for flow in flows(ends)] == [
        "converter",
        "non_converter",
        "earlier_converter",
    ]
