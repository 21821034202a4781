"""The pipeline as people use it: ``dagster dev`` and its UI in a browser, over the simulated vendors.

One test: it starts a webserver, a daemon and a browser once, and waits mostly, for the daemon's looks.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from journey_assets.simulator import (
    Limits,
    ManualClock,
    Options,
    Population,
    PopulationConfig,
    Simulator,
)
from journey_assets.warehouse.database import Database
from journey_assets_tests.amplitude_vendor import stored
from journey_assets_tests.chromium import chromium, opened
from journey_assets_tests.command_line import environment
from journey_assets_tests.dagster_dev import DagsterDev, Run, dagster_dev, until
from journey_assets_tests.dagster_ui import DagsterUi
from journey_assets_tests.loopback import Answer, Loopback
from journey_assets_tests.small_hours import NOW, VARIABLE, YESTERDAY

#: Longest wait for something that the daemon does by itself, in seconds: it looks every 30 s.
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
    population = Population(PopulationConfig(newcomers_per_day=4))
    simulator = Simulator(
        population=population, options=Options(limits=Limits.none()), clock=ManualClock(NOW)
    )
    with ExitStack() as stack:
        # First, since it skips where it is missing.
        browser = stack.enter_context(chromium())
        stack.enter_context(simulator)
        webhook = stack.enter_context(Loopback(lambda _: Answer()))
        more = {VARIABLE: NOW.isoformat(), "ALERT_WEBHOOK_URL": f"{webhook.url}/secret"}
        environ = environment(simulator, folder, **more)
        dev = stack.enter_context(dagster_dev("journey_assets_tests.small_hours", environ, folder))
        page = stack.enter_context(opened(browser, "about:blank")).page
        stack.enter_context(_evidence(page, dev, folder))
        yield World(folder, simulator, webhook, dev, DagsterUi(page, dev.url))


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
        archived = drop_an_archive(given)
        materialize_everything_of_yesterday(given)
        before = open_conversations(given)
        reopen_a_conversation(given)
        see_the_picture_and_the_sample(given)
        followed = see_the_changed_day_fetched_and_its_figures_requested(given)
        see_the_archive_taken_in(given, archived)
        break_mavenoid_and_see_the_alert_and_the_reason(given)
        given.dev.has_succeeded(followed, _LOOKS)
        assert open_conversations(given) == before + 1


def drop_an_archive(given: World) -> date:
    """Download an export by hand, of a day before the stored one; returns its day of upload."""
    day = YESTERDAY - timedelta(days=3)
    hour = int(datetime.combine(day, time(), UTC).timestamp() // 3600)
    packed = given.simulator.amplitude.archive.zip(hour, hour + 23)
    assert packed
    _inbox(given).mkdir(parents=True)
    part = _inbox(given) / "export.zip.part"
    part.write_bytes(packed)
    part.rename(part.with_suffix(""))
    return day


def materialize_everything_of_yesterday(given: World) -> None:
    given.ui.open("/asset-groups")
    given.ui.materialize(YESTERDAY)
    given.ui.ends("Success")


def open_conversations(given: World) -> int:
    """How many conversations of the window are open, by the figures of yesterday."""
    rows = stored(
        Database(given.folder / "store.duckdb"),
        f"SELECT sum(open) FROM store.support.conversation_statistics WHERE as_of = '{YESTERDAY}'",
    )
    return int(rows[0][0])


def reopen_a_conversation(given: World) -> None:
    """An agent opens the last closed conversation of yesterday again."""
    closed = [
        row
        for row in given.simulator.conversations(1)
        if row["status"] != "OPEN" and row["created_at"] < str(NOW.date())
    ]
    last = max(closed, key=lambda row: str(row["created_at"]))
    given.simulator.change_conversation(last["id"], status="OPEN")


def see_the_picture_and_the_sample(given: World) -> None:
    given.ui.open_materialization("journeys/step_matrix", YESTERDAY)
    expect(given.ui.metadata("sample").get_by_role("table")).to_contain_text("Dashboard View")
    assert (
        given.ui.picture("picture").get_attribute("alt") == f"journeys.step_matrix of {YESTERDAY}"
    )


def see_the_changed_day_fetched_and_its_figures_requested(given: World) -> Run:
    fetched = given.dev.succeeded("mavenoid_updates", _LOOKS)
    assert (fetched.days, fetched.assets) == (str(YESTERDAY), frozenset({CONVERSATIONS}))
    given.ui.sees_run(fetched.run_id, launched_by="mavenoid_updates")

    def followed() -> Run | None:
        later = [r for r in given.dev.runs("figures_follow") if r.created > fetched.ended]
        return next((run for run in later if run.assets >= FOLLOWING), None)

    figures = until(followed, _LOOKS, "a run of the figures that follow the change")
    assert not any(asset.startswith(("raw/", "analyses/")) for asset in figures.assets)
    assert {run.days for run in given.dev.runs("figures_follow")} == {str(YESTERDAY)}
    return figures


def see_the_archive_taken_in(given: World, day: date) -> None:
    taken = given.dev.succeeded("amplitude_archives", _LOOKS)
    assert taken.days == f"{day - timedelta(days=1)}...{day}"
    (done,) = (_inbox(given) / "done").iterdir()
    assert done.name.endswith("-export.zip")
    assert not (_inbox(given) / "export.zip").exists()


def break_mavenoid_and_see_the_alert_and_the_reason(given: World) -> None:
    given.simulator.break_vendor("mavenoid", 503)
    given.ui.open(f"/assets/{AVAILABILITIES}")
    given.ui.materialize(YESTERDAY)
    given.ui.ends("Failure")

    (alert,) = until(lambda: given.webhook.received, _LOOKS, "the alert")
    text = alert.json()["text"]
    assert f"({AVAILABILITIES} of {YESTERDAY}) failed: " in text
    assert "Mavenoid: " in text
    assert "HTTP 503" in text
    reason = given.ui.reason("mavenoid_updates")
    assert reason.startswith("Skip reason: Mavenoid: assistant conversations")
    assert "HTTP 503" in reason


def _inbox(given: World) -> Path:
    return given.folder / "inbox" / "amplitude"
