"""What may stand nowhere but in ``raw``: the addresses, comments and queries of a world, and the search for
them in whatever a run printed or stored.

``PrivateWords.stored(database)`` takes them from what is stored; ``found_in`` looks through files of any
kind: the instance's SQLite databases by their values, DuckDB files by every table outside ``raw``,
everything else by its bytes.
"""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, quote_plus

import duckdb

#: Shorter texts without an address are words of anybody.
_SHORTEST = 12


class PrivateWords:
    """Texts that belong to persons, and where they are found."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)

    @classmethod
    def stored(cls, database: Path) -> Self:
        """The addresses and sentences in the text columns of ``raw``."""
        with closing(duckdb.connect(str(database), read_only=True)) as con:
            columns = con.execute(
                "SELECT table_name, column_name FROM duckdb_columns() "
                "WHERE schema_name = 'raw' AND data_type IN ('VARCHAR', 'VARCHAR[]', 'JSON')"
            ).fetchall()
            return cls(
                word
                for table, column in columns
                for (value,) in con.execute(
                    f'SELECT DISTINCT "{column}" FROM raw."{table}"'
                ).fetchall()
                for word in _leaves(value)
                if _is_private(column, word)
            )

    def in_text(self, text: str) -> set[str]:
        """Those that stand in ``text``: as they are, as JSON escapes them, or percent-encoded."""
        lower = text.lower()
        return {word for word in self.words if any(form.lower() in lower for form in _forms(word))}

    def found_in(self, *places: Path) -> dict[Path, set[str]]:
        """By file, those that stand in it; places: files, or folders with all that is below them."""
        files = [file for place in places for file in _files(place)]
        found = {file: self.in_text("\n".join(_texts(file))) for file in files}
        return {file: words for file, words in found.items() if words}


def _files(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from (file for file in sorted(place.rglob("*")) if file.is_file())
    else:
        yield place


def _texts(file: Path) -> Iterator[str]:
    head = file.read_bytes()[:16]
    if head.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as con:
            tables = con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                for row in con.execute(f'SELECT * FROM "{table}"'):
                    yield from map(_as_text, row)
    elif head[8:12] == b"DUCK":
        yield from _outside_raw(file)
    else:
        yield _as_text(file.read_bytes())


def _outside_raw(file: Path) -> Iterator[str]:
    with closing(duckdb.connect(str(file), read_only=True)) as con:
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name <> 'raw'"
        ).fetchall()
        for schema, table in tables:
            for row in con.execute(
                f'SELECT COLUMNS(*)::VARCHAR FROM "{schema}"."{table}"'
            ).fetchall():
                yield from map(_as_text, row)


def _as_text(value: object) -> str:
    """The instance packs what is large."""
    if not isinstance(value, bytes):
        return str(value)
    with suppress(zlib.error):
        value = zlib.decompress(value)
    return value.decode("utf-8", "replace")


def _leaves(value: Any) -> Iterator[str]:
    """The texts in a value: of JSON, those within it."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)


def _is_private(column: str, word: str) -> bool:
    said = column in {"latest_search_query", "feedback_comments", "form_data", "debrief_summary"}
    return "@" in word or (said and len(word) >= _SHORTEST and " " in word)


def _forms(word: str) -> set[str]:
    return {word, json.dumps(word)[1:-1], quote(word, safe=""), quote_plus(word)}
