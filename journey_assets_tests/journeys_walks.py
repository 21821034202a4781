"""Walks as lists of event names: drawn at random, stored, and counted in plain Python."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS
from journey_assets_tests.journeys_store import AS_OF, Row, Store

NOON = datetime(2026, 3, 15, 12)
PAY = "pay"

#: Few names, so that walks meet, repeat and return; whoever pays has converted.
walks = st.lists(
    st.lists(st.sampled_from(["a", "b", "c", "d", PAY]), min_size=1, max_size=12),
    min_size=1,
    max_size=30,
)
#: Every example fills a database, so they are few.
examples = settings(max_examples=4, deadline=None)


def walked(directory: str | Path, people: Sequence[Sequence[str]], **given: Any) -> Store:
    """A store in which each of ``people`` makes these events, a minute apart."""
    store = Store(Path(directory), **({"conversion_event": PAY} | given))
    store.events(
        [
            (person, name, NOON + timedelta(minutes=minute))
            for person, names in enumerate(people)
            for minute, name in enumerate(names)
        ]
    )
    return store


def labelled(store: Store, labels: Sequence[str]) -> Store:
    """The same store with a label for each person, from 0."""
    store.insert(
        AMPLITUDE_USERS,
        [
            {
                "event_date": AS_OF,
                "requested_id": str(person),
                "amplitude_id": person,
                "cohort": label,
                "status": "ok",
            }
            for person, label in enumerate(labels)
        ],
    )
    return store


def still_active(person: int, *names: str) -> list[tuple[int, str, datetime]]:
    """Events a minute apart, the last a minute before the window ends."""
    end = datetime(AS_OF.year, AS_OF.month, AS_OF.day) + timedelta(days=1)
    return [
        (person, name, end - timedelta(minutes=len(names) - minute))
        for minute, name in enumerate(names)
    ]


def cut(names: Sequence[str]) -> list[str]:
    """The path of the walk: it ends with the first payment."""
    return list(names[: names.index(PAY) + 1]) if PAY in names else list(names)


def collapsed(names: Iterable[str]) -> tuple[str, ...]:
    """Repeats in a row counted once."""
    return tuple(name for name, _ in groupby(names))


def cohort(names: Sequence[str]) -> str:
    """The cohort of a walk."""
    return "converter" if PAY in names else "non_converter"


def cohorts(people: Sequence[Sequence[str]]) -> Counter[str]:
    """How many persons each cohort has."""
    return Counter(map(cohort, people))


def of_itself(rows: Iterable[Row]) -> list[Row]:
    """The rows without what they say of reports that are stored already."""
    return [{name: value for name, value in row.items() if name != "is_new"} for row in rows]


def select(rows: Iterable[Row], **values: Any) -> list[Row]:
    """The rows whose columns have these values."""
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def chain(paths: Sequence[Sequence[int]]) -> Counter[tuple[int, int]]:
    """Occurrences by event and next event of paths of codes; 0 is before the first and behind the last."""
    return Counter(pair for path in paths for pair in pairwise([0, *path, 0]))
