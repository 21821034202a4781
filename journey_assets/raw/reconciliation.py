"""Holding the rows we read against the vendor's own summary of them.

Belongs here: our counts and sums by the summary's groups, reading the summary's records, and the
verdict. Rows that may have changed between the reading of rows and of summary are *unsettled*: they
widen what a group's count may be, and leave only a lower bound to its sums. Does not belong here:
asking the vendor (``raw/mavenoid.py``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.raw.ingested import Reconciliation
from journey_assets.vendors.errors import plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A group: a UTC day, and the value of the summary's other field (empty text for none).
Key = tuple[date, str]

#: Lines of differences that a result carries; the rest is counted.
MOST_LINES = 10

#: Means come rounded to a whole millisecond.
_MEAN_TOLERANCE = 1.0
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which summary a table is held against.

    column: the table's column that groups beside the day. names: the vendor's spellings of that
    field, the one to ask with first. counted: the summary has ``count``. sums: columns of which it
    has ``…_sum``. spread: it has ``…_max`` and ``…_mean`` of them too. personal: the group's name
    must not be shown.
    """

    column: str
    names: tuple[str, ...]
    counted: bool = True
    sums: tuple[str, ...] = ()
    spread: bool = False
    personal: bool = False

    @property
    def group_by(self) -> tuple[str, str]:
        """What to ask the vendor for."""
        return ("date", self.names[0])

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the summary's figures."""
        suffixes = ("sum", "max", "mean") if self.spread else ("sum",)
        count = ("count",) if self.counted else ()
        return count + tuple(f"{column}_{suffix}" for column in self.sums for suffix in suffixes)


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """Our figures of a group's settled rows: for each measure the values that agree with them.

    unsettled: further rows that may or may not count in it.
    """

    values: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    unsettled: int = 0


def own_groups(
    con: "DuckDBPyConnection", grouping: Grouping, day: str, settled: str, unsettled: str
) -> dict[Key, OwnGroup]:
    """Our figures, by group.

    day: the partition column. settled: table of settled rows. unsettled: table with ``day``,
    ``name`` and ``rows``: how many unsettled rows may count in that group.
    """
    figures = "".join(f", sum({c}), max({c}), count({c})" for c in grouping.sums)
    groups = {
        (at, key): OwnGroup(_agreeing(grouping, count, rest))
        for at, key, count, *rest in con.execute(
            f"SELECT {day}, coalesce({grouping.column}, ''), count(*){figures} FROM {settled} "
            "GROUP BY ALL"
        ).fetchall()
    }
    for at, key, rows in con.execute(f"SELECT day, name, rows FROM {unsettled}").fetchall():
        groups[at, key] = OwnGroup(groups.get((at, key), OwnGroup()).values, rows)
    return groups


def reconcile(
    grouping: Grouping,
    own: Mapping[Key, OwnGroup],
    summary: Sequence[Any],
    days: tuple[date, date],
    allowances: Mapping[date, int],
) -> Reconciliation:
    """Compare our groups with the vendor's on the days from ``days[0]`` to ``days[1]``.

    A group that one side lacks counts as zeros there. A record of the summary that cannot be read
    is a difference: nothing can be said of its group. allowances: by day, records that the vendor
    may count in any group and we have not among our rows; they act like unsettled rows.
    """
    vendor: dict[Key, Mapping[str, float]] = {}
    differences: list[str] = []
    for record in summary:
        read = _read(grouping, record)
        if read is None:
            differences.append("a record of the vendor's summary is not as documented")
        else:
            vendor[read[0]] = read[1]
    keys = sorted(key for key in own.keys() | vendor.keys() if days[0] <= key[0] <= days[1])
    for key in keys:
        ours = own.get(key, OwnGroup())
        ours = replace(ours, unsettled=ours.unsettled + allowances.get(key[0], 0))
        differences += _differences(grouping, key, ours, vendor.get(key, {}))
    return Reconciliation(
        compared=len(keys), differences=_bounded(differences), passed=not differences
    )


def _agreeing(
    grouping: Grouping, count: int, figures: Sequence[Any]
) -> dict[str, tuple[float, ...]]:
    """No source says whether a mean counts the rows without a value: both readings agree."""
    values: dict[str, tuple[float, ...]] = {"count": (count,)}
    for number, column in enumerate(grouping.sums):
        total, highest, given = figures[3 * number : 3 * number + 3]
        total = total or 0
        values[f"{column}_sum"] = (total,)
        values[f"{column}_max"] = (highest or 0,)
        values[f"{column}_mean"] = (total / max(given, 1), total / max(count, 1))
    return values


def _read(grouping: Grouping, record: Any) -> tuple[Key, Mapping[str, float]] | None:
    """Group and figures of one record of the summary; None when it is not as documented."""
    if not isinstance(record, dict) or not any(name in record for name in grouping.names):
        return None
    name = next((record[name] for name in grouping.names if record.get(name) is not None), "")
    try:
        day = date.fromisoformat(str(record["date"])[:10])
        figures = {measure: float(record[measure] or 0) for measure in grouping.measures}
    except (KeyError, TypeError, ValueError):
        return None
    return (day, str(name)), figures


def _differences(
    grouping: Grouping, key: Key, own: OwnGroup, vendor: Mapping[str, float]
) -> Iterator[str]:
    for measure in grouping.measures:
        theirs, ours = vendor.get(measure, 0.0), own.values.get(measure, (0.0,))
        if not _agrees(measure, theirs, ours, own.unsettled):
            group = "an agent" if grouping.personal else plain(key[1] or "—", longest=_LONGEST_NAME)
            yield (
                f"{key[0]}, {group}: {measure} is {theirs:.15g} in the vendor's summary, "
                f"{ours[0]:.15g} in its rows"
            )


def _agrees(measure: str, theirs: float, ours: Sequence[float], unsettled: int) -> bool:
    if measure == "count":
        return ours[0] <= theirs <= ours[0] + unsettled
    if unsettled:
        return not measure.endswith("_sum") or theirs >= ours[0]
    tolerance = _MEAN_TOLERANCE if measure.endswith("_mean") else 0.0
    return any(abs(theirs - value) <= tolerance for value in ours)


def _bounded(differences: Sequence[str]) -> tuple[str, ...]:
    if len(differences) <= MOST_LINES:
        return tuple(differences)
    return (*differences[:MOST_LINES], f"and {len(differences) - MOST_LINES} more")
