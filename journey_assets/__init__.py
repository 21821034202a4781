"""Customer journeys across Amplitude, Segment and Mavenoid, explained by Mave.

The folders follow the data: ``vendors`` (HTTP clients) → ``raw`` (what the vendors said) →
``identity`` → ``journeys`` / ``channels`` / ``support`` (statistics) → ``analyses`` (Mave) →
``reports``. ``warehouse`` holds the database and the table declarations, ``settings`` every
setting; ``definitions`` wires it all into one Dagster code location.
"""

import gc
from typing import Any

from journey_assets.places import keep_private

# Of every process of ours, whatever its command: what it writes may hold personal data.
keep_private()


def __getattr__(name: str) -> Any:
    """``journey_assets.defs`` is the code location, built when Dagster asks for it.

    Built on demand, so that a client or a statistic can be imported without Dagster.
    """
    if name != "defs":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from journey_assets.definitions import build_definitions
    from journey_assets.settings import environment
    from journey_assets.shell.failures import explain_uncaught

    explain_uncaught()
    globals()["defs"] = build_definitions(environment())
    # What is loaded stays: every later collection would look through all of it for nothing.
    gc.freeze()
    return globals()["defs"]


def __dir__() -> list[str]:
    """Dagster finds ``defs`` by listing the module."""
    return sorted({*globals(), "defs"})
