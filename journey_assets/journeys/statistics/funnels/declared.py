"""The funnels that a file declares.

[[funnel]]
name = "Upgrade"
steps = ["Visit*", "Sign Up", ["Upgrade", "Buy *"]]   # globs, or lists of them
within = "7 days"                                      # minutes, hours or days
order = "in order"                                     # or "strict", "any order"
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.naming import glob_matches
from journey_assets.journeys.paths import Rules
from journey_assets.names import masked
from journey_assets.places import placed
from journey_assets.settings import Settings, SettingsError, variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

ORDERS = ("in order", "strict", "any order")
MOST_STEPS = 20
_MOST_FUNNELS = 100
_WITHIN = re.compile(r"(\d{1,6}) (minute|hour|day)s?")


@dataclass(frozen=True, slots=True)
class Funnel:
    """steps: of each the globs of its events, renamed as paths have them. order: of :data:`ORDERS`."""

    name: str
    steps: tuple[tuple[str, ...], ...]
    within: timedelta
    order: str


@dataclass(frozen=True)
class Masks:
    """A funnel for a count. steps: by step, the codes of events that are it."""

    steps: "NDArray[np.bool_]"
    within_us: int
    order: int


def declared(settings: Settings) -> tuple[Funnel, ...]:
    """The funnels of JOURNEY_FUNNELS, in the order of the file; none without one.

    Raises :class:`SettingsError` naming the setting, the funnel and what is wrong with it.
    """
    if not settings.funnels:
        return ()
    setting = f"{variable('funnels')} ({settings.funnels})"
    try:
        found = tomllib.loads(placed(settings.funnels).read_text(encoding="utf-8-sig"))
    except OSError:
        raise SettingsError(
            f"{setting} cannot be read: name an existing TOML file of funnels."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SettingsError(
            f'{setting} is no TOML: a funnel is [[funnel]] with name = "…" and steps = ["…", "…"].'
        ) from None
    given = found.get("funnel")
    if set(found) != {"funnel"} or not isinstance(given, list) or len(given) > _MOST_FUNNELS:
        raise SettingsError(
            f"{setting} holds something other than up to {_MOST_FUNNELS} tables [[funnel]]."
        )
    funnels = tuple(_funnel(setting, number, each) for number, each in enumerate(given, start=1))
    names = [each.name for each in funnels]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"{setting} declares the funnel {twice[0]!r} twice.")
    return funnels


def _funnel(setting: str, number: int, given: Any) -> Funnel:
    known = {"name": "", "steps": [], "within": "30 days", "order": ORDERS[0]}
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise SettingsError(f"{setting}, funnel {number}: only {', '.join(known)} are known.")
    filled = known | given
    name, steps = filled["name"], filled["steps"]
    if not isinstance(name, str) or not name.strip():
        raise SettingsError(f'{setting}, funnel {number} has no name: add name = "…".')
    where = f"{setting}, funnel {name.strip()!r}"
    globs = tuple(_globs(where, each) for each in steps) if isinstance(steps, list) else ()
    if not 2 <= len(globs) <= MOST_STEPS:
        raise SettingsError(f"{where}: steps must be a list of 2 to {MOST_STEPS} events.")
    within = _WITHIN.fullmatch(str(filled["within"]))
    if within is None or not int(within[1]):
        raise SettingsError(f'{where}: within must be like "7 days", "36 hours" or "30 minutes".')
    if filled["order"] not in ORDERS:
        raise SettingsError(f"{where}: order must be one of {', '.join(map(repr, ORDERS))}.")
    length = timedelta(**{f"{within[2]}s": int(within[1])})
    return Funnel(masked(name.strip()), globs, length, filled["order"])


def _globs(where: str, given: Any) -> tuple[str, ...]:
    globs = given if isinstance(given, list) else [given]
    if not globs or not all(isinstance(glob, str) and glob for glob in globs):
        raise SettingsError(
            f"{where}: a step must be the name or glob of an event, or a list of them."
        )
    return tuple(globs)


def masks(con: "DuckDBPyConnection", rules: Rules) -> "Mapping[date, tuple[Masks, ...]]":
    """The declared funnels in the codes of the run, the same for each as_of."""
    import numpy as np

    funnels = declared(rules.settings)
    names = con.execute("SELECT event, event_type FROM journey_event_types").fetchall()
    found = []
    for funnel in funnels:
        steps = np.zeros((len(funnel.steps), rules.steps + 1), dtype=np.bool_)
        for event, name in names:
            for step, globs in enumerate(funnel.steps):
                steps[step, event] = any(glob_matches(glob, name) for glob in globs)
        length = funnel.within // timedelta(microseconds=1)
        found.append(Masks(steps, length, ORDERS.index(funnel.order)))
    days = con.execute("SELECT as_of FROM journey_windows").fetchall()
    return {day: tuple(found) for (day,) in days}


def leave_funnels(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``journey_funnels`` (funnel, name, step, event, within_seconds, within, order)."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_funnels (funnel BIGINT, name VARCHAR, step BIGINT, "
        "event VARCHAR, within_seconds BIGINT, step_order VARCHAR)"
    )
    rows = [
        [
            number,
            each.name,
            step,
            masked(" | ".join(globs)),
            int(each.within.total_seconds()),
            each.order,
        ]
        for number, each in enumerate(declared(rules.settings))
        for step, globs in enumerate(each.steps, start=1)
    ]
    if rows:
        con.executemany("INSERT INTO journey_funnels VALUES (?, ?, ?, ?, ?, ?)", rows)
