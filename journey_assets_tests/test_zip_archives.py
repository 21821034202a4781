"""Zip archives from outside: what programs leave in them, what cannot be taken and why, bounds."""

import gzip
import io
import stat
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journey_assets.raw.amplitude_archive import ArchiveRefused, days_of
from journey_assets.vendors import bodies
from journey_assets.vendors.archives import ArchiveBroken, ArchiveUnusable, unpack

DATA = gzip.compress(b'{"event_type":"a"}\n', mtime=0)
NAME = "434735/434735_2026-03-10_7#0.json.gz"


def packed(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    path = folder / "export.zip"
    with (
        warnings.catch_warnings(action="ignore"),
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, content in members:
            archive.writestr(name, content)
    return path


def test_what_a_mac_leaves_in_an_archive_is_no_data(tmp_path: Path) -> None:
    path = packed(
        tmp_path,
        (NAME, DATA),
        ("__MACOSX/434735/._434735_2026-03-10_7#0.json.gz", b"\x00\x05\x16\x07"),
        ("434735/.DS_Store", b"\x00\x00\x00\x01Bud1"),
        ("434735/", b""),
    )
    (file,) = unpack(path, tmp_path / "out")
    assert file.read_bytes() == DATA
    assert str(days_of(path)[1]) == "2026-03-10"


def test_files_are_named_after_members_and_lie_in_the_folder(tmp_path: Path) -> None:
    names = ("../../a/../b c\\d.json", "/etc/x.json", "..", "ünï.json", "x" * 300)
    files = unpack(packed(tmp_path, *((name, DATA) for name in names)), tmp_path / "out")
    assert len(files) == 5
    assert all(file.parent == tmp_path / "out" and len(file.name) < 120 for file in files)
    assert files[0].name == "000000-.."
    assert files[1].name == "000001-b_c_d.json"


def test_a_member_that_is_there_twice_is_taken_once_unless_it_differs(tmp_path: Path) -> None:
    path = packed(tmp_path, (NAME, DATA), (NAME, DATA), (NAME, DATA + b"other"))
    assert [file.read_bytes() for file in unpack(path, tmp_path / "out")] == [
        DATA,
        DATA + b"other",
    ]


def encrypted(folder: Path) -> Path:
    path = packed(folder, (NAME, DATA))
    content = bytearray(path.read_bytes())
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + flags] |= 1
    path.write_bytes(content)
    return path


def linked(folder: Path) -> Path:
    link = zipfile.ZipInfo(NAME)
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed(folder, (link, b"/etc/passwd"))


def in_another(folder: Path) -> Path:
    inner = packed(folder, (NAME, DATA)).read_bytes()
    return packed(folder, (NAME, inner))


@pytest.mark.parametrize(
    ("made", "why"),
    [(encrypted, "encrypted"), (linked, "a symbolic link"), (in_another, "another archive")],
)
def test_what_cannot_be_taken_is_refused_with_the_reason(
    tmp_path: Path, made: Callable[[Path], Path], why: str
) -> None:
    with pytest.raises(ArchiveUnusable, match=why):
        unpack(made(tmp_path), tmp_path / "out")


@pytest.mark.parametrize("day", ["2026-13-45", "0001-01-01", "9999-12-31", "2011-12-31"])
def test_a_member_of_a_day_that_cannot_be_is_refused(tmp_path: Path, day: str) -> None:
    path = packed(tmp_path, (NAME, DATA), (f"434735/434735_{day}_7#0.json.gz", DATA))
    with pytest.raises(ArchiveRefused, match="not named as Amplitude's export"):
        days_of(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "RATIO_FREE_BYTES", 1 << 20)
    path = packed(tmp_path, *((f"{n}.json", b" " * (1 << 20)) for n in range(4)))
    with pytest.raises(ArchiveUnusable, match="200 times its size"):
        unpack(path, tmp_path / "out")


def test_an_archive_that_would_fill_the_disk_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "KEPT_FREE", 1 << 60)
    with pytest.raises(ArchiveUnusable, match="Free space on the disk"):
        unpack(packed(tmp_path, (NAME, DATA)), tmp_path / "out")


def test_members_written_as_they_came_are_read_in_the_large_format(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "large.zip", "w") as archive,
        archive.open(NAME, "w", force_zip64=True) as member,
    ):
        member.write(DATA)
    (file,) = unpack(tmp_path / "large.zip", tmp_path / "out")
    assert file.read_bytes() == DATA


def _whole() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME, DATA)
    return content.getvalue()


WHOLE = _whole()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=40)
    | st.integers(0, len(WHOLE)).map(lambda cut: WHOLE[:cut])
    | st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(1, 255)).map(
        lambda flip: bytes(b ^ flip[1] if n == flip[0] else b for n, b in enumerate(WHOLE))
    )
)
def test_a_damaged_archive_is_unpacked_or_refused_in_our_words(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(content)
    try:
        files = unpack(path, tmp_path / "out")
    except ArchiveBroken as error:
        assert str(error)  # noqa: PT017 - either is right
    else:
        assert all(file.read_bytes() for file in files)
