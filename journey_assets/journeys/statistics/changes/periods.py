"""Which days are compared with which: pure functions of an as_of and the settings.

Belongs here: JOURNEY_COMPARE_TO. The two periods are equally long: in a shorter one an event is more
often a person's last, and fewer have had the time to convert.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from journey_assets.settings import Settings, SettingsError, variable
from journey_assets.warehouse.windows import first_day

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Periods:
    """The last day of each of two periods of ``days`` days that share none."""

    days: int
    then: date
    now: date

    @classmethod
    def of(cls, as_of: date, settings: Settings) -> Self:
        """The periods of a report; raises :class:`SettingsError` where they would share a day."""
        window = settings.window_days
        if settings.compare_to == "previous_window":
            return cls(window, as_of - timedelta(days=window), as_of)
        if settings.compare_to == "previous_week":
            days = min(_WEEK, window)
            return cls(days, as_of - timedelta(days=days), as_of)
        first, last = (date.fromisoformat(day) for day in settings.compare_to.split("..."))
        if first <= as_of and last >= first_day(as_of, window):
            raise SettingsError(
                f"{variable('compare_to')}={settings.compare_to} shares days with the window of "
                f"{as_of}, {first_day(as_of, window)} to {as_of}: name days outside it, or "
                "previous_window."
            )
        return cls(min(window, (last - first).days + 1), last, as_of)

    @property
    def then_first(self) -> date:
        """The first day of the period that is compared with."""
        return first_day(self.then, self.days)

    @property
    def now_first(self) -> date:
        """The first day of the period that the report is of."""
        return first_day(self.now, self.days)


def days_until(last: date, days: int) -> list[date]:
    """``days`` days, of which ``last`` is the last."""
    return [last - timedelta(days=n) for n in reversed(range(days))]


def first_read(days: Sequence[date], settings: Settings) -> date:
    """The first day whose rows the comparisons of the as_ofs ``days`` read."""
    return min(Periods.of(day, settings).then_first for day in days)
