"""Who is tracked: lists, files and cohorts into ``raw.amplitude_users``."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from journey_assets.raw.amplitude_lookups import Answers
from journey_assets.raw.amplitude_users import ingest_users, read_labels
from journey_assets.raw.ingested import Ingested
from journey_assets.settings import SettingsError
from journey_assets.vendors.errors import RequestRefused, UnexpectedAnswer, VendorUnavailable
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS
from journey_assets_tests.amplitude_vendor import Vendor, client_of, settings_of, stored
from journey_assets_tests.loopback import Answer, Loopback, Received, answer
from journey_assets_tests.stored import store

DAY = date(2026, 3, 10)
ROWS = (
    "SELECT requested_id, amplitude_id, user_id, cohort, status FROM store.raw.amplitude_users "
    "ORDER BY event_date, requested_id"
)
USERS = {"u1": [1], "u2": [2], "u3": [3]}


def ingest(url: str, folder: Path, day: date = DAY, **given: Any) -> tuple[Ingested, list[str]]:
    settings, lines = settings_of(folder, **given), list[str]()
    with Database(Path(settings.database)).session() as session:
        done = ingest_users(session, client_of(url, folder), settings, day, lines.append)
    return done, lines


def rows(folder: Path, query: str = ROWS) -> list[tuple[Any, ...]]:
    return stored(Database(folder / "test.duckdb"), query)


def cohorts(files: dict[str, str]) -> Any:
    """A vendor with these cohorts, by id the text of the file."""

    def decide(request: Received) -> Answer:
        name = request.path.split("/")[-1]
        if request.path.endswith("/file"):
            return Answer(200, files[request.path.split("/")[-2]].encode())
        if "request-status" in request.path:
            return answer({"async_status": "JOB COMPLETED"})
        return answer({"request_id": name, "cohort_id": name}, 202)

    return decide


def test_lists_become_rows_with_cohort_and_status(tmp_path: Path) -> None:
    vendor = Vendor(users={"u1": [1], "u2": [2, 22]})
    with Loopback(vendor) as server:
        ingest(server.url, tmp_path, converter_user_ids="u1,u2", non_converter_user_ids="u3,77")
    assert rows(tmp_path) == [
        ("77", 77, None, "non_converter", "ok"),
        ("u1", 1, "u1", "converter", "ok"),
        ("u2", None, None, "converter", "ambiguous"),
        ("u3", None, None, "non_converter", "not_found"),
    ]


def test_an_ambiguous_id_is_logged_with_the_ids_found_and_not_with_itself(tmp_path: Path) -> None:
    with Loopback(Vendor(users={"ann@example.com": [2, 22]})) as server:
        done, lines = ingest(server.url, tmp_path, converter_user_ids="ann@example.com")
    assert any("2 and 22" in line for line in lines)
    assert "ann@example.com" not in " ".join([*lines, *done.notes])
    assert any("1 ids fit several users" in note for note in done.notes)


def test_files_are_read_as_lists(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("u1\n\nu2\nu1\n")
    with Loopback(Vendor(users=USERS)) as server:
        ingest(server.url, tmp_path, converter_user_ids=f"@{tmp_path / 'ids.txt'}")
    assert [row[0] for row in rows(tmp_path)] == ["u1", "u2"]


def test_an_id_that_was_found_is_never_looked_up_again(tmp_path: Path) -> None:
    with Loopback(Vendor(users=USERS)) as server:
        ingest(server.url, tmp_path, date(2026, 3, 1), converter_user_ids="u1,u2")
        asked = len(server.received)
        ingest(server.url, tmp_path, converter_user_ids="u1", non_converter_user_ids="u2")
    assert asked == len(server.received) == 2
    assert rows(tmp_path)[2:] == [
        ("u1", 1, "u1", "converter", "ok"),
        ("u2", 2, "u2", "non_converter", "ok"),
    ]


def test_an_id_that_was_not_found_is_looked_up_again(tmp_path: Path) -> None:
    vendor = Vendor(users={"u2": [2]})
    with Loopback(vendor) as server:
        ingest(server.url, tmp_path, converter_user_ids="u1,u2")
        vendor.users = USERS
        ingest(server.url, tmp_path, converter_user_ids="u1,u2")
    assert rows(tmp_path)[0] == ("u1", 1, "u1", "converter", "ok")


def test_an_id_of_digits_is_a_user_id_first_and_leading_zeros_belong_to_it(tmp_path: Path) -> None:
    with Loopback(Vendor(users={"123": [7], "u9": [9]})) as server:
        ingest(server.url, tmp_path, converter_user_ids="123,9", non_converter_user_ids="00123,8")
    assert rows(tmp_path) == [
        ("00123", None, None, "non_converter", "not_found"),
        ("123", 7, "123", "converter", "ok"),
        ("8", 8, None, "non_converter", "ok"),
        ("9", 9, "u9", "converter", "ok"),
    ]


def test_digits_that_an_earlier_version_took_for_an_amplitude_id_are_looked_up_once(
    tmp_path: Path,
) -> None:
    database, old = Database(tmp_path / "test.duckdb"), date(2026, 3, 1)
    row = {"event_date": old, "requested_id": "00123", "amplitude_id": 123, "status": "ok"}
    store(database, AMPLITUDE_USERS, [row])
    with Loopback(Vendor(users={"00123": [7]})) as server:
        ingest(server.url, tmp_path, converter_user_ids="00123")
        ingest(server.url, tmp_path, date(2026, 3, 11), converter_user_ids="00123")
    assert [found[1] for found in rows(tmp_path)] == [123, 7, 7]
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [400, 404, 422])
def test_one_id_without_an_answer_is_failed_and_the_others_are_stored(
    tmp_path: Path, status: int
) -> None:
    vendor = Vendor(users=USERS, refuses={"u2": status})
    with Loopback(vendor) as server:
        done, _ = ingest(server.url, tmp_path, converter_user_ids="u1,u2")
    assert [row[4] for row in rows(tmp_path)] == ["ok", "failed"]
    assert done.notes[0] == f"1 users could not be looked up (HTTP {status}: 1): status failed."
    assert done.facts["ids_failed"] == 1


def test_one_id_with_an_answer_that_cannot_be_read_is_failed(tmp_path: Path) -> None:
    vendor = Vendor(users=USERS)

    def decide(request: Received) -> Answer:
        return answer({"matches": 7}) if ("user", "u2") in request.params else vendor(request)

    with Loopback(decide) as server:
        done, _ = ingest(server.url, tmp_path, converter_user_ids="u1,u2")
    assert [row[4] for row in rows(tmp_path)] == ["ok", "failed"]
    assert "an unreadable answer: 1" in done.notes[0]


def test_a_list_that_amplitude_does_not_answer_for_is_its_error_and_stores_nothing(
    tmp_path: Path,
) -> None:
    vendor = Vendor(users=USERS, refuses={"u2": 400, "u3": 400})
    with Loopback(vendor) as server, pytest.raises(RequestRefused, match="user search"):
        ingest(server.url, tmp_path, converter_user_ids="u1", non_converter_user_ids="u2,u3")


def test_a_list_of_which_nobody_is_found_fails_by_its_name_and_without_an_id(
    tmp_path: Path,
) -> None:
    with (
        Loopback(Vendor(users=USERS)) as server,
        pytest.raises(SettingsError, match=r"^NON_CONVERTER_USER_IDS: none of its 2 ids") as caught,
    ):
        ingest(server.url, tmp_path, converter_user_ids="u1", non_converter_user_ids="x8,x9")
    assert "x8" not in str(caught.value)


def test_only_the_partition_asked_for_is_replaced(tmp_path: Path) -> None:
    with Loopback(Vendor(users=USERS)) as server:
        ingest(server.url, tmp_path, date(2026, 3, 9), converter_user_ids="u1")
        done, _ = ingest(server.url, tmp_path, DAY, converter_user_ids="u2")
    assert done.rows == {"raw.amplitude_users": {DAY: 1}}
    assert rows(tmp_path, "SELECT event_date, requested_id FROM store.raw.amplitude_users") == [
        (date(2026, 3, 9), "u1"),
        (DAY, "u2"),
    ]


def test_an_id_in_both_lists_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with Loopback(Vendor()) as server, pytest.raises(SettingsError, match="share 1 ids") as caught:
        ingest(server.url, tmp_path, converter_user_ids="u1,u2", non_converter_user_ids="u2")
    assert server.received == []
    assert "u2" not in str(caught.value)
    assert "CONVERTER_USER_IDS" in str(caught.value)


def test_a_user_whom_both_sides_name_under_different_ids_has_no_cohort(tmp_path: Path) -> None:
    with Loopback(Vendor(users=USERS)) as server:
        done, _ = ingest(
            server.url, tmp_path, converter_user_ids="u1", non_converter_user_ids="1,u2"
        )
    assert [(row[0], row[3]) for row in rows(tmp_path)] == [
        ("1", None),
        ("u1", None),
        ("u2", "non_converter"),
    ]
    assert any("they have no cohort" in note for note in done.notes)


def test_cohorts_are_read_without_looking_anyone_up(tmp_path: Path) -> None:
    files = {
        "yes": 'amplitude_id,user_id,"plan, name"\n1,u1,"a, b"\n2,,x\n',
        "no": "\ufeffUser_ID,Amplitude_ID\nu3,3\n",
    }
    with Loopback(cohorts(files)) as server:
        ingest(
            server.url,
            tmp_path,
            amplitude_converter_cohort_id="yes",
            amplitude_non_converter_cohort_id="no",
        )
    assert rows(tmp_path) == [
        ("1", 1, "u1", "converter", "ok"),
        ("2", 2, None, "converter", "ok"),
        ("3", 3, "u3", "non_converter", "ok"),
    ]
    assert not any("usersearch" in request.path for request in server.received)


def test_a_user_in_both_cohorts_has_no_cohort(tmp_path: Path) -> None:
    files = {"yes": "amplitude_id,user_id\n1,u1\n", "no": "amplitude_id,user_id\n1,u1\n2,u2\n"}
    with Loopback(cohorts(files)) as server:
        ingest(
            server.url,
            tmp_path,
            amplitude_converter_cohort_id="yes",
            amplitude_non_converter_cohort_id="no",
        )
    assert [(row[0], row[3]) for row in rows(tmp_path)] == [("1", None), ("2", "non_converter")]


def test_a_cohort_file_with_other_columns_is_an_error_and_not_empty(tmp_path: Path) -> None:
    server = Loopback(cohorts({"yes": "<html>,sign in\n"}))
    with server, pytest.raises(UnexpectedAnswer, match="amplitude_id"):
        ingest(server.url, tmp_path, amplitude_converter_cohort_id="yes")


@pytest.mark.parametrize(
    "text",
    ['amplitude_id,user_id\n"1,u1\n2,u2\n', "amplitude_id,user_id\n1\n", "[" * 200_000],
    ids=["an open quote", "a short line", "one long field"],
)
def test_a_cohort_file_that_is_no_table_is_an_error_and_not_empty(
    tmp_path: Path, text: str
) -> None:
    with Loopback(cohorts({"yes": text})) as server, pytest.raises(UnexpectedAnswer, match="CSV"):
        ingest(server.url, tmp_path, amplitude_converter_cohort_id="yes")


def test_a_list_and_a_cohort_for_the_same_side_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="keep one"):
        ingest(
            "http://127.0.0.1:9",
            tmp_path,
            converter_user_ids="u1",
            amplitude_converter_cohort_id="c1",
        )


def test_user_activity_without_anyone_to_ask_for_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CONVERTER_USER_IDS.*AMPLITUDE_SOURCE=export"):
        ingest("http://127.0.0.1:9", tmp_path, conversion_event="Purchase")


def test_an_export_without_lists_needs_the_conversion_event(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CONVERSION_EVENT"):
        ingest("http://127.0.0.1:9", tmp_path, amplitude_source="export")


def test_an_export_with_a_conversion_event_tracks_nobody(tmp_path: Path) -> None:
    done, _ = ingest(
        "http://127.0.0.1:9", tmp_path, amplitude_source="export", conversion_event="Purchase"
    )
    assert done.rows == {"raw.amplitude_users": {DAY: 0}}


def test_a_failed_look_up_stores_nothing(tmp_path: Path) -> None:
    def decide(request: Received) -> Answer:
        found = dict(request.params)["user"] == "u1"
        return Vendor(users=USERS)(request) if found else answer({"error": {"message": "x"}}, 500)

    with Loopback(decide) as server:
        ingest(server.url, tmp_path, converter_user_ids="u1")
        with pytest.raises(VendorUnavailable, match="user search"):
            ingest(server.url, tmp_path, converter_user_ids="u1,u2")
    assert rows(tmp_path) == [("u1", 1, "u1", "converter", "ok")]


def test_what_a_pass_was_told_before_it_failed_is_not_asked_for_again(tmp_path: Path) -> None:
    vendor = Vendor(users={"u1": [1], "u3": [3, 33]}, refuses={"u4": 500})
    given: dict[str, Any] = {"converter_user_ids": "u1,u2,u3,u4", "amplitude_concurrency": 1}
    with Loopback(vendor) as server:
        with pytest.raises(VendorUnavailable, match="user search"):
            ingest(server.url, tmp_path, **given)
        vendor.refuses = {}
        before = len(server.received)
        ingest(server.url, tmp_path, **given)
        asked = [dict(each.params)["user"] for each in server.received[before:]]
    assert asked == ["u4"]
    assert [row[4] for row in rows(tmp_path)] == ["ok", "not_found", "ambiguous", "not_found"]
    assert rows(tmp_path, "FROM store.raw.amplitude_lookups") == []


def test_an_answer_is_stored_before_its_pass_ends(tmp_path: Path) -> None:
    database = Database(tmp_path / "test.duckdb")
    with database.session() as session:
        answers = Answers(session, DAY, every_seconds=0)
        answers.add([("u1", 1, "u1", "user_id")])
        answers.add([("u2", None, None, None)])
        query = "SELECT requested_id, amplitude_id FROM store.raw.amplitude_lookups ORDER BY ALL"
        assert stored(database, query) == [("u1", 1), ("u2", None)]


def test_when_a_whole_list_was_found_by_nobody_it_is_looked_up_again(tmp_path: Path) -> None:
    vendor = Vendor(users={})
    with Loopback(vendor) as server:
        with pytest.raises(SettingsError, match="none of its 1 ids"):
            ingest(server.url, tmp_path, converter_user_ids="u1")
        vendor.users = USERS
        ingest(server.url, tmp_path, converter_user_ids="u1")
    assert [row[4] for row in rows(tmp_path)] == ["ok"]


def test_labels_of_a_file_are_the_cohorts(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("id,label\nu1, trial \nu2,customer\n\nu3,non_converter\n")
    with Loopback(Vendor(users=USERS)) as server:
        ingest(server.url, tmp_path, cohorts=f"@{file}")
    assert [(row[0], row[3]) for row in rows(tmp_path)] == [
        ("u1", "trial"),
        ("u2", "customer"),
        ("u3", "non_converter"),
    ]


def test_an_id_with_several_labels_is_a_converter_or_has_the_first_by_name(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("u1,b\nu1,a\nu2,a\nu2,converter\nu2,b\n")
    assert read_labels(f"@{file}") == {"u1": "a", "u2": "converter"}


def test_ids_of_one_user_keep_their_own_labels(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("u1,a\n1,b\n")
    with Loopback(Vendor(users=USERS)) as server:
        ingest(server.url, tmp_path, cohorts=f"@{file}")
    assert [(row[0], row[1], row[3]) for row in rows(tmp_path)] == [("1", 1, "b"), ("u1", 1, "a")]


@pytest.mark.parametrize("line", ["u2", "u2,", ",a", "u2,a,b", "u2,a\tb", f"u2,{'a' * 101}"])
def test_a_malformed_label_is_an_error_that_names_file_and_line_and_no_id(
    tmp_path: Path, line: str
) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(f"u1,a\n{line}\n")
    with pytest.raises(SettingsError, match=r"JOURNEY_COHORTS: line 2 of .*labels\.csv") as caught:
        read_labels(f"@{file}")
    assert "u2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("u1,a", "@path"), ("@/nowhere", "cannot be read"), ("@{folder}/empty.csv", "has no ids")],
)
def test_labels_without_a_usable_file_are_an_error_that_names_the_setting(
    tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "empty.csv").write_text("id,label\n")
    with pytest.raises(SettingsError, match=f"JOURNEY_COHORTS.*{problem}"):
        read_labels(text.format(folder=tmp_path))


def test_labels_beside_lists_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="JOURNEY_COHORTS and CONVERTER_USER_IDS"):
        ingest("http://127.0.0.1:9", tmp_path, cohorts="@labels.csv", converter_user_ids="u1")
