"""The measures of identity.coverage, counted by hand on a small population."""

from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest

from journey_assets_tests.identity_store import (
    Raw,
    conversation,
    event,
    external_id,
    profile,
    resolved,
)

#: u1 and u2 share a device and an address, u3 is known to two vendors, 4 is anonymous.
_POPULATION = Raw(
    events=[
        event(1, "u1", device="shared"),
        event(1, None, device="shared"),
        event(2, "u2", device="shared"),
        event(3, "u3", device="own"),
        event(4, None),
    ],
    profiles=[
        profile("user_id:u1", "us@example.com"),
        profile("user_id:u2", "us@example.com"),
        profile("user_id:u3"),
        profile("ios.id:x"),
    ],
    external_ids=[
        external_id("user_id:u1", "user_id", "u1"),
        external_id("user_id:u2", "user_id", "u2"),
        external_id("user_id:u3", "user_id", "u3"),
        external_id("user_id:u1", "ios_id", "phone"),
        external_id("ios.id:x", "ios.id", "x"),
    ],
    conversations=[
        conversation("c1", '{"$customer-email": "us@example.com"}'),
        conversation("c2", '{"$customer-email": "else@example.com"}'),
        conversation("c3", "{}"),
    ],
)

_COUNTED = {
    "too_shared:amplitude:user_id": (0, 3),
    "too_shared:segment:user_id": (0, 3),
    "too_shared:segment:email": (0, 1),
    "too_shared:segment:ios.id": (0, 2),
    "too_shared:mavenoid:email": (0, 2),
    "id_coverage:amplitude:user_id": (3, 4),
    "id_coverage:segment:user_id": (3, 4),
    "id_coverage:segment:email": (2, 4),
    "id_coverage:segment:ios.id": (2, 4),
    "id_coverage:mavenoid:email": (2, 3),
    "few_identifiers:segment": (3, 4),
    # Persons: u1, u2, u3, anonymous 4; x; the shared address with c1; c2's address.
    "linkable:amplitude:segment": (3, 4),
    "linkable:segment:amplitude": (3, 5),
    "linkable:segment:mavenoid": (1, 5),
    "linkable:mavenoid:segment": (1, 2),
    "linkable:amplitude:mavenoid": (0, 4),
    "linkable:mavenoid:amplitude": (0, 2),
    "anonymous_to_known:amplitude": (1, 2),
    # Components: {u1, u2, 1, 2, address, phone}, {u3, 3}, {4}, {x}, {c2's address}.
    "component_size:1": (3, 5),
    "component_size:2": (1, 5),
    "component_size:3-5": (0, 5),
    "component_size:6-10": (1, 5),
    "component_size:11+": (0, 5),
    "over_merged:user_ids": (1, 5),
    "over_merged:limits": (0, 5),
    "over_merged:any": (1, 5),
    "shared:amplitude:device_id": (1, 2),
    "shared:segment:email": (1, 1),
    "shared:segment:ios.id": (0, 2),
    "shared:devices": (1, 4),
    "unassigned:identifiers": (0, 11),
    "unmatched:conversations": (2, 3),
}


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return resolved(tmp_path_factory.mktemp("coverage"), _POPULATION)[1]


def test_every_measure_is_what_hand_counting_gives(coverage: list[dict[str, Any]]) -> None:
    counted = {row["measure"]: (row["numerator"], row["denominator"]) for row in coverage}
    assert counted == _COUNTED


def test_a_share_stands_in_its_wilson_interval(coverage: list[dict[str, Any]]) -> None:
    for row in coverage:
        assert row["share"] == row["numerator"] / row["denominator"]
        expected = binomtest(row["numerator"], row["denominator"]).proportion_ci(0.95, "wilson")
        assert (row["share_low"], row["share_high"]) == pytest.approx(expected, abs=1e-12)


def test_nothing_to_count_is_an_empty_share_and_not_a_zero(tmp_path: Path) -> None:
    _, rows = resolved(tmp_path, Raw())
    assert {row["denominator"] for row in rows} == {0}
    assert {row["share"] for row in rows} == {row["share_high"] for row in rows} == {None}


def test_a_vendor_left_out_leaves_the_other_measures_as_they_are(tmp_path: Path) -> None:
    _, rows = resolved(tmp_path, Raw(events=_POPULATION.events))
    counted = {row["measure"]: (row["numerator"], row["denominator"]) for row in rows}
    assert counted["id_coverage:amplitude:user_id"] == (3, 4)
    assert counted["linkable:amplitude:segment"] == (0, 4)
    assert counted["unmatched:conversations"] == (0, 0)
