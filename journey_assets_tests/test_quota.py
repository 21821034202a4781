"""The quota shared by processes: windows, slots, blocks, kill -9, and what is told meanwhile."""

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections import Counter, deque
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.vendors.quota import (
    AMPLITUDE_COHORT_REQUESTS,
    AMPLITUDE_OTHER,
    LONGEST_BLOCK,
    MAVENOID_MANY_DAYS,
    MAVENOID_ONE_DAY,
    MAVERA,
    SEGMENT,
    WINDOW_FACTOR,
    Clock,
    Limit,
    Quota,
    QuotaError,
    amplitude_dashboard,
)
from journey_assets_tests.loopback import Answer, FakeClock, Loopback, Received, answer
from journey_assets_tests.quota_processes import (
    CALLS,
    HOURLY,
    THREADS,
    call_from_threads,
    silent,
    use_tokens_and_hold_a_slot,
)

SHARED = Limit("shared", ((12, 0.5),), 5)
PROCESSES = 3


class Enforcing:
    """A vendor that means its limit: a true sliding window and a true count of requests."""

    def __init__(self, limit: Limit) -> None:
        ((self._number, self._span),) = limit.calls
        self._concurrency = limit.concurrency or 0
        self._lock = threading.Lock()
        self._recent: deque[float] = deque()
        self._under_way = 0
        self.answered: Counter[str] = Counter()

    def __call__(self, _: Received) -> Answer:
        refusal = self._admit()
        with self._lock:
            self.answered[refusal or "fine"] += 1
        if refusal:
            return answer({"error": {"message": refusal}}, 429)
        threading.Event().wait(0.02)  # the vendor at work
        with self._lock:
            self._under_way -= 1
        return answer({})

    def _admit(self) -> str | None:
        with self._lock:
            now = time.monotonic()
            while self._recent and self._recent[0] <= now - self._span:
                self._recent.popleft()
            if self._under_way >= self._concurrency:
                return "too many at once"
            if len(self._recent) >= self._number:
                return "too many in the window"
            self._recent.append(now)
            self._under_way += 1
            return None


def test_processes_and_threads_together_are_never_refused(tmp_path: Path) -> None:
    vendor = Enforcing(SHARED)
    spawn = multiprocessing.get_context("spawn")
    with Loopback(vendor) as server:
        processes = [
            spawn.Process(target=call_from_threads, args=(server.port, tmp_path, SHARED))
            for _ in range(PROCESSES)
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()

    assert [process.exitcode for process in processes] == [0] * PROCESSES
    assert vendor.answered == {"fine": PROCESSES * THREADS * CALLS}


def test_the_same_vendor_refuses_one_that_keeps_no_quota(tmp_path: Path) -> None:
    vendor = Enforcing(Limit("strict", ((5, 60.0),), 2))
    with Loopback(vendor) as server:
        call_from_threads(server.port, tmp_path, Limit("none"))

    # Those refused for coming at the same time may leave room in the window: at most five pass.
    assert 1 <= vendor.answered["fine"] <= 5
    assert vendor.answered.total() == THREADS * CALLS


def test_a_killed_process_frees_its_slot_and_its_tokens_stay_used(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=use_tokens_and_hold_a_slot, args=(tmp_path, there))
    process.start()
    assert here.recv() == "holding"
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    clock = FakeClock(time.time())
    quota = Quota(tmp_path, HOURLY, "account", clock)

    assert quota.seconds_for(1) == 0
    with quota.attempt(silent):  # the only slot, and the last token
        assert clock.slept == []
    assert quota.seconds_for(1) == pytest.approx(3600 * WINDOW_FACTOR, abs=60)
    with quota.attempt(silent):
        assert sum(clock.slept) == pytest.approx(3600 * WINDOW_FACTOR, abs=60)


def test_a_window_is_taken_as_five_percent_longer(tmp_path: Path) -> None:
    clock = FakeClock()
    quota = Quota(tmp_path, Limit("x", ((2, 10.0),)), "account", clock)

    for _ in range(3):
        with quota.attempt(silent):
            pass

    assert clock.slept == [pytest.approx(10.5)]


def test_a_call_counts_until_its_answer_is_there(tmp_path: Path) -> None:
    clock = FakeClock()
    quota = Quota(tmp_path, Limit("x", ((1, 10.0),)), "account", clock)
    with quota.attempt(silent):
        clock.pass_time(4)

    with quota.attempt(silent):
        assert clock.slept == [pytest.approx(10.5)]


def test_a_call_longer_than_the_window_counts_from_its_end(tmp_path: Path) -> None:
    clock = FakeClock()
    quota = Quota(tmp_path, Limit("x", ((1, 10.0),)), "account", clock)
    with quota.attempt(silent):
        clock.pass_time(300)
        with quota.attempt(silent):
            pass

    assert clock.slept == []
    assert quota.seconds_for(1) == pytest.approx(10.5)


def test_a_failed_call_costs_a_token_too(tmp_path: Path) -> None:
    quota = Quota(tmp_path, Limit("x", ((1, 10.0),)), "account", FakeClock())
    with pytest.raises(ConnectionError), quota.attempt(silent):
        raise ConnectionError

    assert quota.seconds_for(1) == pytest.approx(10.5)


def test_used_tokens_survive_a_restart(tmp_path: Path) -> None:
    clock = FakeClock()
    limit = Limit("x", ((1, 10.0),))
    before = Quota(tmp_path, limit, "account", clock)
    with before.attempt(silent):
        pass
    before.close()

    assert Quota(tmp_path, limit, "account", clock).seconds_for(1) == pytest.approx(10.5)


def test_another_account_has_a_quota_of_its_own(tmp_path: Path) -> None:
    limit = Limit("x", ((1, 10.0),), 1)
    with Quota(tmp_path, limit, "one", FakeClock()).attempt(silent):
        other = Quota(tmp_path, limit, "other", FakeClock())
        with other.attempt(silent):
            pass

    assert "one" not in " ".join(path.name for path in tmp_path.iterdir())


def test_all_slots_taken_means_waiting_until_one_is_free(tmp_path: Path) -> None:
    limit = Limit("x", ((9, 10.0),), 2)
    holding = ExitStack()
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            holding.close()

    for _ in range(2):
        holding.enter_context(Quota(tmp_path, limit, "account").attempt(silent))
    with Quota(tmp_path, limit, "account", Clock(sleep=wait)).attempt(silent):
        assert len(waits) == 3


def test_waiting_for_a_slot_uses_no_token(tmp_path: Path) -> None:
    limit = Limit("x", ((2, 3600.0),), 1)
    holder = Quota(tmp_path, limit, "account")
    expected: list[float] = []

    def give_up(_: float) -> None:
        expected.append(holder.seconds_for(1))
        raise InterruptedError

    waiting = Quota(tmp_path, limit, "account", Clock(sleep=give_up))
    with holder.attempt(silent), pytest.raises(InterruptedError), waiting.attempt(silent):
        pass

    assert expected == [0.0]


def test_every_window_of_a_limit_is_kept(tmp_path: Path) -> None:
    clock = FakeClock()
    start = clock.now()
    quota = Quota(tmp_path, Limit("x", ((2, 1.0), (3, 10.0))), "account", clock)
    starts = []
    for _ in range(4):
        with quota.attempt(silent):
            starts.append(clock.now() - start)

    assert starts == [pytest.approx(at) for at in (0, 0, 1.05, 10.5)]


def test_a_block_holds_for_everybody(tmp_path: Path) -> None:
    clock = FakeClock()
    limit = Limit("x", concurrency=3)
    Quota(tmp_path, limit, "account", clock).block_until(clock.now() + 25)
    other = Quota(tmp_path, limit, "account", clock)

    assert other.seconds_for(1) == pytest.approx(25)
    with other.attempt(silent):
        assert sum(clock.slept) == pytest.approx(25)


def test_a_shorter_block_does_not_end_a_longer_one(tmp_path: Path) -> None:
    clock = FakeClock()
    quota = Quota(tmp_path, Limit("x"), "account", clock)
    quota.block_until(clock.now() + 25)
    quota.block_until(clock.now() + 5)

    assert quota.seconds_for(1) == pytest.approx(25)


def test_a_block_is_bounded(tmp_path: Path) -> None:
    clock = FakeClock()
    quota = Quota(tmp_path, Limit("x"), "account", clock)
    quota.block_until(clock.now() + 1e9)

    assert quota.seconds_for(1) == pytest.approx(LONGEST_BLOCK)


def test_a_clock_set_back_costs_one_window_at_most(tmp_path: Path) -> None:
    clock = FakeClock()
    quota = Quota(tmp_path, Limit("x", ((2, 10.0),)), "account", clock)
    for _ in range(2):
        with quota.attempt(silent):
            pass
    clock.pass_time(-86_400)

    with quota.attempt(silent):
        assert sum(clock.slept) == pytest.approx(10.5)


def test_a_wait_is_told_with_its_expected_end(tmp_path: Path) -> None:
    lines: list[str] = []
    clock = FakeClock(start=0.0)
    quota = Quota(tmp_path, Limit("mavenoid", ((1, 60.0),), 3), "account", clock)
    for _ in range(2):
        with quota.attempt(lines.append):
            pass

    assert lines == [
        "Quota mavenoid (1 per 60 s, 3 at once): next call in about 63 s, at 00:01:03 UTC."
    ]


def test_a_short_wait_is_not_told(tmp_path: Path) -> None:
    lines: list[str] = []
    quota = Quota(tmp_path, Limit("x", ((1, 1.0),)), "account", FakeClock())
    for _ in range(3):
        with quota.attempt(lines.append):
            pass

    assert lines == []


def test_many_waits_are_told_twice_a_minute(tmp_path: Path) -> None:
    lines: list[str] = []
    clock = FakeClock()
    quota = Quota(tmp_path, Limit("x", ((1, 5.0),)), "account", clock)
    start = clock.now()
    for _ in range(40):
        with quota.attempt(lines.append):
            pass

    assert len(lines) <= (clock.now() - start) / 30 + 1


def test_a_long_wait_for_a_slot_is_told(tmp_path: Path) -> None:
    lines: list[str] = []
    limit = Limit("mavera", concurrency=1)
    holding = ExitStack()
    holding.enter_context(Quota(tmp_path, limit, "account").attempt(silent))

    def tell(line: str) -> None:
        lines.append(line)
        holding.close()

    with Quota(tmp_path, limit, "account", FakeClock()).attempt(tell):
        pass

    assert lines == [
        "Quota mavera (1 at once): 1 requests are under way; next when one of them ends."
    ]


def test_a_broken_state_says_which_folder_to_delete(tmp_path: Path) -> None:
    limit = Limit("x", ((1, 5.0),))
    Quota(tmp_path, limit, "account").close()
    (folder,) = tmp_path.iterdir()
    (folder / "calls.sqlite").write_bytes(b"no database at all" * 100)

    with pytest.raises(QuotaError, match="delete the folder") as raised:
        Quota(tmp_path, limit, "account")
    assert str(folder) in str(raised.value)


windows = st.lists(st.tuples(st.integers(1, 5), st.floats(0.5, 50)), min_size=1, max_size=1).map(
    tuple
)
pauses = st.lists(st.tuples(st.floats(0, 20), st.floats(0, 20)), min_size=1, max_size=15)


@settings(deadline=None, max_examples=40)
@given(windows, pauses)
def test_the_vendor_sees_no_window_overfull_whenever_calls_arrive(
    calls: tuple[tuple[int, float], ...], rhythm: list[tuple[float, float]]
) -> None:
    ((number, span),) = calls
    clock = FakeClock()
    under_way: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        quota = Quota(Path(folder), Limit("x", calls), "account", clock)
        for gap, length in rhythm:
            clock.pass_time(gap)
            with quota.attempt(silent):
                start = clock.now()
                clock.pass_time(length)
            under_way.append((start, clock.now()))
        quota.close()

    # At worst the earlier of two calls arrives at its end, and the later one at its start.
    for (_, end), (later, _) in zip(under_way, under_way[number:], strict=False):
        assert later - end >= span
    assert all(first <= second for (first, _), (second, _) in pairwise(under_way))


@settings(deadline=None, max_examples=40)
@given(windows, st.lists(st.floats(0, 10), max_size=6), st.integers(1, 12))
def test_the_expected_time_is_the_time_it_takes(
    calls: tuple[tuple[int, float], ...], before: list[float], further: int
) -> None:
    clock = FakeClock()
    with tempfile.TemporaryDirectory() as folder:
        quota = Quota(Path(folder), Limit("x", calls), "account", clock)
        for gap in before:
            with quota.attempt(silent):
                pass
            clock.pass_time(gap)
        expected, start = quota.seconds_for(further), clock.now()
        for _ in range(further):
            with quota.attempt(silent):
                pass
        quota.close()

    assert clock.now() - start == pytest.approx(expected, abs=0.001)


def test_no_calls_take_no_time(tmp_path: Path) -> None:
    assert Quota(tmp_path, SEGMENT, "account", FakeClock()).seconds_for(0) == 0


def test_the_limits_are_those_the_vendors_document() -> None:
    assert amplitude_dashboard(360, 10) == Limit("amplitude-dashboard", ((360, 3600.0),), 10)
    assert (AMPLITUDE_OTHER.calls, AMPLITUDE_OTHER.concurrency) == ((), 5)
    assert AMPLITUDE_COHORT_REQUESTS.calls == ((60, 600.0),)
    assert MAVENOID_ONE_DAY.calls == ((60, 60.0),)
    assert MAVENOID_MANY_DAYS.calls == ((10, 60.0),)
    assert SEGMENT.calls == ((100, 1.0),)
    assert (MAVERA.calls, MAVERA.concurrency) == ((), 10)
