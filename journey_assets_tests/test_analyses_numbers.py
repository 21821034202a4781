"""The number check: no true number accused, no invented one acquitted."""

import pytest

from journey_assets.analyses.evidence import Evidence, EvidenceColumn
from journey_assets.analyses.marks import NumberCheck, Status, marked
from journey_assets.analyses.rendering import Unit
from journey_assets_tests.analyses_evidence import EVENT, EVIDENCE, table

# Thirty true numbers: as shown, rounded, as percents, fractions, durations, ratios, differences.
TRUE_ANSWER = """# Journey analysis

## 1. Golden path
Sign Up → Complete Profile → Step 2 Done. 97% of converters [S1] sign up and 87.6% complete their \
profile [S3]; 361 of 412 go there directly, in a median of **3.2 days** (90th percentile: 1 week) [T1].
From there 53% go on to "Step 2 Done", within 90.5 minutes at the median and 4 h at the 90th \
percentile [T2].

## 2. Divergence points
| Stage | Converters | Non-converters |
|-------|-----------|----------------|
| Complete Profile | 88% [S3] | 20% [S4] |
| Help Doc Visit | 10.7% (44 persons) [S5] | 34.2% (411 persons) [S6] |

The gap at the profile is 67.8 percentage points [S3, S4], or 4.4 times as much [S3][S4].

## 3. Friction signals
- **Help Doc Visit** (3.2x more common, q < 0.001) [R1]: 1 in 3 non-converters [S6].
- Settings: 1.52 times, q = 0.031 [R2]
- about 1,200 occurrences of Sign Up [S2]
- $1,450 mean LTV for mobile dominant; about $340 for the 77 email-dominant profiles
- 14.2 web sessions [K1]; 0.533 as a share of departures [T2]; 95 seconds and ~21 minutes [T3]
"""

INVENTED_ANSWER = TRUE_ANSWER.replace(
    "## 2.", "Another 46.3% leave at once, after 12.7 days.\n\n## 2."
).replace("## 3.", "That costs $9,999.\n\n## 3.")


def check(answer: str, evidence: Evidence) -> NumberCheck:
    return NumberCheck(marked(answer, evidence))


def ungrounded(answer: str, evidence: Evidence = EVIDENCE) -> list[str]:
    return list(check(answer, evidence).ungrounded)


def verdicts(answer: str, evidence: Evidence = EVIDENCE) -> list[tuple[str, str]]:
    return [(mark.text, mark.status) for mark in check(answer, evidence).marks]


def test_thirty_true_numbers_are_all_found() -> None:
    done = check(TRUE_ANSWER, EVIDENCE)
    assert done.ungrounded == ()
    assert done.total == done.grounded == 30


def test_three_invented_numbers_among_thirty_true_ones_are_all_listed_and_nothing_else() -> None:
    done = check(INVENTED_ANSWER, EVIDENCE)
    assert done.ungrounded == ("46.3%", "12.7 days", "$9,999")
    assert (done.total, done.grounded) == (33, 30)


def test_marks_point_at_the_numbers_of_the_answer() -> None:
    done = check(INVENTED_ANSWER, EVIDENCE)
    assert all(INVENTED_ANSWER[m.start : m.end] == m.text for m in done.marks)
    assert [m.start for m in done.marks] == sorted(m.start for m in done.marks)
    assert next(m.rows for m in done.marks if m.text == "97%") == ("S1",)


@pytest.mark.parametrize(
    "written",
    [
        "34.16% [S6]",
        "34.2 % [S6]",
        "34 percent [S6]",
        "34 per cent (S6)",
        "**34**% [S6]",
        "0.34 of them [S6]",
        "a share of 34.2 [S6]",
        "31.5–36.9% [S6]",
        "between 31.5 and 36.9% [S6]",
        "from 31.5 to 36.9% [S6]",
        "20 vs 88% [S3, S4]",
        "over 30% [S6]",
        "nearly 35% [S6]",
        "less than 35% [S6]",
        "1,203 [S2]",
        "1203 [S2]",
        "1\u202f203 [S2]",
        "1.2k [S2]",
        "about 1,200 [S2]",
        "more than 1,200 [S2]",
        "1,200+ [S2]",
        "3.2x [R1]",
        "3.2× [R1]",
        "3.2-fold [R1]",
        "a relative risk of 3.2 [R1]",
        "220% more [R1]",
        "q < 0.001 [R1]",
        "q<0.05 [R2]",
        "p = .031 [R2]",
        "q = 0.003 [D1]",
        "p < 0.05 [D1]",
        "q=0.0031 [D1]",
        "3.2 times [R1]",
        "0.447 bits [D1]",
        "0.45 bits [D1]",
        "a divergence of 0.447 [D1]",
        "3.2 days [T1]",
        "3.2d [T1]",
        "76.8 hours [T1]",
        "77h [T1]",
        "276,480 s [T1]",
        "a 3.2-day median [T1]",
        "3 days 5 hours [T1]",
        "1 h 30 min [T2]",
        "1h 30m [T2]",
        "5,430,000 ms [T2]",
        "1.6 min [T3]",
        "$1,450 [K1]",
        "€1.45k [K1]",
        "1,450 USD [K1]",
        "LTV 1,450 [K1]",
        "3.9 sessions [K2]",
        "412 times [S1]",
        "7 persons [S7]",
    ],
)
def test_any_usual_way_of_writing_a_cited_cell_is_grounded(written: str) -> None:
    done = check(f"It is {written}.", EVIDENCE)
    assert done.total > 0
    assert done.ungrounded == ()
    assert done.derived == (1 if "more [R1]" in written else 0)


@pytest.mark.parametrize(
    "written",
    [
        "35% [S6]",
        "34.3% [S6]",
        "34.2 days [S6]",
        "$34.2 [S6]",
        "1,204 [S2]",
        "1,300 [S2]",
        "about 1,500 [S2]",
        "3.3x [R1]",
        "3.2% [R1]",
        "q < 0.01 [R2]",
        "q = 0.03 [D1]",
        "0.447 days [D1]",
        "3.2 bits [R1]",
        "0.5 bits [D1]",
        "3.3 days [T1]",
        "80 hours [T1]",
        "1 h 40 min [T2]",
        "$1,460 [K1]",
        "8 persons [S7]",
        "over 40% [S6]",
    ],
)
def test_a_wrong_number_or_unit_beside_a_citation_is_not_found(written: str) -> None:
    assert len(ungrounded(f"It is {written}.")) == 1


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("67.8 points? No: 67.75 percentage points [S3, S4]", "67.75 percentage points"),
        ("4.4 times as often [S3, S4]", "4.4 times"),
        ("63.8 percentage points apart [D1]", "63.8 percentage points"),
        ("that is 7.3x as much [D1]", "7.3x"),
        ("791 more occurrences [S1, S2]", "791"),
        ("the rest, 65.8%, never see it [S6]", "65.8%"),
        ("32.7% of those persons [S6] against 1,150 [S2], so 35.7% as many", "35.7%"),
        ("31.2% of departures more [T1, T3]: 62.7 pp", "62.7 pp"),
    ],
)
def test_differences_quotients_and_complements_of_cited_cells_are_derived(
    answer: str, found: str
) -> None:
    assert (found, Status.DERIVED) in verdicts(answer)


def test_a_difference_of_rows_that_are_not_cited_is_not_found() -> None:
    assert ungrounded("The gap is 67.75 percentage points.") == ["67.75 percentage points"]


def test_a_number_without_citation_is_found_as_the_prompt_showed_it() -> None:
    assert ungrounded("34.2% of them, 1,203 times, after 3.2 days, at 3.2x, for $339") == []


def test_a_rounded_number_without_citation_needs_the_name_of_its_row_where_cells_lie_densely() -> (
    None
):
    share = EvidenceColumn("share", Unit.SHARE)
    rows = [(f"Event {chr(65 + i)}", 0.107 + i * 0.0331) for i in range(25)]
    dense = Evidence((table("S", [EVENT, share], rows),))
    assert ungrounded("Event C: 17%", dense) == []
    assert ungrounded("17% of the persons", dense) == ["17%"]
    assert ungrounded("## Event C\n\nIt reaches 17% of the persons.", dense) == []


def test_a_count_of_two_digits_without_citation_proves_nothing_where_such_counts_lie_densely() -> (
    None
):
    count = EvidenceColumn("escalated", Unit.COUNT)
    rows = [(f"Event {chr(65 + i)}", 20 + 2 * i) for i in range(20)]
    dense = Evidence((table("F", [EVENT, count], rows),))
    assert ungrounded("30 were escalated", dense) == ["30"]
    assert ungrounded("30 were escalated [F6]", dense) == []
    assert ungrounded("30 of Event F were escalated", dense) == []
    sparse = Evidence((table("F", [EVENT, count], rows[::7]),))
    assert ungrounded("34 were escalated", sparse) == []


def test_the_end_of_an_interval_is_found_beside_its_estimate_only() -> None:
    assert ungrounded("34.2% (31.5% to 36.9%) of them") == []
    assert ungrounded("36.9% of them") == ["36.9%"]


@pytest.mark.parametrize(
    "answer",
    [
        "Over the last 30 days 34.2% did [S6].",
        "34.2% (95% CI 31.5–36.9%) of them [S6]",
        "intervals at 95% confidence",
        "Significant (q < 0.05).",
        "Friction (p<0.05) [R2]",
    ],
)
def test_what_holds_for_all_tables_needs_no_citation(answer: str) -> None:
    assert ungrounded(answer) == []


def test_what_holds_for_all_tables_is_no_figure_of_the_journeys() -> None:
    assert ungrounded("95% of the persons leave after 30 min") == ["95%", "30 min"]


def test_a_number_beside_a_citation_is_not_acquitted_by_a_cell_of_another_row_by_chance() -> None:
    share = EvidenceColumn("share", Unit.SHARE)
    rows = [(f"Event {chr(65 + i)}", 0.107 + i * 0.0031) for i in range(25)]
    dense = Evidence((table("S", [EVENT, share], rows),))
    assert ungrounded("It is 12.6% there [S7].", dense) == []
    assert ungrounded("It is 12.6% there [S1].", dense) == ["12.6%"]


def test_a_figure_quoted_beside_its_row_may_be_repeated_without_it() -> None:
    share = EvidenceColumn("share", Unit.SHARE)
    rows = [(f"Event {chr(65 + i)}", 0.107 + i * 0.0331) for i in range(25)]
    dense = Evidence((table("S", [EVENT, share], rows),))
    assert ungrounded("In short, 17% do.", dense) == ["17%"]
    assert ungrounded("In short, 17% do.\n\nIt is 17.3% of them [S3].", dense) == []


def test_a_small_count_needs_words_for_what_it_counts() -> None:
    exits = EvidenceColumn("exits", Unit.COUNT)
    evidence = Evidence((table("E", [EVENT, exits], [("Look", 34), ("Buy", 71)]),))
    assert ungrounded("They lost 34 along the way.", evidence) == ["34"]
    assert ungrounded("34 exits were seen.", evidence) == []
    assert ungrounded("Look has 34.", evidence) == []


def test_the_unit_of_a_column_header_holds_for_the_numbers_below_it() -> None:
    rows = "| Transition | Share (%) | Median (min) |\n|---|---|---|\n| Sign Up → Help Doc Visit |"
    assert ungrounded(f"{rows} 24.9 | 1.6 |") == []
    assert ungrounded(f"{rows} 26.9 | 1.9 |") == ["26.9", "1.9"]


@pytest.mark.parametrize(
    "answer",
    [
        "1. First\n2. Second\n3. Third",
        "## 4. Recommendations\n### 4.1 Copy\n**5. Map**\n(6) Next",
        "- 1) One\n- 2) Two",
        "Stage 3, steps 2–4, priority 1, top 5, #2, personas 1 and 2, ask 6",
        "two reasons, 3 ways, 4-6 key stages, a 6-step path",
        "the 90th percentile, the 2nd stage, p95, Q3, B2B, 2FA, iOS17, GA4",
        "on 2026-11-20, 20 November 2026, Nov 20, 11/20/2026, at 14:30, in 2026.",
        "see https://example.com/2024/report?id=42 and version 2.1.0, 24/7",
        "[T1], (T1–T3), T2, [S1, S3; T1], [rows S1 and S2]",
        'They reach "Step 2 Done" and step 2 done',
    ],
)
def test_numerals_that_state_nothing_about_the_data_are_left_out(answer: str) -> None:
    assert verdicts(answer) == []


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("1. 46% leave", "46%"),
        ("Step 2 loses 46%", "46%"),
        ("top 46% of them", "46%"),
        ("Stage 1.9x faster", "1.9x"),
        ("in 2026 users", "2026"),
        ("2. 9 persons were stuck", "9"),
        ("after 5 days", "5 days"),
        ("2x", "2x"),
        ("45. Then", "45"),
        ("Step 2 Done by 46 of them", "46"),
    ],
)
def test_what_only_looks_like_numbering_is_looked_up(answer: str, text: str) -> None:
    assert text in ungrounded(answer)


def test_a_small_number_of_persons_is_not_acquitted_by_just_any_small_cell() -> None:
    sessions = EvidenceColumn("sessions", Unit.COUNT)
    evidence = Evidence((table("W", [EVENT, sessions], [("Chat", 7)]),))
    assert ungrounded("7 persons gave up", evidence) == ["7"]
    assert ungrounded("7 sessions were held", evidence) == []


def test_a_cited_id_that_no_row_has_is_marked_and_not_counted_as_a_number() -> None:
    done = check("It grows [T9] by 34.2% [S6].", EVIDENCE)
    assert [(m.text, m.status) for m in done.marks] == [
        ("[T9]", Status.UNKNOWN_ID),
        ("34.2%", Status.GROUNDED),
    ]
    assert done.total == 1


def test_a_number_cited_beside_the_wrong_row_is_found_where_it_stands() -> None:
    done = check("34.2% [S1]", EVIDENCE)
    assert [mark.rows for mark in done.marks] == [("S6",)]


def test_a_citation_after_the_full_stop_belongs_to_the_sentence_before_it() -> None:
    assert ungrounded("About a third, 34%, do. [S6] Others do not.") == []


def test_a_range_of_cited_rows_holds_the_rows_between() -> None:
    assert ungrounded("88% [S2–S4]") == []
    assert ungrounded("88% [S1, 3]") == []


def test_an_answer_without_numbers_and_evidence_without_rows_give_an_empty_check() -> None:
    assert check("", Evidence()).marks == ()
    assert check("Nothing to report.", EVIDENCE).marks == ()
    assert ungrounded("12%", Evidence()) == ["12%"]
