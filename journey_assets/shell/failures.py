"""Turning our errors into one clear line.

Belongs here: which exceptions are explained to the user by their own message, and showing that
message last. Anything else is a defect and keeps its stack trace.
"""

import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from journey_assets.settings import SettingsError
from journey_assets.warehouse.database import WarehouseError

_COMMANDS = frozenset({"dagster", "dg"})


def failure(line: str) -> dg.Failure:
    """A failure whose description is ``line``; the run is not retried for it.

    In Dagster's command line the line is printed once more at exit: Dagster prints a stack trace
    after every failure, and what a person must read should stand last.
    """
    line = " ".join(line.split())
    if Path(sys.argv[0]).name in _COMMANDS:
        atexit.register(print, line, file=sys.stderr)
    return dg.Failure(line, allow_retries=False)


@contextmanager
def clear_failures(*explained: type[Exception]) -> Iterator[None]:
    """Raise expected errors as :func:`failure`: settings, warehouse and the ``explained`` types."""
    expected: tuple[type[Exception], ...] = (SettingsError, WarehouseError, *explained)
    try:
        yield
    except expected as error:
        # The cause is dropped on purpose: its trace may show values that belong to nobody's log.
        raise failure(str(error)) from None
