"""The Amplitude export against a loopback server: ranges, halving, archives."""

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from journey_assets.vendors.errors import (
    CredentialsRefused,
    RequestRefused,
    UnexpectedAnswer,
    VendorUnavailable,
)
from journey_assets_tests.amplitude_vendor import Vendor, client_of, event, failure, zipped
from journey_assets_tests.loopback import Answer, Loopback

FIRST = datetime(2026, 3, 10, 0, tzinfo=UTC)


def uploads(*hours: int) -> dict[str, list[object]]:
    return {f"20260310T{h:02d}": [event(h, f"2026-03-10 {h:02d}:00:00.000000")] for h in hours}


def exported(url: str, folder: Path, hours: int = 24) -> list[int]:
    """Event ids of the files that an export of so many hours gives, in their order."""
    last = FIRST + timedelta(hours=hours - 1)
    ids = []
    for path in client_of(url, folder).export(FIRST, last, folder):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        ids += [json.loads(line)["event_id"] for line in text.splitlines()]
    return ids


def spans(server: Loopback) -> list[tuple[str, str]]:
    return [(p["start"][-2:], p["end"][-2:]) for p in (dict(r.params) for r in server.received)]


def test_an_export_gives_the_files_in_upload_order(tmp_path: Path) -> None:
    with Loopback(Vendor(uploads=uploads(5, 2, 17))) as server:
        assert exported(server.url, tmp_path) == [2, 5, 17]
    assert dict(server.received[0].params) == {"start": "20260310T00", "end": "20260310T23"}


def test_no_data_in_the_range_gives_no_files(tmp_path: Path) -> None:
    with Loopback(Vendor()) as server:
        assert exported(server.url, tmp_path) == []
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [400, 504])
def test_a_range_that_is_too_much_is_halved_at_once_and_in_order(
    tmp_path: Path, status: int
) -> None:
    vendor = Vendor(uploads=uploads(0, 1, 2, 3), largest=2, too_much=status)
    with Loopback(vendor) as server:
        assert exported(server.url, tmp_path, hours=4) == [0, 1, 2, 3]
    assert spans(server) == [("00", "03"), ("00", "01"), ("02", "03")]


def test_halving_covers_every_hour_of_an_odd_range_once(tmp_path: Path) -> None:
    with Loopback(Vendor(uploads=uploads(*range(7)), largest=1)) as server:
        assert exported(server.url, tmp_path, hours=7) == list(range(7))


def test_one_hour_that_is_refused_is_an_error(tmp_path: Path) -> None:
    vendor = Vendor(uploads=uploads(0), largest=0)
    with Loopback(vendor) as server, pytest.raises(RequestRefused, match="4GB"):
        exported(server.url, tmp_path, hours=2)


def test_one_hour_that_keeps_timing_out_is_an_error_after_retries(tmp_path: Path) -> None:
    vendor = Vendor(uploads=uploads(0), largest=0, too_much=504)
    with Loopback(vendor) as server, pytest.raises(VendorUnavailable, match="504"):
        exported(server.url, tmp_path, hours=1)
    assert len(server.received) > 1


def test_a_range_over_365_days_is_asked_for_in_parts(tmp_path: Path) -> None:
    with Loopback(Vendor()) as server:
        list(client_of(server.url, tmp_path).export(FIRST, FIRST + timedelta(days=400), tmp_path))
    asked = [tuple(dict(request.params).values()) for request in server.received]
    assert asked == [("20260310T00", "20270309T23"), ("20270310T00", "20270414T00")]


def test_a_broken_archive_is_downloaded_again(tmp_path: Path) -> None:
    whole = zipped({"p/a.json.gz": [event(1, "2026-03-10 01:00:00")]})
    flipped = bytearray(whole)
    flipped[60] ^= 0xFF
    answers = [
        Answer(200, whole[: len(whole) // 2]),
        Answer(200, bytes(flipped)),
        Answer(200, whole),
    ]
    with Loopback(answers) as server:
        assert exported(server.url, tmp_path) == [1]
    assert len(server.received) == 3


def test_an_archive_that_stays_broken_is_an_error_and_not_empty(tmp_path: Path) -> None:
    broken = Answer(200, b"PK\x03\x04 and nothing more")
    with Loopback(lambda _: broken) as server, pytest.raises(UnexpectedAnswer, match="unreadable"):
        exported(server.url, tmp_path)


def test_a_download_that_breaks_off_is_fetched_again(tmp_path: Path) -> None:
    whole = zipped({"a.json.gz": [event(1, "2026-03-10 01:00:00")]})
    with Loopback([Answer(200, whole, fault="truncated"), Answer(200, whole)]) as server:
        assert exported(server.url, tmp_path) == [1]


def test_names_in_the_archive_never_become_paths(tmp_path: Path) -> None:
    records = [event(1, "2026-03-10 01:00:00")]
    hostile = zipped({"../../escape.json.gz": records, "/tmp/escape.json.gz": records})
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    with Loopback([Answer(200, hostile)]) as server:
        files = list(client_of(server.url, tmp_path).export(FIRST, FIRST, folder))
    assert len(files) == 2
    assert all(file.resolve().is_relative_to(folder) for file in files)
    assert not list(tmp_path.rglob("escape*"))


def test_members_that_are_not_compressed_again_are_read_too(tmp_path: Path) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project/", b"")
        archive.writestr("project/a.json", json.dumps(event(1, "2026-03-10 01:00:00")))
    with Loopback([Answer(200, body.getvalue())]) as server:
        assert exported(server.url, tmp_path) == [1]


def test_nothing_but_the_files_is_left_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "staging"
    folder.mkdir()
    with Loopback(Vendor(uploads=uploads(1))) as server:
        files = list(
            client_of(server.url, tmp_path).export(FIRST, FIRST + timedelta(hours=5), folder)
        )
    assert [path for path in folder.rglob("*") if path.is_file()] == files


def test_a_refusal_of_the_export_is_not_halved(tmp_path: Path) -> None:
    with Loopback([failure(403, "no export")]) as server, pytest.raises(CredentialsRefused):
        exported(server.url, tmp_path)
    assert len(server.received) == 1
