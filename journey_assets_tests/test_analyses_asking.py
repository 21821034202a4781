"""Asking Mave: each question once, every paid answer kept."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from journey_assets.analyses.ask import AskingStopped
from journey_assets.analyses.attempts import State, known_attempts, record_sent
from journey_assets.analyses.catalogue import KINDS
from journey_assets.analyses.prompt import Message
from journey_assets.vendors.errors import AnswerLost, CredentialsRefused, RequestRefused
from journey_assets.warehouse.database import Database, WarehouseError
from journey_assets.warehouse.tables.analyses import MAVE_ATTEMPTS
from journey_assets_tests.analyses_mave import (
    DAY,
    NEXT,
    NOW,
    FakeMave,
    House,
    fill,
    house,
    lost,
    refused,
)

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the same figures on two days."""
    database = Database(tmp_path_factory.mktemp("filled") / "a.duckdb")
    for day in (DAY, NEXT):
        fill(database, day)
    return database.path


@pytest.fixture
def mave() -> FakeMave:
    return FakeMave()


@pytest.fixture
def home(tmp_path: Path, filled: Path, mave: FakeMave) -> Iterator[House]:
    copy = Path(shutil.copy(filled, tmp_path))
    with house(Database(copy, lock_timeout_seconds=30), mave) as made:
        yield made


def states(home: House) -> dict[str, str]:
    return {row["kind"]: row["state"] for row in home.rows(MAVE_ATTEMPTS)}


def test_a_day_is_asked_one_message_per_kind_and_every_column_is_filled(
    home: House, mave: FakeMave
) -> None:
    mave.content = "412 converters [C2], 9,999 others."
    done = home.run(DAY)
    assert sorted(mave.asked) == sorted(KINDS)
    assert done.credits_spent == 69
    row = next(row for row in home.rows() if row["kind"] == "journey_map")
    assert row["status"] == "answered"
    assert row["prompt_sha256"] == hashlib.sha256(row["prompt"].encode()).hexdigest()
    assert row["content"] == mave.content
    assert row["credits_used"] == 23
    assert row["latency_ms"] is not None
    assert json.loads(row["sources"])[0]["domain"] == "example.com"
    assert [table["letter"] for table in json.loads(row["evidence"])["tables"]] == list("ACST")
    assert (row["numbers_total"], row["numbers_grounded"], row["ungrounded"]) == (2, 1, ["9,999"])
    assert [mark["status"] for mark in json.loads(row["number_marks"])] == [
        "grounded",
        "not_found",
    ]
    assert row["reason"] is None


def test_the_same_day_again_spends_nothing_and_gives_the_same_rows(
    home: House, mave: FakeMave
) -> None:
    home.run(DAY)
    before = home.rows()
    assert home.run(DAY).credits_spent == 0
    assert home.rows() == before
    assert len(mave.asked) == 3


def test_another_day_with_the_same_evidence_reuses_the_answers(home: House, mave: FakeMave) -> None:
    home.run(DAY)
    home.run(NEXT)
    assert len(mave.asked) == 3
    assert {home.statuses()[NEXT, kind] for kind in KINDS} == {"reused"}
    first, second = ([r for r in home.rows() if r["as_of"] == day] for day in (DAY, NEXT))
    assert [row["credits_used"] for row in second] == [0, 0, 0]
    assert [row["content"] for row in second] == [row["content"] for row in first]


def test_changed_evidence_is_asked_again_and_only_that(home: House, mave: FakeMave) -> None:
    home.run(DAY)
    fill(home.database, NEXT, persons=500)
    home.run(NEXT)
    assert sorted(mave.asked[3:]) == ["journey_map", "support_friction"]


def test_a_range_asks_for_its_last_day_only(home: House, mave: FakeMave) -> None:
    home.run(DAY, NEXT)
    assert len(mave.asked) == 3
    assert {home.statuses()[DAY, kind] for kind in KINDS} == {"not_asked"}
    assert {home.statuses()[NEXT, kind] for kind in KINDS} == {"answered"}
    assert all("last one only" in row["reason"] for row in home.rows() if row["as_of"] == DAY)


def test_a_range_keeps_the_answers_that_its_earlier_days_have(home: House, mave: FakeMave) -> None:
    home.run(DAY)
    before = [row for row in home.rows() if row["as_of"] == DAY]
    home.run(DAY, NEXT)
    assert [row for row in home.rows() if row["as_of"] == DAY] == before
    assert len(mave.asked) == 3


def test_a_range_does_not_show_an_answer_to_figures_that_have_changed(home: House) -> None:
    home.run(DAY)
    fill(home.database, DAY, persons=500)
    home.run(DAY, NEXT)
    assert home.statuses()[DAY, "journey_map"] == "not_asked"
    assert home.statuses()[DAY, "channel_personas"] == "answered"


def test_the_analysis_of_a_vendor_that_is_left_out_is_not_asked(
    home: House, mave: FakeMave
) -> None:
    home.run(DAY, vendors="amplitude,mavenoid")
    assert sorted(mave.asked) == ["journey_map", "support_friction"]
    row = next(row for row in home.rows() if row["kind"] == "channel_personas")
    assert (row["status"], row["credits_used"]) == ("not_asked", 0)
    assert row["reason"] == "JOURNEY_VENDORS leaves Segment out."


def test_rows_of_a_vendor_that_is_left_out_are_no_evidence(home: House) -> None:
    home.run(DAY, vendors="mavenoid")
    row = next(row for row in home.rows() if row["kind"] == "support_friction")
    assert [table["letter"] for table in json.loads(row["evidence"])["tables"]] == ["A", "F"]


def test_a_day_without_figures_is_not_asked(home: House, mave: FakeMave) -> None:
    empty = date(2026, 12, 24)
    home.run(empty)
    assert mave.asked == []
    rows = [row for row in home.rows() if row["as_of"] == empty]
    assert {row["status"] for row in rows} == {"not_asked"}
    assert all("Nothing to analyse" in row["reason"] for row in rows)


def test_the_attempt_is_written_down_and_the_file_is_free_while_mave_is_asked(
    home: House, mave: FakeMave
) -> None:
    seen: list[str] = []
    mave.when_asked = lambda kind: seen.append(states(home)[kind])
    home.run(DAY)
    assert seen == [State.SENT] * 3
    assert set(states(home).values()) == {State.ANSWERED}


def test_a_run_that_would_pass_the_limit_stops_before_it_asks(home: House, mave: FakeMave) -> None:
    with pytest.raises(AskingStopped, match=r"^Mavera: .*MAVERA_MAX_CREDITS_PER_RUN is 74\. Raise"):
        home.run(DAY, mavera_max_credits_per_run=74)
    assert mave.asked == []


def test_what_fits_the_limit_is_asked_kept_and_used_by_the_next_run(
    home: House, mave: FakeMave
) -> None:
    mave.credits_used = 60
    with pytest.raises(AskingStopped, match="60 are spent"):
        home.run(DAY, mavera_max_credits_per_run=100)
    assert mave.asked == ["journey_map"]
    home.run(DAY, mavera_max_credits_per_run=200)
    assert sorted(mave.asked) == sorted(KINDS)
    assert set(home.statuses().values()) == {"answered"}


def test_a_message_counts_as_75_credits_until_its_answer_says_less(
    home: House, mave: FakeMave
) -> None:
    assert home.run(DAY, mavera_max_credits_per_run=160).credits_spent == 69
    mave.credits_used = None
    fill(home.database, NEXT, persons=500)
    assert home.run(NEXT, mavera_max_credits_per_run=150).credits_spent == 150


def test_a_lost_answer_is_found_among_the_threads_and_not_asked_again(
    home: House, mave: FakeMave
) -> None:
    mave.faults = {"channel_personas": lost()}
    home.run(DAY)
    assert sorted(mave.asked) == sorted(KINDS)
    row = next(row for row in home.rows() if row["kind"] == "channel_personas")
    assert (row["status"], row["content"]) == ("answered", "Nothing to add.")
    assert row["latency_ms"] is None


def test_a_lost_answer_that_no_thread_holds_is_an_error_and_a_later_run_looks_before_it_asks(
    home: House, mave: FakeMave
) -> None:
    mave.faults, mave.forgets = {"channel_personas": lost()}, True
    with pytest.raises(AskingStopped, match=r"^Mavera: .*lost.*Run again in a few minutes"):
        home.run(DAY)
    assert states(home)["channel_personas"] == State.LOST
    looked = mave.looked
    home.now = NOW + HOUR
    home.run(DAY)
    assert mave.looked > looked
    assert mave.asked.count("channel_personas") == 2
    assert len(mave.asked) == 4


def test_a_lost_answer_that_appears_later_is_used_by_the_next_run(
    home: House, mave: FakeMave
) -> None:
    mave.faults, mave.silent = {"channel_personas": lost()}, True
    for _ in range(2):
        with pytest.raises(AnswerLost, match="not answered it yet"):
            home.run(DAY)
    assert len(mave.asked) == 3
    thread = next(each for each in mave.threads if len(each["messages"]) == 1)
    thread["messages"].append({"role": "assistant", "content": "Late."})
    home.run(DAY)
    assert len(mave.asked) == 3
    row = next(row for row in home.rows() if row["kind"] == "channel_personas")
    assert row["content"] == "Late."


def test_a_run_killed_while_mave_thought_is_taken_up_from_the_threads(
    home: House, mave: FakeMave
) -> None:
    home.run(DAY)
    with home.database.session() as session, session.writing() as con:
        con.execute(
            "UPDATE store.analyses.mave_attempts SET state = 'sent', content = NULL, "
            "answered_at = NULL"
        )
    home.run(DAY)
    assert len(mave.asked) == 3
    assert set(home.statuses().values()) == {"answered"}


def test_a_message_is_not_sent_again_while_mave_may_still_think_about_it(
    home: House, mave: FakeMave
) -> None:
    home.run(DAY)
    mave.threads.clear()
    with home.database.session() as session, session.writing() as con:
        con.execute(
            "UPDATE store.analyses.mave_attempts SET state = 'sent', content = NULL, "
            "answered_at = NULL"
        )
    home.now = NOW + HOUR / 60
    with pytest.raises(AskingStopped, match=r"^Mavera: .*may still be answered.*in 3 minutes"):
        home.run(DAY)
    assert len(mave.asked) == 3
    home.now = NOW + HOUR / 12
    home.run(DAY)
    assert len(mave.asked) == 6


def test_a_refusal_of_one_message_keeps_the_answers_to_the_others(
    home: House, mave: FakeMave
) -> None:
    mave.faults = {"support_friction": refused(402, "credits_exhausted", "No credits left.")}
    with pytest.raises(RequestRefused, match=r"^Mavera: .*402.*credits"):
        home.run(DAY)
    assert states(home)["support_friction"] == State.REFUSED
    home.run(DAY)
    assert mave.asked.count("support_friction") == 2
    assert len(mave.asked) == 4
    assert mave.looked == 0


def test_a_refused_key_is_told_by_its_setting(home: House, mave: FakeMave) -> None:
    mave.faults = {kind: refused(401, "invalid_api_key", "Invalid API key.") for kind in KINDS}
    with pytest.raises(CredentialsRefused, match=r"^Mavera: .*MAVERA_API_KEY") as caught:
        home.run(DAY)
    assert "mvra_live_test" not in str(caught.value)


def test_two_runs_that_ask_the_same_at_the_same_time_do_not_both_send(tmp_path: Path) -> None:
    database = Database(tmp_path / "a.duckdb")
    message = Message("journey_map", "1.1", "What?")
    with database.session() as session:
        seen = known_attempts(session, [message.sha256])
        record_sent(session, DAY, [message], NOW, seen)
        with pytest.raises(WarehouseError, match="another run asks"):
            record_sent(session, DAY, [message], NOW + HOUR, seen)
        record_sent(session, DAY, [message], NOW + HOUR, known_attempts(session, [message.sha256]))


def test_the_log_tells_what_was_asked_and_what_it_cost_but_not_the_evidence(home: House) -> None:
    home.run(DAY)
    text = "\n".join(home.log)
    assert "23 credits" in text
    assert "numbers found in the evidence" in text
    assert "Sign Up" not in text
