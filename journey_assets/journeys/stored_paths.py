"""Counting over the stored paths of days, for the packages that stand above journeys.

Belongs here: reading ``journeys.paths`` back into the arrays that counts read. Does not belong here:
what is counted over them (the packages' entries).

They are read rather than laid out again from events, so that whatever is counted is of the very paths
that journeys' own figures of the day are of, made with the settings of that run. It is faster, too: of
a million events 0.09 s of CPU, where knowing who is who and laying out anew takes 0.18 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.constants import set_constants
from journey_assets.journeys.counting import Count, Pass, Task
from journey_assets.journeys.paths import ENDINGS, Paths, Persons, Rules, Window
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.settings import Settings
from journey_assets.warehouse.columns import stored_columns
from journey_assets.warehouse.database import Session
from journey_assets.warehouse.windows import stored_or_empty

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

#: Events of paths that are read at once: about 300 MB.
PART_EVENTS = 5_000_000

_COLUMNS = (
    "as_of",
    "person_id",
    "session",
    "cohort",
    "events",
    "times",
    "converted_at",
    "ending",
    "compared",
    "heavy",
)

#: Who and what the paths of the run hold: the names of persons, steps and cohorts, with codes as counts
#: over events have them.
_DICTIONARIES = f"""
CREATE OR REPLACE TEMP TABLE journey_names AS
SELECT (row_number() OVER ())::UINTEGER AS person, person_id
FROM (SELECT DISTINCT person_id FROM stored_paths);

CREATE OR REPLACE TYPE stored_event AS ENUM (
    SELECT DISTINCT unnest(events) AS event_type FROM stored_paths ORDER BY event_type
);

CREATE OR REPLACE TEMP TABLE journey_event_types AS
SELECT generate_subscripts(names, 1)::UINTEGER AS event, unnest(names)::VARCHAR AS event_type
FROM (SELECT enum_range(NULL::stored_event) AS names);

CREATE OR REPLACE TYPE journey_cohort AS ENUM (
    SELECT cohort
    FROM (SELECT cohort FROM stored_paths UNION VALUES ('converter'), ('non_converter'))
    WHERE cohort IS NOT NULL
    ORDER BY cohort <> 'converter', cohort
);

CREATE TYPE IF NOT EXISTS journey_ending AS ENUM {ENDINGS};
"""

#: A person's paths are of one part, and stand together in the order of their sessions.
_PATHS = """
SELECT
    person::BIGINT AS person,
    session,
    enum_code(cohort::journey_cohort)::BIGINT AS cohort,
    -- What has no known ending is not seen to end.
    coalesce(1 + enum_code(ending::journey_ending)::BIGINT, 4) AS ending,
    len(events) AS n_events,
    events::stored_event[] AS events,
    times,
    coalesce(epoch_us(converted_at), $never) AS converted,
    -- Paths of an earlier version do not say.
    coalesce(compared, true)::BIGINT AS compared,
    coalesce(heavy, false)::BIGINT AS heavy
{read}
WHERE person % $parts = $part
ORDER BY person, session
"""


def count_stored(
    session: Session, days: Sequence[date], settings: Settings, counts: Sequence[Count]
) -> Rules:
    """Leave the relations of ``counts`` over the stored paths of ``days``, and what SQL reads of them.

    Leaves ``journey_names`` (person, person_id) and ``journey_event_types`` (event, event_type), of
    which a count may ask. Returns the rules as far as stored paths know them: which steps and cohorts
    there are. A day without stored paths has none; its relations are empty.
    """
    con = session.con
    with session.reading():
        con.execute(f"CREATE OR REPLACE TEMP VIEW stored_paths AS {_stored(con, days)}")
        con.execute(_DICTIONARIES)
        sizes = dict(
            con.execute("SELECT as_of, sum(len(events)) FROM stored_paths GROUP BY ALL").fetchall()
        )
        con.execute("DROP VIEW stored_paths")
    rules = _rules(con, settings)
    set_constants(con, rules)
    counting = Pass(con, {count: count.ask(con, rules) if count.ask else {} for count in counts})
    for day in days:
        parts = int(sizes.get(day) or 0) // PART_EVENTS + 1
        for part in range(parts):
            counting.count([_read(session, rules, day, part, parts)])
    counting.finish()
    return rules


def by_day(con: "DuckDBPyConnection", select: str) -> "dict[date, dict[str, NDArray[Any]]]":
    """The rows of a SELECT, in their order, by its ``as_of``: the other columns as arrays.

    For what a count asks; columns without empty values.
    """
    import numpy as np

    rows = con.execute(select).fetchnumpy()
    days = rows.pop("as_of").astype("datetime64[D]")
    return {
        day.item(): {name: np.asarray(values)[days == day] for name, values in rows.items()}
        for day in np.unique(days)
    }


def _stored(con: "DuckDBPyConnection", days: Sequence[date]) -> str:
    stored = stored_columns(con, PATHS)
    # A file that an earlier version made lacks a column until something is stored in it.
    columns = [
        name if name in stored or not stored else f"NULL::BOOLEAN AS {name}" for name in _COLUMNS
    ]
    return (
        f"SELECT {', '.join(columns)} FROM ({stored_or_empty(con, PATHS)}) "
        f"WHERE as_of BETWEEN DATE '{days[0]}' AND DATE '{days[-1]}'"
    )


def _rules(con: "DuckDBPyConnection", settings: Settings) -> Rules:
    ((steps, cohorts),) = con.execute(
        "SELECT (SELECT count(*) FROM journey_event_types), enum_range(NULL::journey_cohort)"
    ).fetchall()
    return Rules(settings, steps, conversion=-1, start=-1, end=-1, cohorts=tuple(cohorts))


def _read(session: Session, rules: Rules, day: date, part: int, parts: int) -> "_Piece":
    import numpy as np

    from journey_assets.journeys.kernels import NEVER

    with session.reading() as con:
        read = f"FROM ({_stored(con, [day, day])}) AS stored_paths JOIN journey_names USING (person_id)"
        given = {"never": int(NEVER), "parts": parts, "part": part}
        rows = con.sql(_PATHS.format(read=read), params=given).to_arrow_table()
    column = {name: _values(rows.column(name)) for name in rows.column_names}
    persons = np.flatnonzero(np.diff(column["person"], prepend=-1))
    length = column["n_events"]
    paths = Paths(
        event=column["events"].astype(np.uint32) + 1,
        at=column["times"],
        first=np.cumsum(length) - length,
        length=length,
        full=length,
        cohort=column["cohort"],
        ending=column["ending"],
        converted=column["converted"],
        person=np.repeat(np.arange(len(persons)), np.diff(persons, append=len(length))),
        session=column["session"],
        compared=column["compared"] > 0,
        heavy=column["heavy"] > 0,
        platform=np.zeros_like(length),
        country=np.zeros_like(length),
    )
    return _Piece(rules, day, column["person"][persons], paths)


@dataclass(frozen=True)
class _Piece:
    """Some persons with stored paths. person: their codes."""

    rules: Rules
    day: date
    person: "NDArray[np.int64]"
    stored: Paths

    @property
    def window(self) -> Window:
        """The as_of; of the window nothing is known that its paths do not say."""
        import numpy as np

        return Window(
            self.day, 0, 0, 0, by_lists=False, by_labels=False, fold=np.empty(0, np.uint32)
        )

    def paths(self) -> Paths:
        """The paths of the persons."""
        return self.stored

    def task(self, asked: Any) -> Task:
        """What a count is told of them: who they are, but not their ids."""
        import numpy as np

        n = len(self.person)
        nothing = np.zeros(n + 1, dtype=np.int64)
        nobody = np.zeros(n, dtype=bool)
        persons = Persons(
            nothing, nothing[:0], self.person, nothing[:n] - 1,
            unidentified=nobody, newcomer=~nobody, earlier=nobody, compared=~nobody, heavy=nobody,
            platform=nothing[:n], country=nothing[:n],
        )  # fmt: skip
        return Task(self.rules, self.window, persons, asked)


def _values(column: "pa.ChunkedArray") -> "NDArray[Any]":
    """The numbers of a column without empty values, of lists those of their elements."""
    import numpy as np
    import pyarrow as pa

    found = []
    for chunk in column.chunks:
        values = chunk.flatten() if pa.types.is_list(chunk.type) else chunk
        codes = values.indices if pa.types.is_dictionary(values.type) else values
        type_ = np.dtype(
            f"{'u' if pa.types.is_dictionary(values.type) else 'i'}{codes.type.bit_width // 8}"
        )
        read = np.frombuffer(codes.buffers()[1], dtype=type_)
        found.append(read[codes.offset : codes.offset + len(codes)])
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)
