"""The tables of evidence about journeys: what is proven listed, the rest folded exactly."""

from pathlib import Path
from typing import Any

from journey_assets.analyses.gathering import MAX_NAMES
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.loops.table import LOOPS
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.journeys.statistics.variants.table import VARIANTS
from journey_assets_tests.analyses_gathered import COHORTS, by_letter, cells, gathered, numbers


def test_transitions_keep_the_most_frequent_and_fold_the_rest_exactly(tmp_path: Path) -> None:
    rows = [
        {
            "cohort": cohort,
            "from_event": f"Event {place}",
            "to_event": "Next",
            "occurrences": 1000 - place,
            "departures": 2000,
            "p_out": (1000 - place) / 2000,
        }
        for cohort in COHORTS
        for place in range(40)
    ]
    evidence = gathered(tmp_path, {TRANSITIONS: rows})["journey_map"]
    found = by_letter(evidence, "T")
    assert sum(numbers(found, "occurrences")) == sum(int(str(r["occurrences"])) for r in rows)
    assert cells(evidence, "T1")["from"] == '"Event 0"'
    assert cells(evidence, "T9")["from"] == "others (32)"
    assert cells(evidence, "T9")["share"] == "–"


def test_steps_rank_by_reach_and_gap_and_show_all_cohorts_together(tmp_path: Path) -> None:
    def step(cohort: str, event: str, share: float) -> dict[str, Any]:
        return {
            "cohort": cohort,
            "event_type": event,
            "occurrences": 5,
            "persons": int(share * 100),
            "cohort_persons": 100,
            "share_of_persons": share,
        }

    rows = [
        *(step(cohort, "Everyone", 0.8) for cohort in COHORTS),
        step("converter", "Only converters", 0.6),
        *(step(cohort, "Few", 0.1) for cohort in COHORTS),
    ]
    evidence = gathered(tmp_path, {STEP_FREQUENCIES: rows})["journey_map"]
    events = [cells(evidence, row.id)["event"] for row in by_letter(evidence, "S").rows]
    assert events == ['"Only converters"', *['"Everyone"'] * 2, *['"Few"'] * 2]
    assert cells(evidence, "S2")["of persons"] == "100"


def test_only_proven_divergence_is_listed_and_the_rest_is_counted_by_verdict(
    tmp_path: Path,
) -> None:
    def point(event: str, verdict: str, rank: int | None) -> dict[str, Any]:
        return {
            "cohort": "converter",
            "event_type": event,
            "verdict": verdict,
            "rank": rank,
            "family_q": 0.003,
            "jsd_corrected": 0.412,
            "jsd_low": 0.3,
            "jsd_high": 0.5,
            "n_converters": 401,
            "n_non_converters": 905,
            "top_next_converters": [
                {"event_type": "Invite", "persons": 297, "share": 0.7406},
                {"event_type": "Look", "persons": 60, "share": 0.1496},
            ],
            "top_next_non_converters": [{"event_type": "Settings", "persons": 742, "share": 0.82}],
        }

    rows = [
        *(point(f"Event {place}", "different", 10 - place) for place in range(10)),
        *(point(f"Same {place}", "not_different", 11 + place) for place in range(5)),
        *(point(f"Few {place}", "insufficient", None) for place in range(3)),
    ]
    evidence = gathered(tmp_path, {DIVERGENCE_POINTS: rows})["journey_map"]
    assert list(cells(evidence, "D1").values()) == [
        *("converter", '"Event 9"', "different", "0.003", "0.412", "0.3", "0.5"),
        *("401", '"Invite"', "74.1%", '"Look"', "15%"),
        *("905", '"Settings"', "82%", "–", "–"),
    ]
    folded = [cells(evidence, f"D{number}") for number in range(7, 10)]
    assert [(each["after"], each["verdict"], each["q"]) for each in folded] == [
        ("others (4)", "different", "–"),
        ("others (5)", "not_different", "–"),
        ("others (3)", "insufficient", "–"),
    ]


def test_friction_and_its_opposite_are_listed_and_what_is_no_claim_is_counted(
    tmp_path: Path,
) -> None:
    def signal(event: str, verdict: str, rank: int | None) -> dict[str, Any]:
        return {
            "cohort": "converter",
            "event_type": event,
            "verdict": verdict,
            "rank": rank,
            "family_q": 0.0004,
            "hazard_ratio": 1.1,
            "stratified_by": "platform",
            "stratified_ratio": 0.32,
            "stratified_low": 0.26,
            "stratified_high": 0.39,
            "strata_differ": verdict == "friction",
            "non_converters_with": 411,
            "non_converters": 1203,
            "converters_with": 44,
            "converters": 412,
            "rate_ratio": 2.1,
        }

    rows = [
        signal("Sign Up", "everyone", None),
        signal("Invite", "with_conversion", 2),
        signal("Help", "friction", 1),
        signal("Look", "no_difference", 3),
        signal("Stare", "no_difference", 4),
    ]
    evidence = gathered(tmp_path, {FRICTION_SIGNALS: rows})["journey_map"]
    assert list(cells(evidence, "R1").values()) == [
        *("converter", '"Help"', "friction", "<0.001", "0.32x", "0.26x", "0.39x"),
        *("platform", "1.1x"),
        *("411", "1,203", "34.2%", "44", "412", "10.7%", "2.1x"),
    ]
    rest = [cells(evidence, row) for row in ("R2", "R3", "R4")]
    assert [(each["event"], each["verdict"]) for each in rest] == [
        ('"Invite"', "with_conversion"),
        ("others (2)", "no_difference"),
        ("others (1)", "everyone"),
    ]


def test_cliffs_say_where_people_leave_and_the_rest_keeps_its_own_exit_rate(
    tmp_path: Path,
) -> None:
    def cliff(start: str, end: str | None, verdict: str, rank: int | None) -> dict[str, Any]:
        return {
            "cohort": "non_converter",
            "from_event": start,
            "to_event": end,
            "verdict": verdict,
            "rank": rank,
            "exits": 287,
            "visits": 318,
            "exit_rate": 287 / 318,
            "cohort_exits": 1000,
            "share_of_exits": 0.287,
            "persons": 310,
        }

    rows = [
        cliff("Report", "Export", "cliff", 1),
        cliff("Sign Up", "Look", "insufficient", None),
        cliff("Export", None, "cliff", 1),
        *(cliff(f"Event {place}", None, "no_cliff", 2 + place) for place in range(3)),
        cliff("Upgrade", None, "cliff", 1) | {"cohort": "converter"},
    ]
    found = gathered(tmp_path, {DROPOFF_CLIFFS: rows})["journey_map"]
    shown = [list(cells(found, row.id).values())[1:5] for row in by_letter(found, "E").rows]
    assert shown == [
        ["state", '"Export"', "–", "cliff"],
        ["state", "others (3)", "–", "no_cliff"],
        ["arrival", '"Export"', '"Report"', "cliff"],
        ["arrival", "others (1)", "–", "insufficient"],
    ]
    rest = cells(found, "E2")
    assert (rest["exits"], rest["of visits"], rest["exit rate"]) == ("861", "954", "90.3%")
    assert (rest["of exits"], rest["share of exits"]) == ("1,000", "86.1%")


def test_the_golden_path_has_its_support_on_both_sides_and_a_path_that_reads(
    tmp_path: Path,
) -> None:
    path = {
        "cohort": "converter",
        "path": ["Sign Up", "Create", "Upgrade"],
        "support_converters": 310,
        "converters": 412,
        "share_converters": 0.752,
        "share_converters_low": 0.708,
        "share_converters_high": 0.791,
        "support_non_converters": 12,
        "non_converters": 1203,
        "share_non_converters": 0.00998,
        "share_non_converters_low": 0.005,
        "share_non_converters_high": 0.017,
        "before_converters": 330,
        "before_share_converters": 0.801,
        "before_share_converters_low": 0.76,
        "before_share_converters_high": 0.837,
        "before_non_converters": 240,
        "before_share_non_converters": 0.1995,
        "before_share_non_converters_low": 0.178,
        "before_share_non_converters_high": 0.223,
        "exact_converters": 40,
        "median_seconds": 276480,
        "verdict": "found",
    }
    long = [f"Event {place}" for place in range(MAX_NAMES + 5)]
    step = {
        "cohort": "converter",
        "step": 2,
        "from_event": "Create",
        "to_event": "Invite",
        "persons_with": 200,
        "converters_with": 150,
        "persons_without": 1415,
        "converters_without": 262,
        "conversion_ratio": 4.05,
        "ratio_low": 3.5,
        "ratio_high": 4.68,
        "stratified_ratio": 2.05,
        "stratified_low": 1.5,
        "stratified_high": 2.68,
        "critical": True,
        "verdict": "converts_more",
    }
    rows = {
        GOLDEN_PATHS: [
            path | {"reading": "modal", "path": long},
            path | {"reading": "common_subsequence"},
        ],
        GOLDEN_TRANSITIONS: [step, step | {"step": 1, "critical": False}],
    }
    evidence = gathered(tmp_path, rows)["journey_map"]
    assert list(cells(evidence, "G1").values()) == [
        *("converter", "in common", '"Sign Up" → "Create" → "Upgrade"', "3"),
        *("310", "412", "75.2%", "70.8%", "79.1%"),
        *("12", "1,203", "0.998%", "0.5%", "1.7%"),
        *("330", "80.1%", "76%", "83.7%", "240", "20%", "17.8%", "22.3%"),
        *("40", "–", "–", "3.2 days", "found"),
    ]
    assert cells(evidence, "G2")["path"].endswith('"Event 11" → … (5 more)')
    assert list(cells(evidence, "J2").values()) == [
        *("converter", "2", '"Create"', '"Invite"', "200", "150", "75%", "1,415", "262", "18.5%"),
        *("2.05x", "1.5x", "2.68x", "critical", "converts_more"),
    ]
    assert cells(evidence, "J1")["critical"] == "–"


def test_whole_paths_and_returns_keep_the_most_frequent_of_each_cohort(tmp_path: Path) -> None:
    paths = [
        {
            "cohort": cohort,
            "rank": place,
            "path": ["A", f"B{place}"] if place < 9 else None,
            "persons": 100 - place,
            "cohort_persons": 1000,
            "share": (100 - place) / 1000,
            "variants": 1 if place < 9 else 77,
        }
        for cohort in COHORTS
        for place in range(1, 10)
    ]
    loops = [
        {
            "cohort": "converter",
            "event_type": f"Event {place}",
            "persons_returning": place,
            "persons_with": 50,
            "returns": 2 * place,
        }
        for place in range(8)
    ]
    evidence = gathered(tmp_path, {VARIANTS: paths, LOOPS: loops})["journey_map"]
    rest = cells(evidence, "V4")
    assert cells(evidence, "V1")["path"] == '"A" → "B1"'
    assert (rest["path"], rest["persons"], rest["share"]) == ("others (82)", "561", "56.1%")
    assert [cells(evidence, f"U{place}")["event"] for place in (1, 5)] == [
        '"Event 7"',
        "others (3)",
    ]
    assert cells(evidence, "U5")["returns"] == "12"


def test_gates_and_small_groups_are_no_removal_effect_and_stages_stand_in_order(
    tmp_path: Path,
) -> None:
    effects: list[dict[str, Any]] = [
        {"event_type": "Sign Up", "verdict": "gate", "effect": 1.0},
        {"event_type": "Look", "verdict": "effect", "effect": 0.12},
        {"event_type": "Invite", "verdict": "effect", "effect": 0.61},
        {"event_type": "Odd", "verdict": "insufficient"},
    ]
    stages = [
        {
            "stage": place,
            "label": f"Event {place}",
            "events": [f"Event {place}", "More"],
            "persons_converters": 400,
            "converters": 412,
            "persons_non_converters": 300,
            "non_converters": 1203,
            "median_seconds_from_start": 60.0 * place,
        }
        for place in (2, 1, 3)
    ]
    given_rows = {
        table: [{"cohort": "converter", **row} for row in rows]
        for table, rows in ((REMOVAL_EFFECTS, effects), (STAGES, stages))
    }
    evidence = gathered(tmp_path, given_rows)["journey_map"]
    assert [cells(evidence, row.id)["event"] for row in by_letter(evidence, "X").rows] == [
        '"Invite"',
        '"Look"',
        "others (1)",
        "others (1)",
    ]
    assert [cells(evidence, row.id)["stage"] for row in by_letter(evidence, "N").rows] == list(
        "123"
    )
    assert cells(evidence, "N3")["median time from start"] == "3 min"
