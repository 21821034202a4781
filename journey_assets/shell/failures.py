"""Every error of a run becomes one clear line.

Belongs here: the boundary that all errors of assets, sensors and resources pass on their way to
Dagster, which prints and stores whatever it is given, and showing the line last. Does not belong
here: the words (:mod:`journey_assets.errors`).
"""

import atexit
import functools
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import dagster as dg

from journey_assets.errors import ExplainedError, places, told

#: Commands that run assets in their own process, and end with it.
_COMMANDS = frozenset({("dagster", "asset"), ("dagster", "job"), ("dg", "launch")})
#: Reasons of a failed check that its line names; the check's metadata has them all.
_MOST_REASONS = 3
_PARTITION_OPTIONS = ("--partition", "--partition-range")

_shown: set[str] = set()

#: An asset's function: it gets the context and resources, and gives results.
Asset = Callable[..., Iterator[dg.MaterializeResult[Any]]]


def failure(line: str, way: tuple[str, ...] = ()) -> dg.Failure:
    """A failure whose description is ``line``; the run is not retried for it.

    way: the places that a defect passed. In Dagster's command line the line is printed once more at
    exit: Dagster prints a stack trace after every failure, and what a person must read stands last.
    """
    line = " ".join(line.split())
    if in_command():
        _show_last(line)
    metadata = (
        {"way": dg.MetadataValue.md("\n".join(f"- `{each}`" for each in way))} if way else None
    )
    return dg.Failure(line, metadata=metadata, allow_retries=False)


@contextmanager
def clear_failures() -> Iterator[None]:
    """Raise every error as :func:`failure` with its line."""
    try:
        yield
    except dg.Failure:
        raise
    except Exception as error:  # noqa: BLE001 - no foreign text may reach Dagster
        way = () if isinstance(error, ExplainedError) else tuple(places(error))
        # The cause is dropped on purpose: its trace may show values that belong to nobody's log.
        raise failure(told(error), way) from None


def clearly(compute: Asset) -> Asset:
    """An asset's function with :func:`clear_failures` around all of it.

    A check that holds back what follows ends the step with its own line, after everything is stored.
    """

    @functools.wraps(compute)
    def wrapped(*args: Any, **kwargs: Any) -> Iterator[dg.MaterializeResult[Any]]:
        failed: list[str] = []
        with clear_failures():
            for result in compute(*args, **kwargs):
                failed += [_failed(check) for check in result.check_results if _blocks(check)]
                yield result
        if failed:
            raise failure(
                f"{'; '.join(failed)}. What reads it was not computed. Materialize it again; if the "
                "check still fails, “When a run fails” in README.md says what it means."
            )

    return wrapped


def _blocks(check: dg.AssetCheckResult) -> bool:
    """Whether it failed and is none of those that only warn: all others of this project block."""
    return not check.passed and check.severity == dg.AssetCheckSeverity.ERROR


def _failed(check: dg.AssetCheckResult) -> str:
    name = check.asset_key.to_user_string() if check.asset_key else "the asset"
    reasons = list(dict.fromkeys((check.description or "").rstrip(".").split("; ")))
    said = "; ".join(reasons[:_MOST_REASONS])
    more = f"; and {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
    return f"{name}: check {check.check_name} failed{': ' if said else ''}{said}{more}"


def in_command() -> bool:
    """Whether this process is a command of Dagster's that runs assets."""
    program = Path(sys.argv[0])
    # python -m dagster: the program is the package's __main__.py
    name = program.parent.name if program.name == "__main__.py" else program.name
    return (name, *sys.argv[1:2]) in _COMMANDS


def _show_last(line: str) -> None:
    if line not in _shown:
        _shown.add(line)
        atexit.register(print, line, file=sys.stderr)


def explain_uncaught() -> None:
    """Let an error that ends a command of Dagster's be told by its line, too.

    They come from what is outside of any asset: settings, the days asked for, Dagster's own files.
    """
    if in_command():
        sys.excepthook = _uncaught


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not isinstance(error, Exception):
        sys.__excepthook__(kind, error, trace)
        return
    traceback.print_tb(trace)
    _show_last(_refused(error) if _is_dagsters(error) else told(error))


def _is_dagsters(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] in {"dagster", "dagster_shared"}


def _refused(error: Exception) -> str:
    """What Dagster says of a command that it does not carry out, or our words for its days."""
    cause = error
    while _is_dagsters(cause) and isinstance(cause.__cause__, Exception):
        cause = cause.__cause__
    if not _is_dagsters(cause):
        return told(cause)
    text = " ".join(str(error).split())
    if "partition key" in text:
        return (
            f"Dagster: not all days of {_asked_days()} are partitions: they run from "
            "JOURNEY_START_DATE to yesterday (UTC), as YYYY-MM-DD. Ask for days among them."
        )
    return f"Dagster: {re.sub('^Failure condition: ', '', text)}"


def _asked_days() -> str:
    """The days on the command line."""
    for argument, following in zip(sys.argv, [*sys.argv[1:], ""], strict=True):
        option, _, value = argument.partition("=")
        if option in _PARTITION_OPTIONS:
            return value or following
    return "the run"
