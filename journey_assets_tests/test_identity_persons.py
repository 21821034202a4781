"""Who is one person across the vendors, from raw rows to identity.persons."""

import json
import random
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from journey_assets.identity import compute
from journey_assets.warehouse.pseudonyms import pseudonym
from journey_assets_tests.identity_store import (
    DAY,
    KEY,
    Raw,
    conversation,
    event,
    external_id,
    last_days,
    profile,
    resolved,
    tracked,
)

_EVERYBODY = Raw(
    events=[
        event(1, "u1", device="d1"),
        event(1, None),
        event(2, None),
        event(3, "u3", device="d1"),
        event(4, "Joe@Example.com"),
    ],
    users=[tracked(3, "u3", canonical_amplitude_id=3, merged_amplitude_ids=[30, 31])],
    profiles=[
        profile("user_id:u1", " Ann@Example.com\t"),
        profile("user_id:Joe@Example.com"),
        profile("email:lone@example.com", "lone@example.com"),
    ],
    external_ids=[
        external_id("user_id:u1", "user_id", "u1"),
        external_id("user_id:u1", "ios_id", "phone"),
        external_id("user_id:Joe@Example.com", "user_id", "joe@example.com"),
        external_id("email:lone@example.com", "email", "LONE@example.com"),
    ],
    conversations=[
        conversation("c1", '{"$customer-email": "ann@EXAMPLE.com "}'),
        conversation("c2", '{"$customer-email": "new@example.com"}'),
        conversation("c3", '{"other": "x"}'),
    ],
)


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return resolved(tmp_path_factory.mktemp("everybody"), _EVERYBODY)[0]


def _person(rows: Sequence[dict[str, Any]], id_type: str, value: str) -> str | None:
    (person,) = {
        row["person_id"] for row in rows if row["id_type"] == id_type and row["id_value"] == value
    }
    return None if person is None else str(person)


def _two_profiles(*pairs: tuple[str, str]) -> Raw:
    """Two profiles without user ids that hold one identifier each."""
    keys = ["a:1", "b:2"]
    return Raw(
        profiles=[profile(key) for key in keys],
        external_ids=[external_id(key, *pair) for key, pair in zip(keys, pairs, strict=True)],
    )


def _joined(folder: Path, raw: Raw) -> bool:
    rows, _ = resolved(folder, raw)
    return _person(rows, "profile_key", "a:1") == _person(rows, "profile_key", "b:2")


def test_one_person_is_known_by_every_vendor(everybody: list[dict[str, Any]]) -> None:
    ann = _person(everybody, "amplitude_id", "1")
    assert ann == pseudonym(KEY, "person", "user_id:u1")
    mine = [
        (row["source"], row["id_type"], row["id_value"])
        for row in everybody
        if row["person_id"] == ann
    ]
    address = pseudonym(KEY, "email", "ann@example.com")
    assert mine == [
        ("amplitude", "amplitude_id", "1"),
        ("amplitude", "user_id", "u1"),
        ("mavenoid", "conversation", "c1"),
        ("mavenoid", "email", address),
        ("segment", "email", address),
        ("segment", "ios.id", "phone"),
        ("segment", "profile_key", "user_id:u1"),
        ("segment", "user_id", "u1"),
    ]


def test_merged_amplitude_ids_are_one_person(everybody: list[dict[str, Any]]) -> None:
    assert len({_person(everybody, "amplitude_id", id_) for id_ in ("3", "30", "31")}) == 1


def test_an_anonymous_amplitude_id_is_a_person_of_its_own(everybody: list[dict[str, Any]]) -> None:
    assert _person(everybody, "amplitude_id", "2") == pseudonym(KEY, "person", "amplitude_id:2")


def test_a_conversation_whose_address_nobody_else_knows_is_a_person_of_its_own(
    everybody: list[dict[str, Any]],
) -> None:
    new = _person(everybody, "conversation", "c2")
    assert new is not None
    assert {row["source"] for row in everybody if row["person_id"] == new} == {"mavenoid"}


def test_a_conversation_without_an_address_belongs_to_nobody(
    everybody: list[dict[str, Any]],
) -> None:
    assert _person(everybody, "conversation", "c3") is None


def test_each_identifier_has_one_row(everybody: list[dict[str, Any]]) -> None:
    keys = [(row["source"], row["id_type"], row["id_value"]) for row in everybody]
    assert len(keys) == len(set(keys))


def test_no_address_is_in_any_output(tmp_path: Path) -> None:
    persons, coverage = resolved(tmp_path, _EVERYBODY)
    texts = [str(value) for row in [*persons, *coverage] for value in row.values()]
    assert not [text for text in texts if "@" in text or "example" in text]
    assert all(re.fullmatch("person_[0-9a-f]{16}|None", str(row["person_id"])) for row in persons)


def test_a_tracked_user_without_events_has_a_person_and_one_not_found_has_none(
    tmp_path: Path,
) -> None:
    users = [tracked(5, "u5"), tracked(None, None, requested_id="gone", status="not_found")]
    rows, _ = resolved(tmp_path, Raw(users=users))
    assert [row["id_value"] for row in rows] == ["5", "u5"]


def test_a_blocked_value_joins_nobody(tmp_path: Path) -> None:
    rows, _ = resolved(tmp_path, _two_profiles(("user_id", "NULL"), ("user_id", "NULL")))
    assert [row["id_type"] for row in rows] == ["profile_key", "profile_key"]
    assert len({row["person_id"] for row in rows}) == 2


@pytest.mark.parametrize("value", ["undefined", "NaN", " None", "TEST", "none@None.com", "n/a"])
def test_a_placeholder_joins_nobody(tmp_path: Path, value: str) -> None:
    raw = Raw(
        events=[event(1, value), event(2, value)],
        profiles=[profile("ios.id:1", value), profile("ios.id:2", value)],
        external_ids=[external_id(f"ios.id:{n}", "user_id", value) for n in (1, 2)],
        conversations=[conversation(f"c{n}", json.dumps({"email": value})) for n in (1, 2)],
    )
    rows, _ = resolved(tmp_path, raw)
    known = [row["person_id"] for row in rows if row["id_type"] != "conversation"]
    assert len(known) == len(set(known)) == 4
    assert {row["person_id"] for row in rows if row["id_type"] == "conversation"} == {None}


def test_placeholders_are_a_setting(tmp_path: Path) -> None:
    raw = _two_profiles(("user_id", "Kiosk"), ("user_id", "KIOSK"))
    rows, _ = resolved(tmp_path, raw, placeholder_ids="kiosk")
    assert len({row["person_id"] for row in rows}) == 2


def test_a_value_that_too_many_carry_joins_nobody_and_is_reported(tmp_path: Path) -> None:
    many, few = range(1, 5), range(11, 14)
    raw = Raw(
        events=[*(event(n, "kiosk") for n in many), *(event(n, "ann") for n in few)],
        profiles=[profile(f"ios.id:{n}", "all@ours.example") for n in many],
    )
    rows, coverage = resolved(tmp_path, raw, shared_id_limits="*=3")
    owners = {row["id_value"]: row["person_id"] for row in rows}
    assert owners["kiosk"] is None
    assert len({owners[str(n)] for n in many}) == 4
    assert len({owners[f"ios.id:{n}"] for n in many}) == 4
    assert {owners[str(n)] for n in few} == {owners["ann"]}
    counted = {row["measure"]: (row["numerator"], row["denominator"]) for row in coverage}
    assert counted["too_shared:amplitude:user_id"] == (1, 2)
    assert counted["too_shared:segment:email"] == (1, 1)
    assert counted["id_coverage:amplitude:user_id"] == (3, 7)


def test_the_limit_is_by_type_and_conversations_are_occasions_of_one_person(tmp_path: Path) -> None:
    form = '{"email": "ann@ours.example"}'
    raw = Raw(
        profiles=[profile("user_id:a", "ann@ours.example"), profile("user_id:b")],
        external_ids=[external_id(f"user_id:{n}", "company", "c") for n in "ab"],
        conversations=[conversation(f"c{n}", form) for n in range(20)],
    )
    rows, _ = resolved(tmp_path, raw, shared_id_limits="*=10,company=1,conversation=20")
    owners = {row["id_value"]: row["person_id"] for row in rows}
    assert owners["user_id:a"] != owners["user_id:b"]
    assert {owners[f"c{n}"] for n in range(20)} == {owners["user_id:a"]}


@pytest.mark.parametrize(
    "form",
    [
        {"EMail": "Ann <ANN@example.com>"},
        {"E-mail address": "mailto:ann@example.com"},
        {"customer_email": "ann\u200b@example.com."},
        {"name": "bo@example.com", "Your e-mail": ["ann@example.com"]},
        {"email": "none", "contactEmail": {"value": "ann＠example.com"}},
        {"email": "other@example.com", "$customer-email": "ann@example.com"},
        {"e/m~ail": "“ann@example.com”", "mail": "bo@example.com"},
    ],
)
def test_the_address_of_a_form_is_found_however_it_is_asked_for_and_written(
    tmp_path: Path, form: dict[str, Any]
) -> None:
    raw = Raw(
        profiles=[profile("user_id:ann", "ann@example.com")],
        conversations=[conversation("c1", json.dumps(form))],
    )
    rows, _ = resolved(tmp_path, raw)
    assert len({row["person_id"] for row in rows}) == 1


def test_keys_of_forms_are_a_setting(tmp_path: Path) -> None:
    raw = Raw(
        profiles=[profile("user_id:ann", "ann@example.com")],
        conversations=[conversation("c1", '{"Kontakt: E-Post": "ann@example.com"}')],
    )
    assert len({row["person_id"] for row in resolved(tmp_path / "a", raw)[0]}) == 2
    rows, _ = resolved(tmp_path / "b", raw, support_email_keys="kontakt e-post")
    assert len({row["person_id"] for row in rows}) == 1


def test_the_two_spellings_of_a_platform_type_are_one(tmp_path: Path) -> None:
    assert _joined(tmp_path, _two_profiles(("ios_id", "x"), ("ios.id", "x")))


def test_equal_values_of_different_types_join_nobody(tmp_path: Path) -> None:
    types = ("user_id", "email", "anonymous_id", "ios.id", "android.id", "amplitude_id")
    raw = Raw(
        profiles=[profile(f"{id_type}:x") for id_type in types],
        external_ids=[external_id(f"{name}:x", name, "same@example.com") for name in types],
    )
    rows, _ = resolved(tmp_path, raw)
    assert len({row["person_id"] for row in rows}) == len(types)


def test_joined_profiles_are_the_components_of_networkx(tmp_path: Path) -> None:
    chance = random.Random(11)
    names = [("email", "{}@b.se"), ("ios_id", "i{}"), ("anonymous_id", "a{}")]
    keys = [f"k:{number}" for number in range(60)]
    raw = Raw(profiles=[profile(key) for key in keys], external_ids=[])
    graph: nx.Graph[object] = nx.Graph()
    graph.add_nodes_from(keys)
    ids = []
    for key in (chance.choice(keys) for _ in range(70)):
        id_type, form = chance.choice(names)
        value = form.format(chance.randrange(20))
        ids.append(external_id(key, id_type, value))
        graph.add_edge(key, (id_type, value))
    raw.external_ids = ids
    rows, _ = resolved(tmp_path, raw)
    persons: dict[str, set[str]] = {}
    for row in rows:
        if row["id_type"] == "profile_key":
            persons.setdefault(row["person_id"], set()).add(row["id_value"])
    expected = [group & set(keys) for group in nx.connected_components(graph)]
    assert len(expected) > 10
    assert sorted(map(sorted, persons.values())) == sorted(map(sorted, expected))


def test_a_custom_segment_type_is_not_taken_for_amplitudes_id(tmp_path: Path) -> None:
    raw = _two_profiles(("amplitude_id", "7"), ("user_id", "u"))
    raw.events = [event(7, "v")]
    rows, _ = resolved(tmp_path, raw)
    assert _person(rows, "amplitude_id", "7") != _person(rows, "profile_key", "a:1")


def test_two_user_ids_that_share_an_address_stay_two_persons(tmp_path: Path) -> None:
    raw = Raw(
        events=[event(1, "u1"), event(2, "u2")],
        profiles=[profile("user_id:u1", "us@example.com"), profile("user_id:u2", "us@example.com")],
        external_ids=[
            external_id("user_id:u1", "user_id", "u1"),
            external_id("user_id:u2", "user_id", "u2"),
            external_id("user_id:u1", "ios.id", "mine"),
        ],
        conversations=[conversation("c", '{"$customer-email": "us@example.com"}')],
    )
    rows, _ = resolved(tmp_path, raw)
    one, two = (_person(rows, "user_id", user) for user in ("u1", "u2"))
    assert one != two
    assert _person(rows, "amplitude_id", "1") == one == _person(rows, "ios.id", "mine")
    assert _person(rows, "profile_key", "user_id:u2") == two
    # The conversation is either's: somebody of its own, not a guess.
    assert _person(rows, "conversation", "c") not in (None, one, two)


def test_a_device_that_two_user_ids_share_belongs_to_nobody(tmp_path: Path) -> None:
    keys = ("user_id:u1", "user_id:u2")
    raw = Raw(
        profiles=[profile(key) for key in keys],
        external_ids=[external_id(key, "user_id", key[-2:]) for key in keys]
        + [external_id(key, "ios.id", "kiosk") for key in keys],
    )
    rows, _ = resolved(tmp_path, raw)
    assert _person(rows, "ios.id", "kiosk") is None


def test_an_amplitude_id_in_two_hands_goes_to_neither_user(tmp_path: Path) -> None:
    rows, _ = resolved(tmp_path, Raw(events=[event(1, "u1"), event(1, "u2"), event(1, None)]))
    persons = {row["person_id"] for row in rows}
    assert len(persons) == 3
    assert None not in persons


def test_a_component_over_segments_limits_with_one_user_id_stays_whole(tmp_path: Path) -> None:
    ids = [external_id("user_id:u", "email", f"{n}@example.com") for n in range(6)]
    raw = Raw(
        profiles=[profile("user_id:u")],
        external_ids=[external_id("user_id:u", "user_id", "u"), *ids],
    )
    rows, coverage = resolved(tmp_path, raw)
    assert len({row["person_id"] for row in rows}) == 1
    over = {row["measure"]: row["numerator"] for row in coverage if "over_merged" in row["measure"]}
    assert over == {"over_merged:any": 1, "over_merged:limits": 1, "over_merged:user_ids": 0}


def test_a_known_persons_id_survives_what_joins_later(tmp_path: Path) -> None:
    before, after = last_days(2)
    raw = Raw(
        events=[event(9, "u", before), event(1, "u", after)],
        profiles=[profile("user_id:u", "u@example.com", after)],
        external_ids=[external_id("user_id:u", "user_id", "u", after)],
    )
    rows, _ = resolved(tmp_path, raw, [before, after])
    assert len({row["person_id"] for row in rows}) == 1


def test_an_anonymous_person_is_renamed_when_the_user_id_becomes_known(tmp_path: Path) -> None:
    before, after = last_days(2)
    rows, _ = resolved(
        tmp_path, Raw(events=[event(9, None, before), event(9, "u", after)]), [before, after]
    )
    named = [(row["as_of"], row["person_id"]) for row in rows if row["id_type"] == "amplitude_id"]
    assert named == [
        (before, pseudonym(KEY, "person", "amplitude_id:9")),
        (after, pseudonym(KEY, "person", "user_id:u")),
    ]


def test_only_the_trailing_window_and_its_newest_snapshot_count(tmp_path: Path) -> None:
    old, middle, first, last = DAY - timedelta(days=3), *last_days(3)
    raw = Raw(
        events=[event(1, "gone", old), event(2, "u", middle)],
        profiles=[profile("a:old", day=middle), profile("a:new", day=first)],
    )
    rows, _ = resolved(tmp_path, raw, [last], window_days=3)
    assert [row["id_value"] for row in rows] == ["2", "u", "a:new"]


def test_a_range_gives_what_each_day_gives_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    days = last_days(6)
    users = [None, "u1", "u2", "u3", "a@b.se"]
    raw = Raw(
        events=[
            event(chance.randrange(6), chance.choice(users), chance.choice(days)) for _ in range(30)
        ],
        profiles=[profile(f"user_id:u{n}", "x@b.se", days[n]) for n in (1, 2, 3)],
        external_ids=[external_id(f"user_id:u{n}", f"t{n}", "1", days[n]) for n in (1, 2, 3)],
        conversations=[conversation("c", '{"$customer-email": "x@b.se"}', days[3])],
    )
    monkeypatch.setattr(compute, "_NODES_AT_ONCE", 50)  # several batches, the last one smaller
    together = resolved(tmp_path, raw, days[3:], window_days=4)
    for day in days[3:]:
        alone = resolved(tmp_path, Raw(), [day], window_days=4)
        for rows, own in zip(together, alone, strict=True):
            assert [row for row in rows if row["as_of"] == day] == own


def test_the_order_of_arrival_changes_nothing(tmp_path: Path) -> None:
    shuffled = Raw(*(list(reversed(rows or [])) for rows in _EVERYBODY.tables().values()))
    (tmp_path / "other").mkdir()
    assert resolved(tmp_path, _EVERYBODY) == resolved(tmp_path / "other", shuffled)


def test_a_database_without_raw_tables_gives_no_persons(tmp_path: Path) -> None:
    rows, _ = resolved(tmp_path, Raw())
    assert rows == []
