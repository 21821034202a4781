"""Pictures of tables: well-formed, with every name as words, and none of what is not there."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.last_events.table import LAST_EVENTS
from journey_assets.journeys.statistics.loops.table import LOOPS
from journey_assets.journeys.statistics.stages.table import STAGES
from journey_assets.journeys.statistics.step_frequencies.table import STEP_FREQUENCIES
from journey_assets.journeys.statistics.step_hazard.table import STEP_HAZARD
from journey_assets.journeys.statistics.step_matrix.table import STEP_MATRIX
from journey_assets.journeys.statistics.transitions.table import TRANSITIONS
from journey_assets.pictures.card import Card, short
from journey_assets.pictures.catalogue import picture
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Mark, Panel, rows_picture
from journey_assets.pictures.rows import Row as Line
from journey_assets.pictures.scales import around_one, from_zero
from journey_assets.warehouse.catalog import all_tables
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.channels import SEGMENT_GOLDEN_STEPS
from journey_assets.warehouse.tables.identity import COVERAGE
from journey_assets.warehouse.tables.support import (
    AGENT_STATISTICS,
    JOURNEY_CONTACTS,
    TOPICS,
)
from journey_assets_tests.report_rows import DAY, database_at, empty, fill, rows

#: Names that end users and vendors may send; each is drawn by every picture.
HOSTILE = [
    "<script>alert(1)</script>",
    "$x_{1}$ & $",
    "\u202eevil\u2066\u200d",
    "bell\x07 and\x1b[31m",
    "x" * 10_000,
    "注文の確認と支払い" * 9,
    "]]><g/>\n|`\"'",
]
#: Tables with pictures that no report shows.
OTHERS = [
    *(AGENT_STATISTICS, LAST_EVENTS, LOOPS, SEGMENT_GOLDEN_STEPS, STEP_FREQUENCIES),
    *(STEP_HAZARD, TOPICS),
]
#: Materialized without a row, and so long after the day that no trailing days show it.
QUIET_DAY = DAY + timedelta(days=100)
#: The words of a picture, in its order.
Words = list[str]


def all_rows(name: str, as_of: date = DAY) -> Mapping[Table, Any]:
    """The rows of a report's day, and those of the two matrices."""
    ways = [
        ("converter", name, "Upgrade", 30, 40),
        ("non_converter", name, "Upgrade", 10, 100),
        ("converter", "Upgrade", name, 4, 5),
        ("non_converter", "Upgrade", name, 5, 5),
    ]
    return {
        **{table: [any_row(table, name, as_of)] for table in OTHERS},
        **rows(as_of, name, name),
        TRANSITIONS: [
            {
                "as_of": as_of,
                "cohort": cohort,
                "from_event": first,
                "to_event": then,
                "occurrences": occurrences,
                "departures": departures,
            }
            for cohort, first, then, occurrences, departures in ways
        ],
        STEP_MATRIX: [
            {
                "as_of": as_of,
                "cohort": cohort,
                "step": step,
                "event_type": event,
                "persons": 30,
                "share": share,
                "cohort_persons": 100,
            }
            for cohort in ("converter", "non_converter")
            for step, event, share in ((1, name, 1.0), (2, "(ended)", 0.25), (2, name, 0.75))
        ],
    }


def any_row(table: Table, name: str, as_of: date) -> dict[str, Any]:
    """A row with a value in every column."""
    values = {"BIGINT": 5, "INTEGER": 5, "DOUBLE": 0.5, "BOOLEAN": True, "VARCHAR": name}
    return {column.name: values.get(column.type, as_of) for column in table.columns}


@contextmanager
def day_of(database: Database, as_of: date = DAY) -> Iterator[Day]:
    """The day in the attached file."""
    with database.session() as session, session.reading() as con:
        yield Day(con, as_of, 0.95)


def words(drawn: bytes | None) -> Words:
    """The words of a well-formed picture."""
    assert drawn is not None
    root = ElementTree.fromstring(drawn)  # noqa: S314 - our own file
    return [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A day of plain rows, one without any, and before them a day of each hostile name."""
    database = database_at(tmp_path_factory.mktemp("pictures"))
    hostile = [all_rows(name, _hostile_day(name)) for name in HOSTILE]
    fill(database, all_rows("Sign Up"), *hostile)
    empty(database, QUIET_DAY, *all_rows("Sign Up"))
    return database


@pytest.mark.parametrize("table", all_rows(""), ids=lambda table: table.full_name)
def test_a_day_with_rows_has_a_picture(stored: Database, table: Table) -> None:
    with day_of(stored) as day:
        drawn = picture(table, day)
    assert len(words(drawn)) > 3
    assert len(drawn or b"") < 45_000


def test_the_same_rows_give_the_same_bytes(stored: Database) -> None:
    with day_of(stored) as day:
        assert picture(STAGES, day) == picture(STAGES, day)


def test_every_picture_that_a_table_names_is_there() -> None:
    named = [table.picture.split(":") for table in all_tables() if table.picture]
    assert len(named) > 20
    assert all(callable(getattr(import_module(module), name)) for module, name in named)


def test_a_day_without_rows_has_no_picture(stored: Database) -> None:
    with day_of(stored, QUIET_DAY) as day:
        assert [t.full_name for t in all_rows("") if picture(t, day) is not None] == []


@pytest.mark.parametrize("name", HOSTILE, ids=[ascii(name)[:20] for name in HOSTILE])
def test_a_hostile_name_is_drawn_as_words_and_nothing_else(name: str, stored: Database) -> None:
    with day_of(stored, _hostile_day(name)) as day:
        for table in all_rows(name):
            drawn = picture(table, day) or b""
            shown = " ".join(words(drawn))
            assert re.search(rb"<(script|image|foreignObject)|href", drawn) is None
            assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", shown), table.full_name
            assert max(map(len, words(drawn))) < 200
            if table in (STAGES, STEP_MATRIX):
                assert short(name, 20).rstrip("…") in shown


def _hostile_day(name: str) -> date:
    return DAY - timedelta(days=50 + HOSTILE.index(name))


def test_a_name_is_cut_to_the_room_that_its_letters_take() -> None:
    assert short("Sign Up", 10) == "Sign Up"
    assert short("Complete Profile", 10) == "Complete…"
    assert short("注文の確認", 6) == "注文…"
    assert short(None, 10) == "–"


def test_an_address_in_a_name_is_masked() -> None:
    assert "jane@" not in short("write to jane@example.com now", 40)


def test_an_estimate_that_is_not_stated_is_said_and_not_drawn_as_nothing(stored: Database) -> None:
    with day_of(stored) as day:
        shown = words(picture(DIVERGENCE_POINTS, day))
    assert [each for each in shown if each.startswith("too few")] == [
        "too few people to tell · (1 / –)"
    ]


def test_a_share_stands_beside_its_denominator(stored: Database) -> None:
    with day_of(stored) as day:
        assert "90.0% · 900 of 1,000 persons" in words(picture(COVERAGE, day))
        contacts = words(picture(JOURNEY_CONTACTS, day))
        assert "25.0% · 100 of 400" in contacts
        assert "Conversations at no event: (no person) 80." in contacts


def test_a_difference_counts_departures_and_says_where_they_are_too_few(stored: Database) -> None:
    with day_of(stored) as day:
        shown = words(picture(TRANSITIONS, day))
    # 30 of 40 converters' departures against 10 of 100 others'; the rest is the column of the rest.
    assert "Sign Up (40 | 100)" in shown
    assert "+65" in shown
    assert "-65" in shown
    # Five departures on each side are no ground for a difference: three cells say so.
    assert shown.count("–") == 3


def test_a_step_matrix_gives_every_step_the_rest_that_makes_it_whole(tmp_path: Path) -> None:
    database = database_at(tmp_path)
    step = {"as_of": DAY, "cohort": "converter", "step": 1, "cohort_persons": 140, "persons": 10}
    shares = [{**step, "event_type": f"event {n:02}", "share": 1 / 14} for n in range(14)]
    fill(database, {STEP_MATRIX: shares})
    with day_of(database) as day:
        shown = words(picture(STEP_MATRIX, day))
    assert "2 others" in shown
    assert "14" in shown


def test_scales_hold_what_is_beyond_them_at_their_edge() -> None:
    assert from_zero([0.5, 2.0], str, most=1.0).place(2.0) == 1.0
    assert from_zero([], str).place(0.0) == 0.0
    ratios = around_one([0.25, 4.0])
    assert [round(ratios.place(each), 3) for each in (0, 0.25, 1, 4, 1e9)] == [0, 0, 0.5, 1, 1]


def test_rows_without_a_single_stated_estimate_are_a_picture_too() -> None:
    unstated = Mark(None, None, None, "insufficient · 3 of 4")
    drawn = rows_picture("T", "of what", [Panel("share")], [Line("a", [[unstated]])])
    assert "insufficient · 3 of 4" in words(drawn)


def test_a_card_has_its_title_and_a_paper_that_no_theme_shines_through() -> None:
    drawn = Card("What it shows", 50).svg()
    assert b"<dc:title>What it shows</dc:title>" in drawn
    assert b"fill: #ffffff" in drawn


def test_plotting_is_imported_when_something_is_drawn_and_not_before() -> None:
    code = (
        "import sys, journey_assets.pictures.catalogue; "
        "print({'dagster', 'matplotlib', 'numpy'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
