"""The code location with a sensor's surroundings, for tests of the automation.

It is always an hour past midnight, on the vendors' clocks and on the sensors'.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, cast

import dagster as dg
import pytest

from journey_assets.definitions import build_definitions
from journey_assets.settings import Settings, variable
from journey_assets.simulator import Limits, ManualClock, Options, Simulator
from journey_assets_tests.simulated import few_people
from journey_assets_tests.small_hours import NOW


@contextmanager
def small_simulator() -> Iterator[Simulator]:
    """The four vendors with few people, without limits, at :data:`NOW`."""
    options = Options(limits=Limits.none())
    with Simulator(population=few_people(), options=options, clock=ManualClock(NOW)) as simulator:
        yield simulator


class World:
    """Definitions over ``environ`` and an instance; ticks of its sensors, each with the last cursor."""

    def __init__(self, environ: Mapping[str, str], instance: dg.DagsterInstance) -> None:
        self.definitions = build_definitions(environ, lambda: NOW)
        self.instance = instance
        self.cursors: dict[str, str | None] = {}

    def tick(self, sensor: str) -> dg.SensorResult | dg.SkipReason:
        """Evaluate a sensor as the daemon does."""
        repository = self.definitions.get_repository_def()
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursors.get(sensor),
            repository_def=repository,
            resources={"settings": self.definitions.resources["settings"]},  # type: ignore[index]
            sensor_name=sensor,
        ) as context:
            answer = cast("Any", repository.get_sensor_def(sensor))(context)
        if isinstance(answer, dg.SensorResult):
            self.cursors[sensor] = answer.cursor
        return cast("dg.SensorResult | dg.SkipReason", answer)

    def requests(self, sensor: str) -> list[dg.RunRequest]:
        """The runs that a tick asks for."""
        answer = self.tick(sensor)
        return list(answer.run_requests or ()) if isinstance(answer, dg.SensorResult) else []

    def reason(self, sensor: str) -> str:
        """Why a tick asks for none."""
        answer = self.tick(sensor)
        skipped = answer if isinstance(answer, dg.SkipReason) else answer.skip_reason
        return str(skipped.skip_message) if isinstance(skipped, dg.SkipReason) else str(skipped)

    def materialized(self, key: str, *days: date) -> None:
        """As if a run had materialized the days of an asset."""
        for day in days:
            event = dg.AssetMaterialization(dg.AssetKey(key.split("/")), partition=day.isoformat())
            self.instance.report_runless_asset_event(event)

    def run(self, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
        """Carry out a requested run."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=list(request.asset_selection or ()),
            partition_key=request.partition_key,
            tags=dict(request.tags),
            raise_on_error=False,
        )


@contextmanager
def world(folder: Path, environ: Mapping[str, str], **more: str) -> Iterator[World]:
    """A world whose database lies in ``folder``."""
    # Resources read the process's environment through EnvVar: the secrets have to be there.
    blank = {variable(field): "" for field in Settings.model_fields}
    whole = blank | dict(environ) | {"JOURNEY_DATABASE": str(folder / "store.duckdb")} | more
    with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.ephemeral() as instance:
        for name, value in whole.items():
            patch.setenv(name, value)
        yield World(whole, instance)
