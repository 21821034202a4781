"""``make forget ID=type:value``: a person out of everything that this deployment keeps.

Belongs here: the command and what it prints. Does not belong here: what is removed
(:mod:`journey_assets.privacy`).
"""

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date

import dagster as dg

from journey_assets.automation.housekeeping import compute_figures, report_removal, summary
from journey_assets.definitions import build_definitions
from journey_assets.errors import exit_code
from journey_assets.privacy.forget import forget
from journey_assets.privacy.person import Person, read_identifier
from journey_assets.privacy.vendors import vendor_steps
from journey_assets.settings import Settings, environment


def main() -> int:
    """Forget the person named by the argument; returns the exit code."""
    environ = environment()
    settings = Settings.from_env(environ)
    given = read_identifier(" ".join(sys.argv[1:]))
    job = build_definitions(environ).resolve_implicit_global_asset_job_def()
    with _instance() as instance:

        def recompute(days: Sequence[date]) -> None:
            compute_figures(job, instance, days)

        def found(person: Person) -> None:
            _say(
                [
                    "To do at the vendors, who keep what they were sent:",
                    *vendor_steps(settings, person),
                ]
            )

        done = forget(
            settings,
            given,
            recompute,
            lambda line: _say([line]),
            found,
            lambda removal: report_removal(instance, removal),
        )
    _say(summary(done))
    return 0


def _instance() -> dg.DagsterInstance:
    kept = os.environ.get("DAGSTER_HOME")
    return dg.DagsterInstance.get() if kept else dg.DagsterInstance.ephemeral()


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(exit_code(main))
