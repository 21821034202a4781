"""What sections share: honest sentences for what is not there, and rows by cohort."""

from collections.abc import Sequence
from hashlib import blake2s

from journey_assets.reports import figures
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.view import Sentence
from journey_assets.settings import VENDOR_NAMES, Settings, Vendor
from journey_assets.warehouse.schema import Table


def absent(day: Day, table: Table, settings: Settings, vendor: Vendor, empty: str) -> Sentence:
    """Why ``table`` has nothing to show for ``day``; empty: what it means that it has no rows."""
    if vendor not in settings.vendor_list():
        name = VENDOR_NAMES[vendor]
        return Sentence(f"{name} is not in use (JOURNEY_VENDORS), so there is nothing here.", True)
    if not day.has(table):
        return Sentence(
            f"The table {table.full_name} has not been materialized for {day.as_of}: "
            "materialize it and this report again.",
            True,
        )
    return Sentence(empty, True)


def by_focus(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows of each cohort that is compared with all others, ``converter`` alone or labels."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["cohort"], []).append(row)
    return sorted(found.items())


def sides(focus: str) -> tuple[str, str]:
    """What the two sides of a comparison are called."""
    if focus == "converter":
        return "converters", "non-converters"
    return figures.name(focus), "all others"


def heading_of(focus: str, title: str) -> str:
    """A caption that names the cohort where there are more than two."""
    return title if focus == "converter" else f"{title}: {figures.name(focus)} against all others"


def ranked(rows: Sequence[Row]) -> list[Row]:
    """The rows that have a rank, in its order."""
    return sorted((row for row in rows if row["rank"] is not None), key=lambda row: row["rank"])


#: What tells a row with a claim from the others of its table and day.
_KEYS = ("cohort", "figure", "step", "event_type", "from_event", "to_event")


def row_anchor(section: str, row: Row) -> str:
    """The id of the row in the page: of a fixed length, whatever the names in it are."""
    key = [str(row[each]) if row.get(each) is not None else None for each in _KEYS]
    return f"{section}-{blake2s(repr(key).encode(), digest_size=6).hexdigest()}"


def first_claim(rows: Sequence[Row], verdict: str) -> Row | None:
    """The best ranked row that has the verdict."""
    return next((row for row in ranked(rows) if row["verdict"] == verdict), None)


def leading(rows: Sequence[Row], limit: int, verdict: str) -> list[Row]:
    """The ``limit`` best ranked rows, and below them the first with the verdict: findings link to it."""
    found = ranked(rows)
    claim = first_claim(found, verdict)
    return found[:limit] + ([claim] if claim is not None and claim not in found[:limit] else [])


def new_claim(row: Row) -> str:
    """``new`` where no earlier report that shares days with this one held the row's claim."""
    return "new" if row.get("is_new") else ""
