"""The keyed hash and its key."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.settings import Settings, SettingsError
from journey_assets.warehouse.pseudonyms import hash_key, pseudonym, register_pseudonym

_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


def _settings(folder: Path, key: str = "") -> Settings:
    return Settings.checked({"database": str(folder / "db.duckdb"), "hash_key": key})


def test_the_setting_is_the_key_and_no_file_is_made(tmp_path: Path) -> None:
    assert hash_key(_settings(tmp_path, "given")) == "given"
    assert list(tmp_path.iterdir()) == []


def test_a_random_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    key = hash_key(_settings(tmp_path))
    assert len(key) == 64
    assert hash_key(_settings(tmp_path)) == key
    assert [path.name for path in tmp_path.iterdir()] == ["hash_key"]
    assert stat.S_IMODE((tmp_path / "hash_key").stat().st_mode) == 0o600


def test_many_who_ask_first_at_once_get_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(hash_key, [_settings(tmp_path / "new")] * 64))
    assert len(keys) == 1


def test_an_empty_key_file_is_refused_and_the_setting_to_use_is_named(tmp_path: Path) -> None:
    (tmp_path / "hash_key").write_text("\n")
    with pytest.raises(SettingsError, match="JOURNEY_HASH_KEY"):
        hash_key(_settings(tmp_path))


@settings(deadline=None)
@given(key=_TEXT.filter(bool), value=_TEXT)
def test_sql_and_python_give_the_same_pseudonym(key: str, value: str) -> None:
    register_pseudonym(duckdb.default_connection(), key)
    rows = duckdb.execute("SELECT pseudonym('email', ?)", [value]).fetchall()
    assert rows == [(pseudonym(key, "email", value),)]


def test_a_key_longer_than_a_hash_block_gives_the_same_in_sql_and_python() -> None:
    with duckdb.connect() as con:
        register_pseudonym(con, "k" * 200)
        rows = con.execute("SELECT pseudonym('agent', 'a'), pseudonym('agent', NULL)").fetchall()
    assert rows == [(pseudonym("k" * 200, "agent", "a"), None)]


def test_key_and_kind_change_the_pseudonym() -> None:
    names = {pseudonym(key, kind, "a@b.se")[-16:] for key in "ab" for kind in ("email", "agent")}
    assert len(names) == 4
