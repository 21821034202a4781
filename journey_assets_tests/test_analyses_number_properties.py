"""The number check on numbers nobody thought of: every rendering of a cell, and what is in no cell."""

import re

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from journey_assets.analyses.evidence import Evidence, EvidenceColumn
from journey_assets.analyses.marks import NumberCheck, marked
from journey_assets.analyses.number_lookup import ENOUGH_DIGITS
from journey_assets.analyses.rendering import TIME_UNITS, Unit, render, shown
from journey_assets_tests.analyses_evidence import EVENT, table

RANGES = {
    Unit.COUNT: st.integers(0, 5_000_000).map(float),
    Unit.SHARE: st.floats(0.0005, 1),
    Unit.RATIO: st.floats(0.05, 60),
    Unit.SECONDS: st.floats(0.002, 40 * 86400),
    Unit.MONEY: st.floats(0.5, 90_000),
    Unit.NUMBER: st.floats(0.01, 5_000),
}
NUMERIC = st.sampled_from(sorted(RANGES))
PLACES = st.integers(0, 3)


def check(answer: str, evidence: Evidence) -> NumberCheck:
    return NumberCheck(marked(answer, evidence))


def evidence(unit: Unit, values: list[float]) -> Evidence:
    """One row per value, named Alpha, Beta, … by letters only."""
    names = [f"Event {chr(ord('A') + place)}" for place in range(len(values))]
    column = EvidenceColumn("persons", unit)
    return Evidence((table("T", [EVENT, column], list(zip(names, values, strict=True))),))


def fixed(value: float, places: int) -> str:
    return f"{value:,.{places}f}"


@st.composite
def writings(draw: st.DrawFn, unit: Unit, value: float) -> str:
    """A usual way to write ``value``, from the cell or from what the prompt shows of it."""
    value = draw(st.sampled_from([value, shown(value, unit)]))
    places = draw(PLACES)
    if unit is Unit.COUNT:
        return draw(st.sampled_from([f"{value:,.0f} persons", f"{value:.0f} users"]))
    if unit is Unit.SHARE:
        percent = fixed(value * 100, places)
        return draw(st.sampled_from([f"{percent}%", f"{percent} percent", f"**{percent}**%"]))
    if unit is Unit.RATIO:
        number = fixed(value, max(places, 1))
        return draw(st.sampled_from([f"{number}x", f"{number} times", f"{number}-fold"]))
    if unit is Unit.MONEY:
        return draw(st.sampled_from([f"${fixed(value, places)}", f"{fixed(value, places)} EUR"]))
    if unit is Unit.SECONDS:
        name, scale = draw(st.sampled_from(sorted(TIME_UNITS.items())))
        return f"{fixed(value / scale, places)} {name}"
    return fixed(value, max(places, 1))


@given(st.data(), NUMERIC)
@settings(max_examples=200, deadline=None)
def test_every_writing_of_a_cited_cell_is_grounded(data: st.DataObject, unit: Unit) -> None:
    values = data.draw(st.lists(RANGES[unit], min_size=1, max_size=5))
    place = data.draw(st.integers(0, len(values) - 1))
    written = data.draw(writings(unit, values[place]))
    done = check(f"It came to {written} there [T{place + 1}].", evidence(unit, values))
    assert done.total == 1
    assert done.ungrounded == ()


@given(st.data(), NUMERIC)
@settings(max_examples=200, deadline=None)
def test_a_cell_as_the_prompt_shows_it_is_grounded_without_a_citation(
    data: st.DataObject, unit: Unit
) -> None:
    values = data.draw(st.lists(RANGES[unit], min_size=1, max_size=20))
    written = render(data.draw(st.sampled_from(values)), unit)
    digits = len(re.sub(r"[^0-9]", "", written).lstrip("0"))
    assume(digits >= ENOUGH_DIGITS)
    noun = " persons" if unit is Unit.COUNT else ""
    done = check(f"It came to {written}{noun}.", evidence(unit, values))
    assert (done.total, done.ungrounded) == (1, ())


def exact_writing(unit: Unit, value: float) -> tuple[str, float]:
    """``value`` written with three digits behind the point, and what that says."""
    stated = round(value, 3)
    number = fixed(stated, 3)
    if unit is Unit.COUNT:
        return f"{value:,.0f} persons", value
    if unit is Unit.SHARE:
        return f"{fixed(value * 100, 3)}%", round(value, 5)
    if unit is Unit.SECONDS:
        return f"{number} s", stated
    return {Unit.RATIO: f"{number}x", Unit.MONEY: f"${number}"}.get(unit, number), stated


@given(st.data(), NUMERIC, st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_number_away_from_all_cells_is_not_found_cited_or_not(
    data: st.DataObject, unit: Unit, cited: bool
) -> None:
    values = data.draw(st.lists(RANGES[unit], min_size=1, max_size=20))
    written, stated = exact_writing(unit, data.draw(RANGES[unit]))
    # What follows from the one cited cell is no invention: its complement and "… % more".
    single = values[0]
    known = [*values, *(shown(value, unit) for value in values), 1 - single, abs(single - 1)]
    assume(all(abs(stated - each) > 0.01 * max(abs(each), stated, 0.5) for each in known))
    citation = " [T1]" if cited else ""
    done = check(f"It came to {written}{citation}.", evidence(unit, values))
    assert len(done.ungrounded) == 1


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_is_checked_and_its_marks_lie_in_it(text: str) -> None:
    done = check(text, evidence(Unit.SHARE, [0.25, 0.5]))
    assert all(text[mark.start : mark.end] == mark.text for mark in done.marks)
    assert done.total == done.grounded + len(done.ungrounded)


PIECES = st.sampled_from(
    ["12%", "3.2 days", "[T1]", "T1–T2", "| 12 |", "\n", "|---|", "# 2.", "1 in 3", "1,200", "$", "e9",
     "about ", ".5", "-", "–", " to ", " and ", "k", "%", "x", "1.2.3", "2026-11-20", "`", "**", " "]
)  # fmt: skip


@example("2026-11-20e912%")
@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=300, deadline=None)
def test_pieces_of_numbers_in_any_order_are_checked(text: str) -> None:
    done = check(text, evidence(Unit.SECONDS, [276480.0, 90.0]))
    assert all(text[mark.start : mark.end] == mark.text for mark in done.marks)
