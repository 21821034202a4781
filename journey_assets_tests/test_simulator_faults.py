"""Scripted faults, statistics and control, as a client of the simulator sees them."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
import requests

from journey_assets.simulator import Fault
from journey_assets.simulator.__main__ import main
from journey_assets_tests.simulated import Client, simulation

SEARCH = "/api/2/usersearch"


def search(client: Client) -> requests.Response:
    return client.amplitude(SEARCH, user="nobody")


def test_a_status_is_answered_as_often_as_scripted() -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", SEARCH, Fault.of_status(503), times=2)
        assert [search(client).status_code for _ in range(3)] == [503, 503, 200]


def test_a_status_can_carry_a_body_and_retry_after() -> None:
    with simulation() as client:
        fault = Fault.of_status(429, body='{"error": "slow down"}', retry_after="7")
        client.simulator.script_fault("amplitude", "*", fault)
        answer = search(client)
    assert answer.json() == {"error": "slow down"}
    assert answer.headers["Retry-After"] == "7"


def test_a_reset_breaks_the_connection() -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", SEARCH, Fault.reset())
        with pytest.raises(requests.ConnectionError):
            search(client)
        assert search(client).status_code == 200


def test_a_truncated_answer_is_shorter_than_announced() -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", "/api/2/export", Fault.truncated())
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            client.amplitude("/api/2/export", start="20261118T00", end="20261118T01")


def test_a_slow_answer_comes_too_late_for_an_impatient_client() -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", SEARCH, Fault.slow(30))
        with pytest.raises(requests.ReadTimeout):
            requests.get(
                client.simulator.url("amplitude") + SEARCH,
                params={"user": "u"},
                auth=(client.keys.amplitude_api_key, client.keys.amplitude_secret_key),
                timeout=0.1,
            )


def test_a_page_can_come_where_json_is_due() -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", SEARCH, Fault.html())
        answer = search(client)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!doctype html>")


def test_a_dripping_answer_is_whole_in_the_end() -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", SEARCH, Fault.drip(0.001))
        assert search(client).json() == {"matches": [], "type": "nomatch"}


@pytest.mark.parametrize("fault", [Fault.wrong_length(7), Fault.noise("no HTTP")])
def test_an_answer_can_be_wrong_on_the_wire(fault: Fault) -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", SEARCH, fault)
        with pytest.raises(requests.RequestException):
            search(client)


def test_an_answer_can_be_changed() -> None:
    with simulation() as client:
        change = Fault.changed(lambda answer: replace(answer, body=answer.body[::-1]))
        right = search(client).content
        client.simulator.script_fault("amplitude", SEARCH, change)
        assert search(client).content == right[::-1]


def test_a_message_can_be_answered_and_billed_behind_a_gateway_that_gave_up() -> None:
    with simulation() as client:
        gave_up = Fault.of_status(504, after_processing=True)
        client.simulator.script_fault("mavera", "*/mave/chat", gave_up)
        assert client.ask("Hello").status_code == 504
        assert client.simulator.mavera.credits_used > 0


def test_a_fault_meets_only_the_paths_and_the_vendor_it_names() -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", "/api/2/useractivity", Fault.of_status(500))
        client.simulator.script_fault("segment", "/spaces/*", Fault.of_status(500))
        assert search(client).status_code == 200
        assert client.segment_listing().status_code == 500
        assert client.amplitude("/api/2/useractivity", user="1").status_code == 500


def test_a_broken_vendor_stays_broken_until_it_is_mended() -> None:
    with simulation() as client:
        client.simulator.break_vendor("mavenoid")
        endpoint = "assistant-conversations"
        broken = [client.mavenoid(endpoint, days=1).status_code for _ in range(3)]
        others = search(client).status_code
        client.simulator.clear_faults("mavenoid")
        mended = client.mavenoid(endpoint, days=1).status_code
    assert (broken, others, mended) == ([503, 503, 503], 200, 200)


def test_stopping_does_not_wait_for_slow_answers() -> None:
    with simulation() as client:
        client.simulator.script_fault("amplitude", SEARCH, Fault.slow(600))
        waiting = threading.Thread(target=search, args=(client,))
        waiting.start()
        while not client.simulator.statistics():
            pass
    waiting.join(10)
    assert not waiting.is_alive()


def test_a_fault_for_no_request_is_a_mistake() -> None:
    with simulation() as client, pytest.raises(ValueError, match="times"):
        client.simulator.script_fault("amplitude", "*", Fault.reset(), times=0)


def test_statistics_count_calls_statuses_and_faults_by_documented_path() -> None:
    with simulation() as client:
        search(client)
        client.simulator.script_fault("amplitude", SEARCH, Fault.of_status(500))
        search(client)
        client.simulator.script_fault("amplitude", SEARCH, Fault.reset())
        with pytest.raises(requests.ConnectionError):
            search(client)
        client.segment_profile("user_id:nobody", "traits")
        statistics = client.simulator.statistics()
    served = statistics["amplitude"][SEARCH]
    assert served.calls == 3
    assert dict(served.statuses) == {200: 1, 500: 1}
    assert dict(served.faults) == {"status": 1, "reset": 1}
    assert list(statistics["segment"]) == [
        "/v1/spaces/{space}/collections/users/profiles/{id}/traits"
    ]


def test_requests_are_remembered_with_their_parameters_in_order() -> None:
    with simulation() as client:
        client.mavenoid("live-support-sessions", days=7, group_by="date,status")
        request = client.simulator.requests("mavenoid")[-1]
    assert request.params == (("group_by", "date,status"), ("days", "7"))
    assert (request.status, request.had_credentials) == (200, True)


def test_another_process_can_script_faults_and_read_statistics() -> None:
    with simulation() as client:
        control = client.simulator.url("mavenoid") + "/_control"
        scripted = {"vendor": "amplitude", "fault": {"kind": "status", "status": 502}, "times": 1}
        requests.post(f"{control}/faults", json=scripted, timeout=5).raise_for_status()
        statuses = [search(client).status_code for _ in range(2)]
        served = requests.get(f"{control}/statistics", timeout=5).json()["amplitude"][SEARCH]
    assert statuses == [502, 200]
    assert (served["calls"], served["statuses"]) == (2, {"200": 1, "502": 1})


def test_another_process_can_break_and_mend_a_vendor() -> None:
    with simulation() as client:
        control = client.simulator.url("mavera") + "/_control/faults"
        fault = {"vendor": "amplitude", "fault": {"kind": "reset"}, "times": None}
        requests.post(control, json=fault, timeout=5).raise_for_status()
        for _ in range(2):
            with pytest.raises(requests.ConnectionError):
                search(client)
        requests.delete(control, params={"vendor": "amplitude"}, timeout=5).raise_for_status()
        assert search(client).status_code == 200


def test_another_process_can_change_a_conversation() -> None:
    with simulation() as client:
        control = client.simulator.url("mavenoid") + "/_control/conversations"
        name = requests.get(control, params={"days": 9}, timeout=5).json()[0]["id"]
        answer = requests.post(f"{control}/{name}", json={"label": "changed"}, timeout=5)
        rows = {row["id"]: row for row in client.simulator.conversations(9)}
        unknown = requests.post(f"{control}/F0", json={"label": "x"}, timeout=5)
    assert answer.json() == {"done": True}
    assert rows[name]["label"] == "changed"
    assert unknown.status_code == 400


def test_a_senseless_control_request_says_what_it_lacks() -> None:
    with simulation() as client:
        control = client.simulator.url("amplitude") + "/_control"
        empty = requests.post(f"{control}/faults", json={"vendor": "amplitude"}, timeout=5)
        unknown = requests.get(f"{control}/weather", timeout=5)
    assert (empty.status_code, unknown.status_code) == (400, 404)
    assert "fault" in empty.json()["error"]


def test_the_planted_truths_can_be_read_by_another_process() -> None:
    with simulation() as client:
        url = client.simulator.url("segment") + "/_control/truths"
        truths = requests.get(url, timeout=5).json()
    assert truths["golden_path"][-1] == "Upgrade"


def test_a_port_that_is_taken_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with simulation() as client:
        port = client.simulator.url("amplitude").rsplit(":", 1)[1]
        assert main(["--port", port]) == 1
    assert "Address already in use" in capsys.readouterr().err


def test_alone_it_prints_the_environment_and_stops_when_asked() -> None:
    command = [sys.executable, "-m", "journey_assets.simulator", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as one:
        assert one.stdout is not None
        lines = dict(one.stdout.readline().strip().split("=", 1) for _ in range(12))
        url = lines["AMPLITUDE_BASE_URL"]
        auth = (lines["AMPLITUDE_API_KEY"], lines["AMPLITUDE_SECRET_KEY"])
        answer = requests.get(f"{url}{SEARCH}?user=nobody", auth=auth, timeout=10)
        os.kill(one.pid, signal.SIGTERM)
        assert one.wait(10) == 0
    assert answer.json()["type"] == "nomatch"
    assert lines["MAVERA_BASE_URL"].endswith("/api/v1")
    assert lines["CONVERSION_EVENT"] == "Upgrade"
