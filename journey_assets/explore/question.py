"""What is asked: the settings, the day, and whose paths.

Belongs here: from the arguments of ``frames.explore`` to settings, and back to ``.env`` lines and code.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from journey_assets.settings import (
    Settings,
    concerns,
    did_you_mean,
    secret_fields,
    split_list,
    variable,
)
from journey_assets.warehouse.database import WarehouseError

#: What persons are told apart by.
DIMENSIONS = ("platform", "country", "plan", "segment")

#: The value of persons of whom a dimension is not known, and of values with few persons together.
UNKNOWN, OTHER = "(unknown)", "(other)"

#: By dimension the values that are meant, None among them for persons of whom none is known.
Where = Mapping[str, tuple[str | None, ...]]


class ExploreError(WarehouseError):
    """A question cannot be answered; the message says why and what can be asked instead."""


@dataclass(frozen=True)
class Question:
    """settings: what the figures are computed with. changed: those fields of them that the question
    set. code: the arguments, as they were given."""

    as_of: date
    settings: Settings
    where: Where = field(default_factory=dict)
    before: str = ""
    changed: tuple[str, ...] = ()
    code: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, as_of: date, base: Settings, where: Mapping[str, Any], **given: Any) -> Self:
        """The question of the arguments of ``frames.explore``.

        Raises :class:`SettingsError` for a setting that cannot be, :class:`ExploreError` for a dimension
        that is none.
        """
        code = {name: value for name, value in given.items() if value}
        changed = _changed(base, **given)
        settings = Settings.checked({**base.model_dump(), **changed})
        found = {checked_dimension(name): _values(value) for name, value in where.items()}
        if where:
            code["where"] = dict(where)
        return cls(as_of, settings, found, str(given.get("before") or ""), tuple(changed), code)

    def key(self, versions: str) -> str:
        """Twenty digits that are the same for the same question of the same state of the store."""
        own = {
            name: value
            for name, value in self.settings.model_dump().items()
            if concerns(name, "journeys.") and name not in secret_fields()
        }
        where = {name: sorted(map(str, values)) for name, values in sorted(self.where.items())}
        text = json.dumps(
            [str(self.as_of), own, where, self.before, versions], sort_keys=True, default=str
        )
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def as_env(self) -> str:
        """The settings that the question sets, as lines of ``.env``; a comment where none can say it."""
        lines = []
        for name in self.changed:
            value = getattr(self.settings, name)
            text = "" if value is None else str(int(value) if isinstance(value, bool) else value)
            lines.append(f"{variable(name)}={_quoted(text)}")
        lines += [
            f"# only {name}={', '.join(value or UNKNOWN for value in values)}: no setting says so"
            for name, values in self.where.items()
        ]
        return "".join(f"{line}\n" for line in lines)

    def as_code(self) -> str:
        """The call that asks the same."""
        given = {**self.code, "as_of": self.as_of.isoformat()}
        return f"frames.explore({', '.join(f'{name}={value!r}' for name, value in given.items())})"


def checked_dimension(name: str) -> str:
    """The dimension; raises :class:`ExploreError` when there is none of this name."""
    if name not in DIMENSIONS:
        raise ExploreError(
            f"Persons are not told apart by {name}: by {', '.join(DIMENSIONS)}."
            + did_you_mean(name, DIMENSIONS)
        )
    return name


def _values(given: object) -> tuple[str | None, ...]:
    values = (
        [given]
        if given is None or isinstance(given, str) or not isinstance(given, Collection)
        else list(given)
    )
    return tuple(None if each in (None, UNKNOWN) else str(each) for each in values)


def _changed(
    base: Settings,
    *,
    start: str | None = None,
    end: str | None = None,
    before: str | None = None,
    window: int | None = None,
    sessions: bool | None = None,
    compare_to: str | None = None,
    exclude: str | Collection[str] = (),
) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if start is not None:
        changed["start_event"] = start
    if end is not None:
        changed["end_event"] = end
    if before:
        # Paths into an event are those that it ends, and those who reach it are compared with the others.
        changed |= {"conversion_event": before, "cohort_source": "conversion_event"}
    if window is not None:
        changed["window_days"] = window
    if sessions is not None:
        changed["path_unit"] = "session" if sessions else "person"
    if compare_to is not None:
        changed["compare_to"] = compare_to
    globs = [exclude] if isinstance(exclude, str) else list(exclude)
    if any(globs):
        every = [*split_list(base.excluded_events), *filter(None, globs)]
        changed["excluded_events"] = ",".join(each.replace(",", "\\,") for each in every)
    if "window_days" in changed and base.raw_retention_days is not None:
        # How long rows are kept is no part of the question; the store has what it has.
        changed["raw_retention_days"] = None
    return changed


def _quoted(text: str) -> str:
    plain = all(sign.isalnum() or sign in "_-.,:/*$@+" for sign in text)
    return text if plain else "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
