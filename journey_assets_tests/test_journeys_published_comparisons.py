"""Two-group comparisons against published answers of scipy and statsmodels on a real event set.

The published paths end with the first purchase, repeats are kept, and a comparison of next events
takes the first visit per person, exits and the purchase left out: the definitions are ours. Where an
answer differs on purpose, the test says which and why.
"""

from datetime import timedelta

import pytest
from scipy import stats

from journey_assets.journeys.statistics.divergence_points.contingency import chi2_p
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS
from journey_assets_tests.journeys_store import Row, Store
from journey_assets_tests.journeys_walks import select
from journey_assets_tests.published import AS_OF, DATA, answers, load, needs_published

pytestmark = needs_published

#: A day after the last event, when nobody is still active.
DAY = AS_OF + timedelta(days=1)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[Table, list[Row]]:
    store = load(
        tmp_path_factory.mktemp("ecom"), "rete_ecom", lists=False, conversion_event="purchase"
    )
    tables = (DIVERGENCE_POINTS, FRICTION_SIGNALS, DROPOFF_CLIFFS, STEP_FREQUENCIES)
    return store.all_figures(*tables, days=[DAY])


def test_next_events_differ_as_much_as_published(figures: dict[Table, list[Row]]) -> None:
    rows = {row["event_type"]: row for row in figures[DIVERGENCE_POINTS]}
    published = {
        row["state"]: row
        for row in answers("rete_ecom", "ref_divergence.csv")
        if row["mode"] == "first"
    }
    assert set(rows) == set(published)
    for state, theirs in published.items():
        ours = rows[state]
        assert ours["n_converters"] == int(theirs["n_conv"])
        assert ours["n_non_converters"] == int(theirs["n_non"])
        for name in ("jsd_bits", "chi2", "cramers_v", "min_expected"):
            assert ours[name] == pytest.approx(float(theirs[name]), abs=1e-9), (state, name)


def test_the_published_chi2_p_is_not_ours_where_expected_counts_are_small(
    figures: dict[Table, list[Row]],
) -> None:
    """Every published state has an expected count below 5, where chi² does not hold.

    From our statistic chi² gives the published p, and Benjamini–Hochberg over the 18 of them the
    published q. Ours is the permutation p of that statistic, near it where persons are many.
    """
    rows = {row["event_type"]: row for row in figures[DIVERGENCE_POINTS]}
    published = [
        row for row in answers("rete_ecom", "ref_divergence.csv") if row["mode"] == "first"
    ]
    p = [chi2_p(rows[row["state"]]["chi2"], int(row["dof"])) for row in published]
    assert p == pytest.approx([float(row["p_chi2"]) for row in published], abs=1e-9)
    q = stats.false_discovery_control(p)
    assert list(q) == pytest.approx([float(row["q_bh"]) for row in published], abs=1e-9)
    for row, theirs in zip(published, p, strict=True):
        ours = rows[row["state"]]
        assert ours["method"] == "permutation"
        if min(ours["n_converters"], ours["n_non_converters"]) >= 100:
            error = (theirs * (1 - theirs) / ours["permutations"]) ** 0.5
            assert abs(ours["p_value"] - theirs) < 0.02 + 4 * error, row["state"]
    ours_q = stats.false_discovery_control([row["p_value"] for row in rows.values()])
    assert [row["q_value"] for row in rows.values()] == pytest.approx(list(ours_q))


def test_friction_equals_the_published(figures: dict[Table, list[Row]]) -> None:
    """Persons, ratios and Katz intervals of the same 18 events: all but the purchase.

    The published p-values are of the shares of persons, which are a description here.

    The published table has no ratio for ``catalog``, which every non-converter visits: its odds
    ratio is infinite. The relative risk is not, so we say it.
    """
    rows = {row["event_type"]: row for row in figures[FRICTION_SIGNALS]}
    assert rows.pop("purchase")["verdict"] == "outcome"
    published = {row["event"]: row for row in answers("rete_ecom", "ref_friction.csv")}
    assert set(rows) == set(published)
    for event, theirs in published.items():
        ours = rows[event]
        assert (
            ours["non_converters_with"], ours["non_converters"],
            ours["converters_with"], ours["converters"],
        ) == tuple(
            int(theirs[name]) for name in ("non_with", "non_total", "conv_with", "conv_total")
        )  # fmt: skip
        for name, their_name in (
            ("relative_risk", "rr_non_over_conv"), ("rr_low", "rr_lo"), ("rr_high", "rr_hi"),
        ):  # fmt: skip
            if theirs[their_name]:
                assert ours[name] == pytest.approx(float(theirs[their_name]), abs=1e-9), event
    missing = [event for event, row in published.items() if not row["rr_lo"]]
    assert missing == ["catalog"]
    catalog = stats.contingency.relative_risk(272, 272, 319, 328)
    assert rows["catalog"]["relative_risk"] == pytest.approx(catalog.relative_risk)
    assert rows["catalog"]["rr_low"] == pytest.approx(catalog.confidence_interval().low)


def test_exits_of_non_converters_are_the_published_exits(figures: dict[Table, list[Row]]) -> None:
    """The published visits are of both cohorts, ours of the one that leaves: theirs are the sum."""
    states = {row["from_event"]: row for row in select(figures[DROPOFF_CLIFFS], to_event=None)}
    of_converters = {
        row["event_type"]: row["occurrences"]
        for row in select(figures[STEP_FREQUENCIES], cohort="converter")
    }
    for row in answers("rete_ecom", "ref_exits.csv"):
        ours = states[row["state"]]
        assert ours["exits"] == int(row["exits"])
        assert ours["visits"] + of_converters[row["state"]] == int(row["visits"])
        assert ours["share_of_exits"] == pytest.approx(float(row["share_of_all_exits"]), abs=1e-9)


def test_exit_rates_over_both_cohorts_equal_the_published(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The published rates are over everyone's visits: here everyone is one cohort.

    The paths are cut at the purchase before they are stored, so converters exit there, and only
    there: the rates of all other states are the published ones. The published bounds are Wilson's of as
    many independent visits: ours are the same where persons repeat nothing, and wider where they do.
    """
    store = _everyone_in_one_cohort(tmp_path_factory)
    rows = {
        row["from_event"]: row for row in select(store.figures(DROPOFF_CLIFFS, DAY), to_event=None)
    }
    assert rows["purchase"]["exits"] == 328
    for row in answers("rete_ecom", "ref_exits.csv"):
        ours = rows[row["state"]]
        assert (ours["exits"], ours["visits"]) == (int(row["exits"]), int(row["visits"]))
        rate, low, high = (float(row[name]) for name in ("exit_p", "lo", "hi"))
        assert ours["exit_rate"] == pytest.approx(rate, abs=1e-9)
        if ours["deff"] <= 1:
            assert (ours["exit_low"], ours["exit_high"]) == pytest.approx((low, high), abs=1e-9)
        else:
            assert ours["exit_low"] <= low + 1e-9, row["state"]
            assert ours["exit_high"] > high, row["state"]


def _everyone_in_one_cohort(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("one"), window_days=3660)
    path = DATA / "rete_ecom" / "events.parquet"
    store.write(
        AMPLITUDE_EVENTS,
        f"""SELECT dense_rank() OVER (ORDER BY path_id) AS amplitude_id, event AS event_type,
            seq AS source_order, ts::TIMESTAMP AS event_time, ts::DATE AS event_date
        FROM (
            SELECT *, min(seq) FILTER (event = 'purchase') OVER (PARTITION BY path_id) AS goal
            FROM '{path}'
        )
        WHERE goal IS NULL OR seq <= goal""",
    )
    store.write(
        AMPLITUDE_USERS,
        f"""SELECT DATE '{DAY}' AS event_date, i::VARCHAR AS requested_id, i AS amplitude_id,
            'ok' AS status, 'non_converter' AS cohort
        FROM range(1, 601) AS r(i)""",
    )
    return store
