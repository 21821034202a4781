"""When figures and analyses are materialized again by themselves.

A small graph in the groups of the real one, with a window of three days: raw tables ``a`` and ``b``,
``identity/p`` and ``journeys/j`` over the window, ``analyses/m`` of the same day.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import dagster as dg
import pytest

from journey_assets.automation.conditions import automated
from journey_assets.definitions import build_definitions
from journey_assets.partitions import trailing_window

DAYS = dg.DailyPartitionsDefinition(start_date="2026-11-01", timezone="UTC")
NOW = datetime(2026, 11, 11, 4, tzinfo=UTC)
NEWEST = "2026-11-10"
ALL = tuple(f"2026-11-{day:02d}" for day in range(1, 11))


def key(name: str) -> dg.AssetKey:
    return dg.AssetKey(name.split("/"))


A, B, P, J, M = (key(name) for name in ("raw/a", "raw/b", "identity/p", "journeys/j", "analyses/m"))
BLOCKING = dg.AssetCheckSpec("sound", asset=A, blocking=True)


def _asset(
    of: dg.AssetKey,
    windowed: Sequence[dg.AssetKey] = (),
    same_day: Sequence[dg.AssetKey] = (),
    fails: Sequence[str] = (),
) -> dg.AssetsDefinition:
    deps = [
        *(dg.AssetDep(each, partition_mapping=trailing_window(3)) for each in windowed),
        *(dg.AssetDep(each) for each in same_day),
    ]
    specs = [dg.AssetSpec(of, deps=deps, group_name=of.path[0])]
    checks = [BLOCKING] if of == A else []

    @dg.multi_asset(
        name="_".join(of.path),
        specs=specs,
        check_specs=checks,
        partitions_def=DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def asset(context: dg.AssetExecutionContext) -> Iterator[object]:
        if of.path[1] in fails:
            raise dg.Failure("MAVERA_MAX_CREDITS_PER_RUN would be passed.")
        results = [
            dg.AssetCheckResult(passed="unsound" not in context.run.tags, check_name="sound")
            for _ in checks
        ]
        yield dg.MaterializeResult(asset_key=of, check_results=results)

    return asset


class Meanwhile(dg.AutomationCondition[dg.AssetKey]):
    """Never true; evaluating it lets something happen, once."""

    happens: ClassVar[list[Callable[[], object]]] = []

    async def evaluate(self, context: Any) -> Any:  # type: ignore[override]
        while self.happens:
            self.happens.pop()()
        return dg.AutomationResult(context, context.get_empty_subset())


class Pipeline:
    """The small graph on an instance; every tick goes on from the one before."""

    def __init__(self, instance: dg.DagsterInstance, fails: Sequence[str] = ()) -> None:
        self.instance = instance
        self.fails = fails
        self.cursor: dg.AssetDaemonCursor | None = None
        a, *others = automated(
            [
                _asset(A),
                _asset(B),
                _asset(P, windowed=[A, B]),
                _asset(J, windowed=[A], same_day=[P]),
                _asset(M, same_day=[P, J], fails=fails),
            ]
        )
        # What is evaluated first has room for what happens during an evaluation.
        a = a.map_asset_specs(
            lambda spec: spec.replace_attributes(automation_condition=Meanwhile())
        )
        self.definitions = dg.Definitions([a, *others])

    def tick(self, now: datetime = NOW) -> dict[dg.AssetKey, list[str]]:
        """What the automation requests: days by asset."""
        result = dg.evaluate_automation_conditions(
            self.definitions, self.instance, cursor=self.cursor, evaluation_time=now
        )
        self.cursor = result.cursor
        requested = {each: result.get_requested_partitions(each) for each in (A, B, P, J, M)}
        return {each: sorted(map(str, days)) for each, days in requested.items() if days}

    def run(self, *keys: dg.AssetKey, days: Sequence[str], **tags: str) -> bool:
        """One run over assets and days."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        result = job.execute_in_process(
            instance=self.instance,
            asset_selection=list(keys),
            raise_on_error=False,
            tags={
                "dagster/asset_partition_range_start": days[0],
                "dagster/asset_partition_range_end": days[-1],
                **tags,
            },
        )
        return result.success

    def made(self, *keys: dg.AssetKey, days: Sequence[str]) -> None:
        """As if a run had materialized assets."""
        for each, day in product(keys, days):
            self.instance.report_runless_asset_event(dg.AssetMaterialization(each, partition=day))


@pytest.fixture
def pipeline() -> Iterator[Pipeline]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Pipeline(instance)


@pytest.fixture
def settled(pipeline: Pipeline) -> Pipeline:
    """Everything is there, and the automation has seen it."""
    pipeline.run(A, B, P, J, M, days=ALL)
    assert pipeline.tick() == {}
    assert pipeline.tick() == {}
    return pipeline


def test_a_late_change_requests_the_days_whose_window_holds_it_and_no_others(
    settled: Pipeline,
) -> None:
    settled.run(A, days=["2026-11-04"])
    window = ["2026-11-04", "2026-11-05", "2026-11-06"]
    assert settled.tick() == {P: window, J: window}


def test_a_request_is_made_once(settled: Pipeline) -> None:
    settled.run(A, days=["2026-11-04"])
    settled.tick()
    assert settled.tick() == {}
    settled.run(P, J, days=["2026-11-04", "2026-11-05", "2026-11-06"])
    assert settled.tick() == {}


@pytest.mark.parametrize("made", [(P, J), (P,)])
def test_what_is_made_during_an_evaluation_is_not_made_again(
    settled: Pipeline, made: tuple[dg.AssetKey, ...]
) -> None:
    days = ["2026-11-04", "2026-11-05", "2026-11-06"]
    settled.run(A, days=days[:1])
    Meanwhile.happens.append(lambda: settled.made(*made, days=days))
    assert settled.tick() == {}
    assert settled.tick() == ({} if J in made else {J: days})


def test_a_change_of_the_newest_day_requests_that_day_and_does_not_ask_mave_again(
    settled: Pipeline,
) -> None:
    settled.run(A, days=[NEWEST])
    assert settled.tick() == {P: [NEWEST], J: [NEWEST]}


def test_a_run_of_one_old_day_leaves_the_later_days_to_the_automation(settled: Pipeline) -> None:
    settled.run(A, B, P, J, M, days=["2026-11-04"])
    later = ["2026-11-05", "2026-11-06"]
    assert settled.tick() == {P: later, J: later}


def test_the_daily_run_is_not_followed_by_a_second_one(settled: Pipeline) -> None:
    next_day = NOW.replace(day=12)
    assert settled.tick(next_day) == {}
    settled.run(A, B, P, J, M, days=["2026-11-09", "2026-11-10", "2026-11-11"])
    assert settled.tick(next_day) == {}
    assert settled.tick(next_day) == {}


def test_on_a_first_run_only_the_days_that_were_fetched_are_requested(pipeline: Pipeline) -> None:
    assert pipeline.tick() == {}
    fetched = ["2026-11-04", "2026-11-05"]
    pipeline.run(A, B, days=fetched)
    assert pipeline.tick() == {P: fetched, J: fetched}


def test_a_day_of_which_one_raw_table_is_missing_waits_for_it(pipeline: Pipeline) -> None:
    pipeline.tick()
    pipeline.run(A, days=["2026-11-04"])
    assert pipeline.tick() == {}
    pipeline.run(B, days=["2026-11-04"])
    assert pipeline.tick() == {P: ["2026-11-04"], J: ["2026-11-04"]}


def test_a_failed_upstream_requests_nothing_until_it_succeeds(settled: Pipeline) -> None:
    # The blocking check of A fails: nothing behind it may be computed from it.
    settled.run(A, days=["2026-11-04"], unsound="1")
    assert settled.tick() == {}
    assert settled.tick() == {}
    settled.run(A, days=["2026-11-04"])
    assert settled.tick()[P] == ["2026-11-04", "2026-11-05", "2026-11-06"]


def test_mave_is_asked_for_the_newest_day_when_its_figures_are_there(pipeline: Pipeline) -> None:
    pipeline.run(A, B, P, J, days=ALL)
    assert pipeline.tick() == {M: [NEWEST]}
    assert pipeline.tick() == {}


def test_mave_waits_for_figures_that_are_requested_in_the_same_moment(pipeline: Pipeline) -> None:
    pipeline.run(A, B, P, J, days=ALL[:-1])
    pipeline.tick()
    pipeline.run(A, B, days=[NEWEST])
    assert pipeline.tick() == {P: [NEWEST], J: [NEWEST]}
    pipeline.run(P, J, days=[NEWEST])
    assert pipeline.tick() == {M: [NEWEST]}


def test_when_the_budget_was_reached_mave_is_not_asked_again_for_the_day() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        pipeline = Pipeline(instance, fails=["m"])
        pipeline.run(A, B, P, J, days=ALL)
        assert pipeline.tick() == {M: [NEWEST]}
        assert not pipeline.run(M, days=[NEWEST])
        assert pipeline.tick() == {}
        # Not even when what it reads changes …
        pipeline.run(A, days=[NEWEST])
        pipeline.tick()
        pipeline.run(P, J, days=[NEWEST])
        assert pipeline.tick() == {}
        # … but for the next day.
        pipeline.run(A, B, P, J, days=["2026-11-11"])
        assert pipeline.tick(NOW.replace(day=12)) == {M: ["2026-11-11"]}


def test_the_real_graph_follows_a_late_change_through_identity_to_the_report(
    tmp_path: Path,
) -> None:
    environ = {
        "JOURNEY_DATABASE": str(tmp_path / "store.duckdb"),
        "JOURNEY_START_DATE": "2026-11-01",
        "JOURNEY_WINDOW_DAYS": "2",
    }
    definitions = build_definitions(environ)
    graph = definitions.resolve_asset_graph()
    now = datetime(2026, 11, 5, 4, tzinfo=UTC)
    with dg.DagsterInstance.ephemeral() as instance:
        for each in graph.materializable_asset_keys:
            for day in ALL[:4]:
                instance.report_runless_asset_event(dg.AssetMaterialization(each, partition=day))
        for check in graph.asset_check_keys:
            instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(
                    asset_key=check.asset_key, check_name=check.name, passed=True
                )
            )
        first = dg.evaluate_automation_conditions(definitions, instance, evaluation_time=now)
        assert first.total_requested == 0
        late = key("raw/mavenoid_conversations")
        instance.report_runless_asset_event(dg.AssetMaterialization(late, partition=ALL[1]))
        for check in graph.get_check_keys_for_assets({late}):
            instance.report_runless_asset_event(
                dg.AssetCheckEvaluation(asset_key=late, check_name=check.name, passed=True)
            )
        second = dg.evaluate_automation_conditions(
            definitions, instance, cursor=first.cursor, evaluation_time=now
        )
    follow = {k for k in graph.materializable_asset_keys if k.path[0] not in ("raw", "analyses")}
    requested = {k: second.get_requested_partitions(k) for k in graph.materializable_asset_keys}
    assert {k for k, days in requested.items() if days} == follow
    assert {frozenset(str(day) for day in requested[k]) for k in follow} == {
        frozenset({ALL[1], ALL[2]})
    }
