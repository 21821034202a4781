"""The sensors: thin shells that ask the outside and turn what is new into runs.

Belongs here: reading settings and cursor, asking, the run requests, and the one line that says why
there are none. Does not belong here: what counts as new (:mod:`.updates`, :mod:`.tracked`,
:mod:`.archives`), what an alert says (:mod:`.alerts`).

A look never waits: a vendor that does not answer, a quota that is used up, a database in use are
reasons to skip, with the cursor left as it is. While a run that a sensor asked for is under way the
sensor skips too; what changes meanwhile is one run afterwards. A run key names the content and the
look before it, so that a look repeated after a crash asks for the same run, and the same content seen
again later for another.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import dagster as dg

from journey_assets.automation.alerts import (
    FailedRun,
    FailedStep,
    alert_line,
    days_of_tags,
    post_alert,
)
from journey_assets.automation.archives import (
    Refuse,
    Seen,
    Take,
    Verdict,
    Wait,
    look,
    read_cursor,
    still,
    verdict,
    write_cursor,
)
from journey_assets.automation.jobs import last_days, newest_day, range_tags
from journey_assets.automation.tracked import Memory, named_now, remembered, stored_now, wanted
from journey_assets.automation.updates import Look, changed_days, content_key
from journey_assets.errors import ExplainedError
from journey_assets.places import private_folder
from journey_assets.raw.amplitude_archive import (
    ArchiveRefused,
    content_hash,
    days_of,
    ingested_before,
    reject,
)
from journey_assets.raw.asked import ARCHIVE, ONLY_NEW_USERS
from journey_assets.settings import VENDOR_NAMES, Settings, Vendor
from journey_assets.shell.failures import clear_failures
from journey_assets.shell.resources import VENDORS_TAG, SettingsResource
from journey_assets.shell.tables import asset_key
from journey_assets.vendors.mavenoid import CONVERSATIONS, SESSIONS, MavenoidClient
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    MAVENOID_CONVERSATIONS,
    MAVENOID_SESSIONS,
)

#: Longest wait for the quota or the database within a look, in seconds.
_PATIENCE = 2.0

_FEEDS = {CONVERSATIONS: MAVENOID_CONVERSATIONS, SESSIONS: MAVENOID_SESSIONS}
_LISTS = {endpoint.name: asset_key(table) for endpoint, table in _FEEDS.items()}
_EVENTS, _USERS = asset_key(AMPLITUDE_EVENTS), asset_key(AMPLITUDE_USERS)

Evaluate = Callable[[dg.SensorEvaluationContext, Settings], dg.SensorResult]


class _Skipped(ExplainedError):  # noqa: N818 - reads as what happened
    """There is no run to ask for; the message is the reason."""


def sensors(
    status: dg.DefaultSensorStatus, settings: Settings, now: Callable[[], datetime]
) -> list[dg.SensorDefinition]:
    """All sensors; ``status`` is that of those that ask vendors, ``now`` the time, aware."""
    every = settings.sensor_seconds

    def updates(context: dg.SensorEvaluationContext, settings: Settings) -> dg.SensorResult:
        return _mavenoid_updates(context, settings, now())

    def tracked(context: dg.SensorEvaluationContext, settings: Settings) -> dg.SensorResult:
        return _tracked_users(context, settings, now())

    def archives(context: dg.SensorEvaluationContext, settings: Settings) -> dg.SensorResult:
        return _amplitude_archives(context, settings, now())

    return [
        _sensor(
            "mavenoid_updates",
            list(_LISTS.values()),
            updates,
            status,
            every,
            "Looks at Mavenoid's last 24 hours and fetches the days whose conversations or sessions "
            "changed.",
        ),
        _sensor(
            "tracked_users",
            [_USERS, _EVENTS],
            tracked,
            status,
            every,
            "Watches the lists, files and cohorts that name users, and reads the window of new ones.",
        ),
        _sensor(
            "amplitude_archives",
            [_EVENTS],
            archives,
            dg.DefaultSensorStatus.RUNNING,
            every,
            "Watches the inbox for export archives that somebody downloaded, and takes them in.",
        ),
        run_failures(every),
    ]


def _sensor(
    name: str,
    keys: Sequence[dg.AssetKey],
    evaluate: Evaluate,
    status: dg.DefaultSensorStatus,
    every: int,
    description: str,
) -> dg.SensorDefinition:
    @dg.sensor(
        name=name,
        asset_selection=dg.AssetSelection.assets(*keys),
        minimum_interval_seconds=every,
        default_status=status,
        description=description,
    )
    def shell(
        context: dg.SensorEvaluationContext, settings: SettingsResource
    ) -> dg.SensorResult | dg.SkipReason:
        # A tick that failed for a defect shows its line; a reason that people can mend is no failure.
        with clear_failures():
            try:
                if _under_way(context, name):
                    raise _Skipped("The run that this sensor asked for is still under way.")
                return evaluate(context, settings.read())
            except ExplainedError as reason:
                return dg.SkipReason(str(reason))

    return shell


def _under_way(context: dg.SensorEvaluationContext, name: str) -> bool:
    unfinished = dg.RunsFilter(
        tags={"dagster/sensor_name": name},
        statuses=[
            dg.DagsterRunStatus.QUEUED,
            dg.DagsterRunStatus.NOT_STARTED,
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
        ],
    )
    return bool(context.instance.get_run_records(unfinished, limit=1))


def _ready(settings: Settings, vendor: Vendor) -> None:
    """Raise the reason to skip when the vendor is not in use or lacks a credential."""
    name = VENDOR_NAMES[vendor]
    if vendor not in settings.vendor_list():
        raise _Skipped(f"{name} is not configured (JOURNEY_VENDORS).")
    if missing := settings.missing_credentials(vendor):
        raise _Skipped(f"{name}: {' and '.join(missing)} not set.")


def _mavenoid_updates(
    context: dg.SensorEvaluationContext, settings: Settings, now: datetime
) -> dg.SensorResult:
    _ready(settings, "mavenoid")
    with closing(MavenoidClient.from_settings(settings, context.log.info, hurried=True)) as client:
        if (seconds := client.seconds_for_looks(len(_FEEDS))) > _PATIENCE:
            raise _Skipped(f"Mavenoid: the quota allows the next look in about {seconds:.0f} s.")
        rows = {endpoint.name: client.rows(endpoint, days=1) for endpoint in _FEEDS}
    old, new = Look.read(context.cursor), Look.of(now, rows)
    if old is None:
        return _result("The first look; the next one is compared with it.", new.cursor())
    requests = []
    for day, names in changed_days(old, new).items():
        keys = [key for name, key in _LISTS.items() if name in names]
        # A day that is not over, or was never fetched, is read whole when its turn comes.
        if stored := [key for key in keys if _is_stored(context, key, day)]:
            requests.append(
                dg.RunRequest(
                    run_key=content_key(old, new, day),
                    asset_selection=stored,
                    partition_key=day.isoformat(),
                )
            )
    return _result("Nothing changed on a day that is stored.", new.cursor(), requests)


def _is_stored(context: dg.SensorEvaluationContext, key: dg.AssetKey, day: date) -> bool:
    records = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=key, asset_partitions=[day.isoformat()]), limit=1
    )
    return bool(records.records)


def _tracked_users(
    context: dg.SensorEvaluationContext, settings: Settings, now: datetime
) -> dg.SensorResult:
    _ready(settings, "amplitude")
    old = Memory.read(context.cursor)
    named = named_now(settings, old, now)
    new = remembered(old, named, now)
    asked = None
    start = date.fromisoformat(settings.start_date)
    days = last_days(newest_day(now), settings.window_days, start)
    if days and new.digests != old.digests:
        source = settings.amplitude_source
        with _briefly(settings).session() as session:
            asked = wanted(old, new, named, stored_now(session, *days, source), source)
    if asked is None:
        computing = "Amplitude computes a cohort. " if named.requests else ""
        return _result(f"{computing}Nobody new is named.", new.cursor())
    context.log.info(f"{asked.new_ids} ids are new; asking for {asked.first} … {asked.last}.")
    request = dg.RunRequest(
        run_key=f"{asked.first}...{asked.last} {old.key()} {replace(new, at='').key()}",
        asset_selection=[_USERS, _EVENTS] if asked.events else [_USERS],
        tags=range_tags(asked.first, asked.last) | ({ONLY_NEW_USERS: "1"} if asked.events else {}),
    )
    return _result("", new.cursor(), [request])


def _briefly(settings: Settings) -> Database:
    """The database for a short look; one that is in use is looked at again with the next tick."""
    return replace(Database.of(settings), lock_timeout_seconds=_PATIENCE)


def _amplitude_archives(
    context: dg.SensorEvaluationContext, settings: Settings, now: datetime
) -> dg.SensorResult:
    if "amplitude" not in settings.vendor_list():
        raise _Skipped("Amplitude is not configured (JOURNEY_VENDORS).")
    inbox, start = settings.inbox_folder(), date.fromisoformat(settings.start_date)
    if not settings.inbox:
        private_folder(inbox)  # a folder that somebody chose is theirs to open and close
    old, files = read_cursor(context.cursor), look(inbox)
    reasons, requests = [], []
    for name, seen in files.items():
        archive, before = inbox / name, old.get(name)
        try:
            judged = verdict(before, seen, partial(_days_or_reason, archive), now, start)
            taken = _take(archive, judged, seen)
        except OSError as error:
            # Of one file: the others are looked at all the same.
            judged, taken = Wait(f"it cannot be read or moved ({error.strerror})"), None
        if isinstance(taken, dg.RunRequest):
            files[name] = replace(seen, asked=True)
            requests.append(taken)
        elif isinstance(judged, Wait):
            files[name] = still(before, seen)
            reasons.append(f"{name}: {judged.reason}.")
        else:
            reasons.append(str(taken))
    for reason in reasons:
        context.log.info(reason)
    return _result(" ".join(reasons) or f"{inbox} is empty.", write_cursor(files), requests)


def _take(archive: Path, judged: Verdict, seen: Seen) -> dg.RunRequest | str | None:
    """The run that takes the archive in, or where it was moved and why; None for one that waits."""
    match judged:
        case Wait():
            return None
        case Refuse(reason):
            return f"Moved to {reject(archive, reason)}: {reason}"
        case Take(first, last):
            digest = content_hash(archive)
            if before := ingested_before(archive.parent, digest):
                reason = f"Its content was taken in before, as {before.name}."
                return f"Moved to {reject(archive, reason)}: {reason}"
            return _archive_run(archive.name, first, last, f"{digest} {seen.moved}")


def _archive_run(name: str, first: date, last: date, key: str) -> dg.RunRequest:
    """Amplitude itself is not called, so no credential is needed."""
    tags = {**range_tags(first, last), ARCHIVE: name, VENDORS_TAG: ""}
    return dg.RunRequest(run_key=key, asset_selection=[_EVENTS], tags=tags)


def _days_or_reason(archive: Path) -> tuple[date, date] | str:
    try:
        return days_of(archive)
    except ArchiveRefused as error:
        return str(error)


def _result(reason: str, cursor: str, requests: Sequence[dg.RunRequest] = ()) -> dg.SensorResult:
    """The requests, or the reason that there are none; the cursor moves on either way."""
    if requests:
        return dg.SensorResult(run_requests=list(requests), cursor=cursor)
    return dg.SensorResult(skip_reason=reason, cursor=cursor)


def run_failures(every: int) -> dg.SensorDefinition:
    """The sensor ``run_failures``: a line for every failed run, posted where a webhook is set.

    every: seconds between two looks.
    """

    @dg.run_failure_sensor(
        name="run_failures",
        minimum_interval_seconds=every,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="One line for every failed run, posted as JSON to ALERT_WEBHOOK_URL when set.",
    )
    def shell(context: dg.RunFailureSensorContext, settings: SettingsResource) -> dg.SkipReason:
        failed = FailedRun(
            run_id=context.dagster_run.run_id,
            job=_job_name(context.dagster_run),
            days=days_of_tags(context.dagster_run.tags),
            steps=list(_failed_steps(context.get_step_failure_events()))
            or list(_failed_before(context.failure_event)),
        )
        line = alert_line(failed)
        context.log.error(line)
        with clear_failures():
            if url := settings.read().alert_webhook_url:
                post_alert(url, failed, context.log.warning)
        return dg.SkipReason(line)

    return shell


def _job_name(run: dg.DagsterRun) -> str:
    """A job's name; runs over chosen assets have none of their own."""
    if not run.job_name.startswith("__"):
        return run.job_name
    keys = sorted(key.to_user_string() for key in run.asset_selection or ())
    return f"{keys[0]} and {len(keys) - 1} more" if len(keys) > 1 else "".join(keys) or "assets"


def _failed_before(event: dg.DagsterEvent) -> Iterator[FailedStep]:
    """What ended a run before its first step, if it explains itself: settings, credentials, the database."""
    error = cast("Any", event.event_specific_data).error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is not None and error.cls_name == dg.Failure.__name__:
        line = error.message.partition(": ")[2].strip()
        yield FailedStep(name="before its first step", kind=error.cls_name, explained=line)


def _failed_steps(events: Sequence[dg.DagsterEvent]) -> Iterator[FailedStep]:
    for event in events:
        data = cast("Any", event.event_specific_data)
        user, error = data.user_failure_data, data.error
        while error is not None and error.cause is not None:
            error = error.cause
        yield FailedStep(
            name=event.step_key or "",
            kind=(error.cls_name if error else None) or "error",
            explained=user.description if user else None,
        )
