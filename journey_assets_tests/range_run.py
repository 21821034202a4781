"""``range_run FIRST LAST [SCHEMAS]``, a command of ``command_server``: assets of a range, in one process.

What the command line does without its start-up: an instance in memory, settings from the
environment, a line for every message of the run. SCHEMAS: a comma list, without it all assets.
"""

import os
import sys

import dagster as dg

from journey_assets.definitions import build_definitions


def main() -> int:
    """Materialize the range; returns the exit code."""
    _, first, last, *schemas = sys.argv
    chosen = schemas[0].split(",") if schemas else []
    definitions = build_definitions(os.environ)
    keys = definitions.resolve_asset_graph().materializable_asset_keys
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=sorted(key for key in keys if not chosen or key.path[0] in chosen),
            raise_on_error=False,
            tags={
                "dagster/asset_partition_range_start": first,
                "dagster/asset_partition_range_end": last,
            },
        )
    return 0 if result.success else 1
