"""``make forget ID=type:value``: a person out of everything that this deployment keeps.

Belongs here: the command, what it prints, and computing the figures anew through Dagster. Does not
belong here: what is removed (:mod:`journey_assets.privacy`).
"""

import os
import sys
from collections.abc import Sequence
from datetime import date

import dagster as dg

from journey_assets.automation.jobs import range_tags
from journey_assets.definitions import build_definitions
from journey_assets.errors import exit_code
from journey_assets.privacy.forget import Forgotten, forget
from journey_assets.privacy.person import ForgetError, Person, read_identifier
from journey_assets.privacy.removal import Removal
from journey_assets.privacy.vendors import vendor_steps
from journey_assets.settings import Settings, environment

_KEEP = "--without-figures"


def main() -> int:
    """Forget the person named by the argument; returns the exit code."""
    arguments = [each for each in sys.argv[1:] if each != _KEEP]
    environ = environment()
    settings = Settings.from_env(environ)
    given = read_identifier(arguments[0] if len(arguments) == 1 else "")
    definitions = build_definitions(environ)
    with _instance() as instance:

        def recompute(days: Sequence[date]) -> None:
            compute_figures(definitions, instance, days)

        def found(person: Person) -> None:
            _say_all(
                [
                    "To do at the vendors, who keep what they were sent:",
                    *vendor_steps(settings, person),
                ]
            )

        def removed(removal: Removal) -> None:
            report_removal(instance, removal)

        figures = None if _KEEP in sys.argv else recompute
        done = forget(settings, given, figures, _say, found, removed)
    _say_all(summary(done))
    return 0


def _instance() -> dg.DagsterInstance:
    return (
        dg.DagsterInstance.get()
        if os.environ.get("DAGSTER_HOME")
        else dg.DagsterInstance.ephemeral()
    )


def compute_figures(
    definitions: dg.Definitions, instance: dg.DagsterInstance, days: Sequence[date]
) -> None:
    """Compute all figures and reports of days that follow each other, in one run.

    Raises :class:`ForgetError` when the run fails.
    """
    graph = definitions.resolve_asset_graph()
    left_out = ("raw", "analyses")
    keys = [key for key in graph.materializable_asset_keys if key.path[0] not in left_out]
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance,
        asset_selection=sorted(keys),
        tags=range_tags(days[0], days[-1]),
        raise_on_error=False,
    )
    if not result.success:
        raise ForgetError(
            f"The person is removed, but the figures of {days[0]} … {days[-1]} could not be computed "
            "anew: mend what the lines above say, and run the same command again to finish."
        )


def report_removal(instance: dg.DagsterInstance, removal: Removal) -> None:
    """Tell Dagster that raw days have changed, so that whatever follows them is computed anew."""
    for name, days in removal.raw_days.items():
        for day in days:
            instance.report_runless_asset_event(
                dg.AssetMaterialization(
                    dg.AssetKey(name.split(".")),
                    partition=day.isoformat(),
                    metadata={"rows_removed_for_privacy": True},
                )
            )


def summary(done: Forgotten) -> list[str]:
    """What was done, without anything that names the person."""
    if not done.removals and not done.archives.archives:
        return ["This person was forgotten before, and nothing of them is stored."]
    lines = []
    for removal in done.removals:
        lines += [f"Removed from {name}: {count} rows" for name, count in removal.rows.items()]
        missing = sorted(set(removal.days) - set(removal.computable))
        lines += _days(
            "Figures that had counted the person, removed and computed anew", removal.computable
        )
        lines += _days("Figures removed for good (retention took their raw days)", missing)
        lines += _days("Mave's answers removed, not asked again by themselves", removal.analyses)
    if done.archives.archives:
        lines.append(
            f"Archives of the inbox rewritten: {done.archives.archives}, {done.archives.lines} lines."
        )
    lines += [f"Look into it yourself: {path}" for path in done.left]
    return [*lines, "Backups are yours to clean: see “Forgetting a person” in docs/operations.md."]


def _days(title: str, days: Sequence[date]) -> list[str]:
    return [f"{title}: {len(days)} days, {days[0]} … {days[-1]}"] if days else []


def _say_all(lines: Sequence[str]) -> None:
    for line in lines:
        _say(line)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(exit_code(main))
