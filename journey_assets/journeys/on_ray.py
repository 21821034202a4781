"""Counting on a Ray cluster: the parts of the persons as tasks, which read their events themselves.

Belongs here: what a task is told, what it does, and waiting for the answers. Does not belong here: what
is counted, how paths are laid out and sums are merged, which are those of one machine
(:mod:`journey_assets.journeys.counting`).

A task is told which shards of the event store to read, whose the owners in them are, and which counts to
make; it answers with the counts. The driver adds them up. Identity may put owners of several shards into
one person: they are counted where the person's first id is, and that task reads them, alone, from their own
shard. No event passes through the driver, and no setting that is a secret or names a person leaves it.
"""

import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.errors import ExplainedError
from journey_assets.journeys.counting import Chunk, Count, Counted, Counting, Pass, count_piece
from journey_assets.journeys.paths import Events, Persons, Rules, Window
from journey_assets.journeys.window import Loaded
from journey_assets.settings import Settings, SettingsError, secret_fields, variable
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.event_store.address import StoreAddress
from journey_assets.warehouse.event_store.reading import Reading, ShardEvents
from journey_assets.warehouse.tables.raw import EVENT_NAMES, SHARDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LOG = logging.getLogger(__name__)

#: Parts for every processor of the cluster, so that none waits long for the last one.
_PARTS_PER_PROCESSOR = 2

#: Answers under way at once, for every processor: what the driver has to hold.
_AHEAD = 2

_SAY_EVERY_SECONDS = 5.0

#: What a local Ray may keep of answers and questions, in bytes; it asks for a third of the memory else.
_LOCAL_STORE_BYTES = 500_000_000


class EngineError(ExplainedError):
    """Counting on Ray failed; the message says what to mend."""


@dataclass(frozen=True)
class Shared:
    """What all tasks of a pass are told. steps: of the event types that are kept, by name."""

    reading: Reading
    steps: Mapping[str, int]
    rules: Rules
    asked: Mapping[Count, Mapping[date, Any]]


@dataclass(frozen=True)
class Part:
    """What one task is told. shards: which it reads whole. come: owners from other shards, by shard,
    ascending. owners: by the place of their events. windows: with their persons, whose ids are places.
    """

    shards: range
    come: "Mapping[int, NDArray[np.uint64]]"
    owners: "NDArray[np.uint64]"
    windows: Sequence[tuple[Window, Persons]]


def count_part(shared: Shared, part: Part) -> list[Counted]:
    """What the counts find among the persons of a part; a task."""
    events = _events(shared, part)
    return [
        found
        for window, persons in part.windows
        for found in count_piece(Chunk(shared.rules, window, persons, events), shared.asked)
    ]


def occurrences_of_part(shared: Shared, part: Part) -> "dict[date, NDArray[np.int64]]":
    """How often each step occurs among the persons of a part; a task."""
    from journey_assets.journeys import kernels

    events = _events(shared, part)
    return {
        window.as_of: kernels.steps_between(
            persons.starts, persons.ids, persons.heavy, events.offset, events.rows,
            window.low, window.high, shared.rules.steps,
        )
        for window, persons in part.windows
    }  # fmt: skip


def _events(shared: Shared, part: Part) -> Events:
    """The part's events by the place of their owner; events of others' owners are dropped."""
    import numpy as np

    from journey_assets.journeys import kernels

    order = np.argsort(part.owners)
    owners = part.owners[order]
    kept = list(_read(shared, part, owners))
    offset = np.zeros(len(owners) + 1, dtype=np.int64)
    for events, places in kept:
        offset[1:] += np.bincount(order[places][events.index], minlength=len(owners))
    offset = np.cumsum(offset)
    rows = np.empty((offset[-1], 2), dtype=np.int64)
    cursor = offset[:-1].copy()
    step_of = np.array(
        [shared.steps.get(name, 0) for name in shared.reading.names], dtype=np.uint32
    )
    for events, places in kept:
        kernels.scatter(
            events.index, events.event, events.at, events.order,
            order[places], step_of, cursor, rows,
        )  # fmt: skip
    kernels.put_in_order(offset, rows)
    return Events(offset, rows)


def _read(
    shared: Shared, part: Part, owners: "NDArray[np.uint64]"
) -> "Iterator[tuple[ShardEvents, NDArray[np.int64]]]":
    """The events of the part's own shards, and of each other one, with the place of each owner among
    ``owners``."""
    import numpy as np

    wanted: list[tuple[int | range, NDArray[np.uint64]]] = [
        (part.shards, owners),
        *part.come.items(),
    ]
    for shards, whose in wanted:
        if len(whose):
            events = shared.reading.read(shards, kept=shared.steps, owners=whose)
            yield events, np.searchsorted(owners, events.owner)


class RayCounting(Counting):
    """The counts of a batch of as_ofs, made on a cluster."""

    def __init__(self, session: Session, loaded: Loaded, memory_bytes: int) -> None:
        settings = loaded.rules.settings
        address = StoreAddress.of(settings)
        if address is None:
            raise SettingsError(
                f"{variable('engine')}=ray counts events of an event store: set {variable('event_store')} to "
                "a folder or s3://bucket/prefix that all machines reach, or leave the engine local."
            )
        self._processors = _connect(settings)
        super().__init__(session, loaded, memory_bytes, self._processors * _PARTS_PER_PROCESSOR)
        first = min(window.low for window in loaded.windows)
        last = max(window.high for window in loaded.windows)
        days = (_day(first), _day(last - 1))
        with session.reading() as con:
            # Only what is kept: a code without a step is left out.
            codes = con.execute(
                f"SELECT event_type, event FROM {CATALOG}.{EVENT_NAMES.full_name} ORDER BY event"
            ).fetchall()
        self._owner_of = _owners_by_place(loaded)
        step_of = loaded.source.step_of
        steps = {name: int(step_of[code]) for name, code in codes if code < len(step_of)}
        self._shared = Shared(
            Reading.of(address, *days),
            {name: step for name, step in steps.items() if step},
            replace(loaded.rules, settings=_without_secrets(settings)),
            {},
        )

    def occurrences(self, windows: Sequence[Window]) -> "dict[date, NDArray[np.int64]]":
        """How often each step, by its code, occurs in each window among the persons counted there."""
        found: dict[date, NDArray[np.int64]] = {}
        for answer in self._answers(occurrences_of_part, self._shared, windows):
            for as_of, counted in answer.items():
                found[as_of] = found.get(as_of, 0) + counted
        return found

    def _pass(
        self,
        windows: Sequence[Window],
        counts: Mapping[Count, Mapping[date, Any]],
        laid_out: "dict[int, list[Chunk]]",  # noqa: ARG002 — tasks keep nothing
    ) -> None:
        counting = Pass(self._session.con, counts)
        for answer in self._answers(count_part, replace(self._shared, asked=counts), windows):
            counting.add(answer)
        counting.finish()

    def _answers(self, task: Any, shared: Shared, windows: Sequence[Window]) -> Iterator[Any]:
        """What the tasks of all parts answer, in the order of the parts.

        Ray does a task again whose worker or machine is lost. Raises :class:`EngineError` when it
        cannot, and the task's own explained error.
        """
        import ray

        remote = ray.remote(num_cpus=1, max_retries=3)(task)
        try:
            given = ray.put(shared)
            waiting: list[Any] = []
            part, said = 0, time.monotonic()
            while part < self._parts or waiting:
                while part < self._parts and len(waiting) < self._processors * _AHEAD:
                    waiting.append(remote.remote(given, self._part(windows, part)))
                    part += 1
                ready, _ = ray.wait(waiting[:1], timeout=_SAY_EVERY_SECONDS)
                if ready:
                    yield ray.get(waiting.pop(0))
                if time.monotonic() - said >= _SAY_EVERY_SECONDS:
                    said = time.monotonic()
                    _LOG.info("Counted %d of %d parts on Ray", part - len(waiting), self._parts)
        except ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, ExplainedError):
                raise EngineError(str(cause)) from None
            raise EngineError(
                f"Ray could not count the events ({type(error).__name__}). See that its workers run, reach "
                "the event store and have this version of journey_assets installed; then run again."
            ) from None

    def _part(self, windows: Sequence[Window], part: int) -> Part:
        import numpy as np

        persons = [(window, self._persons_of(window, part)) for window in windows]
        ids = [each.ids[each.starts[0] : each.starts[-1]] for _, each in persons]
        places = np.unique(np.concatenate(ids)) if ids else np.empty(0, dtype=np.int64)
        size = SHARDS // self._parts
        own = range(part * size, (part + 1) * size)
        return Part(
            own,
            self._come(part, own),
            self._owner_of[places],
            [
                (
                    window,
                    replace(
                        each,
                        starts=each.starts - each.starts[0],
                        ids=np.searchsorted(places, here),
                    ),
                )
                for (window, each), here in zip(persons, ids, strict=True)
            ],
        )

    def _come(self, part: int, own: range) -> "dict[int, NDArray[np.uint64]]":
        import numpy as np

        rows = self._session.con.execute(
            "SELECT shard, owner::UBIGINT AS owner FROM journey_ids WHERE owner IS NOT NULL "
            f"AND part = {part} AND shard NOT BETWEEN {own.start} AND {own.stop - 1} ORDER BY ALL"
        ).fetchnumpy()
        return {
            int(shard): np.asarray(rows["owner"])[rows["shard"] == shard]
            for shard in np.unique(rows["shard"])
        }


def _owners_by_place(loaded: Loaded) -> "NDArray[np.uint64]":
    """By place the owner whose events stand there."""
    import numpy as np

    source = loaded.source
    found = np.zeros(source.ids, dtype=np.uint64)
    if source.owners is not None and source.id_of is not None:
        found[source.id_of] = source.owners
    return found


def _day(microseconds: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + microseconds // 86_400_000_000)


def _without_secrets(settings: Settings) -> Settings:
    """What tasks need to know of the settings: no secret, and nobody's id."""
    kept_back = dict.fromkeys(secret_fields(), "")
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("personal"):
            kept_back[name] = ""
    return settings.model_copy(update=kept_back)


def _connect(settings: Settings) -> int:
    """Reach the cluster of RAY_ADDRESS, or start a Ray of this machine; returns its processors.

    Raises :class:`SettingsError` where Ray is not installed, :class:`EngineError` where there is no
    cluster at the address.
    """
    # Ray reports its use to its makers unless it is told not to, before it is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise SettingsError(
            f"{variable('engine')}=ray needs Ray, which is not installed here: "
            "pip install 'ray>=2.50', or make install."
        ) from None
    if not ray.is_initialized():
        local: dict[str, Any] = (
            {} if settings.ray_address else {"object_store_memory": _LOCAL_STORE_BYTES}
        )
        try:
            ray.init(
                address=settings.ray_address or "local",
                include_dashboard=None if settings.ray_address else False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                configure_logging=False,
                **local,
            )
        except (ConnectionError, ValueError, RuntimeError, TimeoutError, OSError):
            raise EngineError(
                "There is no Ray cluster at RAY_ADDRESS: start one (ray start --head), mend the address, or "
                "leave it empty for a Ray of this machine."
            ) from None
    return max(int(ray.cluster_resources().get("CPU", 1)), 1)
