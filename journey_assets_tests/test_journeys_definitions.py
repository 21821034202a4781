"""What a path, a cohort, an ending and an interval of time are, one case each."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from journey_assets.journeys import counted
from journey_assets.journeys.compute import compute
from journey_assets.journeys.naming import Naming, glob_matches
from journey_assets.journeys.statistics import TABLES
from journey_assets.journeys.statistics.event_patterns.table import EVENT_PATTERNS
from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.settings import Settings, SettingsError
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.warnings import warnings
from journey_assets_tests.journeys_store import AS_OF, Row, Store
from journey_assets_tests.journeys_walks import of_itself

NOON = datetime(2026, 3, 15, 12)


def _minutes(*minutes: float) -> list[datetime]:
    return [NOON + timedelta(minutes=m) for m in minutes]


def _walk(
    amplitude_id: int, *names: str, start: datetime = NOON
) -> list[tuple[int, str, datetime]]:
    """Events a minute apart."""
    return [(amplitude_id, name, start + timedelta(minutes=i)) for i, name in enumerate(names)]


def _by_cohort(rows: list[Row], column: str) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for row in rows:
        found.setdefault(row["cohort"], []).append(row[column])
    return found


def test_ties_follow_the_vendors_order_and_never_the_name(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events([(1, "a", NOON, 2), (1, "z", NOON, 0), (1, "m", NOON, 1)])
    assert store.figures(PATHS)[0]["events"] == ["z", "m", "a"]


def test_events_within_a_millisecond_keep_their_order(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    later = NOON + timedelta(microseconds=7)
    store.events([(1, "a", later), (1, "z", NOON)])
    figures = store.all_figures(PATHS, TRANSITIONS)
    assert figures[PATHS][0]["events"] == ["z", "a"]
    assert figures[TRANSITIONS][0]["median_seconds"] == 0.0


def test_consecutive_repeats_are_counted_once_in_the_collapsed_form(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events(_walk(1, "a", "a", "b", "a", "a", "a"))
    path = store.figures(PATHS)[0]
    assert path["events"] == ["a", "a", "b", "a", "a", "a"]
    assert path["collapsed_events"] == ["a", "b", "a"]
    assert (path["n_events"], path["n_collapsed"]) == (6, 3)


def test_a_pause_above_the_gap_begins_a_session(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay", session_gap_minutes=30)
    store.events([(1, "a", at) for at in _minutes(0, 30, 60.01, 61)])
    figures = store.all_figures(PATHS, SUMMARY)
    assert figures[PATHS][0]["sessions"] == 2
    assert [row["avg_sessions"] for row in figures[SUMMARY] if row["persons"]] == [2.0]


def test_excluded_events_are_globs_on_the_whole_name(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay", excluded_events="$*,debug_?")
    store.events(_walk(1, "$identify", "a", "debug_1", "debug_12", "us$", "$"))
    assert store.figures(PATHS)[0]["events"] == ["a", "debug_12", "us$"]


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [
        ("[Amplitude]*", "[Amplitude] Page Viewed", True),
        ("[Amplitude]*", "login", False),
        ("[!a]", "[!a]", True),
        ("a[b-d]e", "ace", False),
        ("a]b[c", "a]b[c", True),
        ("*", "line\nend", True),
        ("a?c", "a*c", True),
        ("a?c", "ac", False),
        ("Log.in", "Logxin", False),
        ("login", "Login", False),
    ],
)
def test_in_globs_only_stars_and_question_marks_stand_for_other_signs(
    glob: str, name: str, matches: bool
) -> None:
    assert glob_matches(glob, name) is matches


def test_a_glob_of_many_stars_is_read_once() -> None:
    assert not glob_matches("*a" * 30, "a" * 29 + "b" * 10_000)


def test_an_escaped_comma_belongs_to_the_glob() -> None:
    given = {"excluded_events": r"Paid\, late,Opened", "event_names": r"Add\, then*=Added\, once"}
    naming = Naming.of(Settings.checked(given))
    names = ["Paid, late", "Paid", " late", "Opened"]
    assert [naming.keeps(name) for name in names] == [False, True, True, False]
    assert naming.shown("Add, then pay") == "Added, once"


def test_each_pattern_says_what_it_hits_and_one_that_hits_nothing_warns(tmp_path: Path) -> None:
    store = Store(
        tmp_path,
        conversion_event="$pay",
        excluded_events="$*,[debug]*,$id*,nobody?",
        event_names="a*=A,ab=B",
        step_property="A=page",
    )
    store.events(_walk(1, "$identify", "$identify", "$pay", "[debug] x", "a", "ab", "c"))
    with store.session() as session:
        compute(session, [AS_OF], store.settings, [EVENT_PATTERNS])
        rows = session.con.execute(
            f"SELECT setting, pattern, event_names, events FROM {EVENT_PATTERNS.result}"
        ).fetchall()
        told = warnings(session.con)
    assert {row[1:] for row in rows} == {
        ("$*", 1, 2),
        ("[debug]*", 1, 1),
        ("$id*", 1, 2),
        ("nobody?", 0, 0),
        ("a*=A", 2, 2),
        ("ab=B", 0, 0),
        ("A=page", 2, 2),
    }
    assert {row[0] for row in rows} == {
        "JOURNEY_EXCLUDED_EVENTS",
        "JOURNEY_EVENT_NAMES",
        "JOURNEY_STEP_PROPERTY",
    }
    assert told == [
        "JOURNEY_EXCLUDED_EVENTS: nobody? hits no event of the windows.",
        "JOURNEY_EVENT_NAMES: ab=B hits no event of the windows.",
    ]


def test_an_event_named_like_an_address_is_masked_and_may_be_the_conversion() -> None:
    naming = Naming.of(Settings.checked({"conversion_event": "Paid by ann@example.com"}))
    assert naming.shown("Paid by ann@example.com") == "Paid by (e-mail address)"
    assert naming.marks["conversion"] == "Paid by (e-mail address)"


def _kept(names: list[str], **given: object) -> list[str]:
    naming = Naming.of(Settings.checked(given))
    return [name for name in names if naming.keeps(name)]


def test_revenue_events_stay_only_when_asked_for() -> None:
    names = ["$revenue", "revenue_amount", "$identify", "a"]
    globs = {"excluded_events": "$*,revenue_*"}
    assert _kept(names, **globs) == ["a"]
    assert _kept(names, **globs, include_revenue=True) == ["$revenue", "revenue_amount", "a"]


def test_the_conversion_event_is_never_excluded() -> None:
    assert _kept(["$pay", "$x"], conversion_event="$pay") == ["$pay"]


def test_a_person_with_no_event_left_has_no_path_and_is_not_counted(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events([*_walk(1, "a"), *_walk(2, "$identify", "session_start")])
    figures = store.all_figures(PATHS, SUMMARY)
    assert len(figures[PATHS]) == 1
    assert {row["population"] for row in figures[SUMMARY]} == {1}


def test_the_window_has_both_its_ends(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay", window_days=3)
    days = [datetime(2026, 3, d) for d in (28, 29, 31)]
    store.events(
        [
            (1, "before", days[0] + timedelta(hours=23, minutes=59)),
            (1, "first", days[1]),
            (1, "last", days[2] + timedelta(hours=23, minutes=59)),
            (1, "after", datetime(2026, 4, 1)),
        ]
    )
    assert store.figures(PATHS)[0]["events"] == ["first", "last"]


RUN = [date(2026, 3, day) for day in range(23, 26)]


def _busy_days(directory: Path) -> Store:
    store = Store(directory, conversion_event="pay", window_days=2)
    for day in range(20, 30):
        start = datetime(2026, 3, day, 10)
        store.events([*_walk(day % 4, "a", "b", "pay", start=start), *_walk(9, "a", start=start)])
    return store


@pytest.fixture(scope="module")
def each_day_alone(tmp_path_factory: pytest.TempPathFactory) -> dict[Table, list[Row]]:
    store = _busy_days(tmp_path_factory.mktemp("alone"))
    days = [store.all_figures(*TABLES, days=[day]) for day in RUN]
    return {table: [row for figures in days for row in figures[table]] for table in TABLES}


@pytest.mark.parametrize("events_at_once", [0, 15, 5_000_000])
def test_a_run_over_several_days_gives_what_each_day_gives_alone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    each_day_alone: dict[Table, list[Row]],
    events_at_once: int,
) -> None:
    monkeypatch.setattr(counted, "BATCH_EVENTS", events_at_once)
    together = _busy_days(tmp_path).all_figures(*TABLES, days=RUN)
    for table in TABLES:
        key = ("as_of", *table.key)
        by_key = sorted(of_itself(together[table]), key=lambda row: [str(row[k]) for k in key])
        assert by_key == sorted(
            of_itself(each_day_alone[table]), key=lambda row: [str(row[k]) for k in key]
        )


def test_a_converters_path_ends_with_the_first_conversion_event(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events([*_walk(1, "a", "pay", "b", "pay"), *_walk(2, "a", "b")])
    paths = {row["cohort"]: row for row in store.figures(PATHS)}
    assert paths["converter"]["events"] == ["a", "pay"]
    assert paths["converter"]["converted_at"] == paths["converter"]["ended_at"]
    assert paths["converter"]["ending"] == "conversion"
    assert paths["non_converter"]["events"] == ["a", "b"]
    assert paths["non_converter"]["converted_at"] is None


def test_lists_cut_nothing_and_leave_out_who_is_on_none(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.lists(converters=[1], non_converters=[2])
    store.events([*_walk(1, "pay", "b"), *_walk(2, "a"), *_walk(3, "a")])
    figures = store.all_figures(PATHS, SUMMARY)
    assert _by_cohort(figures[PATHS], "events") == {
        "converter": [["pay", "b"]],
        "non_converter": [["a"]],
    }
    assert _by_cohort(figures[SUMMARY], "population") == {
        "converter": [2],
        "non_converter": [2],
    }


def test_a_person_on_both_lists_is_neither_a_converter_nor_another(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.persons({1: "one", 2: "one"})
    store.lists(converters=[1], non_converters=[2])
    store.events(_walk(2, "a"))
    assert _by_cohort(store.figures(PATHS), "person_id") == {"both_lists": ["one"]}


def test_lists_of_ids_that_were_not_found_do_not_fall_back_to_the_conversion_event(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.lists(converters=[None])
    store.events(_walk(1, "a", "pay"))
    assert store.figures(PATHS) == []


def test_an_as_of_takes_the_newest_lists_not_younger_else_the_oldest_after(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.events(_walk(1, "a"))
    store.lists(converters=[1], snapshot=date(2026, 3, 20))
    store.lists(non_converters=[1], snapshot=date(2026, 3, 25))
    days = [date(2026, 3, day) for day in range(16, 27)]
    cohorts = {row["as_of"].day: row["cohort"] for row in store.figures(PATHS, *days)}
    assert cohorts == dict.fromkeys(range(16, 25), "converter") | {
        25: "non_converter",
        26: "non_converter",
    }


def test_events_without_lists_or_conversion_event_are_an_error_that_names_the_settings(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    store.events(_walk(1, "a"))
    with pytest.raises(SettingsError, match=r"CONVERSION_EVENT.*CONVERTER_USER_IDS"):
        store.figures(PATHS)


def test_an_empty_database_gives_empty_tables(tmp_path: Path) -> None:
    found = Store(tmp_path).all_figures(*TABLES)
    assert found == {table: [] for table in TABLES}


def test_only_the_tables_wanted_are_computed_with_the_columns_declared(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events(_walk(1, "a", "b", "a", "pay"))
    for table in TABLES:
        assert all(tuple(row) == table.column_names for row in store.figures(table))


def test_the_ids_of_one_person_make_one_path(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.persons({1: "person_x", 2: "person_x", 3: "person_y"})
    at = _minutes(0, 1, 2)
    store.events([(1, "a", at[0]), (2, "b", at[1]), (1, "pay", at[2]), (3, "a", at[0])])
    paths = {row["person_id"]: row["events"] for row in store.figures(PATHS)}
    assert paths == {"person_x": ["a", "b", "pay"], "person_y": ["a"]}


def test_each_as_of_uses_its_own_persons(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.persons({1: "p", 2: "q"}, as_of=AS_OF - timedelta(days=1))
    store.persons({1: "p", 2: "p"}, as_of=AS_OF)
    store.events([*_walk(1, "a"), *_walk(2, "b")])
    rows = store.figures(SUMMARY, AS_OF - timedelta(days=1), AS_OF)
    assert [row["persons"] for row in rows if row["persons"]] == [2, 1]


def test_an_id_that_identity_does_not_know_is_a_person_of_its_own_and_counted_as_such(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.persons({1: "person_x"})
    store.events([*_walk(1, "a"), *_walk(2, "a")])
    figures = store.all_figures(PATHS, SUMMARY)
    persons = {row["person_id"] for row in figures[PATHS]}
    assert "person_x" in persons
    assert len(persons) == 2
    assert "2" not in persons
    assert sum(row["unidentified"] for row in figures[SUMMARY]) == 1


@pytest.mark.parametrize(("minutes_before", "ending"), [(30, "censored"), (30.1, "exit")])
def test_who_is_active_within_the_gap_before_the_end_is_censored(
    tmp_path: Path, minutes_before: float, ending: str
) -> None:
    store = Store(tmp_path, conversion_event="pay")
    end = datetime(2026, 4, 1)
    store.events([(1, "a", end - timedelta(minutes=minutes_before))])
    row = store.figures(LAST_EVENTS)[0]
    assert row[{"censored": "censored", "exit": "exits"}[ending]] == 1
    assert row["persons"] == 1
    assert row["exit_rate"] == {"censored": None, "exit": 1}[ending]
    assert row["share_of_exits"] == (1.0 if ending == "exit" else None)


def test_days_that_were_never_fetched_are_not_taken_for_silence(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events([(1, "a", datetime(2026, 3, 20, 23, 50))])
    assert store.figures(PATHS)[0]["ending"] == "exit"
    store.materialized(date(2026, 3, 19), date(2026, 3, 20))
    figures = store.all_figures(PATHS, SUMMARY)
    assert figures[PATHS][0]["ending"] == "censored"
    assert figures[SUMMARY][0]["observed_until"] == datetime(2026, 3, 21)


def test_a_fetched_day_without_events_is_silence(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events([(1, "a", datetime(2026, 3, 20, 23, 50))])
    store.materialized(date(2026, 3, 20), date(2026, 3, 21))
    assert store.figures(PATHS)[0]["ending"] == "exit"


def test_the_step_limit_counts_after_filtering_and_neither_exits_nor_converts(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, conversion_event="pay", max_events=2)
    store.events(
        [*_walk(1, "$x", "a", "b", "pay"), *_walk(2, "a", "b"), *_walk(3, "a", "pay", "c")]
    )
    paths = store.figures(PATHS)
    endings = sorted((row["cohort"], row["ending"]) for row in paths)
    assert endings == [
        ("converter", "conversion"),
        ("converter", "cut"),
        ("non_converter", "exit"),
    ]
    assert {tuple(row["events"]) for row in paths} == {("a", "b"), ("a", "pay")}


def test_a_conversion_beyond_the_step_limit_still_makes_a_converter(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay", max_events=1)
    store.events(_walk(1, "a", "b", "pay"))
    path = store.figures(PATHS)[0]
    assert (path["cohort"], path["events"]) == ("converter", ["a"])
    assert path["converted_at"] == NOON + timedelta(minutes=2)
    assert path["ended_at"] == NOON


def test_departures_count_exits_and_conversions_but_not_the_censored(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    active = datetime(2026, 3, 31, 23, 50)
    store.events([*_walk(1, "a", "b"), *_walk(2, "a"), *_walk(3, "a", start=active)])
    row = store.figures(TRANSITIONS)[0]
    assert (row["occurrences"], row["departures"], row["p_out"]) == (1, 2, 0.5)


def test_transitions_hold_pairs_only(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events([*_walk(1, "a", "b", "pay"), *_walk(2, "a")])
    pairs = [
        (row["cohort"], row["from_event"], row["to_event"]) for row in store.figures(TRANSITIONS)
    ]
    assert pairs == [("converter", "a", "b"), ("converter", "b", "pay")]


def test_last_events_hold_everyones_last_event_and_nothing_else(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events([*_walk(1, "a", "b"), *_walk(2, "a", "c"), *_walk(3, "b")])
    rows = {
        row["event_type"]: (row["persons"], row["visits"]) for row in store.figures(LAST_EVENTS)
    }
    assert rows == {"b": (2, 2), "c": (1, 1)}


def test_a_cohort_without_persons_has_no_row_but_one_of_none_in_the_summary(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.events(_walk(1, "a"))
    figures = store.all_figures(SUMMARY, STEP_FREQUENCIES, LAST_EVENTS)
    for table in (STEP_FREQUENCIES, LAST_EVENTS):
        assert [row["cohort"] for row in figures[table]] == ["non_converter"]
    persons = {row["cohort"]: row["persons"] for row in figures[SUMMARY]}
    assert persons == {"converter": 0, "non_converter": 1}


def _population(store: Store, converting: int, others: int) -> None:
    converters = [row for n in range(converting) for row in _walk(n, "a", "pay")]
    store.events([*converters, *(row for n in range(others) for row in _walk(100 + n, "a"))])


@pytest.mark.parametrize(
    ("converting", "others", "status", "median"),
    [
        (6, 6, "reached", 60.0),
        (5, 7, "not_reached", None),
        (6, 3, "insufficient", None),
        (0, 12, "not_reached", None),
    ],
)
def test_the_median_time_to_convert_is_the_populations_or_says_why_not(
    tmp_path: Path, converting: int, others: int, status: str, median: float | None
) -> None:
    store = Store(tmp_path, conversion_event="pay")
    _population(store, converting, others)
    for row in store.figures(SUMMARY):
        assert row["time_to_convert_status"] == status
        assert row["median_seconds_to_convert"] == median
        assert row["population"] == converting + others


def test_without_a_conversion_event_the_time_to_convert_is_not_known(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.lists(converters=range(20))
    store.events([row for n in range(20) for row in _walk(n, "a", "pay")])
    row = store.figures(SUMMARY)[0]
    assert row["time_to_convert_status"] == "no_conversion_event"
    assert row["median_seconds_to_convert"] is None
    assert row["median_seconds_low"] is None


def test_with_lists_conversion_times_come_from_the_conversion_event(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    store.lists(converters=range(20))
    store.events([row for n in range(20) for row in _walk(n, "a", "pay", "b")])
    row = store.figures(SUMMARY)[0]
    assert (row["median_seconds_to_convert"], row["exits"], row["conversions"]) == (60.0, 20, 0)


def test_event_types_may_be_more_than_a_byte_holds(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay")
    names = [f"event {n:03}" for n in range(300)]
    store.events(_walk(1, *names))
    figures = store.all_figures(PATHS, TRANSITIONS)
    assert figures[PATHS][0]["events"] == names
    assert len(figures[TRANSITIONS]) == 299
