"""The tables of evidence about channels, identities and support: ranked, folded, nobody singled out."""

from pathlib import Path
from typing import Any

from journey_assets.warehouse.tables.channels import (
    SEGMENT_GOLDEN_STEPS,
    SEGMENT_MOVES,
    SEGMENT_TRANSITIONS,
    SEGMENTS,
)
from journey_assets.warehouse.tables.identity import COVERAGE
from journey_assets.warehouse.tables.support import (
    AGENT_STATISTICS,
    CONTACT_TOPICS,
    CONVERSATION_STATISTICS,
    JOURNEY_CONTACTS,
    LIVE_SUPPORT_STATISTICS,
    TOPICS,
)
from journey_assets_tests.analyses_gathered import by_letter, cells, gathered


def test_support_has_the_total_first_the_groups_and_the_rest(tmp_path: Path) -> None:
    rows = [
        {
            "flow_name": f"Flow {place}",
            "lang_code": "en",
            "conversations": 100 + place,
            "resolved": 50,
            "escalated": 5,
            "open": 1,
            "self_service": 40,
            "rated": 5,
            "satisfied": 4,
        }
        for place in range(20)
    ]
    evidence = gathered(tmp_path, {CONVERSATION_STATISTICS: rows})["support_friction"]
    total, first, other = (cells(evidence, row) for row in ("F1", "F2", "F14"))
    assert (total["flow"], total["conversations"], total["resolved"]) == (
        "total (20)",
        "2,190",
        "1,000",
    )
    assert (total["resolved share"], total["satisfied share"]) == ("45.7%", "80%")
    assert first["flow"] == '"Flow 19"'
    assert first["satisfied share"] == "–", "five ratings are too few for a share"
    assert (other["flow"], other["conversations"]) == ("others (8)", "828")


def test_agents_appear_only_together_and_durations_are_readable(tmp_path: Path) -> None:
    hours = 3_600_000
    evidence = gathered(
        tmp_path,
        {
            CONVERSATION_STATISTICS: [{"flow_name": None, "conversations": 3, "resolved": 1}],
            LIVE_SUPPORT_STATISTICS: [
                {
                    "agent_group_name": "Tier | one",
                    "status": "ENDED",
                    "sessions": 9,
                    "queue_ms_p50": 34_000,
                    "chat_ms_p90": 1_234_000,
                }
            ],
            AGENT_STATISTICS: [
                {
                    "agent": f"agent_{name}",
                    "available_ms": 8 * hours,
                    "active_ms": active * hours,
                    "utilisation": active / 8,
                    "sessions": 4,
                }
                for name, active in (("a1b2", 2), ("c3d4", 6), ("e5f6", 4))
            ],
        },
    )["support_friction"]
    assert cells(evidence, "W1")["agent group"] == '"Tier \\| one"'
    assert cells(evidence, "W1")["queue median"] == "34 s"
    assert cells(evidence, "W1")["chat 90th percentile"] == "20.6 min"
    together = cells(evidence, "H1")
    assert (together["agents"], together["available"], together["utilisation"]) == (
        "3",
        "24 h",
        "50%",
    )
    assert "agent_" not in evidence.markdown()


def test_personas_get_patterns_moves_and_identity(tmp_path: Path) -> None:
    evidence = gathered(
        tmp_path,
        {
            SEGMENTS: [
                {"segment": "web_dominant", "profiles": 12, "top_plans": ["pro", "a|b"]},
                {"segment": "inactive", "profiles": 40, "top_plans": []},
            ],
            SEGMENT_MOVES: [
                {"from_segment": "web_dominant", "to_segment": "web_dominant", "profiles": 90},
                {"from_segment": "web_dominant", "to_segment": "inactive", "profiles": 4},
            ],
            COVERAGE: [
                {
                    "measure": f"linkable:segment:{place}",
                    "unit": "persons",
                    "numerator": place,
                    "denominator": 100,
                    "share": place / 100,
                }
                for place in range(30)
            ],
        },
    )["channel_personas"]
    assert cells(evidence, "K2")["top plans"] == '"pro", "a\\|b"'
    assert cells(evidence, "K1")["top plans"] == "–"
    assert cells(evidence, "M1")["to"] == "inactive"
    assert cells(evidence, "I1")["measure"] == '"linkable:segment:0"'
    assert cells(evidence, "I17")["measure"] == "others (14)"


def test_personas_get_conversion_gaps_and_the_golden_path_by_pattern(tmp_path: Path) -> None:
    segment = {
        "segment": "web_dominant",
        "profiles": 200,
        "all_profiles": 900,
        "persons_with_path": 120,
        "converters": 20,
        "conversion_rate": 1 / 6,
        "conversion_rate_low": 0.11,
        "conversion_rate_high": 0.243,
        "avg_path_length": 12.5,
        "avg_identity_count": 2.4,
        "few_identifiers_share": 0.3,
        "without_email_share": 0.05,
        "without_user_id_share": 0.04,
        "without_amplitude_share": 0.4,
        "median_ltv": 333.0,
        "top_plans": ["pro", "free"],
        "top_plan_profiles": [90, 60],
        "top_plan_shares": [0.45, 0.3],
    }
    steps = [
        {
            "segment": name,
            "step": place,
            "event_type": f"Event {place}",
            "persons": persons - place,
            "segment_persons": persons,
            "share": (persons - place) / persons,
            "share_low": 0.9,
            "share_high": 0.99,
            "step_share": 0.75,
            "conversion_rate": 0.2,
        }
        for name, persons in (("inactive", 50), ("web_dominant", 120))
        for place in range(1, 24)
    ]
    pairs = [
        {
            "segment": "inactive",
            "from_event": start,
            "to_event": end,
            "occurrences": occurrences,
            "departures": 100,
            "segment_persons": 50,
        }
        for start, end, occurrences in (
            *(("A", "A", 90), ("A", "B", 40), ("B", "C", 30), ("C", "D", 20), ("D", "E", 10)),
        )
    ]
    evidence = gathered(
        tmp_path,
        {SEGMENTS: [segment], SEGMENT_GOLDEN_STEPS: steps, SEGMENT_TRANSITIONS: pairs},
    )["channel_personas"]
    assert list(cells(evidence, "Y1").values()) == [
        *("web_dominant", "120", "20", "16.7%", "11%", "24.3%", "12.5", "200", "2.4"),
        *("30%", "5%", "4%", "40%"),
    ]
    assert list(cells(evidence, "K1").values())[-3:] == ['"pro", "free"', "90", "45%"]
    assert list(cells(evidence, "Z1").values()) == [
        *("web_dominant", "1", '"Event 1"', "119", "120", "99.2%", "90%", "99%", "75%", "20%"),
    ]
    assert cells(evidence, "Z37")["segment"] == "others (10)"
    ways = [cells(evidence, row.id) for row in by_letter(evidence, "ST").rows]
    assert [(way["from"], way["occurrences"]) for way in ways] == [
        ('"A"', "40"),
        ('"B"', "30"),
        ('"C"', "20"),
        ("others (2)", "100"),
    ]
    assert ways[3]["segment"] == "inactive"


def test_support_gets_contacts_along_the_journey_and_what_they_cost(tmp_path: Path) -> None:
    def state(event: str, verdict: str, **more: Any) -> dict[str, Any]:
        return {
            "event_type": event,
            "cohort": "all",
            "visits": 900,
            "contacts": 45,
            "contact_rate": 0.05,
            "conversations": 50,
            "persons": 600,
            "persons_contacting": 42,
            "person_rate": 0.07,
            "verdict": verdict,
            **more,
        }

    compared = {
        "family_q": 0.02,
        "relative_risk": 0.4,
        "rr_low": 0.2,
        "rr_high": 0.8,
        "compared_contacting_converters": 4,
        "compared_contacting": 40,
        "compared_others_converters": 140,
        "compared_others": 560,
    }
    states = [
        state("Help", "fewer_convert", conversations=70, **compared),
        state("Look", "no_difference", **(compared | {"family_q": 0.6})),
        *(state(f"Event {place:02}", "insufficient", conversations=place) for place in range(12)),
        state("(no person)", "not_compared", visits=None, conversations=90),
        state("Help", "not_compared", conversations=60) | {"cohort": "converter"},
    ]
    topics: list[dict[str, Any]] = [
        {"event_type": "Help", "kind": "flow", "value": "Set-up", "verdict": "clusters"}
        | {"family_q": 0.001, "contacts": 40, "state_contacts": 45, "share": 0.889, "lift": 2.7},
        {"event_type": "Look", "kind": "flow", "value": "Set-up", "verdict": "no_cluster"},
        {"event_type": "Look", "kind": "flow", "value": "Other", "verdict": "no_cluster"},
    ]
    evidence = gathered(
        tmp_path,
        {
            CONVERSATION_STATISTICS: [{"flow_name": "Billing", "conversations": 90}],
            JOURNEY_CONTACTS: states,
            CONTACT_TOPICS: topics,
        },
    )["support_friction"]
    contacts = [cells(evidence, row.id) for row in by_letter(evidence, "L").rows]
    assert [each["state"] for each in contacts[:3]] == ['"(no person)"', '"Help"', '"Look"']
    assert contacts[1]["contact rate"] == "5%"
    assert (contacts[10]["state"], contacts[10]["conversations"]) == ("others (5)", "10")
    assert (contacts[10]["of visits"], contacts[10]["contact rate"]) == ("4,500", "5%")
    assert list(cells(evidence, "LR1").values()) == [
        *('"Help"', "fewer_convert", "0.02", "0.4x", "0.2x", "0.8x"),
        *("4", "40", "10%", "140", "560", "25%"),
    ]
    assert [cells(evidence, f"LR{place}")["state"] for place in (2, 3)] == [
        '"Look"',
        "others (12)",
    ]
    assert list(cells(evidence, "LT1").values()) == [
        *('"Help"', "flow", '"Set-up"', "clusters", "0.001", "40", "45", "88.9%", "–", "–", "2.7x"),
    ]
    assert cells(evidence, "LT2")["state"] == "others (2)"


def test_topics_are_ranked_by_what_stayed_unresolved(tmp_path: Path) -> None:
    evidence = gathered(
        tmp_path,
        {
            CONVERSATION_STATISTICS: [{"flow_name": "Billing", "conversations": 90}],
            TOPICS: [
                {"kind": "search", "topic": "asked", "conversations": 80, "resolved": 70},
                {"kind": "feedback_topic", "topic": "refund", "conversations": 30, "resolved": 2},
            ],
        },
    )["support_friction"]
    assert [cells(evidence, row)["topic"] for row in ("B1", "B2")] == ['"refund"', '"asked"']
