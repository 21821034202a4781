"""A failed run is told in one line, and posted where a webhook is set."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, cast

import dagster as dg
import pytest

from journey_assets.automation.alerts import (
    LONGEST,
    FailedRun,
    FailedStep,
    alert_line,
    days_of_tags,
    post_alert,
)
from journey_assets.automation.jobs import range_tags
from journey_assets.simulator import Simulator
from journey_assets.vendors import webhook
from journey_assets_tests.automation_world import World, small_simulator, world
from journey_assets_tests.loopback import Answer, Loopback, Received
from journey_assets_tests.small_hours import YESTERDAY

RUN_ID = "0b5c5a32-6f3c-4c6f-9a52-000000000000"


def failed(*steps: FailedStep, days: str = "2026-11-19") -> FailedRun:
    return FailedRun(RUN_ID, "everything", days, steps)


def test_the_line_says_which_run_and_what_to_mend() -> None:
    step = FailedStep("raw__mavenoid", "Failure", "Mavenoid: HTTP 401.\nCheck MAVENOID_TOKEN.")
    assert alert_line(failed(step)) == (
        "journey_assets: run 0b5c5a32 (everything of 2026-11-19) failed: "
        "raw__mavenoid: Mavenoid: HTTP 401. Check MAVENOID_TOKEN."
    )


def test_a_defect_is_told_by_its_kind_only() -> None:
    line = alert_line(failed(FailedStep("identity", "ConversionException", None)))
    assert line.endswith("identity: ConversionException, see the run's log")


def test_no_address_and_no_endless_text_enters_the_line() -> None:
    step = FailedStep("raw", "Failure", f"ann.lee@example.com asked {'x' * 2000}")
    line = alert_line(failed(step))
    assert "example.com" not in line
    assert len(line) < LONGEST + 100


def test_a_run_that_never_began_and_one_with_many_steps_are_one_line_each() -> None:
    assert "before its first step" in alert_line(failed())
    many = [FailedStep(f"s{n}", "E", None) for n in range(9)]
    assert alert_line(failed(*many)).endswith("; and 6 more steps")


def test_days_are_written_as_people_write_them() -> None:
    assert days_of_tags({"dagster/partition": "2026-11-19"}) == "2026-11-19"
    assert days_of_tags(range_tags(YESTERDAY, YESTERDAY)) == str(YESTERDAY)
    first = {"dagster/asset_partition_range_start": "A", "dagster/asset_partition_range_end": "B"}
    assert days_of_tags(first) == "A...B"
    assert days_of_tags({}) == ""


class Hook:
    """Takes alerts like a chat's webhook; answers with ``status``."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.bodies: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def __call__(self, request: Received) -> Answer:
        """Keep the alert."""
        with self._lock:
            self.bodies.append(json.loads(request.body))
        return Answer(self.status, b"ok")


def test_the_alert_is_posted_as_json_with_a_text() -> None:
    hook = Hook()
    with Loopback(hook) as server:
        assert post_alert(f"{server.url}/services/T0/secret", failed(), print)
    (body,) = hook.bodies
    assert body["text"] == alert_line(failed())
    assert body["run_id"] == RUN_ID


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_told_in_the_log_without_its_address(status: int) -> None:
    lines: list[str] = []
    with Loopback(Hook(status)) as server:
        assert not post_alert(f"{server.url}/services/T0/secret", failed(), lines.append)
    assert len(lines) == 1
    assert "secret" not in lines[0]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/secret", "no url", "http://[secret"])
def test_a_webhook_that_cannot_be_reached_fails_nothing(url: str) -> None:
    lines: list[str] = []
    assert not post_alert(url, failed(), lines.append)
    assert len(lines) == 1
    assert "secret" not in lines[0]


@pytest.mark.parametrize("fault", ["drip", "drip_head"])
def test_a_webhook_whose_answer_drips_holds_nobody_up(
    fault: Literal["drip", "drip_head"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "_LONGEST_SECONDS", 0.2)
    with Loopback(lambda _: Answer(fault=fault)) as server:
        assert post_alert(f"{server.url}/secret", failed(), print)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with small_simulator() as running:
        yield running


def _told(pipeline: World, result: dg.ExecuteInProcessResult) -> str:
    """What the sensor says of a failed run."""
    sensor = pipeline.definitions.get_repository_def().get_sensor_def("run_failures")
    kind = dg.DagsterEventType.RUN_FAILURE
    context = dg.build_run_status_sensor_context(
        sensor_name="run_failures",
        dagster_event=next(e for e in result.all_events if e.event_type == kind),
        dagster_instance=pipeline.instance,
        dagster_run=result.dagster_run,
        resources={"settings": pipeline.definitions.resources["settings"]},  # type: ignore[index]
    ).for_run_failure()
    with context:
        answer = cast("Any", sensor)(context)
    return str(answer.skip_message)


def test_a_run_that_a_vendor_refuses_is_told_and_posted(
    simulator: Simulator, tmp_path: Path
) -> None:
    hook = Hook(status=500)
    wrong = simulator.environment() | {"MAVENOID_TOKEN": "ma_wrong"}
    with (
        Loopback(hook) as server,
        world(tmp_path, wrong, ALERT_WEBHOOK_URL=f"{server.url}/secret") as pipeline,
    ):
        result = pipeline.run(
            dg.RunRequest(
                asset_selection=[dg.AssetKey(["raw", "mavenoid_conversations"])],
                partition_key=str(YESTERDAY),
            )
        )
        line = _told(pipeline, result)
    assert "raw/mavenoid_conversations of" in line
    assert "Mavenoid: assistant conversations" in line
    assert "HTTP 401" in line
    assert "ma_wrong" not in line
    assert [body["text"] for body in hook.bodies] == [line]


def test_a_run_that_fails_before_its_first_step_is_told_with_its_line(
    simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / "store.duckdb").write_text("no database" * 1000)
    request = dg.RunRequest(
        asset_selection=[dg.AssetKey(["raw", "mavenoid_conversations"])],
        partition_key=str(YESTERDAY),
    )
    with world(tmp_path, simulator.environment()) as pipeline:
        line = _told(pipeline, pipeline.run(request))
    assert "failed: before its first step: The database" in line
    assert "JOURNEY_DATABASE" in line
