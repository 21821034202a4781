"""The project's code location for ``dagster dev`` in tests, by whose sensors it is always the same hour.

The variable ``TEST_NOW`` gives the time, so that it is also that of the simulated vendors. An hour
past midnight nearly all of the last 24 hours lie in yesterday, whenever the tests run.
"""

import os
from datetime import UTC, datetime, time, timedelta

from journey_assets.definitions import build_definitions
from journey_assets.settings import environment

VARIABLE = "TEST_NOW"
NOW = datetime.combine(datetime.now(UTC).date(), time(1), UTC)
YESTERDAY = NOW.date() - timedelta(days=1)


def _now() -> datetime:
    return datetime.fromisoformat(os.environ[VARIABLE])


def __getattr__(name: str) -> object:
    """``defs``, built when Dagster asks for it and not when a test asks for the time."""
    if name != "defs":
        raise AttributeError(name)
    globals()["defs"] = build_definitions(environment(), _now)
    return globals()["defs"]


def __dir__() -> list[str]:
    return [*globals(), "defs"]
