"""Rows a day: the picture of a table that is no statistic to be drawn."""

from datetime import date, timedelta

from journey_assets.pictures import figures
from journey_assets.pictures.card import LINE, MARGIN, PLAIN, QUIET, SOFT, WIDTH, Card
from journey_assets.pictures.day import Day
from journey_assets.pictures.scales import from_zero
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.ledger import LEDGER

_DAYS = 30
_TOP, _BARS = 62.0, 90.0


def rows_by_day(day: Day, table: Table) -> bytes | None:
    """Rows stored for each of the trailing days; a day that was never materialized stays empty."""
    first = day.as_of - timedelta(days=_DAYS - 1)
    stored: dict[date, int] = dict(
        day.con.execute(
            f"SELECT partition, rows FROM {CATALOG}.{LEDGER.full_name} "
            "WHERE table_name = ? AND partition BETWEEN ? AND ?",
            [table.full_name, first, day.as_of],
        ).fetchall()
    )
    if not any(stored.values()):
        return None
    card = Card(f"Rows of {table.full_name} a day", _TOP + _BARS + 34)
    card.words(MARGIN, 19, card.title, size=12, bold=True)
    card.words(
        MARGIN,
        37,
        f"One row per {table.grain}: {figures.count(stored.get(day.as_of))} on {day.as_of}. The "
        f"{_DAYS} days to it, {len(stored)} of them materialized (–: not).",
        color=SOFT,
    )
    scale = from_zero([float(rows) for rows in stored.values()], figures.count)
    left, floor = MARGIN + 42, _TOP + _BARS
    width = (WIDTH - left - MARGIN) / _DAYS
    for share, label in scale.ticks:
        y = floor - share * _BARS
        card.line(left, y, WIDTH - MARGIN, y, LINE)
        card.words(left - 5, y, label, size=7, color=SOFT, align="right")
    for number in range(_DAYS):
        at, x = first + timedelta(days=number), left + width * number
        if (rows := stored.get(at)) is None:
            card.words(x + width / 2, floor - 5, "–", size=7, color=QUIET, align="center")
            continue
        height = _BARS * scale.place(rows)
        card.rectangle(x + 1, floor - height, width - 2, height, PLAIN)
    for number in range(_DAYS - 1, -1, -7):
        at, x = first + timedelta(days=number), left + width * (number + 0.5)
        card.words(x, floor + 9, f"{at:%-d %b}", size=7, color=SOFT, align="center")
    return card.svg()
