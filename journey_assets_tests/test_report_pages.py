"""The report as a file: what it says, what it keeps to itself, what it says when there is nothing."""

import hashlib
import os
import re
import threading
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.journeys.statistics.retention.table import RETENTION
from journey_assets.reports.compute import build_report
from journey_assets.reports.files import (
    index_path,
    report_path,
    write_index,
    write_report,
    write_whole,
    written_days,
)
from journey_assets.reports.page import index_page, report_page
from journey_assets.reports.reading import READ, Day, read_days
from journey_assets.settings import Settings
from journey_assets.warehouse.database import Database
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES
from journey_assets.warehouse.tables.support import JOURNEY_CONTACTS
from journey_assets_tests.report_rows import DAY, change, database_at, empty, fill, rows, written
from journey_assets_tests.stored import settings_for

SECTIONS = [
    *("summary", "changes", "flow", "golden-path", "divergence", "friction", "cliffs"),
    *("stages", "channels", "support", "mave", "methods"),
]


class Text(HTMLParser):
    """The text of a page, with the text of every section."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.texts: dict[str, str] = {}
        self._section = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if id_ := given.get("id"):
            self.ids.append(id_)
            self._section = id_ if tag == "section" else self._section
        if href := given.get("href"):
            self.links.append(href)

    def handle_data(self, data: str) -> None:
        self.texts[self._section] = f"{self.texts.get(self._section, '')} {data.strip()}"

    def section(self, anchor: str) -> str:
        """The text of a section, on one line."""
        return " ".join(self.texts[anchor].split())


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    found = database_at(tmp_path_factory.mktemp("report"))
    fill(found, rows(DAY))
    return found


@pytest.fixture(scope="module")
def page(database: Database) -> str:
    return written(database, DAY)[0]


@pytest.fixture(scope="module")
def day(database: Database) -> Day:
    """The rows of the day, as the report reads them."""
    with database.session() as session:
        return read_days(session, [DAY], settings_for(database))[DAY]


def page_of(day: Day) -> Text:
    """The report of a day's rows."""
    return Text(report_page(build_report(day, Settings.checked({}))))


def test_every_section_is_there_and_in_the_contents(page: str) -> None:
    text = Text(page)
    assert [id_ for id_ in text.ids if id_ in SECTIONS] == SECTIONS
    assert [link[1:] for link in text.links if link[1:] in SECTIONS][: len(SECTIONS)] == SECTIONS


def test_no_two_elements_share_an_id_and_every_link_within_the_page_leads_somewhere(
    page: str,
) -> None:
    text = Text(page)
    assert len(text.ids) == len(set(text.ids))
    assert {link[1:] for link in text.links if link.startswith("#")} <= set(text.ids)


def test_nothing_is_loaded_and_nothing_runs(page: str) -> None:
    text = Text(page)
    assert not {"script", "img", "iframe", "object", "embed", "form", "base"} & set(text.tags)
    assert re.findall(r"\b(?:src|srcset|style|on\w+)=", page) == []
    assert re.findall(r"url\(|@import", page) == []
    assert [link for link in text.links if link.startswith(("http", "//"))] == []


def test_the_policy_allows_the_style_sheet_of_the_page_and_nothing_else(page: str) -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    style = page.split("<style>")[1].split("</style>")[0]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert unescape(found[1]) == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def test_no_person_is_in_it(page: str) -> None:
    assert "person_0" not in page
    assert re.findall(r"[\w.]+@[\w.]+\.\w+", page) == []


def test_the_headline_has_its_interval_and_its_denominator(page: str) -> None:
    text = Text(page).section("summary")
    assert "convert within 7 days 20.0% 18.0% to 22.0% · 2,100 newcomers" in text
    assert "convert within 30 days not yet observed 2,100 newcomers" in text
    assert "Converted, of everybody 15.4% 13.9% to 16.9% · 368 of 2,391 persons" in text


def test_findings_are_told_in_a_sentence_each(page: str) -> None:
    text = Text(page).section("summary")
    assert (
        "More common among people who do not convert Sign Up : who has had it converts 0.40×"
        in text
    )
    assert "Most valuable step Sign Up → Create Project" in text
    assert "Contact with support Sign Up : who contacts support after it converts 0.60×" in text


def test_at_most_five_findings_are_told_and_each_leads_to_its_row(page: str) -> None:
    found = re.findall(r'<li><a href="#([^"]+)">[^<]*</a><span><strong>', page)
    assert len(found) == 5
    assert all(f'<tr id="{anchor}"' in page for anchor in found)


def test_a_claim_that_no_earlier_report_held_is_marked_as_new(day: Day) -> None:
    kept = {JOURNEY_CONTACTS.full_name: day.rows(JOURNEY_CONTACTS)}
    text = page_of(replace(day, tables=kept)).section("summary")
    assert "as often as others there. new" in text


def test_in_place_of_what_does_not_hold_it_says_that_nothing_stands_out(day: Day) -> None:
    quiet = [{**row, "verdict": "no_difference"} for row in day.rows(FRICTION_SIGNALS)]
    steps = [{**row, "critical": False} for row in day.rows(GOLDEN_TRANSITIONS)]
    tables = {FRICTION_SIGNALS.full_name: quiet, GOLDEN_TRANSITIONS.full_name: steps}
    text = page_of(replace(day, tables=tables)).section("summary")
    assert "Nothing stands out from chance: no step stands out, no event is friction." in text


def test_who_was_left_out_stands_in_the_methods(page: str) -> None:
    text = Text(page).section("methods")
    assert "converted before the window 57 left out of comparisons" in text
    assert "came before the window 291" in text
    assert "compared 2,331" in text


def test_no_raw_key_is_shown(page: str) -> None:
    text = Text(page)
    shown = " ".join(text.section(each) for each in SECTIONS if each != "methods")
    for key in ("common_subsequence", "most_probable", "non_converter", "linkable:", "not_reached"):
        assert key not in shown
    assert "linkable:amplitude" not in page


def test_a_simulators_data_are_called_sample_data(day: Day) -> None:
    assert "Sample data" not in report_page(build_report(day, Settings.checked({})))
    said = report_page(build_report(replace(day, sample=True), Settings.checked({})))
    assert "Sample data" in said
    assert "Sample data" in index_page([DAY], "Sample data: …")


def test_what_else_is_known_is_folded_and_left_out_where_it_is_not(day: Day) -> None:
    week = {"cohort_week": date(2026, 11, 2), "unit": "week", "persons": 40, "returned": 10}
    rows = [{**week, "n": 1, "share": 0.25, "low": 0.14, "high": 0.4}]
    shown = page_of(replace(day, tables={RETENTION.full_name: rows})).section("more")
    assert "2 November 2026 40 – 25.0% 14.0% to 40.0%" in shown
    assert "more" not in page_of(replace(day, tables={})).ids


def test_the_golden_path_has_support_on_both_sides_and_its_critical_step(page: str) -> None:
    text = Text(page).section("golden-path")
    assert "Converters, up to the conversion 84.2%" in text
    assert "Non-converters, up to the conversion 9.5%" in text
    assert "most valuable: 2.50× (1.70× to 3.40×)" in text
    assert "Most common complete path: the same." in text


def test_a_ranked_table_says_what_it_leaves_out(page: str) -> None:
    text = Text(page).section("divergence")
    assert "1 of 2 events shown. Of all: 1 different, 1 too few people to tell." in text


def test_support_names_the_conversations_that_are_at_no_event(page: str) -> None:
    assert "Conversations at no event: (no person) 80." in Text(page).section("support")


def test_numbers_of_mave_lead_to_rows_of_the_evidence(page: str) -> None:
    assert 'href="#journey_map-C1" title="grounded: C1">15.4%</a>' in page
    assert '<span class="number not-found">57</span>' in page
    assert {"journey_map-C1", "journey_map-S1"} <= set(Text(page).ids)
    assert "2 of 3 numbers found in the evidence · not found: 57" in Text(page).section("mave")


def test_an_analysis_that_was_not_asked_says_why(page: str) -> None:
    assert "Mave was not asked: Segment is left out." in Text(page).section("mave")


def test_denominators_and_settings_stand_at_the_end(page: str) -> None:
    text = Text(page).section("methods")
    assert "JOURNEY_CONFIDENCE_LEVEL 0.95" in text
    for table in (PATHS, *READ):
        assert table.full_name in text
    assert "[Amplitude]*" in text


def test_it_says_how_well_the_sources_are_joined(page: str) -> None:
    text = Text(page).section("methods")
    assert "persons whom the second knows too: Amplitude → Segment 90.0% 81.0% to 99.0%" in text


def test_an_empty_database_gives_a_report_that_says_so(tmp_path: Path) -> None:
    text = Text(written(database_at(tmp_path), DAY)[0])
    for anchor in ("flow", "golden-path", "divergence", "friction", "cliffs", "stages"):
        assert "has not been materialized for 2026-11-20" in text.section(anchor)
    assert "No answer: analyses.mave_analyses has not been materialized" in text.section("mave")


def test_tables_without_rows_say_what_that_means(tmp_path: Path) -> None:
    database = database_at(tmp_path)
    empty(database, DAY, PATHS, *READ)
    html = written(database, DAY)[0]
    text = Text(html)
    assert "materialized for" not in html
    assert "Nobody has a path in this window." in text.section("flow")
    assert "Nobody converted in this window." in text.section("golden-path")
    assert "Nobody left without converting." in text.section("cliffs")
    assert "No conversation in this window." in text.section("support")
    assert "analyses.mave_analyses is empty" in text.section("mave")


@pytest.mark.parametrize("missing", [PATHS, FRICTION_SIGNALS, DROPOFF_CLIFFS, MAVE_ANALYSES])
def test_one_missing_table_costs_its_own_section_only(day: Day, missing: Table) -> None:
    left = {name: each for name, each in day.tables.items() if name != missing.full_name}
    moves = () if missing is PATHS else day.moves
    stored = day.stored - {missing.full_name}
    text = page_of(replace(day, tables=left, moves=moves, stored=stored))
    assert sum("materialized for 2026-11-20" in text.texts[each] for each in SECTIONS[:-1]) == 1


def test_a_vendor_left_out_is_named(tmp_path: Path) -> None:
    text = Text(written(database_at(tmp_path), DAY, vendors="amplitude")[0])
    assert "Segment is not in use (JOURNEY_VENDORS)" in text.section("channels")
    assert "Mavenoid is not in use (JOURNEY_VENDORS)" in text.section("support")


def test_a_change_is_told_against_days_that_the_window_does_not_share(day: Day) -> None:
    changes = [
        change("conversion_rate", 0.05, 0.154, "higher"),
        change(
            "exit_rate", 0.2, 0.35, "higher", event_type="Checkout", family_q=0.001, is_new=True
        ),
        change("event_share", 0.3, 0.31, "no_difference", event_type="Sign Up"),
    ]
    text = page_of(replace(day, tables={**day.tables, CHANGES.full_name: changes}))
    summary = text.section("summary")
    assert "+10.4 points against 1 October 2026 to 20 October 2026" in summary
    assert "visits left for good at Checkout" in summary
    assert "35.0% after 20.0% on 1 October 2026 to 20 October 2026" in summary
    section = text.section("changes")
    assert "visits left for good at Checkout new 20.0% 35.0% +15.0 points" in section
    assert "persons with Sign Up" not in section
    assert "3 figures were compared." in section


def test_where_nothing_changed_or_days_are_missing_the_report_says_so(day: Day) -> None:
    changes = [
        change("conversion_last_day", 0.2, 0.19, "no_difference"),
        change("conversion_rate", 0.05, 0.154, "days_missing", then_days=7),
    ]
    text = page_of(replace(day, tables={**day.tables, CHANGES.full_name: changes}))
    section = text.section("changes")
    assert "1 figure was compared, and none of them differs beyond chance." in section
    assert "1 October 2026 to 20 October 2026, 7 of 20 days are stored" in section
    assert "What changed" not in text.section("summary")


def test_labels_of_other_cohorts_are_each_held_against_the_rest(day: Day) -> None:
    friction = FRICTION_SIGNALS.full_name
    labelled = [{**row, "cohort": label} for label in "ab" for row in day.tables[friction]]
    text = page_of(replace(day, tables={friction: labelled})).section("friction")
    assert "a against all others" in text
    assert "b against all others" in text


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Database:
    database = database_at(tmp_path_factory.mktemp("days"))
    fill(database, rows(DAY - timedelta(days=1)), rows(DAY))
    return database


def test_a_range_writes_the_files_that_its_days_write_alone(two_days: Database) -> None:
    days = (DAY - timedelta(days=1), DAY)
    together = written(two_days, *days)
    assert together == [written(two_days, day)[0] for day in days]


def test_the_list_names_every_day_newest_first(two_days: Database) -> None:
    written(two_days, DAY - timedelta(days=1), DAY)
    directory = settings_for(two_days).directory()
    assert [day.isoformat() for day in written_days(directory)] == ["2026-11-20", "2026-11-19"]
    links = Text(index_path(directory).read_text("utf-8")).links
    assert [link for link in links if link[:4].isdigit()] == [
        "2026-11-20/index.html",
        "2026-11-19/index.html",
    ]
    assert report_path(directory, DAY).parent.name == "2026-11-20"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "day" / "index.html"
    assert write_whole(path, "old é") == 6
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text("utf-8") == "old é"
    assert [each.name for each in path.parent.iterdir()] == ["index.html"]


def test_two_writers_of_one_file_have_drafts_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.html"
    replace_file, others = Path.replace, ["another run's"]

    def after_another(draft: Path, target: Path) -> Path:
        if others:
            write_whole(path, others.pop())
        return replace_file(draft, target)

    monkeypatch.setattr(Path, "replace", after_another)
    write_whole(path, "this run's")
    assert path.read_text("utf-8") == "this run's"
    assert [each.name for each in tmp_path.iterdir()] == ["index.html"]


def test_the_list_is_made_again_by_whoever_is_last(tmp_path: Path) -> None:
    asked, released = threading.Event(), threading.Event()

    def slowly(days: Sequence[date]) -> str:
        asked.set()
        released.wait()
        return index_page(days)

    first = threading.Thread(target=write_index, args=(tmp_path, slowly))
    first.start()
    asked.wait()
    write_report(tmp_path, DAY, "a report that the first list cannot know")
    second = threading.Thread(target=write_index, args=(tmp_path, index_page))
    second.start()
    released.set()
    first.join()
    second.join()
    assert f"{DAY}/index.html" in index_path(tmp_path).read_text("utf-8")


def test_the_draft_of_a_writer_that_was_killed_is_removed(tmp_path: Path) -> None:
    old, new = (tmp_path / f".index.html.{name}.tmp" for name in ("old", "new"))
    for draft in (old, new):
        draft.touch()
    os.utime(old, (0, 0))
    write_whole(tmp_path / "index.html", "text")
    assert {each.name for each in tmp_path.iterdir()} == {"index.html", new.name}


def test_an_answer_without_marks_has_no_legend(day: Day) -> None:
    answers = [{**row, "number_marks": None} for row in day.tables[MAVE_ANALYSES.full_name]]
    text = page_of(replace(day, tables={MAVE_ANALYSES.full_name: answers})).section("mave")
    assert "15.4%" in text
    assert "a cell of the evidence holds it" not in text


def test_a_report_speaks_of_the_settings_of_its_figures_not_of_the_run_that_writes_it(
    tmp_path: Path,
) -> None:
    database = database_at(tmp_path)
    made = settings_for(database, start_event="Sign Up", window_days=7, confidence_level=0.9)
    fill(replace(database, settings=made), rows(DAY))
    (page,) = written(database, DAY)
    text = Text(page)
    assert "JOURNEY_START_EVENT Sign Up" in text.section("methods")
    assert "90% interval" in text.section("summary")
    assert "14 November 2026 to 20 November 2026" in text.section("")
    assert "unlike settings" not in page


def test_a_report_over_mixed_settings_says_so_at_its_top_and_compares_nothing(
    tmp_path: Path,
) -> None:
    database = database_at(tmp_path)
    usual = settings_for(database)
    story = settings_for(database, start_event="Sign Up", path_unit="session")
    fill(replace(database, settings=usual), rows(DAY))
    journeys = {table: given for table, given in rows(DAY).items() if table.schema == "journeys"}
    fill(replace(database, settings=story), journeys)
    (page,) = written(database, DAY)
    text = Text(page)
    top = text.section("")
    assert "made with unlike settings" in top
    assert "JOURNEY_START_EVENT=Sign Up: journeys." in top
    assert "JOURNEY_START_EVENT not set: analyses.mave_analyses, channels." in top
    assert "Each session is a path of its own" in top
    assert "sessions" in text.section("summary")
    assert "persons" not in text.section("summary")
    assert " against " not in text.section("summary")
    for anchor in ("channels", "support", "mave"):
        said = "JOURNEY_START_EVENT not set instead of JOURNEY_START_EVENT=Sign Up"
        assert said in text.section(anchor)
    for anchor in ("flow", "friction", "cliffs", "stages"):
        assert "Made with other settings" not in text.section(anchor)
    assert "Mave's answers about those figures" in text.section("mave")
    assert "JOURNEY_START_EVENT Sign Up" in text.section("methods")


def test_figures_of_like_settings_are_not_called_mixed(tmp_path: Path) -> None:
    database = database_at(tmp_path)
    fill(replace(database, settings=settings_for(database)), rows(DAY))
    (page,) = written(database, DAY)
    assert "settings than the report" not in page
    assert "unlike settings" not in page
