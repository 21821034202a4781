"""Paths under any settings: as a plain reading of the settings makes them, and figures that tie."""

import itertools
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.settings import Settings
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets_tests.journeys_store import Row, Store

DAYS = (date(2026, 3, 14), date(2026, 3, 15))
MORNING = datetime(2026, 3, 13, 9)

#: What a person does: event, page, minutes since the event before.
lives = st.lists(
    st.tuples(
        st.sampled_from(["open", "view", "go", "pay", "rare_1", "rare_2", "$x"]),
        st.sampled_from(["x", "y", "z", None]),
        st.sampled_from([0, 1, 29, 31, 600]),
    ),
    min_size=1,
    max_size=25,
)
choices = st.fixed_dictionaries(
    {"conversion_event": st.sampled_from(["pay", "nobody has it"])},
    optional={
        "max_events": st.integers(1, 12),
        "path_unit": st.just("session"),
        "start_event": st.sampled_from(["go", "open"]),
        "start_occurrence": st.sampled_from(["first", "last"]),
        "end_event": st.sampled_from(["view", "rare_1", "pay"]),
        "end_occurrence": st.sampled_from(["first", "last"]),
        "event_names": st.just("rare_*=rare"),
        "event_limit": st.integers(1, 4),
        "collapse": st.just(True),
    },
)
by_page = st.sampled_from([{}, {"step_property": "view=page", "step_property_limit": 1}])


@dataclass(frozen=True)
class Told:
    """A path as the settings' descriptions tell it."""

    events: tuple[str, ...]
    times: tuple[datetime, ...]
    cohort: str
    ending: str


Moment = tuple[str, datetime]


def _tell(people: Sequence[Sequence[Moment]], as_of: date, chosen: Settings) -> list[Told]:
    """The paths of one as_of, written a second time without SQL."""
    end = datetime(as_of.year, as_of.month, as_of.day) + timedelta(days=1)
    begin = end - timedelta(days=chosen.window_days)
    windows = [[e for e in events if begin <= e[1] < end] for events in people]
    named = _folded(
        [[(_named(n, chosen), at) for n, at in w if n != "$x"] for w in windows], chosen
    )
    earlier = [
        any(at < begin and _named(n, chosen) == chosen.conversion_event for n, at in events)
        for events in people
    ]
    units = [
        (part, before)
        for events, before in zip(named, earlier, strict=True)
        for part in _parts(events, chosen)
    ]
    return [told for events, before in units if (told := _told(events, end, chosen, before))]


def _named(name: str, chosen: Settings) -> str:
    return "rare" if chosen.event_names and name.startswith("rare_") else name


def _folded(windows: list[list[Moment]], chosen: Settings) -> list[list[Moment]]:
    fixed = {
        _named(n, chosen) for n in (chosen.conversion_event, chosen.start_event, chosen.end_event)
    }
    for prefix, rest, limit in (
        ("view: ", "view: (other)", chosen.step_property_limit if chosen.step_property else None),
        ("", "(other)", chosen.event_limit),
    ):
        counts = Counter(
            name
            for events in windows
            for name, _ in events
            if name.startswith(prefix) and (not prefix or not name.endswith("(none)"))
        )
        ranked = sorted(counts, key=lambda name: (-counts[name], name))
        folded = set(ranked[limit:]) - fixed if limit else set()
        windows = [[(rest if n in folded else n, at) for n, at in events] for events in windows]
    return windows


def _parts(events: list[Moment], chosen: Settings) -> list[list[Moment]]:
    if chosen.path_unit == "person":
        return [events]
    parts: list[list[Moment]] = []
    for event in events:
        gap = timedelta(minutes=chosen.session_gap_minutes)
        if not parts or event[1] - parts[-1][-1][1] > gap:
            parts.append([])
        parts[-1].append(event)
    return parts


def _pick(places: Sequence[int], occurrence: str) -> int | None:
    return (places[0] if occurrence == "first" else places[-1]) if places else None


def _told(
    events: list[Moment], observed: datetime, chosen: Settings, converted_before: bool
) -> Told | None:
    if chosen.start_event:
        starts = [i for i, (name, _) in enumerate(events) if name == chosen.start_event]
        start = _pick(starts, chosen.start_occurrence)
        events = [] if start is None else events[start:]
    if not events:
        return None
    active_until = events[-1][1]
    if chosen.collapse:
        events = [e for i, e in enumerate(events) if i == 0 or e[0] != events[i - 1][0]]
    names = [name for name, _ in events]
    after = 1 if chosen.start_event else 0
    ends = [i for i, n in enumerate(names) if i >= after and n == _named(chosen.end_event, chosen)]
    end = _pick(ends, chosen.end_occurrence)
    conversions = [i for i, name in enumerate(names) if name == chosen.conversion_event]
    goals = [] if converted_before else conversions[:1]
    stops = [place for place in (end, *goals) if place is not None]
    stop = min([len(names) - 1, *stops])
    last = min(stop, (chosen.max_events or len(names)) - 1)
    if last < stop:
        ending = "cut"
    elif last in goals:
        ending = "conversion"
    elif end is not None:
        ending = "cut"
    else:
        gap = timedelta(minutes=chosen.session_gap_minutes)
        ending = "censored" if observed - active_until <= gap else "exit"
    cohort = "converter" if conversions else "non_converter"
    cohort = "earlier_converter" if converted_before else cohort
    times = tuple(at for _, at in events[: last + 1])
    return Told(tuple(names[: last + 1]), times, cohort, ending)


def _stored(
    store: Store, people: Sequence[Sequence[tuple[str, str | None, int]]]
) -> list[list[Moment]]:
    """Store what people do; their moments, views named by page where the store tells them apart."""
    told, rows = [], []
    for person, life in enumerate(people):
        at, moments = MORNING, []
        for order, (name, page, minutes) in enumerate(life):
            at += timedelta(minutes=minutes)
            apart = name == "view" and store.settings.step_property
            moments.append((f"view: {page or '(none)'}" if apart else name, at))
            rows.append(
                {
                    "event_date": at.date(),
                    "amplitude_id": person,
                    "event_type": name,
                    "event_time": at,
                    "source_order": order,
                    "event_properties": f'{{"page": "{page}"}}' if page else None,
                }
            )
        told.append(moments)
    store.insert(AMPLITUDE_EVENTS, rows)
    return told


def _assert_ties(paths: list[Row], figures: dict[str, list[Row]], cohort: str) -> None:
    """The figures of a cohort at one as_of count what its paths hold."""
    events = [row["events"] for row in paths]
    pairs = Counter(pair for walk in events for pair in itertools.pairwise(walk))
    found = {(r["from_event"], r["to_event"]): r["occurrences"] for r in figures["transitions"]}
    assert found == dict(pairs)
    visits = Counter(name for walk in events for name in walk)
    assert {r["event_type"]: r["occurrences"] for r in figures["step_frequencies"]} == dict(visits)
    kinds = {"exit": "exits", "conversion": "conversions", "censored": "censored", "cut": "cut"}
    ends = Counter((row["events"][-1], kinds[row["ending"]]) for row in paths)
    for row in figures["last_events"]:
        name = row["event_type"]
        assert all(row[kind] == ends[name, kind] for kind in kinds.values())
        departures = sum(n for (origin, _), n in pairs.items() if origin == name)
        assert row["visits"] == departures + sum(row[kind] for kind in kinds.values())
    assert sum(row["persons"] for row in figures["last_events"]) == len(paths)
    (summary,) = figures["summary"]
    assert (summary["persons"], summary["events"]) == (len(paths), sum(map(len, events)))
    assert summary["cohort"] == cohort


@settings(max_examples=8, deadline=None)
@given(people=st.lists(lives, min_size=1, max_size=6), chosen=choices, pages=by_page)
def test_paths_are_what_the_settings_say_and_every_figure_counts_them(
    people: list[list[tuple[str, str | None, int]]], chosen: dict[str, Any], pages: dict[str, Any]
) -> None:
    given_ = {**chosen, **pages}
    if pages and given_.get("end_event") == "view":
        given_["end_event"] = "view: y"
    tables = (PATHS, TRANSITIONS, LAST_EVENTS, STEP_FREQUENCIES, SUMMARY)
    with tempfile.TemporaryDirectory() as directory:
        store = Store(Path(directory), window_days=2, **given_)
        told = _stored(store, people)
        figures = store.all_figures(*tables, days=DAYS)
        alone = store.all_figures(*tables, days=DAYS[:1])
    for table in tables:
        first_day = [row for row in figures[table] if row["as_of"] == DAYS[0]]
        assert sorted(map(repr, first_day)) == sorted(map(repr, alone[table]))
    for day in DAYS:
        rows = [row for row in figures[PATHS] if row["as_of"] == day]
        ours = [Told(tuple(r["events"]), tuple(r["times"]), r["cohort"], r["ending"]) for r in rows]
        assert Counter(ours) == Counter(_tell(told, day, store.settings))
        for cohort in {row["cohort"] for row in rows}:
            of_cohort = {
                table.name: [
                    r for r in figures[table] if (r["as_of"], r["cohort"]) == (day, cohort)
                ]
                for table in tables
            }
            _assert_ties(of_cohort["paths"], of_cohort, cohort)
