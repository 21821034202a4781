"""Telling people that a run failed: one line in the log, and to a webhook.

Belongs here: what the line says and how it is posted. A line carries our own explained errors, which
hold no secret and no personal data; of any other error only its kind, for its text may quote a row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from journey_assets.names import masked
from journey_assets.vendors.webhook import post_message

#: Longest explanation in the line, in characters.
LONGEST = 500

_MOST_STEPS = 3


@dataclass(frozen=True, slots=True)
class FailedStep:
    """A step that failed. explained: our own line, None for an error of another ``kind``."""

    name: str
    kind: str
    explained: str | None


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run that failed. days: its partition or range, empty when it has none."""

    run_id: str
    job: str
    days: str
    steps: Sequence[FailedStep]


def days_of_tags(tags: Mapping[str, str]) -> str:
    """The days of a run, as people write them."""
    if day := tags.get("dagster/partition"):
        return day
    first = tags.get("dagster/asset_partition_range_start", "")
    last = tags.get("dagster/asset_partition_range_end", "")
    return first if first == last else f"{first}...{last}"


def alert_line(run: FailedRun) -> str:
    """What happened, in one line."""
    of_days = f" of {run.days}" if run.days else ""
    head = f"journey_assets: run {run.run_id[:8]} ({run.job}{of_days}) failed"
    if not run.steps:
        return f"{head} before its first step: see the run's log."
    told = [f"{step.name}: {_told(step)}" for step in run.steps[:_MOST_STEPS]]
    more = len(run.steps) - len(told)
    return f"{head}: {'; '.join(told)}{f'; and {more} more steps' if more else ''}"


def _told(step: FailedStep) -> str:
    if step.explained is None:
        return f"{step.kind}, see the run's log"
    line = masked(" ".join(step.explained.split()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def post_alert(url: str, run: FailedRun, log: Callable[[str], None]) -> bool:
    """Post the alert as JSON; False, and a line in the log, when it could not be delivered.

    The address is a secret of its own and never told.
    """
    body = {
        "text": alert_line(run),
        "run_id": run.run_id,
        "job": run.job,
        "days": run.days,
        "failed": [step.name for step in run.steps],
    }
    return post_message(url, body, "alert", "ALERT_WEBHOOK_URL", log)
