"""Journeys against published answers of pm4py, retentioneering, scipy and lifelines."""

import json
import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.warehouse.schema import Table
from journey_assets_tests.journeys_store import Row, Store
from journey_assets_tests.published import AS_OF, DATA, SETS, answers, load, needs_published

pytestmark = needs_published


def _by_pair(rows: list[Row], column: str) -> dict[tuple[str, str], Any]:
    return {(row["from_event"], row["to_event"]): row[column] for row in rows}


Figures = dict[Table, list[Row]]


@pytest.fixture(scope="module", params=SETS)
def listed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Figures]:
    """A set's name and figures with its converters and non-converters as lists: nothing is cut."""
    name = str(request.param)
    store = load(tmp_path_factory.mktemp(name), name, lists=True)
    return name, store.all_figures(TRANSITIONS, LAST_EVENTS, SUMMARY, days=[AS_OF])


def test_transitions_equal_pm4py_on_every_edge(listed: tuple[str, Figures]) -> None:
    data_set, figures = listed
    edges: Counter[tuple[str, str]] = Counter()
    for row in figures[TRANSITIONS]:
        edges[row["from_event"], row["to_event"]] += row["occurrences"]
    expected = {(r["src"], r["dst"]): int(r["n"]) for r in answers(data_set, "pm4py_dfg.csv")}
    assert dict(edges) == expected


def test_shares_of_departures_equal_retentioneering_in_both_cohorts(
    listed: tuple[str, Figures],
) -> None:
    data_set, figures = listed
    for cohort, name in (("converter", "conv"), ("non_converter", "non")):
        shares = _by_pair([r for r in figures[TRANSITIONS] if r["cohort"] == cohort], "p_out")
        ends = {
            (r["event_type"], "path_end"): r["exit_rate"]
            for r in figures[LAST_EVENTS]
            if r["cohort"] == cohort
        }
        expected = {
            (r["src"], r["dst"]): float(r["p_out"])
            for r in answers(data_set, f"rete5_p_out_{name}.csv")
            if r["src"] != "path_start" and float(r["p_out"]) > 0
        }
        assert shares | ends == pytest.approx(expected, abs=1e-12)


@pytest.fixture(scope="module")
def one_cohort(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Transitions of rete_ecom with every path in one cohort, uncut: nobody has the event."""
    store = load(
        tmp_path_factory.mktemp("one"), "rete_ecom", lists=False, conversion_event="(none)"
    )
    return store.figures(TRANSITIONS, AS_OF)


def test_persons_and_times_equal_retentioneering(one_cohort: list[Row]) -> None:
    expected = {
        (r["src"], r["dst"]): r
        for r in answers("rete_ecom", "rete5_transitions.csv")
        if not {"path_start", "path_end"} & {r["src"], r["dst"]}
    }
    pairs = {pair: int(r["n"]) for pair, r in expected.items()}
    assert _by_pair(one_cohort, "occurrences") == pairs
    for ours, theirs in (
        ("persons", "paths"),
        ("p_out", "p_out"),
        ("median_seconds", "time_median_s"),
        ("p95_seconds", "time_q95_s"),
    ):
        wanted = {pair: float(r[theirs]) for pair, r in expected.items()}
        assert _by_pair(one_cohort, ours) == pytest.approx(wanted, rel=1e-9, abs=1e-9), ours


def test_median_times_equal_pm4py(one_cohort: list[Row]) -> None:
    expected = {
        (r["src"], r["dst"]): float(r["median_s"])
        for r in answers("rete_ecom", "pm4py_perf_dfg.csv")
    }
    assert _by_pair(one_cohort, "median_seconds") == pytest.approx(expected, abs=1e-9)


def test_the_retentioneering_package_counts_and_times_the_same(
    one_cohort: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "RETE_TRACKER_ENABLED", "false")
    monkeypatch.setitem(os.environ, "RETENTIONEERING_NO_TRACK", "1")
    retentioneering = pytest.importorskip("retentioneering")
    stream = retentioneering.datasets.load_ecom()
    for weight, column in (("count", "occurrences"), ("unique_paths", "persons")):
        matrix = stream.transition_graph_data(edge_weight=weight, path_col="user_id").stack()
        theirs = {
            pair: int(value)
            for pair, value in matrix.items()
            if value and not {"path_start", "path_end"} & set(pair)
        }
        assert _by_pair(one_cohort, column) == theirs


@pytest.fixture(scope="module")
def purchases(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return load(
        tmp_path_factory.mktemp("cut"), "rete_ecom", lists=False, conversion_event="purchase"
    )


def test_exits_and_visits_equal_the_reference_when_paths_end_with_the_purchase(
    purchases: Store,
) -> None:
    day = AS_OF + timedelta(days=1)  # a day after the last event, when nobody is still active
    figures = purchases.all_figures(LAST_EVENTS, STEP_FREQUENCIES, days=[day])
    exits: Counter[str] = Counter()
    visits: Counter[str] = Counter()
    for row in figures[LAST_EVENTS]:
        exits[row["event_type"]] += row["exits"]
    for row in figures[STEP_FREQUENCIES]:
        visits[row["event_type"]] += row["occurrences"]
    reference = answers("rete_ecom", "ref_exits.csv")
    assert {r["state"]: (int(r["exits"]), int(r["visits"])) for r in reference} == {
        state: (exits[state], count) for state, count in visits.items() if state != "purchase"
    }
    conversions = {r["event_type"]: r["conversions"] for r in figures[LAST_EVENTS]}
    assert conversions.pop("purchase") == 328
    assert set(conversions.values()) == {0}


def test_shares_of_all_exits_equal_the_reference(purchases: Store) -> None:
    rows = purchases.figures(LAST_EVENTS, AS_OF + timedelta(days=1))
    shares = {r["event_type"]: r["share_of_exits"] for r in rows if r["cohort"] == "non_converter"}
    expected = {
        r["state"]: float(r["share_of_all_exits"])
        for r in answers("rete_ecom", "ref_exits.csv")
        if int(r["exits"])
    }
    assert shares == pytest.approx(expected, abs=1e-12)


def test_the_kaplan_meier_median_equals_lifelines_and_not_the_converters_median(
    purchases: Store,
) -> None:
    # The last instant of the data ends the observed time, as in the published estimate.
    rows = purchases.figures(SUMMARY, AS_OF - timedelta(days=1))
    expected = json.loads((DATA / "rete_ecom" / "expected" / "ref_stats.json").read_text())
    assert {row["cohort"]: row["persons"] for row in rows} == {
        "converter": 328,
        "non_converter": 272,
    }
    for row in rows:
        assert row["median_seconds_to_convert"] == expected["km_censored_at_data_end"]["median_s"]
        assert row["median_seconds_low"] < row["median_seconds_to_convert"]
        assert row["time_to_convert_status"] == "reached"
        assert row["population"] == expected["km_censored_at_data_end"]["n"]
        assert row["population_converted"] == expected["km_censored_at_data_end"]["events"]


def test_lengths_equal_a_plain_count(listed: tuple[str, Figures]) -> None:
    import duckdb

    data_set, figures = listed
    counted = (
        duckdb.connect()
        .execute(
            "SELECT if(converted, 'converter', 'non_converter'), count(*), avg(n), median(n) FROM ("
            f"SELECT converted, count(*) AS n FROM '{DATA / data_set / 'events.parquet'}' "
            "GROUP BY path_id, converted) GROUP BY ALL ORDER BY 1"
        )
        .fetchall()
    )
    ours = [
        (row["cohort"], row["persons"], row["avg_length"], row["median_length"])
        for row in figures[SUMMARY]
    ]
    assert ours == counted
