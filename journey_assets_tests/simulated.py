"""A small simulator on a clock that stands still, and plain clients of it, for the simulator's tests."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import requests

from journey_assets.simulator import (
    Limits,
    ManualClock,
    Options,
    Population,
    PopulationConfig,
    Simulator,
)
from journey_assets.simulator.truths import UPGRADE

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@cache
def small_population() -> Population:
    """A dozen newcomers a day; shared, since populations never change."""
    return Population(PopulationConfig(newcomers_per_day=12))


@cache
def few_people() -> Population:
    """Four newcomers a day, some dozens of users a week: enough to flow through every table.

    Of so few nobody converts on many a day. It is the first population in which somebody does on each
    of the days that tests fetch, whenever they are run.
    """
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    fetched = (
        NOON.date() - timedelta(days=1),
        NOON.date(),
        yesterday - timedelta(days=1),
        yesterday,
    )
    populations = (
        Population(PopulationConfig(seed=seed, newcomers_per_day=4)) for seed in count(20_260)
    )
    return next(each for each in populations if all(_converts(each, day) for day in fetched))


def _converts(population: Population, day: date) -> bool:
    return any(event.name == UPGRADE for event in population.events(day))


@contextmanager
def simulation(options: Options | None = None, **more: Any) -> Iterator["Client"]:
    """A simulator at noon, without limits unless ``options`` say so, and a client of it."""
    clock = ManualClock(NOON)
    chosen = replace(options or Options(limits=Limits.none()), **more)
    simulator = Simulator(population=small_population(), options=chosen, clock=clock)
    with simulator, requests.Session() as session:
        yield Client(simulator, clock, session)


class Client:
    """Requests to the simulated vendors with the right credentials."""

    def __init__(self, simulator: Simulator, clock: ManualClock, session: requests.Session) -> None:
        self.simulator = simulator
        self.clock = clock
        self.session = session
        self.keys = simulator.options.keys

    def amplitude(self, path: str, **params: Any) -> requests.Response:
        """``GET`` of Amplitude."""
        auth = (self.keys.amplitude_api_key, self.keys.amplitude_secret_key)
        url = self.simulator.url("amplitude") + path
        return self.session.get(url, params=params, auth=auth, timeout=20)

    def export(self, start: str, end: str) -> list[dict[str, Any]]:
        """All events of an export, in the order of the files and lines."""
        answer = self.amplitude("/api/2/export", start=start, end=end)
        assert answer.status_code == 200, answer.text
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        return [
            json.loads(line)
            for name in archive.namelist()
            for line in gzip.decompress(archive.read(name)).splitlines()
        ]

    def activity(self, amplitude_id: int) -> list[dict[str, Any]]:
        """All events of a user, newest first, page after page."""
        events: list[dict[str, Any]] = []
        while True:
            answer = self.amplitude("/api/2/useractivity", user=amplitude_id, offset=len(events))
            assert answer.status_code == 200, answer.text
            page = answer.json()["events"]
            if not page:
                return events
            events += page

    def segment_listing(self, **params: Any) -> requests.Response:
        """A page of the listing."""
        path = f"/spaces/{self.keys.segment_space_id}/collections/users/profiles"
        headers = {"Authorization": f"Bearer {self.keys.segment_token}"}
        url = self.simulator.url("segment") + path
        return self.session.get(url, params=params, headers=headers, timeout=20)

    def segment_profile(self, identifier: str, part: str, **params: Any) -> requests.Response:
        """A part of a profile."""
        space = f"/v1/spaces/{self.keys.segment_space_id}/collections/users/profiles"
        url = f"{self.simulator.url('segment')}{space}/{identifier}/{part}"
        return self.session.get(url, params=params, auth=(self.keys.segment_token, ""), timeout=20)

    def mavenoid(self, endpoint: str, *, days: int, group_by: str = "") -> requests.Response:
        """``GET`` of Mavenoid, ``days`` last."""
        grouped = f"group_by={group_by}&" if group_by else ""
        url = f"{self.simulator.url('mavenoid')}/v1/{endpoint}.json?{grouped}days={days}"
        headers = {"Authorization": f"Bearer {self.keys.mavenoid_token}"}
        return self.session.get(url, headers=headers, timeout=20)

    def mavera(self, method: str, path: str, **more: Any) -> requests.Response:
        """A request to Mavera."""
        url = self.simulator.environment()["MAVERA_BASE_URL"] + path
        headers = {"Authorization": f"Bearer {self.keys.mavera_api_key}"}
        return self.session.request(method, url, headers=headers, timeout=20, **more)

    def ask(self, message: str) -> requests.Response:
        """A message to Mave."""
        return self.mavera("POST", "/mave/chat", json={"message": message, "stream": False})
