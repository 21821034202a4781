"""Settings that name events, held against the events that were ever stored.

Belongs here: refusing a name that no event has before anything is computed with it, with the names that
look like it. A known event that merely did not occur in the window is no mistake: nobody converted is a
figure. Where paths begin with it there would be none, so that is refused, too. Does not belong here:
what a name means (:mod:`journey_assets.journeys.naming`).
"""

from collections.abc import Collection, Iterator

from journey_assets.journeys.naming import OTHER, Naming, glob_matches
from journey_assets.names import masked, plain_name
from journey_assets.settings import (
    NAMES_ANYWAY,
    Settings,
    SettingsError,
    did_you_mean,
    variable,
)

_INSIST = (
    f"If it is right, run again with the tag {NAMES_ANYWAY}=1, or with JOURNEY_NAMES_ANYWAY=1 in the "
    "environment."
)


def check_names(
    settings: Settings, naming: Naming, known: Collection[str], present: Collection[str]
) -> None:
    """Raise :class:`SettingsError` for the first name that no event has.

    known: the names of all events that were ever stored. present: those of the run's windows. Nothing is
    checked where nothing is stored, or the run insists.
    """
    if settings.names_anyway or not known:
        return
    for line in _unknown(naming, known, present):
        raise SettingsError(f"{line} {_INSIST}")


def _unknown(naming: Naming, known: Collection[str], present: Collection[str]) -> Iterator[str]:
    steps = {masked(naming.renames(event)) for event in known}
    yield from _unknown_marks(naming, steps, present)
    for glob, renamed in naming.renamed:
        if not any(glob_matches(glob, event) for event in known):
            entry = f"{variable('event_names')}: {plain_name(glob)}={plain_name(renamed)}"
            yield _line(entry, glob, {masked(event) for event in known})
    for step, told_by in naming.properties.items():
        if masked(step) not in steps:
            entry = f"{variable('step_property')}: {plain_name(step)}={plain_name(told_by)}"
            yield _line(entry, step, steps)


def _unknown_marks(
    naming: Naming, steps: Collection[str], present: Collection[str]
) -> Iterator[str]:
    for mark, step in naming.marks.items():
        if step != OTHER and not _is_value(naming, step, steps):
            name = variable(f"{mark}_event")
            if step not in steps:
                yield _line(f"{name}={plain_name(step)}", step, steps)
            elif mark == "start" and present:
                yield from _empties(naming, f"{name}={plain_name(step)}", step, present)


def _empties(naming: Naming, entry: str, step: str, present: Collection[str]) -> Iterator[str]:
    here = {masked(naming.renames(event)) for event in present}
    if step not in here:
        yield (
            f"{entry}: no event of the windows is called so, and without it there is no path."
            f"{did_you_mean(step, here)}"
        )


def _is_value(naming: Naming, step: str, steps: Collection[str]) -> bool:
    """Whether the step is a value of a property of a known event: which values there are is not known."""
    return any(
        step.startswith(f"{masked(event)}: ") and masked(event) in steps
        for event in naming.properties
    )


def _line(entry: str, name: str, names: Collection[str]) -> str:
    return f"{entry}: no event that was ever stored is called so.{did_you_mean(name, names)}"
