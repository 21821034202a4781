"""Who is tracked: lists, files and cohorts watched, and only new ids read."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from journey_assets.automation.jobs import range_tags
from journey_assets.automation.tracked import (
    Memory,
    Named,
    Stored,
    Wanted,
    members,
    remembered,
    wanted,
)
from journey_assets.raw.amplitude_events import ingest_events
from journey_assets.raw.amplitude_users import ingest_users
from journey_assets.raw.asked import ONLY_NEW_USERS
from journey_assets.simulator import Simulator
from journey_assets.simulator.amplitude_cohorts import CONVERTERS, NON_CONVERTERS
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS, AMPLITUDE_USERS
from journey_assets_tests.amplitude_vendor import Vendor, client_of, event, settings_of, stored
from journey_assets_tests.automation_world import small_simulator, world
from journey_assets_tests.loopback import Loopback
from journey_assets_tests.small_hours import YESTERDAY

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST, LAST = date(2026, 3, 9), date(2026, 3, 10)
DAYS = (date(2026, 11, 1), date(2026, 11, 19))
LIST = "CONVERTER_USER_IDS"
ROWS = "SELECT event_date, amplitude_id, event_type FROM store.raw.amplitude_events ORDER BY ALL"


def named(**lists: str) -> Named:
    return Named({name: dict.fromkeys(ids.split(), name) for name, ids in lists.items()})


def after(old: Memory, new: Named) -> Memory:
    return remembered(old, new, NOW)


def known(*ids: str) -> Stored:
    return Stored(DAYS[1], frozenset(ids), DAYS)


def asked_for(old: Memory, new: Named, stored: Stored, source: str = "user_activity") -> object:
    return wanted(old, after(old, new), new, stored, source)


def test_a_new_id_asks_for_the_stored_days_of_the_window() -> None:
    old = after(Memory(), named(**{LIST: "a b"}))
    assert asked_for(old, named(**{LIST: "a b c"}), known("a", "b")) == Wanted(
        *DAYS, events=True, new_ids=1
    )


def test_the_same_ids_in_another_order_ask_for_nothing() -> None:
    old = after(Memory(), named(**{LIST: "a b"}))
    assert asked_for(old, named(**{LIST: "b a"}), known("a", "b")) is None


def test_an_id_that_left_asks_for_the_newest_lists_only() -> None:
    old = after(Memory(), named(**{LIST: "a b"}))
    expected = Wanted(DAYS[1], DAYS[1], events=False, new_ids=0)
    assert asked_for(old, named(**{LIST: "a"}), known("a", "b")) == expected


def test_with_the_export_a_new_id_needs_no_events() -> None:
    old = after(Memory(), named(**{LIST: "a"}))
    expected = Wanted(DAYS[1], DAYS[1], events=False, new_ids=1)
    assert asked_for(old, named(**{LIST: "a b"}), known("a"), "export") == expected


def test_a_lost_cursor_asks_for_what_the_store_lacks_and_nothing_else() -> None:
    new = named(**{LIST: "a b"})
    assert asked_for(Memory(), new, known("a", "b")) is None
    assert asked_for(Memory(), new, known("a")) == Wanted(*DAYS, events=True, new_ids=1)


def test_before_anything_is_stored_nothing_is_asked_for() -> None:
    empty = Stored(None, frozenset(), None)
    assert asked_for(Memory(), named(**{LIST: "a b"}), empty) is None


def test_a_cohort_that_is_being_computed_keeps_what_is_known_of_it() -> None:
    cohort = "AMPLITUDE_CONVERTER_COHORT_ID"
    asked = {cohort: NOW.isoformat()}
    old = after(Memory(), Named({cohort: {"1": cohort}}, {}, asked))
    computing = Named({}, {cohort: "r1"}, asked)
    assert after(old, computing).digests == old.digests
    assert asked_for(old, computing, known("1")) is None


def test_the_memory_survives_and_holds_no_ids() -> None:
    memory = after(Memory(), named(**{LIST: "ann@example.com bob"}))
    assert Memory.read(memory.cursor()) == memory
    assert "ann" not in memory.cursor()
    assert Memory.read("[]") == Memory.read("no json") == Memory.read(None) == Memory()


def test_a_cohorts_file_names_members_by_amplitude_id_else_user_id(tmp_path: Path) -> None:
    file = tmp_path / "cohort.csv"
    file.write_text("amplitude_id,user_id\n1,a\n,b\n\n")
    assert members(file) == ["1", "b"]


def read(folder: Path, vendor: Vendor, ids: str, *, only_new: bool = False) -> Mapping[str, object]:
    """Users and events of the two days for a list of ids; the facts of the events' run."""
    chosen = settings_of(folder, converter_user_ids=ids)
    with (
        Loopback(vendor) as server,
        closing(client_of(server.url, folder)) as client,
        Database(Path(chosen.database)).session() as session,
    ):
        ingest_users(session, client, chosen, LAST, lambda _: None)
        return ingest_events(
            session, client, chosen, FIRST, LAST, lambda _: None, only_new_users=only_new
        ).facts


def vendor_of(*users: int) -> Vendor:
    return Vendor(
        events={
            user: [
                event(10 * user, f"{FIRST} 10:00:00", user=user),
                event(10 * user + 1, f"{LAST} 10:00:00", user=user),
            ]
            for user in users
        }
    )


def test_only_new_users_are_read_and_the_stored_events_of_the_others_stay(tmp_path: Path) -> None:
    read(tmp_path, vendor_of(1, 2), "1,2")
    before = stored(Database(tmp_path / "test.duckdb"), ROWS)
    # The others have nothing to say any more: what is stored of them must not depend on it.
    facts = read(tmp_path, vendor_of(3), "1,2,3", only_new=True)
    assert facts["users_read"] == 1
    rows = stored(Database(tmp_path / "test.duckdb"), ROWS)
    assert set(before) < set(rows)
    assert [row for row in rows if row not in before] == [
        (FIRST, 3, "Event 30"),
        (LAST, 3, "Event 31"),
    ]


def test_adding_users_gives_the_rows_of_reading_everybody(tmp_path: Path) -> None:
    query = "SELECT * FROM store.raw.amplitude_events ORDER BY ALL"
    everybody, added = tmp_path / "everybody", tmp_path / "added"
    read(everybody, vendor_of(1, 2, 3), "1,2,3")
    read(added, vendor_of(1, 2, 3), "2")
    read(added, vendor_of(1, 2, 3), "1,2,3", only_new=True)
    results = [stored(Database(folder / "test.duckdb"), query) for folder in (everybody, added)]
    assert results[0] == results[1]


def test_a_run_over_new_users_repeated_reads_nobody_and_changes_nothing(tmp_path: Path) -> None:
    read(tmp_path, vendor_of(1), "1")
    read(tmp_path, vendor_of(2), "1,2", only_new=True)
    before = stored(Database(tmp_path / "test.duckdb"), ROWS)
    assert read(tmp_path, Vendor(), "1,2", only_new=True)["users_read"] == 0
    assert stored(Database(tmp_path / "test.duckdb"), ROWS) == before


def test_who_was_read_for_some_of_the_days_only_is_new(tmp_path: Path) -> None:
    chosen = settings_of(tmp_path, converter_user_ids="1")
    with (
        Loopback(vendor_of(1)) as server,
        closing(client_of(server.url, tmp_path)) as client,
        Database(Path(chosen.database)).session() as session,
    ):
        ingest_users(session, client, chosen, LAST, lambda _: None)
        ingest_events(session, client, chosen, LAST, LAST, lambda _: None)
    assert read(tmp_path, vendor_of(1), "1", only_new=True)["users_read"] == 1
    assert len(stored(Database(tmp_path / "test.duckdb"), ROWS)) == 2


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with small_simulator() as running:
        yield running


def test_an_id_added_to_a_file_is_read_for_the_stored_window(
    simulator: Simulator, tmp_path: Path
) -> None:
    converters, others = simulator.user_ids()
    file = tmp_path / "ids.txt"
    file.write_text(f"{converters[0]}\n")
    lists = {LIST: f"@{file}", "NON_CONVERTER_USER_IDS": others[0]}
    with world(tmp_path, simulator.environment() | lists) as pipeline:
        pipeline.tick("tracked_users")  # nothing is stored: the first run reads everybody
        first = YESTERDAY - timedelta(days=2)
        keys = [dg.AssetKey(["raw", f"amplitude_{name}"]) for name in ("users", "events")]
        everybody = dg.RunRequest(asset_selection=keys, tags=range_tags(first, YESTERDAY))
        assert pipeline.run(everybody).success
        assert "Nobody new" in pipeline.reason("tracked_users")
        file.write_text("\n".join(converters[:3]))
        simulator.clear_statistics()
        (request,) = pipeline.requests("tracked_users")
        assert request.tags[ONLY_NEW_USERS] == "1"
        assert request.tags["dagster/asset_partition_range_start"] == str(first)
        assert request.tags["dagster/asset_partition_range_end"] == str(YESTERDAY)
        assert not any(id_ in str(request) for id_ in converters[:3])
        assert pipeline.run(request).success
        assert "Nobody new" in pipeline.reason("tracked_users")
    served = simulator.statistics()["amplitude"]
    assert served["/api/2/usersearch"].calls == 2


def store_users(database: str, *ids: str) -> None:
    """As if a run of yesterday had found the users, and stored the day's events."""
    users = ", ".join(f"(DATE '{YESTERDAY}', '{id_}', {id_}, 'ok')" for id_ in ids)
    names = "event_date, requested_id, amplitude_id, status"
    empty = "SELECT NULL::DATE AS event_date WHERE false"
    with Database(Path(database)).session() as session:
        replace_partitions(
            session,
            YESTERDAY,
            YESTERDAY,
            Replacement(AMPLITUDE_USERS, f"FROM (VALUES {users}) AS users ({names})"),
            Replacement(AMPLITUDE_EVENTS, empty),
        )


_HOLD = """
import duckdb, sys
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process has the database open."""
    command = [sys.executable, "-c", _HOLD, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield
        process.communicate()


def test_an_amplitude_cohort_is_asked_for_fetched_and_compared(
    simulator: Simulator, tmp_path: Path
) -> None:
    cohorts = {
        "AMPLITUDE_CONVERTER_COHORT_ID": CONVERTERS,
        "AMPLITUDE_NON_CONVERTER_COHORT_ID": NON_CONVERTERS,
    }
    with world(tmp_path, simulator.environment() | cohorts) as pipeline:
        store_users(str(tmp_path / "store.duckdb"), "1")
        assert "computes a cohort" in pipeline.reason("tracked_users")
        looks = [pipeline.requests("tracked_users") for _ in range(6)]
        (request,) = [request for look in looks for request in look]
        assert request.tags[ONLY_NEW_USERS] == "1"
        simulator.clear_statistics()
        # Asked again only after an hour.
        assert "Nobody new" in pipeline.reason("tracked_users")
        assert "amplitude" not in simulator.statistics()


def test_amplitude_being_down_is_a_reason_to_skip_and_forgets_nothing(
    simulator: Simulator, tmp_path: Path
) -> None:
    cohort = {"AMPLITUDE_CONVERTER_COHORT_ID": CONVERTERS}
    with world(tmp_path, simulator.environment() | cohort) as pipeline:
        simulator.break_vendor("amplitude")
        assert pipeline.reason("tracked_users").startswith("Amplitude: cohort list")
        simulator.clear_faults()
        assert "computes a cohort" in pipeline.reason("tracked_users")


def test_a_list_that_cannot_be_read_is_a_reason_to_skip(
    simulator: Simulator, tmp_path: Path
) -> None:
    missing = {LIST: f"@{tmp_path / 'nowhere.txt'}"}
    with world(tmp_path, simulator.environment() | missing) as pipeline:
        assert f"{LIST} names the file" in pipeline.reason("tracked_users")


def test_a_database_in_use_is_a_reason_to_skip(simulator: Simulator, tmp_path: Path) -> None:
    lists = {LIST: "1"}
    with world(tmp_path, simulator.environment() | lists) as pipeline:
        database = tmp_path / "store.duckdb"
        store_users(str(database), "1")
        with held(database):
            assert "is in use by process" in pipeline.reason("tracked_users")
        assert pipeline.cursors == {}
