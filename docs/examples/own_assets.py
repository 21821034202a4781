"""An asset of your own behind those of this project. Copy the file, change it, and load it instead:

dagster dev -f own_assets.py
dagster asset materialize -f own_assets.py --select growth/step_to_win --partition 2026-11-20
"""

import dagster as dg
import polars as pl

from journey_assets import frames
from journey_assets.definitions import build_definitions
from journey_assets.partitions import daily_partitions
from journey_assets.settings import Settings, environment

ENVIRONMENT = environment()


@dg.asset(
    key=["growth", "step_to_win"],
    group_name="growth",
    deps=[["journeys", "golden_transitions"]],
    # The same days as all others, and a range in one run, so that one command makes everything.
    partitions_def=daily_partitions(Settings.from_env(ENVIRONMENT).start_date),
    backfill_policy=dg.BackfillPolicy.single_run(),
    automation_condition=dg.AutomationCondition.eager(),
)
def step_to_win(context: dg.AssetExecutionContext) -> None:
    """The step of the golden path that is worth most, and how many persons have yet to take it."""
    days = context.partition_key_range
    steps = frames.read("journeys.golden_transitions", days.start, days.end)
    for step in steps.filter(pl.col("critical")).rows(named=True):
        context.add_asset_metadata(
            {
                "step": f"{step['from_event']} → {step['to_event']}",
                "conversion with it over without it": step["conversion_ratio"],
                "interval": f"{step['ratio_low']:.2f} to {step['ratio_high']:.2f}",
                "persons without it": step["persons_without"],
            },
            asset_key=context.asset_key,
            partition_key=str(step["as_of"]),
        )


defs = dg.Definitions.merge(build_definitions(ENVIRONMENT), dg.Definitions(assets=[step_to_win]))
