"""After failures of every kind no address, comment or query of the world stands anywhere but in ``raw``."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import requests

from journey_assets.simulator import Fault, Simulator
from journey_assets_tests.automation_world import World, small_simulator, world
from journey_assets_tests.command_line import let_the_quota_recover
from journey_assets_tests.private_words import PrivateWords
from journey_assets_tests.small_hours import YESTERDAY

CONVERSATIONS = dg.AssetKey(["raw", "mavenoid_conversations"])
PROFILES = dg.AssetKey(["raw", "segment_profiles"])
PERSONS = dg.AssetKey(["identity", "persons"])


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with small_simulator() as running:
        yield running


def rows(simulator: Simulator) -> list[dict[str, Any]]:
    """Conversations as Mavenoid serves them, each with a query and a comment of its own."""
    served = requests.get(
        f"{simulator.url('mavenoid')}/v1/assistant-conversations.json?days=2",
        headers={"Authorization": f"Bearer {simulator.options.keys.mavenoid_token}"},
        timeout=20,
    ).json()
    query, comment = (
        "where is refund {n} of Ann",
        "my order {n} never came, write ann{n}@example.com",
    )
    return [
        {**row, "latest_search_query": query.format(n=n), "feedback_comments": comment.format(n=n)}
        for n, row in enumerate(served)
    ]


def words_of(served: list[dict[str, Any]]) -> PrivateWords:
    return PrivateWords(
        word
        for n, row in enumerate(served)
        for word in (row["latest_search_query"], row["feedback_comments"], f"ann{n}@example.com")
    )


def run(pipeline: World, *keys: dg.AssetKey) -> str:
    """Run assets of the day; returns what the failed steps say, empty when all is well."""
    result = pipeline.run(dg.RunRequest(asset_selection=keys, partition_key=str(YESTERDAY)))
    told = [
        event.step_failure_data.user_failure_data
        for event in result.all_events
        if event.is_step_failure
    ]
    # What fails before the first step is told by the run.
    ends = [event.event_specific_data for event in result.all_events if event.is_job_failure]
    return "\n".join([*(str(data and data.description) for data in told), *map(str, ends)])


def damage(database: Path) -> None:
    """Turn a bit in every block of rows."""
    content = bytearray(database.read_bytes())
    for offset in range(20_000, len(content), 4096):
        content[offset] ^= 0xFF
    database.write_bytes(content)


def test_no_private_word_leaves_raw_when_runs_fail(
    simulator: Simulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    served = rows(simulator)
    words = words_of(served)
    said = served[0]["latest_search_query"]
    faults = {
        "the request was refused": Fault.of_status(
            400, body=json.dumps({"error": {"message": f'Bad "{said}" for {served[0]}'}})
        ),
        "credentials were refused": Fault.of_status(403, body=json.dumps({"error": str(served)})),
        "not a JSON array": Fault.of_status(200, body=json.dumps({"data": served})),
        "not whole JSON": Fault.of_status(200, body=json.dumps(served)[:-9]),
        "its own summary of them differ": Fault.of_status(
            200,
            body=json.dumps([{**row, "created_at": "0001-01-01T00:00:00+14:00"} for row in served]),
        ),
    }
    (folder := tmp_path / "store").mkdir()
    home = tmp_path / "home"
    home.mkdir()
    with (
        dg.DagsterInstance.local_temp(str(home)) as instance,
        world(folder, simulator.environment(), JOURNEY_REPLACE_ANYWAY="1") as pipeline,
    ):
        pipeline.instance = instance
        for line, fault in faults.items():
            simulator.script_fault("mavenoid", "*assistant-conversations*", fault, times=None)
            assert line in run(pipeline, CONVERSATIONS)
            simulator.clear_faults()
            let_the_quota_recover(folder)
        assert run(pipeline, CONVERSATIONS, PROFILES) == ""
        words = PrivateWords(words.words | PrivateWords.stored(folder / "store.duckdb").words)
        shutil.rmtree(folder / "quota")
        (folder / "quota").write_text("no folder")
        assert "is in the way" in run(pipeline, CONVERSATIONS)
        damage(folder / "store.duckdb")
        assert "damaged" in run(pipeline, PERSONS)
    printed = capfd.readouterr()
    assert "Mavenoid: assistant conversations" in printed.err
    assert words.in_text(printed.out + printed.err) == set()
    (folder / "store.duckdb").unlink()
    assert words.found_in(home, folder) == {}
    # The search finds what is there: the same words, in the three ways of the instance to keep them.
    (home / "text.log").write_text(f"x {said.upper()} y")
    assert set(words.found_in(home)) == {home / "text.log"}


def test_words_are_found_in_databases_but_not_in_raw(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "store.duckdb")) as con:
        con.execute("CREATE SCHEMA raw; CREATE SCHEMA support; CREATE TABLE support.a (x VARCHAR)")
        con.execute(
            "CREATE TABLE raw.c AS SELECT 'where is my ünit' AS latest_search_query, 'u_1' AS user_id, "
            """'{"mail": "ann@example.com", "n": [1]}'::JSON AS form_data"""
        )
    words = PrivateWords.stored(tmp_path / "store.duckdb")
    assert words.words == {"where is my ünit", "ann@example.com"}
    assert words.found_in(tmp_path) == {}
    assert words.in_text('{"q": "where is my \\u00fcnit", "u": "ann%40example.com"}') == words.words
    with duckdb.connect(str(tmp_path / "store.duckdb")) as con:
        con.execute("INSERT INTO support.a VALUES ('said: Where is my ünit')")
    assert words.found_in(tmp_path) == {tmp_path / "store.duckdb": {"where is my ünit"}}
