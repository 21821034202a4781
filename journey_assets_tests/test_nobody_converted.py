"""Nobody converted is a figure with its interval, and no question to Mave."""

from datetime import datetime
from pathlib import Path

import pytest

from journey_assets.analyses.compute import _judged
from journey_assets.journeys.compute import compute
from journey_assets.journeys.statistics.summary.picture import picture
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.pictures.day import Day
from journey_assets.reports.compute import build_report
from journey_assets.reports.page import report_page
from journey_assets.reports.reading import read_days
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets_tests.journeys_store import AS_OF, Store
from journey_assets_tests.journeys_walks import PAY, walked


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Thirty persons who do not convert, one who did long before the window, and their summary."""
    store = walked(tmp_path_factory.mktemp("nobody"), [["a", "b"]] * 30)
    store.events([(99, PAY, datetime(2026, 1, 2))])
    return store


def summary(store: Store) -> None:
    with store.session() as session:
        compute(session, [AS_OF], store.settings, [SUMMARY])
        new = Replacement(SUMMARY, f"FROM {SUMMARY.result}")
        replace_partitions(session, AS_OF, AS_OF, new)


def test_a_cohort_of_none_has_the_bounds_of_its_share(store: Store) -> None:
    row = next(row for row in store.figures(SUMMARY) if row["cohort"] == "converter")
    assert (row["persons"], row["population"], row["share_of_population"]) == (0, 30, 0)
    assert row["share_low"] == 0
    assert row["share_high"] == pytest.approx(0.1135, abs=0.0001)
    assert row["events"] == 0


def test_the_report_the_picture_and_the_analyses_say_so(store: Store) -> None:
    summary(store)
    with store.session() as session:
        (day,) = read_days(session, [AS_OF], store.settings).values()
        page = report_page(build_report(day, store.settings))
        assert "0.0%" in page
        assert "0.0% to 11.4%" in page
        assert "0 of 30 persons" in page
        with session.reading() as con:
            assert b"0.0%" in (picture(Day(con, AS_OF, 0.95)) or b"")
        reasons = {each.kind: reason for each, _, reason in _judged(session, AS_OF, store.settings)}
    assert reasons["journey_map"] == f"Nobody converted: 0 of 30 persons with a path as of {AS_OF}."


def test_where_some_converted_no_cohort_is_added(tmp_path: Path) -> None:
    store = walked(tmp_path, [["a", PAY], ["a"]])
    assert [row["persons"] for row in store.figures(SUMMARY)] == [1, 1]
