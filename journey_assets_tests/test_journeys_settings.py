"""What each setting that shapes paths does, as a sentence."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from journey_assets.journeys.naming import tidy_value
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.settings import Settings, SettingsError
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS
from journey_assets_tests.journeys_store import AS_OF, Row, Store

NOON = datetime(2026, 3, 15, 12)


def _walks(*walks: str, start: datetime = NOON, minutes: float = 1) -> list[Any]:
    """A person per walk, an event a minute: ``open search`` is two."""
    return [
        (person, name, start + timedelta(minutes=minutes * step))
        for person, walk in enumerate(walks, start=1)
        for step, name in enumerate(walk.split())
    ]


def _store(directory: Path, *walks: str, **settings: Any) -> Store:
    store = Store(directory, **{"conversion_event": "pay", **settings})
    store.events(_walks(*walks))
    return store


def _walked(rows: Sequence[Row]) -> list[str]:
    """The paths, as walks, in the order of their first events' times and names."""
    return sorted(" ".join(row["events"]) for row in rows)


def _paths(directory: Path, *walks: str, **settings: Any) -> list[str]:
    return _walked(_store(directory, *walks, **settings).figures(PATHS))


# Names


def test_events_are_renamed_and_merged_by_the_first_glob_that_matches(tmp_path: Path) -> None:
    names = "checkout_pay=Pay,checkout*=Checkout"
    assert _paths(tmp_path, "a checkout_1 checkout_pay checkout_2", event_names=names) == [
        "a Checkout Pay Checkout"
    ]


def test_an_exclusion_means_the_name_before_renaming(tmp_path: Path) -> None:
    settings = {"event_names": "x_*=kept", "excluded_events": "x_1,kept"}
    assert _paths(tmp_path, "a x_1 x_2", **settings) == ["a kept"]


@pytest.mark.parametrize("name", ["order_paid", "Order"])
def test_a_setting_names_a_renamed_event_by_either_name(tmp_path: Path, name: str) -> None:
    store = _store(tmp_path, "a order_paid b", conversion_event=name, event_names="order_*=Order")
    row = store.figures(PATHS)[0]
    assert (row["events"], row["ending"]) == (["a", "Order"], "conversion")


@pytest.mark.parametrize("field", ["event_names", "step_property"])
@pytest.mark.parametrize("text", ["a", "a=", "=b", "a=b=c"])
def test_a_pair_that_is_none_is_an_error_that_names_the_setting(field: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"JOURNEY_{field.upper()}"):
        Settings.checked({field: f"x=y,{text}"})


# Values of a property


def _views(store: Store, pages: Sequence[str | None], day: datetime = NOON, first: int = 1) -> None:
    """A person's views of pages; None is a view without one."""
    store.insert(
        AMPLITUDE_EVENTS,
        [
            {
                "event_date": day.date(),
                "amplitude_id": first,
                "event_type": "view",
                "event_time": day + timedelta(minutes=minute),
                "source_order": 0,
                "event_properties": "{}" if page is None else f'{{"$pa/ge": {page}}}',
            }
            for minute, page in enumerate(pages)
        ],
    )


def test_a_property_tells_events_apart_and_a_missing_one_is_none(tmp_path: Path) -> None:
    store = _store(tmp_path, "a", step_property="view=$pa/ge")
    _views(store, ['"/x"', None, "null", '""', "7", '["b"]'], first=2)
    assert _walked(store.figures(PATHS)) == [
        "a",
        'view: /x view: (none) view: (none) view: (none) view: 7 view: ["b"]',
    ]


def test_values_beyond_the_limit_are_one_step_that_sums_exactly(tmp_path: Path) -> None:
    store = _store(tmp_path, "a", step_property="view=$pa/ge", step_property_limit=2)
    _views(store, ['"x"', '"z"', '"y"', '"x"', '"w"', None, '"y"'], first=2)
    rows = store.figures(STEP_FREQUENCIES)
    assert {row["event_type"]: row["occurrences"] for row in rows} == {
        "a": 1,
        "view: x": 2,
        "view: y": 2,
        "view: (other)": 2,
        "view: (none)": 1,
    }


def test_which_values_are_frequent_is_judged_for_each_as_of(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"step_property_limit": 1, "event_limit": 2, "window_days": 1}
    store = Store(tmp_path, conversion_event="pay", step_property="view=$pa/ge", **settings)
    days = [datetime(2026, 3, 15, 12), datetime(2026, 3, 16, 12)]
    _views(store, ['"x"', '"x"', '"y"'], days[0])
    _views(store, ['"x"', '"y"', '"y"'], days[1])
    dates = [day.date() for day in days]
    together = store.figures(PATHS, *dates)
    assert together == [row for day in dates for row in store.figures(PATHS, day)]
    assert [row["events"] for row in together] == [
        ["view: x", "view: x", "view: (other)"],
        ["view: (other)", "view: y", "view: y"],
    ]


def test_a_step_of_a_property_may_be_the_conversion_and_is_never_folded(tmp_path: Path) -> None:
    store = Store(
        tmp_path,
        conversion_event="view: thanks",
        step_property="view=$pa/ge",
        step_property_limit=1,
        event_limit=1,
    )
    _views(store, ['"x"', '"x"', '"y"', '"thanks"'])
    row = store.figures(PATHS)[0]
    assert row["events"] == ["view: x", "view: x", "(other)", "view: thanks"]
    assert row["ending"] == "conversion"


@pytest.mark.parametrize("field", ["conversion_event", "start_event", "end_event"])
def test_an_event_that_is_told_apart_is_no_conversion_start_or_end(
    tmp_path: Path, field: str
) -> None:
    with pytest.raises(SettingsError, match=f"{field.upper()} .*JOURNEY_STEP_PROPERTY"):
        _paths(tmp_path, "view", step_property="view=page", **{field: "view"})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("/pricing?plan=pro", "/pricing?plan=pro"),
        ("a\x00b\n\x1b\u202e\u2028c", "abc"),
        ("x" * 300, "x" * 100),
        ("/user/ann.b+c@mail.example.com/edit", "/user/(e-mail address)/edit"),
        ("?e=ann%40example.com&f=ann%2540example.com", "?e=(e-mail address)&f=(e-mail address)"),
        ("x" * 95 + " ann@example.com", "x" * 95 + " (e-m"),
        ("ann\u200b@\x07example.com", "(e-mail address)"),
    ],
)
def test_a_value_is_shown_without_controls_and_addresses_and_bounded(
    value: str, shown: str
) -> None:
    assert tidy_value(value) == shown


# Rare events


def test_events_beyond_the_limit_are_one_step_but_never_those_that_settings_name(
    tmp_path: Path,
) -> None:
    paths = _paths(tmp_path, "a a b go c pay", "a b d", event_limit=2, end_event="go")
    assert paths == ["a a b go", "a b (other)"]


def test_repeats_of_folded_events_collapse(tmp_path: Path) -> None:
    assert _paths(tmp_path, "a a x y a z", event_limit=1, collapse=True) == ["a (other) a (other)"]


# Repeats


def test_collapsed_repeats_count_once_in_every_figure(tmp_path: Path) -> None:
    store = _store(tmp_path, "a a b b b pay", collapse=True)
    transitions = {
        (row["from_event"], row["to_event"]): (row["occurrences"], row["median_seconds"])
        for row in store.figures(TRANSITIONS)
    }
    assert transitions == {("a", "b"): (1, 120.0), ("b", "pay"): (1, 180.0)}
    assert store.figures(SUMMARY)[0]["events"] == 3


def test_who_repeats_an_event_until_the_end_is_still_active(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="pay", collapse=True)
    end = datetime(2026, 4, 1)
    store.events([(1, "a", end - timedelta(hours=2)), (1, "a", end - timedelta(minutes=1))])
    row = store.figures(PATHS)[0]
    assert (row["events"], row["ending"]) == (["a"], "censored")


# Sessions


def _sessions(directory: Path, **settings: Any) -> Store:
    """Two sessions of a person, of which the first has the conversion event; one of another."""
    store = Store(directory, path_unit="session", **{"conversion_event": "pay", **settings})
    store.events([*_walks("a pay b"), *_walks("a b", "c", start=NOON + timedelta(hours=2))])
    return store


def test_each_session_is_a_path_and_converts_by_itself(tmp_path: Path) -> None:
    rows = _sessions(tmp_path).figures(PATHS)
    found = {tuple(row["events"]): (row["session"], row["cohort"], row["ending"]) for row in rows}
    assert found == {
        ("a", "pay"): (1, "converter", "conversion"),
        ("a", "b"): (2, "non_converter", "exit"),
        ("c",): (1, "non_converter", "exit"),
    }
    assert len({row["person_id"] for row in rows}) == 2


def test_lists_label_the_sessions_of_a_person_alike(tmp_path: Path) -> None:
    store = _sessions(tmp_path)
    store.lists(converters=[1], non_converters=[2])
    assert sorted((row["cohort"], len(row["events"])) for row in store.figures(PATHS)) == [
        ("converter", 2),
        ("converter", 3),
        ("non_converter", 1),
    ]


def test_the_time_to_convert_of_sessions_is_not_defined(tmp_path: Path) -> None:
    row = _sessions(tmp_path, min_cohort_persons=1).figures(SUMMARY)[0]
    assert row["time_to_convert_status"] == "sessions"
    assert row["median_seconds_to_convert"] is None


# Where paths begin and end


@pytest.mark.parametrize(
    ("occurrence", "paths"), [("first", ["s b s c", "s"]), ("last", ["s c", "s"])]
)
def test_paths_begin_with_the_start_event_and_without_one_there_is_none(
    tmp_path: Path, occurrence: str, paths: list[str]
) -> None:
    found = _paths(tmp_path, "a s b s c", "a b", "s", start_event="s", start_occurrence=occurrence)
    assert found == sorted(paths)


def test_a_conversion_before_the_start_does_not_count(tmp_path: Path) -> None:
    row = _store(tmp_path, "pay s b", start_event="s").figures(PATHS)[0]
    assert (row["cohort"], row["converted_at"], row["events"]) == (
        "non_converter",
        None,
        ["s", "b"],
    )
    assert row["started_at"] == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(("occurrence", "path"), [("first", "s a e"), ("last", "s a e b e")])
def test_paths_end_with_the_end_event_after_the_start(
    tmp_path: Path, occurrence: str, path: str
) -> None:
    store = _store(
        tmp_path, "e s a e b e c", start_event="s", end_event="e", end_occurrence=occurrence
    )
    row = store.figures(PATHS)[0]
    assert (" ".join(row["events"]), row["ending"]) == (path, "cut")


def test_the_event_that_starts_a_path_does_not_end_it_too(tmp_path: Path) -> None:
    assert _paths(tmp_path, "a s b s c", start_event="s", end_event="s") == ["s b s"]


def test_paths_without_the_end_event_go_on(tmp_path: Path) -> None:
    row = _store(tmp_path, "a b", end_event="e").figures(PATHS)[0]
    assert (row["events"], row["ending"]) == (["a", "b"], "exit")


def test_who_converts_after_the_end_event_is_a_converter(tmp_path: Path) -> None:
    row = _store(tmp_path, "a e b pay", end_event="e").figures(PATHS)[0]
    assert (row["events"], row["cohort"], row["ending"]) == (["a", "e"], "converter", "cut")


def test_an_end_event_that_is_the_conversion_is_one(tmp_path: Path) -> None:
    store = _store(tmp_path, "a pay b", end_event="pay")
    store.lists(converters=[1])
    row = store.figures(PATHS)[0]
    assert (row["events"], row["ending"]) == (["a", "pay"], "conversion")


def test_start_and_end_events_are_never_excluded(tmp_path: Path) -> None:
    assert _paths(tmp_path, "a $s b $e", start_event="$s", end_event="$e") == ["$s b $e"]


# What makes the cohorts


def test_the_conversion_event_makes_the_cohorts_although_there_are_lists(tmp_path: Path) -> None:
    store = _store(tmp_path, "a pay b", "a", cohort_source="conversion_event")
    store.lists(converters=[2], non_converters=[1])
    assert sorted((row["cohort"], row["n_events"]) for row in store.figures(PATHS)) == [
        ("converter", 2),
        ("non_converter", 1),
    ]


def _labelled(directory: Path, labels: dict[int, str], **settings: Any) -> Store:
    store = _store(directory, *["a pay b"] * max(labels), **settings)
    store.insert(
        AMPLITUDE_USERS,
        [
            {
                "event_date": AS_OF,
                "requested_id": str(id_),
                "amplitude_id": id_,
                "cohort": label,
                "status": "ok",
            }
            for id_, label in labels.items()
        ],
    )
    return store


def test_labels_are_cohorts_and_cut_nothing(tmp_path: Path) -> None:
    rows = _labelled(tmp_path, {1: "trial", 2: "team", 3: "free"}).figures(PATHS)
    assert sorted(row["cohort"] for row in rows) == ["free", "team", "trial"]
    assert {tuple(row["events"]) for row in rows} == {("a", "pay", "b")}


@pytest.mark.parametrize("labels", [("b", "a"), ("a", "converter", "b")])
def test_a_person_with_several_labels_has_none_of_them(
    tmp_path: Path, labels: tuple[str, ...]
) -> None:
    store = _labelled(tmp_path, dict(enumerate(labels, start=1)))
    store.persons(dict.fromkeys(range(1, len(labels) + 1), "person_x"))
    assert {row["cohort"] for row in store.figures(PATHS)} == {"both_lists"}


def test_each_as_of_knows_its_labels_only(tmp_path: Path) -> None:
    store = _labelled(tmp_path, {1: "trial"})
    store.lists(converters=[1], snapshot=date(2026, 3, 20))
    days = [date(2026, 3, 20), AS_OF]
    assert [row["cohort"] for row in store.figures(PATHS, *days)] == ["converter", "trial"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"cohort_source": "conversion_event", "conversion_event": ""}, "needs CONVERSION_EVENT"),
        ({"cohort_source": "lists"}, r"Who converted is not known: set CONVERTER_USER_IDS"),
        ({"start_event": "pay"}, "JOURNEY_START_EVENT is the CONVERSION_EVENT"),
        (
            {"start_event": "a", "end_event": "a", "start_occurrence": "last"},
            "JOURNEY_START_EVENT and JOURNEY_END_EVENT",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_an_error_that_names_them(
    tmp_path: Path, settings: dict[str, Any], problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem):
        _paths(tmp_path, "a pay", **settings)


def test_lists_allow_paths_that_begin_with_the_conversion(tmp_path: Path) -> None:
    store = _store(tmp_path, "a pay b", start_event="pay")
    store.lists(converters=[1])
    assert _walked(store.figures(PATHS)) == ["pay b"]


def test_every_event_of_a_path_has_its_time(tmp_path: Path) -> None:
    row = _store(tmp_path, "a b c").figures(PATHS)[0]
    assert row["times"] == [NOON + timedelta(minutes=minute) for minute in range(3)]
