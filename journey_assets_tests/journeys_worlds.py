"""Random worlds for what must hold of all statistics: persons of several ids, ties of time, any settings."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS
from journey_assets_tests.journeys_store import Store

DAYS = (date(2026, 3, 14), date(2026, 3, 15))
MORNING = datetime(2026, 3, 13, 9)


class Happening(NamedTuple):
    """An event of one of a person's ids, ``minutes`` after the person's event before."""

    name: str
    minutes: float
    id: int
    page: str | None


class World(NamedTuple):
    """people: what each does. labels: a person's cohort by list, as far as they go. settings."""

    people: list[list[Happening]]
    labels: list[str | None]
    settings: dict[str, Any]


lives = st.lists(
    st.builds(
        Happening,
        st.sampled_from(["open", "view", "go", "pay", "rare_1", "rare_2", "$x"]),
        # No pause: a tie, which the vendor's order resolves within an id, and between ids the id.
        st.sampled_from([0, 0, 0.0004, 1, 29, 31, 600]),
        st.integers(0, 2),
        st.sampled_from(["x", "y", "z", None]),
    ),
    min_size=1,
    max_size=20,
)
chosen = st.fixed_dictionaries(
    {"conversion_event": st.sampled_from(["pay", "pay", "nobody has it"])},
    optional={
        "max_events": st.integers(1, 12),
        "path_unit": st.just("session"),
        "start_event": st.sampled_from(["go", "open"]),
        "start_occurrence": st.sampled_from(["first", "last"]),
        "end_event": st.sampled_from(["go", "rare_1", "rare", "pay"]),
        "end_occurrence": st.sampled_from(["first", "last"]),
        "event_names": st.just("rare_*=rare"),
        "event_limit": st.integers(1, 4),
        "collapse": st.just(True),
        "step_property": st.just("view=page"),
        "step_property_limit": st.integers(1, 2),
    },
)
#: Half of them without lists; guards are lowered so that small worlds have tests and verdicts.
worlds = st.builds(
    World,
    st.lists(lives, min_size=2, max_size=25),
    st.one_of(
        st.just([]),
        st.lists(st.sampled_from(["converter", "non_converter", "trial", None]), max_size=25),
    ),
    chosen.map(lambda some: some | {"min_persons": 1, "min_cohort_persons": 1, "permutations": 99}),
)


def stored(directory: str | Path, world: World) -> Store:
    """A store that holds the world's events, persons and lists at both of :data:`DAYS`."""
    store = Store(Path(directory), **world.settings)
    events, owners, tracked = [], [], []
    for person, life in enumerate(world.people):
        at = MORNING
        at_once: Counter[tuple[int, datetime]] = Counter()
        for each in life:
            at += timedelta(minutes=each.minutes)
            order = at_once[each.id, at]
            at_once[each.id, at] += 1
            events.append(
                {
                    "event_date": at.date(),
                    "amplitude_id": 3 * person + each.id,
                    "user_id": f"user {person}" if each.id == 2 else None,
                    "event_type": each.name,
                    "event_time": at,
                    "source_order": order,
                    "event_properties": f'{{"page": "{each.page}"}}' if each.page else None,
                }
            )
        for day in DAYS:
            # On the first day the third id is nobody's yet, so that persons grow between as_ofs.
            owners += [
                {
                    "as_of": day,
                    "person_id": f"person {person}",
                    "source": "amplitude",
                    "id_type": "amplitude_id",
                    "id_value": str(3 * person + place),
                }
                for place in range(2 if day == DAYS[0] else 3)
                if person % 4  # every fourth person is known by single ids only
            ]
        label = world.labels[person] if person < len(world.labels) else None
        if label is not None:
            tracked += [
                {
                    "event_date": day,
                    "requested_id": str(person),
                    "amplitude_id": 3 * person,
                    "cohort": label,
                    "status": "ok",
                }
                for day in DAYS
            ]
    store.insert(AMPLITUDE_EVENTS, events)
    store.insert(PERSONS, owners)
    store.insert(AMPLITUDE_USERS, tracked)
    return store
