"""Rare steps that become one step of all others, where a setting limits how many are kept apart.

Belongs here: which step stands for a step in each window. Does not belong here: what events are called
(:mod:`journey_assets.journeys.naming`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from journey_assets.journeys.naming import OTHER
from journey_assets.journeys.paths import Rules, Window
from journey_assets.warehouse.arrow import arrow_table
from journey_assets.warehouse.sql import sql_of

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

_NO_LIMIT = 2**62


def folds(rules: Rules) -> bool:
    """Whether a setting limits the steps that are kept apart."""
    return bool(rules.settings.step_property or rules.settings.event_limit)


def fold(
    con: "DuckDBPyConnection",
    rules: Rules,
    windows: Sequence[Window],
    occurrences: "Mapping[date, NDArray[np.int64]]",
) -> list[Window]:
    """The windows with what stands for each step; ``occurrences``: of the steps, by code."""
    import numpy as np

    rows = [
        (as_of, event, int(counts[event]))
        for as_of, counts in occurrences.items()
        for event in np.flatnonzero(counts).tolist()
        if event
    ]
    if not rows:
        return list(windows)  # nobody who counts did anything
    names = ("as_of", "event", "n")
    con.register(
        "journey_step_counts", arrow_table(dict(zip(names, zip(*rows, strict=True), strict=True)))
    )
    other = con.execute(
        "SELECT event FROM journey_event_types WHERE event_type = ?", [OTHER]
    ).fetchall()
    found = con.execute(
        sql_of(__package__, "folded"),
        {
            "property_limit": rules.settings.step_property_limit,
            "event_limit": rules.settings.event_limit or _NO_LIMIT,
            "other": other[0][0] if other else 0,
            "fixed": [code for code in (rules.conversion, rules.start, rules.end) if code > 0],
        },
    ).fetchall()
    con.unregister("journey_step_counts")
    steps = {window.as_of: window.fold.copy() for window in windows}
    for as_of, event, step in found:
        steps[as_of][event] = step
    return [replace(window, fold=steps[window.as_of]) for window in windows]
