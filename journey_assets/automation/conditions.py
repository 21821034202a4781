"""When an asset is materialized again without anybody asking, and by when it should have been.

Belongs here: the automation conditions of figures and of analyses, the freshness policies, and
putting them on the assets. Does not belong here: what fetches from vendors (sensors and the
schedule).

Figures follow their inputs: a change of the raw day D requests the days D to D + window − 1, which
are those whose window holds D, as far as they exist. Two things differ from Dagster's ``eager()``:

* A day needs its own raw day, not every day of its window: figures use what ``raw`` holds, and a new
  installation does not hold a whole window.
* An update counts for a day even when the run that made it also made figures: a run of the one day D
  leaves the figures of D + 1 … D + window − 1 behind. What the run did make is newer than the update
  and therefore settled.

Mave is asked once for the newest day. What changes afterwards would cost credits again at every
change, and older days cost credits for a question of the past: both wait for a person.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.definitions.declarative_automation.automation_condition import (
        AutomationResult,
    )

#: What has not been materialized between midnight and 09:00 UTC is stale: the schedule begins at
#: 03:30, and three days of a vendor may take their time. Dagster knows freshness of assets, not of
#: partitions: a day materialized late counts as well.
FRESH = dg.FreshnessPolicy.cron(deadline_cron="0 9 * * *", lower_bound_delta=timedelta(hours=9))

_RAW = dg.AssetSelection.groups("raw")


class OwnDayStored(dg.AutomationCondition[dg.AssetKey]):
    """True for the days that every raw table the asset reads has been materialized for.

    Evaluated by the code location: Dagster's own conditions follow the partition mapping, which
    gives the window.
    """

    @property
    def name(self) -> str:
        """As the UI shows it."""
        return "own_day_stored"

    @property
    def requires_cursor(self) -> bool:
        """Nothing is remembered between ticks."""
        return False

    async def evaluate(self, context: Any) -> "AutomationResult[dg.AssetKey]":  # type: ignore[override]
        """Narrow the candidates table by table."""
        view, days = context.asset_graph_view, context.candidate_subset
        parents = context.asset_graph.get(context.key).parent_keys
        for parent in sorted(parents & _RAW.resolve(context.asset_graph)):
            if days.is_empty:
                break
            stored = await view.compute_materialized_asset_subset(parent)
            keys = days.expensively_compute_partition_keys()
            days = view.get_subset_from_partition_keys(
                context.key,
                context.partitions_def,
                keys & stored.expensively_compute_partition_keys(),
            )
        return dg.AutomationResult(context, days)


class MaterializedMeanwhile(dg.AutomationCondition[dg.AssetKey]):
    """True for all days of an asset that was materialized since the evaluation began.

    What Dagster knows of updates is from its beginning, what it knows of runs from now: a day made
    between the two is neither updated nor in progress, and would be made again.
    """

    @property
    def name(self) -> str:
        """As the UI shows it."""
        return "materialized_meanwhile"

    @property
    def requires_cursor(self) -> bool:
        """Nothing is remembered between ticks."""
        return False

    async def evaluate(self, context: Any) -> "AutomationResult[dg.AssetKey]":  # type: ignore[override]
        """All of the candidates or none: the next look knows which."""
        days, view = context.candidate_subset, context.asset_graph_view
        since = dg.AssetRecordsFilter(context.key, after_storage_id=view.last_event_id)
        if not days.is_empty and not view.instance.fetch_materializations(since, limit=1).records:
            days = context.get_empty_subset()
        return dg.AutomationResult(context, days)


def _settled() -> dg.AutomationCondition[Any]:
    """No run makes it or what it reads, nor did one end while this was evaluated: in that order."""
    in_progress, meanwhile = dg.AutomationCondition.in_progress(), MaterializedMeanwhile()
    return (
        ~dg.AutomationCondition.any_deps_match(in_progress)
        & ~in_progress
        & ~dg.AutomationCondition.any_deps_match(meanwhile)
        & ~meanwhile
    ).with_label("nothing is under way")


def figures() -> dg.AutomationCondition[Any]:
    """For what is computed from stored rows: follow every change, day by day."""
    changed = dg.AutomationCondition.any_deps_match(
        dg.AutomationCondition.newly_updated() | dg.AutomationCondition.will_be_requested()
    ).with_label("an input changed")
    return (
        (dg.AutomationCondition.newly_missing() | changed).since_last_handled()
        & OwnDayStored()
        & ~dg.AutomationCondition.any_deps_missing().ignore(_RAW)
        & dg.AutomationCondition.all_deps_blocking_checks_passed()
        & _settled()
    ).with_label("figures follow their inputs")


def asked_once() -> dg.AutomationCondition[Any]:
    """For what costs credits: once, for the newest day, when everything it reads is there.

    A run that fails, say for its budget, is not repeated: missing stays true and is not new.
    """
    return (
        dg.AutomationCondition.in_latest_time_window()
        & dg.AutomationCondition.missing()
        .newly_true()
        .since(dg.AutomationCondition.newly_requested() | dg.AutomationCondition.newly_updated())
        & ~dg.AutomationCondition.any_deps_match(dg.AutomationCondition.missing())
        & ~dg.AutomationCondition.any_deps_match(dg.AutomationCondition.will_be_requested())
        & dg.AutomationCondition.all_deps_blocking_checks_passed()
        & _settled()
    ).with_label("Mave is asked once for the newest day")


def automated(assets: Sequence[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
    """The assets with their conditions and freshness, by group; ``raw`` is fetched by sensors."""
    follow, once = figures(), asked_once()

    def with_automation(spec: dg.AssetSpec) -> dg.AssetSpec:
        spec = spec.replace_attributes(freshness_policy=FRESH)
        if spec.group_name == "raw":
            return spec
        condition = once if spec.group_name == "analyses" else follow
        return spec.replace_attributes(automation_condition=condition)

    return [each.map_asset_specs(with_automation) for each in assets]
