"""The contact rates that the simulator plants are found, and no effect where none is planted."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.simulator import Population, PopulationConfig
from journey_assets.simulator.conversations import conversations
from journey_assets.simulator.lives import Life
from journey_assets.simulator.people import epoch_day
from journey_assets.simulator.truths import EXPORT_DATA, PAYMENT_FAILED, SETTINGS
from journey_assets.support.compute import compute
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import MAVENOID_CONVERSATIONS
from journey_assets.warehouse.tables.support import CONTACT_TOPICS, JOURNEY_CONTACTS
from journey_assets_tests.stored import computed, settings_for, store

FIRST = date(2026, 3, 1)
NEWCOMERS_UNTIL = FIRST + timedelta(days=19)
AS_OF = NEWCOMERS_UNTIL + timedelta(days=Population.LIFE_DAYS)

Rows = list[dict[str, Any]]


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _path(life: Life, population: Population) -> dict[str, Any] | None:
    """The life as ``journeys.paths`` has it: up to the conversion, without system events."""
    truths = population.truths
    left_out = {*truths.system_events, truths.revenue_event}
    events = [(e.name, _utc(e.time / 1e6)) for e in life.events if e.name not in left_out]
    if not events:
        return None
    names = [name for name, _ in events]
    converts = truths.conversion_event in names
    end = names.index(truths.conversion_event) + 1 if converts else len(names)
    return {
        "as_of": AS_OF,
        "person_id": life.person.email.replace("@", " at "),
        "session": 0,
        "cohort": "converter" if converts else "non_converter",
        "events": names[:end],
        "times": [at for _, at in events[:end]],
        "n_events": end,
        "converted_at": events[end - 1][1] if converts else None,
        "ending": "conversion" if converts else "exit",
    }


def _fill(database: Database, population: Population) -> None:
    days = range(epoch_day(FIRST), epoch_day(AS_OF) + 1)
    lives = population.lives_between(days[0], days[-1])
    store(database, PATHS, [path for life in lives if (path := _path(life, population))])
    rows, persons = [], []
    for conversation in (one for day in days for one in conversations(population, day)):
        created = _utc(conversation.created)
        rows.append(
            {
                "conversation_date": created.date(),
                "id": conversation.id,
                "created_at": created,
                "flow_name": conversation.flow,
                "latest_search_result_chosen": conversation.result,
                "feedback_topics": list(conversation.topics),
            }
        )
        address = conversation.form.get("$customer-email", "").strip().lower()
        persons.append(
            {
                "as_of": AS_OF,
                "person_id": address.replace("@", " at ") or None,
                "source": "mavenoid",
                "id_type": "conversation",
                "id_value": conversation.id,
            }
        )
    store(database, MAVENOID_CONVERSATIONS, rows)
    store(database, PERSONS, persons)


@pytest.fixture(scope="module")
def population() -> Population:
    config = PopulationConfig(newcomers_per_day=32, first_day=FIRST, last_day=NEWCOMERS_UNTIL)
    return Population(config)


@pytest.fixture(scope="module")
def figures(population: Population, tmp_path_factory: pytest.TempPathFactory) -> list[Rows]:
    """The rows of contacts (of all cohorts together) and of topics."""
    database = Database(tmp_path_factory.mktemp("population") / "w.duckdb")
    _fill(database, population)
    given = settings_for(
        database,
        window_days=(AS_OF - FIRST).days + 1,
        conversion_event=population.truths.conversion_event,
        # Several rates of one drawn population: at this level chance misses none of them.
        confidence_level=0.999,
    )
    contacts, topics = computed(compute, database, [AS_OF], given, JOURNEY_CONTACTS, CONTACT_TOPICS)
    return [[row for row in contacts if row["cohort"] == "all"], topics]


def test_the_planted_contact_rates_are_inside_their_intervals(
    figures: list[Rows], population: Population
) -> None:
    truths = population.truths
    rows = {row["event_type"]: row for row in figures[0]}
    for state, rate in truths.contact_rates.items():
        # Who does not say who they are cannot be put to a state.
        found = rate * truths.contact_with_email
        assert rows[state]["contact_rate_low"] <= found <= rows[state]["contact_rate_high"]
        assert rows[state]["contact_rate_low"] > truths.contact_rate_elsewhere
    assert max(rows.values(), key=_rate)["event_type"] == PAYMENT_FAILED


def _rate(row: dict[str, Any]) -> float:
    return row["contact_rate_low"] or 0.0


def test_every_conversation_is_counted_at_one_place(
    figures: list[Rows], population: Population
) -> None:
    days = range(epoch_day(FIRST), epoch_day(AS_OF) + 1)
    every = sum(1 for day in days for _ in conversations(population, day))
    assert sum(row["conversations"] for row in figures[0]) == every


def test_contacts_that_cost_no_conversions_are_not_called_costly(figures: list[Rows]) -> None:
    verdicts = {row["event_type"]: row["verdict"] for row in figures[0]}
    # In the play a contact changes nothing of the way.
    assert {"fewer_convert", "more_convert"}.isdisjoint(verdicts.values())
    assert verdicts["Help Doc Visit"] == "no_difference"


def test_what_is_asked_about_clusters_at_its_state(figures: list[Rows]) -> None:
    clusters = {
        (row["event_type"], row["value"]) for row in figures[1] if row["verdict"] == "clusters"
    }
    assert (PAYMENT_FAILED, "Account & Billing") in clusters
    assert (SETTINGS, "Account & Billing") not in clusters
    assert all(value != "Account & Billing" for state, value in clusters if state != PAYMENT_FAILED)
    assert (EXPORT_DATA, "Getting Started") not in clusters
