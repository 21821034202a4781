"""Passes over users in threads: all results, bounded concurrency, the first error."""

import threading

import pytest

from journey_assets.raw.in_threads import Failures, in_threads, users_done
from journey_assets.vendors.errors import RequestRefused


def test_every_item_is_worked_once() -> None:
    done = in_threads(lambda item, _: item * item, list(range(50)), 4, lambda _: None)
    assert sorted(done) == [number * number for number in range(50)]


def test_no_items_give_no_results() -> None:
    assert list(in_threads(lambda item, _: item, list[int](), 4, lambda _: None)) == []


def test_so_many_are_under_way_at_once_and_no_more() -> None:
    together = threading.Barrier(3, timeout=20)
    under_way, most, lock = 0, 0, threading.Lock()

    def work(_: int, __: threading.Event) -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait()
        with lock:
            under_way -= 1

    list(in_threads(work, list(range(9)), 3, lambda _: None))
    assert most == 3


def test_the_first_error_is_raised_and_ends_the_pass() -> None:
    worked = []
    stopped: list[threading.Event] = []

    def work(item: int, stop: threading.Event) -> int:
        worked.append(item)
        stopped.append(stop)
        if item == 3:
            raise LookupError("3")
        return item

    with pytest.raises(LookupError, match="3"):
        # One thread, and a result is only taken when it is asked for.
        for _ in in_threads(work, list(range(10_000_000)), 1, lambda _: None):
            pass
    assert stopped[0].is_set()
    assert len(worked) < 10_000_000


def test_progress_tells_users_done_of_all_and_what_the_quota_allows() -> None:
    lines: list[str] = []
    users_done(lines.append, "read", 100, lambda calls: calls * 10.0)(40)
    assert lines == ["Amplitude: 40 of 100 users read; the quota allows the rest in 0:10:00."]


def test_a_vendor_that_answers_for_nobody_is_given_up_after_twenty_users() -> None:
    failures, error = Failures(), RequestRefused("Amplitude", "user search", "refused", status=400)
    for number in range(19):
        failures.add(str(number), error)
    with pytest.raises(RequestRefused):
        failures.add("19", error)


def test_a_vendor_that_answered_for_somebody_may_fail_for_many() -> None:
    failures, error = Failures(answered=1), RequestRefused("V", "search", "refused", status=400)
    for number in range(50):
        failures.add(str(number), error)
    assert failures.note("read") == ("50 users could not be read (HTTP 400: 50): status failed.",)
