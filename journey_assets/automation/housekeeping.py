"""The jobs that clean up: ``housekeeping`` every week, and ``forget`` when somebody asks for it.

Belongs here: Dagster's shell around :mod:`journey_assets.privacy` and
:mod:`journey_assets.shell.trimming`. Identifiers never pass Dagster, which keeps run configuration
and logs: the job reads them from a file.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg

from journey_assets.automation.jobs import range_tags
from journey_assets.privacy.forget import Forgotten, forget
from journey_assets.privacy.person import ForgetError, Person, read_identifier
from journey_assets.privacy.removal import Removal
from journey_assets.privacy.retention import apply_retention
from journey_assets.privacy.vendors import vendor_steps
from journey_assets.settings import Settings
from journey_assets.shell.failures import clear_failures
from journey_assets.shell.resources import SettingsResource
from journey_assets.shell.tables import POOL
from journey_assets.shell.trimming import trim_instance
from journey_assets.warehouse.explored import sweep_explored

#: Beside the database: the identifiers to forget, one ``type:value`` a line.
REQUESTS = "forget.txt"
#: Beside the database: what is to do at the vendors, for whoever asked. To be deleted by them.
VENDORS = "forget.vendors.txt"

_LEFT_OUT = ("raw", "analyses")


@dg.op(pool=POOL)
def tidy(context: dg.OpExecutionContext, settings: SettingsResource) -> None:
    """Apply the retention of raw rows, write the file's log into it, trim Dagster's instance."""
    with clear_failures():
        read, now = settings.read(), datetime.now(UTC)
        with settings.warehouse().session() as session:
            removed = apply_retention(session, read, now.replace(tzinfo=None))
        for name, rows in removed.items():
            context.log.info(
                f"{name}: {rows} rows older than {read.raw_retention_days} days removed."
            )
        before = now - timedelta(days=read.instance_retention_days)
        swept = sweep_explored(read.directory(), before)
        context.log.info(f"{swept} explorations made before {before:%Y-%m-%d} removed.")
        gone = trim_instance(context.instance, before)
        context.log.info(
            f"Dagster's instance: {gone.runs} runs that ended before {before:%Y-%m-%d}, {gone.events} "
            f"events and {gone.checks} results of checks removed."
        )


def _lines(requests: Path) -> list[str]:
    text = requests.read_text(encoding="utf-8-sig")
    return [line.strip() for line in text.splitlines() if line.strip()]


def _forget(
    text: str,
    settings: Settings,
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    log: Callable[[str], None],
) -> Forgotten:
    def found(person: Person) -> None:
        with (settings.directory() / VENDORS).open("a", encoding="utf-8") as file:
            file.writelines(f"{step}\n" for step in vendor_steps(settings, person))

    return forget(
        settings,
        read_identifier(text),
        lambda days: compute_figures(job, instance, days),
        log,
        found,
        lambda removal: report_removal(instance, removal),
    )


def compute_figures(
    job: dg.JobDefinition, instance: dg.DagsterInstance, days: Sequence[date]
) -> None:
    """Compute all figures and reports of days that follow each other, in one run.

    job: the one of all assets. Raises :class:`ForgetError` when the run fails.
    """
    keys = [key for key in job.asset_layer.executable_asset_keys if key.path[0] not in _LEFT_OUT]
    result = job.execute_in_process(
        instance=instance,
        asset_selection=sorted(keys),
        tags=range_tags(days[0], days[-1]),
        raise_on_error=False,
    )
    if not result.success:
        raise ForgetError(
            f"The person is removed, but the figures of {days[0]} … {days[-1]} could not be computed "
            "anew: mend what the run says, and start the same again to finish."
        )


def report_removal(instance: dg.DagsterInstance, removal: Removal) -> None:
    """Tell Dagster that raw days have changed, so that whatever follows them is computed anew."""
    for name, days in removal.raw_days.items():
        for day in days:
            changed = dg.AssetMaterialization(
                dg.AssetKey(name.split(".")),
                partition=day.isoformat(),
                metadata={"rows_removed": "a person was forgotten"},
            )
            instance.report_runless_asset_event(changed)


def summary(done: Forgotten) -> list[str]:
    """What was done, without anything that names the person."""
    if not done.removals and not done.archives.archives:
        return ["This person was forgotten before, and nothing of them is stored."]
    lines = []
    for removal in done.removals:
        lines += [f"Removed from {name}: {count} rows" for name, count in removal.rows.items()]
        lines += _days("Figures that had counted the person, computed anew", removal.computable)
        lost = sorted(set(removal.days) - set(removal.computable))
        lines += _days("Figures removed for good, as their raw days are no longer kept", lost)
        lines += _days("Mave's answers removed, not asked again by themselves", removal.analyses)
    if (found := done.archives).archives:
        lines.append(f"Archives of the inbox rewritten: {found.archives}, {found.lines} lines.")
    lines += [f"Look into this file yourself: {path}" for path in done.left]
    lines += [f"Look into this table of yours: {name}" for name in done.tables]
    return [*lines, "Backups are yours to clean: “Forgetting a person” in docs/operations.md."]


def _days(title: str, days: Sequence[date]) -> list[str]:
    return [f"{title}: {len(days)} days, {days[0]} … {days[-1]}"] if days else []


def cleaning_jobs(all_assets: Callable[[], dg.JobDefinition]) -> list[dg.JobDefinition]:
    """The jobs ``housekeeping`` and ``forget``; ``all_assets`` gives the job of all assets."""

    @dg.job(
        name="housekeeping",
        description="Applies JOURNEY_RAW_RETENTION_DAYS, checkpoints the database, and trims Dagster's "
        "instance to JOURNEY_INSTANCE_RETENTION_DAYS.",
    )
    def housekeeping() -> None:
        tidy()

    @dg.op(pool=POOL)
    def forget_requested(context: dg.OpExecutionContext, settings: SettingsResource) -> None:
        with clear_failures():
            forget_all(settings.read(), all_assets(), context.instance, context.log.info)

    @dg.job(
        name="forget",
        description=f"Removes the persons whose identifiers stand in {REQUESTS} beside the database, "
        "one `type:value` a line, from everything that is kept, and keeps them out.",
    )
    def forget_job() -> None:
        forget_requested()

    return [housekeeping, forget_job]


def forget_all(
    settings: Settings,
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    log: Callable[[str], None],
) -> None:
    """Forget every person named in the file of requests, and take each line out once it is done.

    Raises :class:`ForgetError` when there is no file, or a line names nobody.
    """
    requests = settings.directory() / REQUESTS
    if not requests.is_file():
        raise ForgetError(
            f"There is no file {requests}: write the identifiers into it, one a line."
        )
    while lines := _lines(requests):
        for line in summary(_forget(lines[0], settings, job, instance, log)):
            log(line)
        requests.write_text("".join(f"{line}\n" for line in lines[1:]), encoding="utf-8")
    requests.unlink()


def weekly(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """The schedule of ``housekeeping``: on Sundays at 05:00 UTC, after the nightly run."""
    return dg.ScheduleDefinition(
        name="weekly",
        job=job,
        cron_schedule="0 5 * * 0",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Housekeeping: retention, checkpoint, and trimming of Dagster's instance.",
    )
