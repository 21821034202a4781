"""Simulated populations with the pauses between their sessions, straight from the simulator's walks.

A population is a day of events: a second from step to step, an hour from session to session. Over a
window of one day the figures of a run over many days are those of many populations.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from journey_assets.simulator.truths import UPGRADE, JourneyModel
from journey_assets.simulator.walks import walk
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets_tests.journeys_store import Store

FIRST_DAY = date(2026, 1, 1)
HOUR = 3600
MODEL = JourneyModel()

Sessions = list[list[str]]


def population(seed: int, persons: int) -> Iterator[Sessions]:
    """The sessions with a step of newcomers, of whom some sign up."""
    rng = Random(seed)
    for _ in range(persons):
        way = walk(rng, MODEL, signs_up=rng.random() < MODEL.signs_up)
        yield [steps for steps in way.sessions if steps]


def store_populations(
    directory: Path, populations: Iterable[Iterable[Sessions]]
) -> tuple[Store, list[date]]:
    """A store with each population on a day of its own, and these days."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    store = Store(directory, window_days=1, conversion_event=UPGRADE)
    days = []
    for number, people in enumerate(populations):
        day = FIRST_DAY + timedelta(days=number)
        rows = [
            (person, name, session * HOUR + second)
            for person, sessions in enumerate(people)
            for session, names in enumerate(sessions)
            for second, name in enumerate(names)
        ]
        columns = dict(zip(("person", "name", "second"), zip(*rows, strict=True), strict=True))
        file = directory / f"{number}.parquet"
        pq.write_table(pa.table(columns), file)
        store.write(
            AMPLITUDE_EVENTS,
            f"""SELECT DATE '{day}' AS event_date, {number} * 1_000_000 + person AS amplitude_id,
                name AS event_type,
                DATE '{day}' + to_seconds(second) AS event_time, second AS source_order
            FROM '{file}'""",
        )
        days.append(day)
    return store, days
