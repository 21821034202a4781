"""Whatever days are stored and coded in whatever order, the codes say what the events say."""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from operator import itemgetter
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from journey_assets.raw.coded_events import code_days
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS

DAYS = tuple(date(2026, 3, day) for day in range(1, 4))

#: An event: Amplitude's id, user id, event type, minute of the day, the vendor's order; the first and the
#: last two are its key.
seen = st.tuples(
    st.integers(1, 3),
    st.sampled_from(["ann", "ben", None]),
    st.sampled_from(["open", "pay", "zoom"]),
    st.integers(0, 2),
    st.integers(0, 1),
)
#: What is done to a day: it is stored anew, with these events, or its codes are made.
deeds = st.tuples(
    st.sampled_from(DAYS),
    st.one_of(st.none(), st.lists(seen, min_size=1, max_size=8, unique_by=itemgetter(0, 3, 4))),
)

Seen = tuple[int, str | None, str, int, int]

_COLUMNS = "event_date, amplitude_id, user_id, event_type, event_time, source_order"


@given(st.lists(deeds, min_size=1, max_size=12))
@settings(max_examples=6, deadline=None, phases=[Phase.generate])
def test_codes_say_what_events_say_in_any_order_of_days(
    done: list[tuple[date, list[Seen] | None]],
) -> None:
    with (
        tempfile.TemporaryDirectory() as directory,
        Database(Path(directory) / "store.duckdb", may_shrink=True).session() as session,
    ):
        _store(session, DAYS[0], [(1, None, "open", 0, 0)])
        for day, events in done:
            if events is None:
                code_days(session, day, day)
            else:
                _store(session, day, events)
        code_days(session, DAYS[0], DAYS[-1])
        assert _coded(session) == _events(session)


def _store(session: Session, day: date, events: Sequence[Seen]) -> None:
    midnight = datetime.combine(day, datetime.min.time())
    rows = ", ".join(
        f"(DATE '{day}', {id_}, {_text(user)}, '{name}', "
        f"TIMESTAMP '{midnight + timedelta(minutes=minute)}', {order})"
        for id_, user, name, minute, order in events
    )
    replace_partitions(
        session,
        day,
        day,
        Replacement(AMPLITUDE_EVENTS, f"FROM (VALUES {rows}) AS rows({_COLUMNS})"),
    )


def _text(value: str | None) -> str:
    return "NULL::VARCHAR" if value is None else f"'{value}'"


def _events(session: Session) -> list[tuple[object, ...]]:
    with session.reading() as con:
        return con.execute(
            f"SELECT {_COLUMNS} FROM {CATALOG}.raw.amplitude_events ORDER BY ALL"
        ).fetchall()


def _coded(session: Session) -> list[tuple[object, ...]]:
    with session.reading() as con:
        return con.execute(
            f"SELECT {_COLUMNS} FROM {CATALOG}.raw.coded_events "
            f"JOIN {CATALOG}.raw.event_names USING (event) "
            f"JOIN {CATALOG}.raw.event_owners USING (owner) ORDER BY ALL"
        ).fetchall()
