"""Golden paths against published answers: the reference chain's path, and mined closed sequences."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets_tests.journeys_store import Row
from journey_assets_tests.journeys_walks import chain
from journey_assets_tests.published import AS_OF, DATA, load, needs_published

pytestmark = needs_published


def _expected(data_set: str, name: str) -> Any:
    return json.loads((DATA / data_set / "expected" / name).read_text())


def _readings(rows: Sequence[Row]) -> dict[str, Row]:
    return {row["reading"]: row for row in rows}


# ---- rete_ecom: converters up to their first purchase


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Row], list[list[str]]]:
    """The readings, and the converters' paths, which end with the first purchase."""
    store = load(
        tmp_path_factory.mktemp("shop"), "rete_ecom", lists=False, conversion_event="purchase"
    )
    figures = store.all_figures(GOLDEN_PATHS, PATHS, days=[AS_OF])
    converters = [row["events"] for row in figures[PATHS] if row["cohort"] == "converter"]
    return _readings(figures[GOLDEN_PATHS]), converters


def test_the_most_probable_path_of_the_chain_equals_the_reference(
    shop: tuple[dict[str, Row], list[list[str]]],
) -> None:
    """The reference takes start and end as nodes, counts repeats, and does not ask who walked it.

    The table does ask: of 328 converters none goes from the catalog straight to the purchase and
    nowhere else, so it leaves the reading out. The chain behind it is the reference's.
    """
    from journey_assets.journeys.statistics.golden_paths.most_probable_path import (
        most_probable_path,
    )

    readings, converters = shop
    expected = _expected("rete_ecom", "ref_stats.json")["most_probable_path_converters"]
    names = sorted({event for path in converters for event in path})
    found = most_probable_path(chain([[names.index(e) + 1 for e in path] for path in converters]))
    assert found is not None
    assert [names[event - 1] for event in found.events] == expected["path"]
    assert found.probability == pytest.approx(expected["prob"], rel=1e-9)
    assert expected["path"] not in converters
    assert "most_probable" not in readings


def test_the_shops_headline_leads_from_the_catalog_to_the_purchase(
    shop: tuple[dict[str, Row], list[list[str]]],
) -> None:
    row = shop[0]["common_subsequence"]
    assert row["path"] == ["catalog", "product_view", "add_to_cart", "purchase"]
    assert (row["first_order_converters"], row["converters"]) == (164, 328)
    assert row["support_converters"] == 250


# ---- wikispeedia_cat: whole paths, closed sequences mined by an independent program

#: Persons asked for, at which the longest order of first times has 3 and 5 events.
FEWEST = {3: 2_000, 5: 100}


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Row]]:
    """The readings by the length that the headline should have."""
    persons = _expected("wikispeedia_cat", "golden_candidates.json")["n_converters"]
    store = load(tmp_path_factory.mktemp("articles"), "wikispeedia_cat", lists=True)
    found = {}
    for length, fewest in FEWEST.items():
        store.settings = store.settings.model_copy(update={"golden_support": fewest / persons})
        found[length] = _readings(store.figures(GOLDEN_PATHS, AS_OF))
    return found


@pytest.mark.parametrize("length", FEWEST)
def test_the_headline_is_the_first_published_sequence_without_a_repeat(
    articles: dict[int, dict[str, Row]], length: int
) -> None:
    """The published sequences may hold an event twice (Geography, Countries, Geography comes first
    of the long ones) and are counted wherever a path contains them; ours hold none twice and are
    chosen by first times. Of equal length, the most frequent without a repeat is the same one, and
    ``support_converters``, which counts as they do, is the same number; fewer do it in this order for
    the first time.
    """
    published = _expected("wikispeedia_cat", "golden_candidates.json")
    best = next(
        one
        for one in published[f"closed_top20_minlen{length}"]
        if len(one["pattern"]) == length == len(set(one["pattern"]))
    )
    row = articles[length]["common_subsequence"]
    assert row["verdict"] == "found"
    assert row["path"] == best["pattern"]
    assert row["support_converters"] == best["support"]
    assert FEWEST[length] <= row["first_order_converters"] < best["support"]


def test_the_modal_path_is_the_published_one(articles: dict[int, dict[str, Row]]) -> None:
    published = _expected("wikispeedia_cat", "golden_candidates.json")
    row = articles[3]["modal"]
    assert row["path"] == published["exact_top10"][0]["path"]
    assert row["exact_converters"] == published["exact_top10"][0]["n"]
    assert row["converters"] == published["n_converters"]
