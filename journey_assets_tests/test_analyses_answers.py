"""Answers to whole prompts: what is true in them is found, what is invented is not."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey_assets.analyses import gathering
from journey_assets.analyses.catalogue import ANALYSES, KINDS, Kind
from journey_assets.analyses.evidence import ABOUT, Cell, Evidence
from journey_assets.analyses.gathering import MAX_EVIDENCE_CHARACTERS
from journey_assets.analyses.marks import NumberCheck, Status, marked
from journey_assets.analyses.prompt import compose
from journey_assets.analyses.rendering import TIME_UNITS, Unit, time_unit
from journey_assets.simulator.mave_writer import write_answer
from journey_assets_tests.analyses_figures import figures
from journey_assets_tests.analyses_gathered import gathered

#: Of invented numbers beside a citation, at most this share may pass for another cell by chance.
MOST_ACQUITTED = 0.1

Gathered = dict[Kind, Evidence]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """The evidence of a population of fourteen events, every figure drawn at random."""
    return gathered(tmp_path_factory.mktemp("figures"), figures(7))


@dataclass(frozen=True)
class Told:
    """A cell that an answer may quote: its row, and what its column counts."""

    row: str
    cell: Cell
    value: float


def told(evidence: Evidence) -> list[Told]:
    """The cells that hold numbers, ends of intervals and the table about all others left out."""
    return [
        Told(row_id, cell, cell.value)
        for row_id, (table, row) in evidence.rows.items()
        for cell, column in zip(row.cells, table.columns, strict=True)
        if cell.value is not None and not column.bound and table.letter != ABOUT
    ]


def written(draw: random.Random, value: float, unit: Unit) -> str:
    """One of the ways in which an analyst writes a figure."""
    places = draw.randint(0, 2)
    if unit is Unit.COUNT:
        return f"{value:,.0f} persons"
    if unit is Unit.SHARE:
        return draw.choice((f"{100 * value:.{places}f}%", f"{100 * value:.{places}f} percent"))
    if unit is Unit.RATIO:
        return draw.choice((f"{value:.{places + 1}f}x", f"{value:.{places + 1}f} times"))
    if unit is Unit.SECONDS:
        name = time_unit(value)
        return f"{value / TIME_UNITS[name]:.{places}f} {name}"
    if unit is Unit.BITS:
        return f"{value:.{places + 1}f} bits"
    if unit is Unit.PROBABILITY:
        return f"q = {value:.3f}" if value >= 0.001 else "q < 0.001"
    return f"${value:,.{places}f}" if unit is Unit.MONEY else f"{value:.{places + 1}f}"


def invented(draw: random.Random) -> str:
    """A number with so many digits that no cell holds it by chance."""
    return draw.choice(
        (
            f"{draw.uniform(1, 99):.6f}%",
            f"{draw.randint(10**8, 10**9):,} persons",
            f"{draw.uniform(1, 9):.6f}x",
            f"{draw.uniform(1, 9):.7f} days",
            f"${draw.uniform(10, 900):.6f}",
            f"{draw.uniform(0.1, 0.9):.7f} bits",
        )
    )


def lines(draw: random.Random, evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Thirty true numbers beside their rows and three invented ones beside any, in any order."""
    cells = told(evidence)
    true = [
        (each.row, written(draw, each.value, each.cell.unit)) for each in draw.sample(cells, 30)
    ]
    false = [(draw.choice(cells).row, invented(draw)) for _ in range(3)]
    everything = [*((*each, "") for each in true), *((*each, "invented") for each in false)]
    for row, number, kind in draw.sample(everything, 33):
        yield f"- It came to {number} there [{row}].", number if kind else ""


@given(st.integers(0, 10**9), st.sampled_from(KINDS))
@settings(max_examples=40, deadline=None)
def test_of_thirty_true_and_three_invented_numbers_the_three_are_listed(
    evidence: Gathered, seed: int, kind: Kind
) -> None:
    told_lines = list(lines(random.Random(seed), evidence[kind]))
    check = NumberCheck(marked("\n".join(line for line, _ in told_lines), evidence[kind]))
    false = [number for _, number in told_lines if number]
    assert [number.removesuffix(" persons") for number in false] == list(check.ungrounded)
    assert (check.total, check.grounded) == (33, 30)


@pytest.mark.parametrize("kind", KINDS)
def test_everything_in_an_answer_of_the_simulated_mave_is_grounded(
    evidence: Gathered, kind: Kind
) -> None:
    answer = write_answer(compose(kind, evidence[kind]).text)
    check = NumberCheck(marked(answer, evidence[kind]))
    assert check.total > 30
    assert check.ungrounded == ()


def test_a_number_changed_beside_its_citation_is_nearly_always_caught(evidence: Gathered) -> None:
    draw = random.Random(11)
    caught = tried = 0
    for kind in KINDS:
        answer = write_answer(compose(kind, evidence[kind]).text)
        marks = [
            mark for mark in marked(answer, evidence[kind]) if not mark.text.startswith("0.00")
        ]
        for mark in draw.sample(marks, 20):
            told_anew = answer[: mark.start] + changed(draw, mark.text) + answer[mark.end :]
            for each in marked(told_anew, evidence[kind]):
                if each.start == mark.start:
                    tried += 1
                    caught += each.status in {Status.NOT_FOUND, Status.MISATTRIBUTED}
    assert tried > 50
    assert caught >= (1 - MOST_ACQUITTED) * tried


def changed(draw: random.Random, number: str) -> str:
    """Another number of the same form."""
    digits = re.findall(r"[\d,.]*\d", number)[0]
    value, places = float(digits.replace(",", "")), len(digits.partition(".")[2])
    other = digits
    while other == digits:
        scaled = value * 2 ** draw.uniform(-1.2, 1.2) if value else draw.uniform(3, 60)
        other = f"{scaled:,.{places}f}"
    return number.replace(digits, other, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_marks_of_stored_evidence_are_those_of_the_evidence_itself(
    evidence: Gathered, kind: Kind
) -> None:
    answer = write_answer(compose(kind, evidence[kind]).text)
    stored = Evidence.from_json(evidence[kind].to_json())
    marks = marked(answer, stored)
    assert marks == marked(answer, evidence[kind])
    assert all(first.end <= second.start for first, second in pairwise(marks))
    assert all(row in stored.rows for mark in marks for row in mark.rows)


def test_every_table_of_fourteen_events_fits_into_the_prompts_uncut(
    evidence: Gathered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for analysis in ANALYSES:
        found = evidence[analysis.kind]
        assert len(found.markdown()) < MAX_EVIDENCE_CHARACTERS
        assert {table.letter for table in found.tables} == {
            ABOUT,
            *(source.letter for source in analysis.sources),
        }
    monkeypatch.setattr(gathering, "MAX_EVIDENCE_CHARACTERS", 10**9)
    assert gathered(tmp_path, figures(7)) == evidence
