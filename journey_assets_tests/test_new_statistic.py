"""A statistic is added by one folder: it is computed, stored, checked, documented and shown."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from journey_assets.warehouse.tables.raw import AMPLITUDE_EVENTS
from journey_assets_tests.command_line import ROOT
from journey_assets_tests.report_rows import DAY, database_at, fill

#: Everything that the statistic takes, by file of its folder.
ENTRY = {
    "__init__.py": '''
"""With which events paths begin."""

from journey_assets.journeys.counting import Count
from journey_assets.journeys.statistic import Statistic
from journey_assets.journeys.statistics.first_events.table import FIRST_EVENTS

BEGINNINGS = Count(f"{__name__}.count", {"beginnings": ("cohort", "event")})

STATISTIC = Statistic(FIRST_EVENTS, __name__, counts=(BEGINNINGS,))
''',
    "table.py": """
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.schema import Column, Table, Tie
from journey_assets.warehouse.tables.shared import AS_OF, COHORT, EVENT_TYPE

FIRST_EVENTS = Table(
    schema="journeys",
    name="first_events",
    grain="cohort × event",
    description="The events that paths begin with.",
    columns=(AS_OF, COHORT, EVENT_TYPE, Column("persons", "BIGINT", "Whose path begins with it.")),
    key=("cohort", "event_type"),
    code=__package__,
    persons="sum(persons)",
    picture=f"{__package__}.picture:picture",
    ties=(
        Tie(
            reads=("journeys.first_events", "journeys.summary"),
            says="beginnings = persons",
            left="SELECT as_of, cohort AS what, sum(persons) AS sum "
            f"FROM {CATALOG}.journeys.first_events GROUP BY ALL",
            right=f"SELECT as_of, cohort AS what, persons AS sum FROM {CATALOG}.journeys.summary",
        ),
    ),
)
""",
    "count.py": """
from journey_assets.journeys.kernels import tally


def count(paths, task):
    cohorts = len(task.rules.cohorts)
    keys, persons = tally(paths.event[paths.first].astype("int64") * cohorts + paths.cohort)
    columns = {"cohort": keys % cohorts, "event": keys // cohorts, "persons": persons}
    return {"beginnings": columns}
""",
    "figures.sql": """
SELECT as_of, cohort, event_type, persons
FROM journey_beginnings
JOIN journey_event_types USING (event)
""",
    "picture.py": """
from journey_assets.pictures.card import Card


def picture(day):
    return Card(f"Beginnings of {day.as_of}", 50).svg()
""",
}

#: What a session of the project finds, once the folder is where the other entries are.
SESSION = """
import json, os, sys

folder, day = sys.argv[1:]
from journey_assets.journeys import statistics
statistics.__path__.append(folder)
statistics.__spec__.loader.exec_module(statistics)  # as if the folder had been there

import dagster as dg
from journey_assets import docs, frames
from journey_assets.definitions import build_definitions

definitions = build_definitions(os.environ)
keys = [dg.AssetKey(["journeys", name]) for name in ("first_events", "summary")]
with dg.DagsterInstance.ephemeral() as instance:
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, asset_selection=keys, partition_key=day
    )
    (record,) = instance.fetch_materializations(keys[0], limit=1).records
told = record.asset_materialization.metadata
graph = definitions.resolve_asset_graph()
print(json.dumps({
    "rows": frames.read("journeys.first_events").select("cohort", "event_type", "persons").rows(),
    "persons": told["persons"].value,
    "picture": told["picture"].value,
    "checked": [
        [check.passed, graph.get_check_spec(check.asset_check_key).description]
        for check in result.get_asset_check_evaluations()
        if check.asset_key == keys[0]
    ],
    "sql": graph.get(keys[0]).metadata["sql"].value,
    "documented": "## journeys.first_events\\n\\nThe events that paths begin with." in docs.tables_document(),
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a session with the entry tells of a day in which two of three begin with ``Look``."""
    folder = tmp_path_factory.mktemp("new_statistic")
    entry = folder / "entries" / "first_events"
    entry.mkdir(parents=True)
    for name, text in ENTRY.items():
        (entry / name).write_text(text.lstrip("\n"), encoding="utf-8")
    database = database_at(folder)
    walks = {1: ("Look", "Buy"), 2: ("Look", "Look"), 3: ("Search",)}
    fill(
        database,
        {
            AMPLITUDE_EVENTS: [
                {
                    "event_date": DAY,
                    "amplitude_id": person,
                    "event_type": event,
                    "event_time": f"{DAY} 12:00:{second:02}",
                    "source_order": 0,
                }
                for person, events in walks.items()
                for second, event in enumerate(events)
            ]
        },
    )
    ran = subprocess.run(
        [sys.executable, "-c", SESSION, str(entry.parent), DAY.isoformat()],
        cwd=folder,
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "JOURNEY_DATABASE": str(database.path),
            "CONVERSION_EVENT": "Buy",
            "JOURNEY_HASH_KEY": "a test's key",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def test_it_is_computed_and_stored(found: dict[str, Any]) -> None:
    assert sorted(found["rows"]) == [
        ["converter", "Look", 1],
        ["non_converter", "Look", 1],
        ["non_converter", "Search", 1],
    ]


def test_it_is_checked_also_for_what_must_add_up(found: dict[str, Any]) -> None:
    ((passed, says),) = found["checked"]
    assert passed
    assert "beginnings = persons" in says


def test_it_is_documented(found: dict[str, Any]) -> None:
    assert found["documented"]


def test_it_is_shown_with_its_persons_its_picture_and_its_sql(found: dict[str, Any]) -> None:
    assert found["persons"] == 3
    assert found["picture"].startswith("![journeys.first_events of")
    assert "FROM journey_beginnings" in found["sql"]
    assert "first_events/count.py" in found["sql"]
