"""What changed since the period that the report is compared with."""

from collections.abc import Sequence

from journey_assets.analyses.rendering import Unit
from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.reports import figures
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.sections.common import absent, new_claim, row_anchor
from journey_assets.reports.view import Block, Cell, Heading, Section, Sentence, TableRow, TableView
from journey_assets.settings import Settings

#: Rows of the table; what is beyond them is counted under it.
_SHOWN = 10

#: What a figure is called, before the event that it is of.
_NAMES = {
    "conversion_1d": "newcomers who convert within a day",
    "conversion_7d": "newcomers who convert within 7 days",
    "conversion_rate": "persons who convert",
    "conversion_last_day": "active persons who convert on the last day",
    "events_per_person": "events a person",
    "event_share": "persons with",
    "exit_rate": "visits left for good at",
    "transition": "departures",
}


def changes_section(day: Day, settings: Settings) -> Section:
    """The figures that differ between two periods that share no day."""
    rows = day.rows(CHANGES)
    found = changed(rows)
    blocks: list[Block] = []
    if found:
        blocks.append(_table(found))
    if rows:
        blocks.append(Sentence(_counted(rows), not found))
    empty = "Nobody has a path in this window."
    return Section(
        "changes",
        "What changed",
        "Figures of two periods that share no day and are equally long, with the interval of each "
        "difference (JOURNEY_COMPARE_TO chooses the periods). A figure is listed where its difference "
        "holds among all claims of the report; it is new where no earlier report that shares days "
        "held it.",
        blocks or [absent(day, CHANGES, settings, "amplitude", empty)],
    )


def changed(rows: Sequence[Row]) -> list[Row]:
    """The rows whose difference holds, the surest first."""
    held = [row for row in rows if row["verdict"] in {"higher", "lower"}]
    return sorted(held, key=lambda row: (row["family_q"], row["figure"], named(row)))


def named(row: Row) -> str:
    """What the row's figure is of."""
    of = " → ".join(figures.name(row[each]) for each in ("event_type", "to_event") if row[each])
    return f"{_NAMES.get(row['figure'], figures.word(row['figure']))} {of}".strip()


def unit(row: Row) -> Unit:
    """What the row's figure is measured in."""
    return Unit.COUNT if row["figure"] == "events_per_person" else Unit.SHARE


def points(value: float, of: Unit) -> str:
    """A difference with its sign, of shares in points."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    if of is Unit.SHARE:
        return f"{sign}{figures.decimal(abs(100 * value))} points"
    return f"{sign}{figures.decimal(abs(value), 2)}"


def then(row: Row) -> str:
    """The days that the row compares with."""
    first, last = row["then_first"], row["then_last"]
    return f"{first:%-d %B %Y}" if first == last else f"{first:%-d %B %Y} to {last:%-d %B %Y}"


def _table(found: Sequence[Row]) -> TableView:
    rest = len(found) - _SHOWN
    return TableView(
        "changes-found",
        "Figures that changed",
        (
            Heading("figure"),
            Heading("then", True),
            Heading("now", True),
            Heading("difference", True),
            Heading("q", True),
            Heading("compared with"),
        ),
        [
            TableRow(
                (
                    Cell(named(row), detail=new_claim(row), name=True),
                    Cell(figures.number(row["then_value"], unit(row))),
                    Cell(figures.number(row["now_value"], unit(row))),
                    Cell(
                        points(row["difference"], unit(row)),
                        detail=f"{points(row['low'], unit(row))} to {points(row['high'], unit(row))}",
                    ),
                    Cell(figures.number(row["family_q"], Unit.PROBABILITY)),
                    Cell(then(row)),
                ),
                row_anchor("changes", row),
            )
            for row in found[:_SHOWN]
        ],
        f"{rest} more in {CHANGES.full_name}." if rest > 0 else "",
    )


def _counted(rows: Sequence[Row]) -> str:
    """How many figures were compared, with which days, or why they were not."""
    tested = [row for row in rows if row["p_value"] is not None]
    missing = [row for row in rows if row["verdict"] == "days_missing"]
    unlike = sum(row["verdict"] == "unlike_settings" for row in rows)
    were = "figure was" if len(tested) == 1 else "figures were"
    told = f"{figures.number(len(tested))} {were} compared"
    if tested and not changed(rows):
        told += ", and none of them differs beyond chance"
    if missing:
        row = missing[0]
        days = (row["now_last"] - row["now_first"]).days + 1
        told += (
            f". {figures.number(len(missing))} could not be: of the period to compare with, "
            f"{then(row)}, {row['then_days']} of {days} days are stored, of the report's own "
            f"{row['now_days']}"
        )
    if unlike:
        told += (
            f". {figures.number(unlike)} could not be: the rows of the two periods were made with "
            "different settings"
        )
    return f"{told}."
