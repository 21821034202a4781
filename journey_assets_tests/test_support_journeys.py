"""Contacts by state of the journey equal a count by hand over stored paths and conversations."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact, norm

from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.support.compute import compute
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import MAVENOID_CONVERSATIONS
from journey_assets.warehouse.tables.support import CONTACT_TOPICS, JOURNEY_CONTACTS
from journey_assets_tests.stored import computed, settings_for, store

AS_OF = date(2026, 11, 20)
START = datetime(2026, 11, 19)
PSEUDO = ("(after conversion)", "(beyond the path)", "(before the first event)")

contact = st.fixed_dictionaries(
    {
        "minute": st.integers(0, 24),
        "flow_name": st.sampled_from(["Washer", "Scooter", None]),
        "feedback_topics": st.lists(st.sampled_from(["price", "speed"]), max_size=2),
        "latest_search_query": st.sampled_from([None, "where"]),
        "latest_search_result_chosen": st.sampled_from([None, "Refunds", "Returns"]),
        "feedback_rating": st.sampled_from([None, 1, 4]),
    }
)
person = st.fixed_dictionaries(
    {
        # Minutes between events: ties occur, and contacts at the minute of an event.
        "steps": st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from("ABC")), min_size=1, max_size=5
        ),
        "ending": st.sampled_from(["conversion", "exit", "exit", "cut", "cut then converted"]),
        "contacts": st.lists(contact, max_size=3),
        "known": st.sampled_from([True, True, True, False]),
    }
)


def _person(number: int, drawn: dict[str, Any]) -> dict[str, Any]:
    """The drawn person with events, times and conversion as ``journeys.paths`` has them."""
    at, times = 5, []
    for gap, _ in drawn["steps"]:
        at += gap
        times.append(START + timedelta(minutes=at))
    events = [event for _, event in drawn["steps"]]
    converted_at = None
    if drawn["ending"] == "conversion":
        events[-1] = "Buy"
        converted_at = times[-1]
    elif drawn["ending"] == "cut then converted":
        converted_at = times[-1] + timedelta(minutes=1)
    return {
        "person_id": f"p{number}",
        "session": 0,
        "cohort": "converter" if converted_at else "non_converter",
        "events": events,
        "times": times,
        "n_events": len(events),
        "converted_at": converted_at,
        "ending": drawn["ending"].split()[0],
        "contacts": drawn["contacts"],
        "known": drawn["known"],
    }


def _fill(database: Database, people: list[dict[str, Any]]) -> None:
    names = PATHS.column_names
    store(
        database,
        PATHS,
        [{"as_of": AS_OF} | {k: v for k, v in one.items() if k in names} for one in people],
    )
    # Besides everybody's contacts those of somebody without a path.
    said = [
        (one["person_id"] if one["known"] else None, c) for one in people for c in one["contacts"]
    ]
    said.append(("stranger", {"minute": 0}))
    conversations, persons = [], []
    for number, (person_id, drawn) in enumerate(said):
        row = {name: value for name, value in drawn.items() if name != "minute"}
        created = START + timedelta(minutes=drawn["minute"])
        conversations.append(
            row | {"conversation_date": AS_OF, "id": f"C{number:04}", "created_at": created}
        )
        persons.append(_conversation_of(person_id, f"C{number:04}"))
    store(database, MAVENOID_CONVERSATIONS, conversations)
    store(database, PERSONS, persons)


def _conversation_of(person_id: str | None, id_: str, as_of: date = AS_OF) -> dict[str, Any]:
    return {
        "as_of": as_of,
        "person_id": person_id,
        "source": "mavenoid",
        "id_type": "conversation",
        "id_value": id_,
    }


def _state(one: dict[str, Any], place: int) -> str:
    last = place == one["n_events"] - 1
    if last and one["ending"] in ("conversion", "cut"):
        return PSEUDO[one["ending"] == "cut"]
    return str(one["events"][place])


def _placed(one: dict[str, Any]) -> list[tuple[int, str, dict[str, Any]]]:
    """(place in the path or −1, state, contact) of each contact of a known person."""
    found = []
    for drawn in one["contacts"] if one["known"] else ():
        created = START + timedelta(minutes=drawn["minute"])
        place = sum(time <= created for time in one["times"]) - 1
        found.append((place, PSEUDO[2] if place < 0 else _state(one, place), drawn))
    return found


def _counts(people: Iterable[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Visits, contacts, persons and conversations by state."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in people:
        placed = _placed(one)
        contacted = {place for place, _, _ in placed}
        states = [_state(one, place) for place in range(one["n_events"])]
        for place, state in enumerate(states):
            if state != "(beyond the path)":
                counts[state].update(visits=1, contacts=place in contacted)
        for state in set(states) - {"(beyond the path)"}:
            there = {place for place, each in enumerate(states) if each == state}
            counts[state].update(persons=1, persons_contacting=bool(there & contacted))
        for _, state, drawn in placed:
            rating = drawn["feedback_rating"]
            counts[state].update(
                conversations=1, rated=rating is not None, satisfied=rating in (3, 4)
            )
    return counts


def _stays(people: Iterable[dict[str, Any]]) -> dict[str, list[tuple[float, bool, bool]]]:
    """By state, of each first visit before a conversion: its length or the wait for the contact, in
    minutes, whether there was a contact, and whether the person converted."""
    until = datetime.combine(AS_OF, datetime.min.time()) + timedelta(days=1)
    found: defaultdict[str, list[tuple[float, bool, bool]]] = defaultdict(list)
    for one in people:
        waits: dict[int, timedelta] = {}
        for place, _, drawn in _placed(one):
            created = START + timedelta(minutes=drawn["minute"])
            if place >= 0:
                wait = created - one["times"][place]
                waits[place] = min(wait, waits.get(place, wait))
        states = [_state(one, place) for place in range(one["n_events"])]
        for state in set(states) - set(PSEUDO):
            first = states.index(state)
            end = one["converted_at"]
            if end is None or one["times"][first] < end:
                left = [*one["times"], until][first + 1] - one["times"][first]
                stay = waits.get(first, left)
                found[state].append((stay / timedelta(minutes=1), first in waits, end is not None))
    return found


def _matched(stays: list[tuple[float, bool, bool]]) -> dict[str, Any]:
    """The comparison of a state, a set per contact and the variance person by person."""
    sets = []  # (the person in contact, those compared)
    for place, (stay, contacted, _) in enumerate(stays):
        others = [other for other, (longer, _, _) in enumerate(stays) if longer > stay]
        if contacted and others:
            sets.append((place, others))
    converts = [converted for _, _, converted in stays]
    a = sum(converts[who] * len(others) / (len(others) + 1) for who, others in sets)
    b, own, both = 0.0, 0.0, 0.0
    score = [0.0] * len(stays)
    weight = [0.0] * len(stays)
    for who, others in sorted(sets, key=lambda each: stays[each[0]][0]):
        m, n = len(others), len(others) + 1
        share = sum(converts[other] for other in others) / m
        b += m * share / n
        own += (m / n) ** 2 * share * (1 - share)
        both += m / n * share * (1 - share) * weight[who]
        for other in others:
            score[other] += (converts[other] - share) / n
            weight[other] += 1 / n
    compared = {other for _, others in sets for other in others}
    others = [other for other in compared if not stays[other][1]]
    return {
        "counts": (
            sum(converts[who] for who, _ in sets),
            len(sets),
            sum(converts[other] for other in others),
            len(others),
        ),
        "ratio": a / b if b else None,
        "expected": b,
        "z": (a - b, own + sum(each**2 for each in score) - 2 * both),
    }


def _check_risks(rows: dict[str, dict[str, Any]], people: list[dict[str, Any]]) -> None:
    for state, row in rows.items():
        stays = _stays(people).get(state)
        names = ("contacting_converters", "contacting", "others_converters", "others")
        found = tuple(row[f"compared_{name}"] for name in names)
        if stays is None:
            assert (found, row["verdict"]) == ((None,) * 4, "not_compared")
            continue
        oracle = _matched(stays)
        contacting = oracle["counts"][1]
        assert found == oracle["counts"]
        difference, variance = oracle["z"]
        if min(oracle["expected"], contacting - oracle["expected"]) < 1 or variance <= 0:
            assert (row["verdict"], row["relative_risk"]) == ("insufficient", None)
            continue
        assert row["relative_risk"] == pytest.approx(oracle["ratio"])
        score = abs(difference) / variance**0.5
        assert (row["rr_low"] < 1 < row["rr_high"]) == (2 * norm.sf(score) > 0.2)
        if difference <= 0:
            assert row["p_value"] == pytest.approx(2 * norm.sf(score))
        else:
            assert row["p_value"] >= 2 * norm.sf(score) - 1e-12


def _check_contacts(rows: list[dict[str, Any]], people: list[dict[str, Any]]) -> None:
    cohorts = {one["cohort"] for one in people}
    for cohort in cohorts | {"all"}:
        members = [one for one in people if cohort in ("all", one["cohort"])]
        expected = _counts(members)
        if cohort == "all":
            expected["(no journey)"].update(conversations=1)
            nobody = sum(len(one["contacts"]) for one in people if not one["known"])
            if nobody:
                expected["(no person)"].update(conversations=nobody)
        found = {row["event_type"]: row for row in rows if row["cohort"] == cohort}
        assert set(found) == {state for state, counts in expected.items() if counts}
        for state, row in found.items():
            counts = expected[state]
            for name in ("visits", "contacts", "persons", "persons_contacting"):
                assert row[name] == (counts[name] if "visits" in counts else None)
            assert row["conversations"] == counts["conversations"]
            if state not in ("(no person)", "(no journey)"):
                assert (row["rated"], row["satisfied"]) == (counts["rated"], counts["satisfied"])
            enough = counts["visits"] >= 10
            rate = counts["contacts"] / counts["visits"] if enough else None
            assert row["contact_rate"] == rate


def _said(drawn: dict[str, Any]) -> dict[str, set[str]]:
    """The values of each kind that a contact has."""
    return {
        "topic": set(drawn["feedback_topics"]),
        "flow": {drawn["flow_name"]} - {None},
        "search_result": {drawn["latest_search_result_chosen"]} - {None},
        "searched": {"asked" if drawn["latest_search_query"] else "not asked"},
    }


def _firsts(people: list[dict[str, Any]]) -> list[tuple[str, str, set[str]]]:
    """(kind, state, values) of each person's first contact at a state that has a value of the kind."""
    firsts: list[tuple[str, str, set[str]]] = []
    for one in people:
        # In the order of time; equal times in the order they were stored.
        placed = sorted(_placed(one), key=lambda each: int(each[2]["minute"]))
        seen: set[tuple[str, str]] = set()
        for place, state, drawn in placed:
            for kind, values in _said(drawn).items():
                known = place >= 0 and state != "(beyond the path)"
                if known and values and (kind, state) not in seen:
                    seen.add((kind, state))
                    firsts.append((kind, state, values))
    return firsts


def _check_topics(rows: list[dict[str, Any]], people: list[dict[str, Any]]) -> None:
    firsts = _firsts(people)
    tests: dict[tuple[str, str, str], float] = {}
    shown: dict[tuple[str, str, str], tuple[int, int, int, int]] = {}
    for kind, state in {(k, s) for k, s, _ in firsts}:
        of_kind = [(s, v) for k, s, v in firsts if k == kind]
        for value in set().union(*(v for _, v in of_kind)):
            here = sum(s == state and value in v for s, v in of_kind)
            at_state = sum(s == state for s, _ in of_kind)
            with_value = sum(value in v for _, v in of_kind)
            total = len(of_kind)
            if here:
                shown[state, kind, value] = (here, at_state, with_value, total)
            if 2 <= at_state < total and 2 <= with_value < total:
                table = [
                    [here, at_state - here],
                    [with_value - here, total - at_state - with_value + here],
                ]
                tests[state, kind, value] = fisher_exact(table, alternative="greater").pvalue
    q = (
        dict(zip(tests, false_discovery_control(list(tests.values())), strict=True))
        if tests
        else {}
    )
    found = {(row["event_type"], row["kind"], row["value"]): row for row in rows}
    assert set(found) == set(shown)
    for key, row in found.items():
        names = ("contacts", "state_contacts", "value_contacts", "all_contacts")
        assert tuple(row[name] for name in names) == shown[key]
        if key not in tests:
            assert (row["verdict"], row["p_value"], row["lift"]) == ("insufficient", None, None)
            continue
        assert row["p_value"] == pytest.approx(tests[key])
        assert row["q_value"] == pytest.approx(q[key])
        here, at_state, with_value, total = shown[key]
        assert row["lift"] == pytest.approx(here / at_state / (with_value / total))
        assert row["verdict"] == ("clusters" if q[key] < 0.2 else "no_cluster")


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.lists(person, min_size=15, max_size=35), st.lists(person, min_size=60, max_size=90)
    )
)
def test_contacts_by_state_equal_a_count_by_hand(drawn: list[dict[str, Any]]) -> None:
    people = [_person(number, one) for number, one in enumerate(drawn)]
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "w.duckdb")
        _fill(database, people)
        given = settings_for(
            database,
            conversion_event="Buy",
            confidence_level=0.8,
            min_cohort_persons=2,
            min_persons=1,
        )
        contacts, topics = computed(
            compute, database, [AS_OF], given, JOURNEY_CONTACTS, CONTACT_TOPICS
        )
    _check_contacts(contacts, people)
    _check_risks({r["event_type"]: r for r in contacts if r["cohort"] == "all"}, people)
    _check_topics(topics, people)
