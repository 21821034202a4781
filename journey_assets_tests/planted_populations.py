"""Many simulated populations with whole lives, straight from the simulator's walks: no vendors, no times.

A population is a day of events: person after person, a second from step to step. Over a window of one
day the figures of a run over many days are those of many populations.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from journey_assets.simulator.truths import JourneyModel
from journey_assets.simulator.walks import walk
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS
from journey_assets_tests.journeys_store import Store
from journey_assets_tests.journeys_walks import PAY

Walks = Iterable[list[str]]
FIRST_DAY = date(2026, 1, 1)


def planted(seed: int, persons: int) -> Iterator[list[str]]:
    """The walks of newcomers, of whom some sign up."""
    rng, model = Random(seed), JourneyModel()
    for _ in range(persons):
        way = walk(rng, model, signs_up=rng.random() < model.signs_up)
        yield [step for session in way.sessions for step in session]


def memoryless(seed: int, persons: int, states: int, exit_rate: float = 0.15) -> Walks:
    """Walks on which nothing depends on the state: not the next one, and not whether to leave."""
    rng = Random(seed)
    # Skewed: some states are met by nearly all, some by few.
    names = [f"state {number:02d}" for number in range(states)]
    weights = [1 / (1 + number) for number in range(states)]
    for _ in range(persons):
        length = 1
        while rng.random() >= exit_rate:
            length += 1
        yield rng.choices(names, weights, k=length)


def converting(seed: int, persons: int, visits: int = 12, hazard: float = 0.04) -> Walks:
    """Walks of people who all convert after any of their visits with the same chance, or stay to the end."""
    rng = Random(seed)
    names = [f"state {number:02d}" for number in range(12)]
    for _ in range(persons):
        walked: list[str] = []
        for _ in range(visits):
            walked += rng.choices(names, [1 / (1 + number) for number in range(len(names))])
            if rng.random() < hazard:
                walked.append(PAY)
                break
        yield walked


#: Persons of a population have fewer numbers than this.
_MOST = 1_000_000


def store_populations(
    directory: Path, populations: Iterable[Walks], **settings: object
) -> tuple[Store, list[date]]:
    """A store with each population on a day of its own, and these days."""
    days = []
    store = Store(directory, **({"window_days": 1} | settings))
    for number, walks in enumerate(populations):
        days.append(FIRST_DAY + timedelta(days=number))
        # Nobody is there twice: who was there before is no newcomer, and not compared.
        _write_day(store, directory / f"{number}.parquet", days[-1], walks, number * _MOST)
    return store, days


def store_splits(
    directory: Path, walks: Walks, *, splits: int, share: float, seed: int, **settings: object
) -> tuple[Store, list[date]]:
    """A store in which one population is split into two lists at random, anew every day."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    store = Store(directory, window_days=3660, **settings)
    persons = _write_day(store, directory / "events.parquet", FIRST_DAY, walks)
    chosen = np.random.default_rng(seed).random((splits, persons)) < share
    day, person = np.indices(chosen.shape)
    columns = {"day": day.ravel(), "person": person.ravel(), "chosen": chosen.ravel()}
    pq.write_table(pa.table(columns), directory / "lists.parquet")
    store.write(
        AMPLITUDE_USERS,
        f"""SELECT DATE '{FIRST_DAY}' + day::INT AS event_date, person::VARCHAR AS requested_id,
            person AS amplitude_id, 'ok' AS status,
            if(chosen, 'converter', 'non_converter') AS cohort
        FROM '{directory / "lists.parquet"}'""",
    )
    return store, [FIRST_DAY + timedelta(days=number) for number in range(splits)]


def _write_day(store: Store, file: Path, day: date, walks: Walks, before: int = 0) -> int:
    """Add the events of a population, numbered from ``before`` on; returns how many persons it has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    persons: list[int] = []
    names: list[str] = []
    seconds: list[int] = []
    count = 0
    for count, steps in enumerate(walks, start=1):
        persons += [count - 1] * len(steps)
        names += steps
        seconds += range(len(steps))
    pq.write_table(pa.table({"person": persons, "name": names, "second": seconds}), file)
    store.write(
        AMPLITUDE_EVENTS,
        f"""SELECT DATE '{day}' AS event_date, person + {before} AS amplitude_id, name AS event_type,
            DATE '{day}' + to_seconds(second) AS event_time, second AS source_order
        FROM '{file}'""",
    )
    return count
