"""Whose events make a path: persons of identity, and never two users in one."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS
from journey_assets_tests.journeys_store import AS_OF, Store

NOON = datetime(2026, 3, 15, 12)
Sighting = tuple[int, str | None]

#: What a few devices that share users see; and the ids that Amplitude has merged.
crowds = st.tuples(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.sampled_from([None, "ann", "bob", "cem@example.com", " CEM@example.com"]),
        ),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=3),
)


def _user(user_id: str | None) -> str:
    known = (user_id or "").strip().lower()
    return "nobody" if known in {"", "anonymous"} else known.replace("@", " at ")


def _paths(
    directory: str | Path,
    seen: list[Sighting],
    *,
    identified: bool = True,
    tracked: list[Sighting] | None = None,
    aliases: list[tuple[int, int]] | None = None,
    **given: Any,
) -> list[list[str]]:
    """The paths of events that are named after their user."""
    store = Store(Path(directory), conversion_event="no such event", **given)
    store.sightings(
        (id_, user, _user(user), NOON + timedelta(minutes=minute))
        for minute, (id_, user) in enumerate(seen)
    )
    named: list[tuple[int, str | None, list[int]]] = [
        *((id_, user, []) for id_, user in tracked or []),
        *((one, None, [other]) for one, other in aliases or []),
    ]
    store.insert(
        AMPLITUDE_USERS,
        [
            {
                "event_date": AS_OF,
                "requested_id": f"{number}",
                "amplitude_id": id_,
                "user_id": user,
                "cohort": "converter" if tracked else None,
                "status": "ok",
                "merged_amplitude_ids": others,
            }
            for number, (id_, user, others) in enumerate(named)
        ],
    )
    if identified:
        store.identify()
    return [row["events"] for row in store.figures(PATHS)]


@settings(max_examples=5, deadline=None)
@given(many=st.lists(crowds, min_size=1, max_size=8), identified=st.booleans())
def test_no_path_has_two_users_and_every_event_is_in_one(
    many: list[tuple[list[Sighting], list[tuple[int, int]]]], identified: bool
) -> None:
    seen: list[Sighting] = []
    aliases: list[tuple[int, int]] = []
    for number, (sightings, merged) in enumerate(many):
        first = 10 * number
        seen += [(first + id_, user and f"{user}{number}") for id_, user in sightings]
        aliases += [(first + one, first + other) for one, other in merged]
    with tempfile.TemporaryDirectory() as directory:
        paths = _paths(directory, seen, aliases=aliases, identified=identified)
    assert all(len(set(path) - {"nobody"}) <= 1 for path in paths)
    assert sorted(name for path in paths for name in path) == sorted(_user(u) for _, u in seen)
    users = [user for path in paths for user in set(path) - {"nobody"}]
    assert len(users) == len(set(users)), "a user is one person on all devices"


def test_events_before_the_login_belong_to_the_user_of_the_device(tmp_path: Path) -> None:
    seen: list[Sighting] = [(1, None), (1, "ann"), (2, "ann")]
    assert _paths(tmp_path, seen) == [["nobody", "ann", "ann"]]


def test_anonymous_events_of_a_device_of_two_users_belong_to_neither(tmp_path: Path) -> None:
    seen: list[Sighting] = [(1, None), (1, "ann"), (1, "bob"), (1, None)]
    assert sorted(_paths(tmp_path, seen)) == [["ann"], ["bob"], ["nobody", "nobody"]]


def test_a_user_without_identity_is_the_person_that_identity_would_name(tmp_path: Path) -> None:
    store = Store(tmp_path, conversion_event="no such event")
    store.sightings([(1, "ann", "open", NOON)])
    before = store.figures(PATHS)
    store.identify()
    assert [row["person_id"] for row in before] == [
        row["person_id"] for row in store.figures(PATHS)
    ]


def test_a_user_id_that_means_nobody_is_none(tmp_path: Path) -> None:
    seen: list[Sighting] = [(1, "anonymous"), (1, "ann"), (2, "anonymous")]
    assert sorted(_paths(tmp_path, seen)) == [["nobody"], ["nobody", "ann"]]


def test_a_user_id_of_too_many_amplitude_ids_makes_no_path_of_theirs(tmp_path: Path) -> None:
    seen: list[Sighting] = [*((n, "kiosk") for n in range(1, 5)), (8, "ann"), (9, "ann")]
    paths = _paths(tmp_path, seen, shared_id_limits="*=3")
    assert sorted(paths) == [["ann", "ann"], *[["kiosk"]] * 4]


def test_a_list_that_names_one_user_of_a_device_leaves_out_the_other(tmp_path: Path) -> None:
    seen: list[Sighting] = [(1, "ann"), (1, "bob")]
    assert _paths(tmp_path, seen, tracked=[(1, "bob")]) == [["bob"]]
