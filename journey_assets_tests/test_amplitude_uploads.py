"""Which rows of a day a run replaces: those of the uploads, or the users, that it read."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_assets.raw.amplitude_archive import ingest_archive
from journey_assets.raw.amplitude_events import ingest_events
from journey_assets.raw.amplitude_users import ingest_users
from journey_assets.raw.ingested import Ingested
from journey_assets.warehouse.database import Database
from journey_assets_tests.amplitude_vendor import (
    Vendor,
    client_of,
    event,
    instant,
    settings_of,
    stored,
    zipped,
)
from journey_assets_tests.loopback import Loopback

DAY = date(2026, 3, 10)
MIDNIGHT = datetime(2026, 3, 10)
ROWS = (
    "SELECT event_date, amplitude_id, event_time, source_order, event_type, server_upload_time "
    "FROM store.raw.amplitude_events ORDER BY ALL"
)
EXPORT: dict[str, Any] = {"amplitude_source": "export", "conversion_event": "Upgrade"}
ACTIVITY: dict[str, Any] = {"amplitude_source": "user_activity"}


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def uploaded(*events: tuple[int, float, float], user: int = 1) -> dict[str, list[object]]:
    """Events (number, hour of the event, hour of its upload, since DAY) by hour of upload."""
    hours: dict[str, list[object]] = {}
    for number, happened, upload in events:
        at, arrived = (MIDNIGHT + timedelta(hours=hour) for hour in (happened, upload))
        record = event(number, str(at), user, server_upload_time=str(arrived))
        hours.setdefault(f"{arrived:%Y%m%dT%H}", []).append(record)
    return hours


@dataclass(frozen=True)
class Store:
    """A database in a folder, and the vendor that fills it."""

    folder: Path
    url: str

    def run(
        self, first: int, last: int | None = None, until: int = 10_000, **given: Any
    ) -> Ingested:
        """A run over the days from ``first`` to ``last``, counted from DAY, ``until`` hours after."""
        days = (day(first), day(first if last is None else last))
        now = calendar.timegm((MIDNIGHT + timedelta(hours=until)).timetuple())
        chosen = settings_of(self.folder, **(given or EXPORT))
        client = client_of(self.url, self.folder, clock=instant(lambda: now))
        with Database.of(chosen).session() as session:
            if chosen.amplitude_source == "user_activity":
                ingest_users(session, client, chosen, days[1], lambda _: None)
            return ingest_events(session, client, chosen, *days, lambda _: None)

    def drop(self, uploads: dict[str, list[object]], first: int, last: int) -> None:
        """An archive of the uploads, taken in for the days."""
        inbox = self.folder / "inbox" / "amplitude"
        inbox.mkdir(parents=True, exist_ok=True)
        members = {
            f"4/4_{hour[:4]}-{hour[4:6]}-{hour[6:8]}_{int(hour[9:])}#0.json.gz": records
            for hour, records in uploads.items()
        }
        (inbox / "a.zip").write_bytes(zipped(members))
        chosen = settings_of(self.folder, **EXPORT)
        with Database.of(chosen).session() as session:
            ingest_archive(session, chosen, "a.zip", day(first), day(last), lambda _: None)

    def rows(self) -> list[tuple[Any, ...]]:
        return stored(Database(self.folder / "test.duckdb"), ROWS)

    def numbers(self) -> list[int]:
        return sorted(int(row[4].removeprefix("Event ")) for row in self.rows())


def test_what_a_range_read_of_later_uploads_stays_when_a_day_is_read_alone(tmp_path: Path) -> None:
    late, ahead = (1, 10, 60), (2, 24.2, 23.5)
    with Loopback(Vendor(uploads=uploaded((0, 9, 9), late, ahead, (3, 50, 50)))) as server:
        store = Store(tmp_path, server.url)
        store.run(0, 2)
        once = store.rows()
        assert store.numbers() == [0, 1, 2, 3]
        store.run(0)
        store.run(1)
        assert store.rows() == once


def test_an_event_that_its_hour_no_longer_holds_is_gone(tmp_path: Path) -> None:
    vendor = Vendor(uploads=uploaded((0, 9, 9), (1, 10, 10), (2, 11, 11)))
    with Loopback(vendor) as server:
        store = Store(tmp_path, server.url)
        store.run(0)
        vendor.uploads = uploaded((0, 9, 9), (2, 11, 11))
        store.run(0)
        assert store.numbers() == [0, 2]


def test_of_an_event_uploaded_twice_under_two_days_the_first_upload_counts(tmp_path: Path) -> None:
    uploads = {**uploaded((7, 23.9, 23.95)), **uploaded((7, 24.1, 49), (8, 30, 30))}
    for order in ([0, 1], [1, 0], [1, 0, 1]):
        folder = tmp_path / str(order)
        folder.mkdir()
        with Loopback(Vendor(uploads=uploads)) as server:
            store = Store(folder, server.url)
            for number in order:
                store.run(number)
            assert [(row[0], row[4]) for row in store.rows()] == [
                (day(0), "Event 7"),
                (day(1), "Event 8"),
            ]


def test_an_archive_and_the_api_may_come_in_any_order(tmp_path: Path) -> None:
    uploads = uploaded((0, 9, 9), (1, 9, 9), (2, 10, 30), (3, 10, 60))
    results = []
    for archive_first in (True, False):
        folder = tmp_path / str(archive_first)
        folder.mkdir()
        with Loopback(Vendor(uploads=uploads)) as server:
            store = Store(folder, server.url)
            steps = [
                lambda store=store: store.drop(uploads, 0, 2),
                lambda store=store: store.run(0),
            ]
            for step in steps if archive_first else reversed(steps):
                step()
            results.append(store.rows())
    assert results[0] == results[1]
    assert len(results[0]) == 4


def test_records_without_ids_or_time_of_upload_are_stored_once(tmp_path: Path) -> None:
    bare = {"amplitude_id": 1, "event_type": "Event 1", "event_time": f"{DAY} 10:00:00"}
    named = {**event(2, f"{DAY} 10:00:00"), "server_upload_time": None}
    uploads: dict[str, list[object]] = {"20260310T10": [bare, bare, named]}
    with Loopback(Vendor(uploads=uploads)) as server:
        store = Store(tmp_path, server.url)
        for _ in range(3):
            store.run(0)
        assert store.numbers() == [1, 1, 2]


def test_activity_replaces_the_rows_of_the_users_it_read_and_keeps_the_export(
    tmp_path: Path,
) -> None:
    vendor = Vendor(
        uploads={**uploaded((0, 9, 9)), **uploaded((1, 10, 10), user=2)},
        events={1: [event(0, f"{DAY} 09:00:00"), event(5, f"{DAY} 12:00:00")]},
    )
    with Loopback(vendor) as server:
        store = Store(tmp_path, server.url)
        store.run(0)
        store.run(0, **ACTIVITY, converter_user_ids="1")
        assert store.numbers() == [0, 1, 5]
        store.run(0)
        assert store.numbers() == [0, 1]


@dataclass(frozen=True)
class Upload:
    """A version of an event, in hours since DAY: it happened then, and was uploaded then."""

    number: int
    happened: float
    arrived: float
    user: int
    with_event_id: bool

    def day(self) -> int:
        return int(self.happened // 24)

    def hour(self) -> int:
        return int(self.arrived // 1)


@dataclass(frozen=True)
class Step:
    """A run over days (from, to) that ends when the hours before ``until`` exist, or an archive of
    the upload hours before it."""

    first: int
    last: int
    until: int
    archive: bool

    def reads(self, upload: Upload) -> bool:
        begins, ends = 24 * self.first - 12, 24 * self.last + 47
        hours = range(begins, min(ends, self.until) + 1)
        return self.first <= upload.day() <= self.last and (
            upload.hour() <= self.until if self.archive else upload.hour() in hours
        )


def uploads_of(number: int) -> st.SearchStrategy[list[Upload]]:
    """An event, uploaded once or twice; the second time its time may be another."""
    happened = st.integers(0, 71).map(float)
    delays = st.lists(
        st.sampled_from([-10.5, -0.25, 0.25, 1, 20, 40, 70]), min_size=1, max_size=2, unique=True
    )
    return st.builds(
        lambda at, again, late, user, numbered: [
            Upload(number, again if late_at != min(late) else at, at + late_at, user, numbered)
            for late_at in sorted(late)
        ],
        happened,
        happened,
        delays,
        st.integers(1, 2),
        st.booleans(),
    )


_EVENTS = st.integers(1, 8).flatmap(lambda count: st.tuples(*(uploads_of(n) for n in range(count))))
_STEPS = st.lists(
    st.builds(
        lambda first, more, until, archive: Step(first, min(first + more, 2), until, archive),
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from([10, 30, 55, 500]),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def served(uploads: Sequence[Upload]) -> dict[str, list[object]]:
    """All uploads by hour, as the vendor has them."""
    hours: dict[str, list[object]] = {}
    for each in sorted(uploads, key=lambda upload: upload.arrived):
        ids = {} if each.with_event_id else {"event_id": None}
        ((hour, records),) = uploaded(
            (each.number, each.happened, each.arrived), user=each.user
        ).items()
        hours.setdefault(hour, []).extend({**record, **ids} for record in records)  # type: ignore[dict-item]
    return hours


def taken(store: Store, step: Step, uploads: Sequence[Upload]) -> None:
    """Carry a step out; an archive without an event of its days is refused, as it should be."""
    if not step.archive:
        store.run(step.first, step.last, until=step.until)
    elif any(step.reads(upload) for upload in uploads):
        there = [upload for upload in uploads if upload.hour() <= step.until]
        store.drop(served(there), step.first, step.last)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events=_EVENTS, steps=_STEPS, data=st.data())
def test_whatever_runs_read_in_whatever_order_the_rows_are_those_of_the_hours_read(
    events: tuple[list[Upload], ...], steps: list[Step], data: st.DataObject
) -> None:
    uploads = [upload for event_uploads in events for upload in event_uploads]
    results = []
    with Loopback(Vendor(uploads=served(uploads))) as server:
        for order in (steps, data.draw(st.permutations(steps + steps[:1]))):
            with TemporaryDirectory() as name:
                store, before = Store(Path(name), server.url), set[int]()
                for step in order:
                    taken(store, step, uploads)
                    now = set(store.numbers()) if (Path(name) / "test.duckdb").exists() else set()
                    assert before <= now
                    before = now
                results.append(store.rows() if before else [])
    read = [upload for upload in uploads if any(step.reads(upload) for step in steps)]
    first = {each.number: each for each in sorted(read, key=lambda each: -each.arrived)}
    expected = sorted((day(each.day()), f"Event {each.number}") for each in first.values())
    assert sorted((row[0], row[4]) for row in results[0]) == expected
    assert results[0] == results[1]
