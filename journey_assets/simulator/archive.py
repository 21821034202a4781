"""The archive that the export answers: a zip of gzipped NDJSON files, several for each hour.

Belongs here: packing. Does not belong here: which ranges may be asked for (``amplitude.py``).
"""

import gzip
import io
import threading
import zipfile
from collections import OrderedDict

from journey_assets.simulator.amplitude_events import APP, event_json
from journey_assets.simulator.clock import Clock
from journey_assets.simulator.people import calendar_day
from journey_assets.simulator.population import Population

_FILES_PER_HOUR = 2
_KEPT_HOURS = 24 * 62


class Archive:
    """Packs hours of uploads; a finished hour is packed once and kept for a while."""

    def __init__(self, population: Population, clock: Clock, delay: float) -> None:
        self._population = population
        self._clock = clock
        self._delay = delay
        self._hours: OrderedDict[int, tuple[bytes, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def zip(self, first: int, last: int) -> bytes | None:
        """The archive of the hours (since 1970) given, both included; None when it is empty."""
        available = int((self._clock() - self._delay) // 3600)
        buffer = io.BytesIO()
        files = 0
        # The members are compressed already.
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for hour in range(first, min(last, available - 1) + 1):
                day, of_day = divmod(hour, 24)
                for number, packed in enumerate(self._hour(hour)):
                    name = f"{APP}/{APP}_{calendar_day(day)}_{of_day}#{number}.json.gz"
                    archive.writestr(name, packed)
                    files += 1
        return buffer.getvalue() if files else None

    def _hour(self, hour: int) -> tuple[bytes, ...]:
        with self._lock:
            known = self._hours.get(hour)
        if known is None:
            known = self._pack(hour)
            with self._lock:
                self._hours[hour] = known
                if len(self._hours) > _KEPT_HOURS:
                    self._hours.popitem(last=False)
        return known

    def _pack(self, hour: int) -> tuple[bytes, ...]:
        files: list[list[str]] = [[] for _ in range(_FILES_PER_HOUR)]
        for moment, event in self._population.uploads(hour):
            # All of a person's events in one file, in order.
            files[event.person.ordinal % _FILES_PER_HOUR].append(event_json(event, moment))
        return tuple(
            gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=1, mtime=0)
            for lines in files
            if lines
        )
