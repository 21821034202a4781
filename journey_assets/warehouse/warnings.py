"""What a computation has to say to people beside its rows, kept with its session.

Belongs here: collecting sentences while a run computes, so that its log and metadata can tell them.
Does not belong here: how they are told (``shell``). A sentence holds figures and names of ours,
never a value from outside.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TABLE = "run_warnings"


def warn(con: "DuckDBPyConnection", sentence: str) -> None:
    """Keep a sentence for the end of the run; one that is kept already is not repeated."""
    con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {_TABLE} (sentence VARCHAR)")
    con.execute(
        f"INSERT INTO {_TABLE} SELECT $sentence WHERE $sentence NOT IN (FROM {_TABLE})",
        {"sentence": sentence},
    )


def warn_masked(con: "DuckDBPyConnection", what: str, names: int) -> None:
    """Warn that of ``what`` (a stored column) so many names held an e-mail address."""
    if names:
        warn(
            con,
            f"{names} {'name' if names == 1 else 'names'} in {what} held an e-mail address, which "
            "is masked: whoever sends it should leave it out.",
        )


def warnings(con: "DuckDBPyConnection") -> list[str]:
    """The sentences kept so far, in order."""
    con.execute(f"CREATE TEMP TABLE IF NOT EXISTS {_TABLE} (sentence VARCHAR)")
    return [str(row[0]) for row in con.execute(f"FROM {_TABLE} ORDER BY rowid").fetchall()]
