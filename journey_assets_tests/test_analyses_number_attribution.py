"""Numbers that are true of something else than the answer says, and claims that no figure can show."""

from random import Random

import pytest

from journey_assets.analyses.marks import NumberCheck, Status, marked
from journey_assets_tests.analyses_evidence import EVIDENCE
from journey_assets_tests.number_sentences import planted, true_sentences


def verdicts(answer: str) -> list[tuple[str, str]]:
    return [(mark.text, mark.status.value) for mark in marked(answer, EVIDENCE)]


def accused(answer: str) -> bool:
    return bool(NumberCheck(marked(answer, EVIDENCE)).ungrounded)


@pytest.mark.parametrize(
    "answer",
    [
        "Help Doc Visit is reached by 34.2% of converters.",
        "Help Doc Visit is reached by 10.7% of non-converters [S5].",
        "34.2% of the non-converters see Complete Profile.",
        "Complete Profile: 97.3% of converters [S3]",
        "Of the people who converted, 89.3% sign up with Sign Up.",
        "From Sign Up to Complete Profile the 90th percentile is 3.2 days [T1].",
        "From Sign Up to Complete Profile the median is 90.5 min.",
        "| Event | Converters |\n|---|---|\n| Help Doc Visit | 34.2% |",
        "### Help Doc Visit\n\n87.6% of converters have it.",
        "- **Help Doc Visit**\n  - converters: 87.6%",
        "Mobile-dominant profiles have a mean LTV of 339.",
        "It is 34.2% there [S1].",
        "From Sign Up to Complete Profile people need a median of 1 week.",
    ],
)
def test_a_true_number_of_something_else_is_misattributed(answer: str) -> None:
    assert Status.MISATTRIBUTED in [status for _, status in verdicts(answer)]


@pytest.mark.parametrize(
    "answer",
    [
        "Help Doc Visit is reached by 34.2% of non-converters, against 10.7% of converters.",
        "10.7% of converters see Help Doc Visit, compared with 34.2% [S6].",
        "Complete Profile and Help Doc Visit reach 87.6% and 10.7% of converters.",
        "Help Doc Visit is 3.2x more common among non-converters [R1].",
        "From Sign Up to Complete Profile: a median of 3.2 days (90th percentile: 1 week) [T1].",
        "| Event | Converters | Non-converters |\n|---|---|---|\n| Help Doc Visit | 10.7% | 34.2% |",
        "### Help Doc Visit\n\n34.2% of non-converters have it.",
        "email_dominant: mean LTV 339; mobile_dominant: mean LTV 1,450",
        "Mobile-dominant profiles are worth 1,450, more than four times the 339 of email-dominant ones.",
    ],
)
def test_a_true_sentence_is_not_accused(answer: str) -> None:
    assert not accused(answer)


def test_planted_swaps_are_marked_and_true_sentences_are_not() -> None:
    rng = Random(20261128)
    sentences = true_sentences(EVIDENCE, rng)
    swapped = [text for each in sentences for _, text in planted(each, rng)]
    assert sum(accused(each.text) for each in sentences) <= 0.02 * len(sentences)
    assert sum(accused(text) for text in swapped) >= 0.9 * len(swapped)


@pytest.mark.parametrize(
    ("answer", "words", "status"),
    [
        ("Conversion would rise by 67.8 points [S3, S4].", "would rise", Status.FUTURE),
        ("Fixing it could bring 401 more [S1].", "could bring", Status.FUTURE),
        ("34.2% leave because of the help page [S6].", "because", Status.CAUSE),
        ("The form causes 34.2% to leave [S6].", "causes", Status.CAUSE),
    ],
)
def test_words_of_the_future_and_of_cause_are_marked_with_the_numbers_of_their_sentence(
    answer: str, words: str, status: Status
) -> None:
    marks = marked(answer, EVIDENCE)
    assert (words, status) in [(mark.text, mark.status) for mark in marks]
    numbers = [mark for mark in marks if mark.text != words]
    assert numbers
    assert {mark.claim for mark in numbers} == {status.value}
    assert NumberCheck(marks).total == len(numbers)


@pytest.mark.parametrize(
    "answer",
    [
        "They are signs of trouble, not proof of its cause.",
        "That they cause it, these rows do not show.",
        "I would look at the form first.",
        "34.2% leave, not because of the price [S6].",
    ],
)
def test_sentences_that_claim_nothing_of_the_kind_are_not_marked(answer: str) -> None:
    assert not {Status.FUTURE, Status.CAUSE} & {mark.status for mark in marked(answer, EVIDENCE)}


@pytest.mark.parametrize(
    "written",
    [
        "__34.2%__", "_34.2%_", "34,2 %", "３４.２％", "٣٤٫٢٪", "34.2\\%", "34**.2** %", "3.42e1 %",
        "a third", "⅓", "1 out of 3", "one in three", "more than 34 %", "34% or more", "up to 35 %",
        "at least 34%", "1,203", "1 203", "1.203", "1'203", "_1,203_", "1\u2009203", "1203times",
    ],
)  # fmt: skip
def test_numerals_as_people_write_them_are_read(written: str) -> None:
    row = "S2" if "203" in written else "S6"
    assert not accused(f"{written} of non-converters [{row}]")


@pytest.mark.parametrize(
    "answer",
    [
        "more than 99 % of converters sign up [S1]",
        "more than 97.4 % of converters [S1]",
        "fewer than 34 % of non-converters [S6]",
        "at most 34% [S6]",
        "≥ 98 % [S1]",
        "half of the non-converters [S6]",
        "three quarters of non-converters [S6]",
        "9 out of 10 non-converters [S6]",
        "34,8 % [S6]",
        "1204users [S2]",
        "USD1460 for mobile_dominant [K1]",
        "__35.6%__ [S6]",
        "x4.2 [R1]",
        "1h47m [T2]",
        "1,2,03 [S2]",
        "361,41 % [T1]",
        "seventy percent [S6]",
    ],
)
def test_wrong_numerals_are_accused_however_they_are_written(answer: str) -> None:
    assert accused(answer)
