"""``python -m journey_assets_tests.range_run FIRST LAST``: all assets of a range, in one process.

What the command line does without its start-up: an instance in memory, settings from the
environment, a line for every message of the run.
"""

import os
import sys

import dagster as dg

from journey_assets.definitions import build_definitions


def main(first: str, last: str) -> int:
    """Materialize the range; returns the exit code."""
    definitions = build_definitions(os.environ)
    keys = definitions.resolve_asset_graph().materializable_asset_keys
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=sorted(keys),
            raise_on_error=False,
            tags={
                "dagster/asset_partition_range_start": first,
                "dagster/asset_partition_range_end": last,
            },
        )
    return 0 if result.success else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
