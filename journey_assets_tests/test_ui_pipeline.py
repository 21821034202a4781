"""The pipeline as people use it: ``dagster dev`` and its UI in a browser, over the simulated vendors.

One test: it starts a webserver, a daemon and a browser once, and waits mostly, for the daemon's looks.
That an archive in the inbox is taken in is in ``test_automation_archives``.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from journey_assets.simulator import Simulator
from journey_assets.vendors.quota import MAVENOID_MANY_DAYS
from journey_assets.warehouse.database import Database
from journey_assets_tests.amplitude_vendor import stored
from journey_assets_tests.automation_world import small_simulator
from journey_assets_tests.chromium import chromium, opened
from journey_assets_tests.command_line import environment, let_the_quota_recover
from journey_assets_tests.dagster_dev import DagsterDev, dagster_dev, until
from journey_assets_tests.dagster_ui import DagsterUi
from journey_assets_tests.loopback import Answer, Loopback
from journey_assets_tests.small_hours import NOW, VARIABLE, YESTERDAY

#: Seconds between two looks of a sensor, and the longest wait for what the daemon does by itself.
_EVERY = 10
_LOOKS = 150.0

CONVERSATIONS = "raw/mavenoid_conversations"
AVAILABILITIES = "raw/mavenoid_agent_availabilities"

#: Some of what a changed conversation leads to.
FOLLOWING = frozenset({"identity/persons", "support/topics", "reports/journey_report"})


@dataclass(frozen=True)
class World:
    """Everything that a person has before them."""

    folder: Path
    simulator: Simulator
    webhook: Loopback
    dev: DagsterDev
    ui: DagsterUi


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """The vendors, a chat's webhook, ``dagster dev`` and a browser at its UI."""
    with ExitStack() as stack:
        # First, since it skips where it is missing.
        browser = stack.enter_context(chromium())
        simulator = stack.enter_context(small_simulator())
        webhook = stack.enter_context(Loopback(lambda _: Answer()))
        environ = environment(
            simulator,
            folder,
            **{VARIABLE: NOW.isoformat()},
            ALERT_WEBHOOK_URL=f"{webhook.url}/secret",
            JOURNEY_SENSOR_SECONDS=str(_EVERY),
        )
        dev = stack.enter_context(dagster_dev("journey_assets_tests.small_hours", environ, folder))
        shown = stack.enter_context(opened(browser, "about:blank"))
        stack.enter_context(_evidence(shown.page, dev, folder))
        yield World(folder, simulator, webhook, dev, DagsterUi(shown, dev.url))


@contextmanager
def _evidence(page: Page, dev: DagsterDev, folder: Path) -> Iterator[None]:
    """Keep and show what helps when the test fails."""
    try:
        yield
    except BaseException:
        page.screenshot(path=folder / "failed.png")
        sys.stderr.write(f"{folder}/failed.png shows {page.url}. {dev.log} ends:\n{dev.tail()}\n")
        raise


def test_a_day_is_materialized_in_the_ui_and_then_the_pipeline_runs_itself(tmp_path: Path) -> None:
    with world(tmp_path) as given:
        materialize_everything_of_yesterday(given)
        expected = change_a_conversation(given)
        see_the_picture_and_the_sample(given)
        see_the_changed_day_fetched(given)
        see_the_figures_follow(given, expected)
        break_mavenoid_and_see_the_alert_and_the_reason(given)


def materialize_everything_of_yesterday(given: World) -> None:
    given.ui.open("/asset-groups")
    run_id = given.ui.materialize(YESTERDAY)
    given.dev.ended(run_id, _LOOKS)
    given.ui.sees_end(run_id, "Success")


def open_conversations(given: World) -> int:
    """How many conversations of the window are open, by the figures of yesterday."""
    rows = stored(
        Database(given.folder / "store.duckdb"),
        f"SELECT sum(open) FROM store.support.conversation_statistics WHERE as_of = '{YESTERDAY}'",
    )
    return int(rows[0][0])


def change_a_conversation(given: World) -> int:
    """An agent opens or resolves yesterday's last conversation; returns how many are open then."""
    # What changed before the sensor's first look is no change to it.
    until(lambda: looked(given), _LOOKS, "the first look at Mavenoid's last day")
    day = str(YESTERDAY)
    rows = [row for row in given.simulator.conversations(1) if row["created_at"].startswith(day)]
    last = max(rows, key=lambda row: str(row["created_at"]))
    opens = last["status"] != "OPEN"
    before = open_conversations(given)
    given.simulator.change_conversation(last["id"], status="OPEN" if opens else "RESOLVED")
    return before + 1 if opens else before - 1


def looked(given: World) -> bool:
    """Whether Mavenoid was asked for its last day, as sensors do."""
    last_day = (("days", "1"),)
    return any(each.params == last_day for each in given.simulator.requests("mavenoid"))


def see_the_picture_and_the_sample(given: World) -> None:
    given.ui.open_materialization("journeys/step_matrix", YESTERDAY)
    expect(given.ui.metadata("sample").get_by_role("table")).to_contain_text("Dashboard View")
    for name in ("rows", "persons", "window", "seconds", "peak_memory_mb"):
        expect(given.ui.metadata(name)).to_be_visible()
    pictured = given.ui.picture("picture").get_attribute("alt")
    assert pictured == f"journeys.step_matrix of {YESTERDAY}"
    assert given.ui.errors() == []
    given.ui.leave()


def see_the_changed_day_fetched(given: World) -> None:
    run = given.dev.first_run("mavenoid_updates", _LOOKS)
    assert run.status == "SUCCESS"
    assert (run.days, run.assets) == (str(YESTERDAY), frozenset({CONVERSATIONS}))


def see_the_figures_follow(given: World, expected: int) -> None:
    until(lambda: open_conversations(given) == expected, _LOOKS, "figures that hold the change")
    until(lambda: followed(given) >= FOLLOWING, _LOOKS, f"runs of {', '.join(FOLLOWING)}")
    assert {run.days for run in given.dev.runs("figures_follow")} == {str(YESTERDAY)}
    assert not any(asset.startswith(("raw/", "analyses/")) for asset in followed(given))
    given.ui.open("/runs")
    for sensor in ("mavenoid_updates", "figures_follow"):
        given.ui.sees_link(sensor)
    given.ui.leave()


def followed(given: World) -> frozenset[str]:
    """The assets that were requested because of a change."""
    return frozenset().union(*(run.assets for run in given.dev.runs("figures_follow")))


def break_mavenoid_and_see_the_alert_and_the_reason(given: World) -> None:
    let_the_quota_recover(given.folder, MAVENOID_MANY_DAYS.name)
    given.simulator.break_vendor("mavenoid", 503)
    given.ui.open(f"/assets/{AVAILABILITIES}")
    run_id = given.ui.materialize(YESTERDAY)
    given.dev.ended(run_id, _LOOKS)
    given.ui.sees_end(run_id, "Failure")

    (alert,) = until(lambda: given.webhook.received, _LOOKS, "the alert")
    text = alert.json()["text"]
    assert f"({AVAILABILITIES} of {YESTERDAY}) failed: " in text
    assert "Mavenoid: " in text
    assert "HTTP 503" in text

    def reason() -> str | None:
        said = given.ui.reason("mavenoid_updates")
        return said if "HTTP 503" in said else None

    assert until(reason, _LOOKS, "a skipped look").startswith("Mavenoid: assistant conversations")
