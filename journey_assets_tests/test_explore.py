"""Exploring: the published figures with other settings or fewer persons, and nothing written."""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from journey_assets import frames
from journey_assets.explore.answer import Exploration
from journey_assets.explore.question import ExploreError
from journey_assets.journeys.compute import compute
from journey_assets.journeys.statistics import TABLES
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.raw.coded_events import code_days
from journey_assets.settings import SettingsError
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets_tests.journeys_store import AS_OF, Store

NOON = datetime(2026, 3, 20, 12)
WAYS = {1: "open view pay", 2: "open view view", 3: "open help pay", 4: "open help", 5: "view pay"}
PHONES = (1, 2, 5)


def _filled(directory: Path, persons: tuple[int, ...] = tuple(WAYS)) -> Store:
    directory.mkdir(exist_ok=True)
    store = Store(directory, conversion_event="pay", window_days=7, min_persons=2)
    early = timedelta(days=-30)
    rows = [
        {
            "event_date": at.date(),
            "amplitude_id": person,
            "event_type": name,
            "event_time": at,
            "source_order": 0,
            "platform": "iOS" if person in PHONES else "Web",
        }
        for person in persons
        for n, name in enumerate(WAYS[person].split())
        for at in [NOON + timedelta(days=5, minutes=n)]
    ]
    store.insert(AMPLITUDE_EVENTS, rows)
    store.materialized(*(AS_OF + timedelta(days=n) + early for n in range(31)))
    with store.session() as session:
        code_days(session, NOON.date() + early, AS_OF)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return _filled(tmp_path / "all")


def _explored(store: Store, **question: object) -> Exploration:
    found = frames.explore(as_of=AS_OF, settings=store.settings, **question)  # type: ignore[call-overload]
    assert isinstance(found, Exploration)
    return found


def test_without_a_question_the_tables_are_those_that_a_run_publishes(store: Store) -> None:
    found = _explored(store)
    with store.session() as session:
        compute(session, [AS_OF], store.settings, TABLES)
        for table in TABLES:
            order = ", ".join(f'"{name}"' for name in (table.partition, *table.key))
            published = session.con.sql(f"FROM {table.result} ORDER BY {order}").pl()
            assert_frame_equal(found.table(table.name), published)


def test_the_database_is_the_same_to_the_byte_and_the_answer_is_kept(store: Store) -> None:
    before = sha256(store.path.read_bytes()).hexdigest()
    first = _explored(store, where={"platform": "iOS"}, start="view")
    made = first.path.stat().st_mtime_ns
    assert _explored(store, where={"platform": "iOS"}, start="view").path == first.path
    assert first.path.stat().st_mtime_ns == made
    assert first.path.stat().st_mode & 0o077 == 0
    assert sha256(store.path.read_bytes()).hexdigest() == before


def test_a_filter_is_a_store_that_holds_those_persons_alone(store: Store, tmp_path: Path) -> None:
    found = _explored(store, where={"platform": "iOS"})
    alone = _explored(_filled(tmp_path / "some", PHONES))
    for table in TABLES:
        if "is_new" in table.column_names:
            assert found.table(table.name)["is_new"].null_count() == len(found.table(table.name))
        own = [name for name in table.column_names if name != "is_new"]
        assert_frame_equal(found.table(table.name).select(own), alone.table(table.name).select(own))


def test_paths_into_an_event_are_counted_back_from_it(store: Store) -> None:
    rows = _explored(store, before="view").table("paths_before")
    assert rows.select("steps_before", "event_type", "persons", "paths").rows() == [
        (1, "(path begins later)", 1, 3),
        (1, "open", 2, 3),
    ]


def test_a_breakdown_holds_every_person_once_and_small_values_together(store: Store) -> None:
    settings = store.settings.model_copy(update={"min_persons": 3})
    paths = frames.explore(as_of=AS_OF, by="platform", settings=settings).table("paths")
    assert paths.columns == ["platform", *(n for n in PATHS.column_names if n != "platform")]
    counts = paths.group_by("platform").len().sort("platform")
    assert counts.rows() == [("(other)", 2), ("iOS", 3)]


def test_a_filter_of_nobody_names_the_stored_values(store: Store) -> None:
    with pytest.raises(ExploreError, match=r"Nobody .* platform=ios\. Did you mean iOS\?"):
        _explored(store, where={"platform": "ios"})
    with pytest.raises(ExploreError, match=r"Did you mean platform\?"):
        _explored(store, where={"platfrom": "iOS"})


def test_the_question_is_settings_and_code(store: Store) -> None:
    found = _explored(store, start="open", exclude="he*", sessions=True, where={"platform": "Web"})
    assert found.as_env().splitlines() == [
        "JOURNEY_START_EVENT=open",
        "JOURNEY_PATH_UNIT=session",
        "JOURNEY_EXCLUDED_EVENTS=$*,session_start,session_end,he*",
        "# only platform=Web: no setting says so",
    ]
    call = found.as_code().removesuffix(")") + ", settings=settings)"
    again = eval(call, {"frames": frames, "settings": store.settings})  # noqa: S307 - our own words
    assert again.path == found.path
    assert set(found.table(TRANSITIONS.name)["from_event"]) == {"open"}


def test_the_page_says_that_nobody_published_it_and_pictures_are_drawn(store: Store) -> None:
    found = _explored(store, where={"platform": "iOS"})
    page = found.to_report()
    assert "This is an exploration, not a published report" in page
    assert "Only persons whose platform is iOS." in page
    assert "<svg" in (found.picture("transitions") or "")
    assert isinstance(found.tables["summary"], pl.DataFrame)


def test_periods_that_share_days_are_refused_as_in_a_run(store: Store) -> None:
    with pytest.raises(SettingsError, match="shares days"):
        _explored(store, compare_to=f"{AS_OF}...{AS_OF}")
