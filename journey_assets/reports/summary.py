"""A day in a screenful of text, for terminals.

Belongs here: which figures sum a day up, and how they are written. Every figure is read from the
tables.
"""

from collections.abc import Iterator
from datetime import date

from journey_assets.warehouse.database import Session
from journey_assets.warehouse.sql import sql_of

_HEAD_LINES = 6


def summary(session: Session, as_of: date) -> Iterator[str]:
    """What the tables say for ``as_of``, in a screenful."""
    with session.reading() as con:
        rows = con.execute(sql_of(__package__, "summary"), {"as_of": as_of}).fetchall()
        analyses = con.execute(
            "SELECT kind, status, content, numbers_grounded, numbers_total, credits_used "
            "FROM store.analyses.mave_analyses WHERE as_of = ? ORDER BY kind",
            [as_of],
        ).fetchall()
    for title, text in rows:
        yield f"{title:<22}{text}"
    for kind, status, content, grounded, total, credits_used in analyses:
        yield ""
        yield f"{kind} ({status}, {grounded} of {total} numbers grounded, {credits_used or 0:g} credits)"
        lines = [line for line in (content or "").splitlines() if line.strip()]
        yield from (f"  | {line[:110]}" for line in lines[:_HEAD_LINES])
