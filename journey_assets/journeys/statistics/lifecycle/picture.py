"""The picture: who is there on each day, and who went dormant."""

from collections.abc import Sequence

from journey_assets.journeys.statistics.lifecycle.table import LIFECYCLE
from journey_assets.pictures import figures
from journey_assets.pictures.card import (
    CONVERTERS,
    LINE,
    MARGIN,
    OTHERS,
    PLAIN,
    QUIET,
    SOFT,
    WIDTH,
    Card,
)
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.scales import Scale, from_zero

_TOP, _BARS = 74.0, 110.0
_LEFT = MARGIN + 42
_ACTIVE = {"new": CONVERTERS, "retained": PLAIN, "resurrected": "#9db8c4"}
_SAYS = (
    "Active persons of each day: new, there the day before too (retained), or back after a pause "
    "(resurrected);",
    "below the line those of the day before who did not come (dormant). –: not known. UTC.",
)


def picture(day: Day) -> bytes | None:
    """Bars of the active persons of each day by kind, and below the line those who went dormant."""
    rows = day.rows(LIFECYCLE, rest="ORDER BY day")
    if not any(row["active"] for row in rows):
        return None
    gone = max(float(row["dormant"] or 0) for row in rows)
    scale = from_zero([*(float(row["active"] or 0) for row in rows), gone], figures.count)
    floor = _TOP + _BARS + _BARS * scale.place(gone)
    card = Card("Who is there, day by day", floor + 26)
    card.words(MARGIN, 19, card.title, size=12, bold=True)
    for number, words in enumerate(_SAYS):
        card.words(MARGIN, 37 + 12 * number, words, color=SOFT)
    for number, (name, color) in enumerate({**_ACTIVE, "dormant": OTHERS}.items()):
        card.rectangle(MARGIN + 70 * number, 57, 8, 8, color)
        card.words(MARGIN + 70 * number + 12, 61, name, size=7.5, color=SOFT)
    for share, label in scale.ticks:
        y = _TOP + _BARS * (1 - share)
        card.line(_LEFT, y, WIDTH - MARGIN, y, LINE)
        card.words(_LEFT - 5, y, label, size=7, color=SOFT, align="right")
    _bars(card, rows, scale, floor)
    return card.svg()


def _bars(card: Card, rows: Sequence[Row], scale: Scale, floor: float) -> None:
    zero, width = _TOP + _BARS, (WIDTH - _LEFT - MARGIN) / len(rows)
    for number, row in enumerate(rows):
        at, top = _LEFT + width * number, zero
        if row["active"] is None:
            card.words(at + width / 2, zero - 5, "–", size=7, color=QUIET, align="center")
        elif row["retained"] is None:
            # Whoever is not new was there before, on which day is not known.
            height = _BARS * scale.place(row["active"])
            card.rectangle(at + 1, zero - height, width - 2, height, LINE)
        for name, color in _ACTIVE.items():
            height = _BARS * scale.place(row[name] or 0)
            top -= height
            card.rectangle(at + 1, top, width - 2, height, color)
        card.rectangle(at + 1, zero, width - 2, _BARS * scale.place(row["dormant"] or 0), OTHERS)
        if (len(rows) - 1 - number) % 7 == 0:
            label = f"{row['day']:%-d %b}"
            card.words(at + width / 2, floor + 9, label, size=7, color=SOFT, align="center")
