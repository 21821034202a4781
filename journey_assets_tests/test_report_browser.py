"""The report in a browser: wide and narrow, light and dark, by keyboard, with hostile names."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from journey_assets.reports.files import index_path, report_path
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES
from journey_assets_tests.chromium import NARROW, WIDE, chromium, opened
from journey_assets_tests.report_rows import DAY, analysis, database_at, fill, rows, written
from journey_assets_tests.stored import settings_for

_RUN = "document.title='run'"
#: Hostile names, and how each is to be shown.
NAMES = {
    "script": (f"<script>{_RUN}</script>", f"<script>{_RUN}</script>"),
    "link": (f"javascript:{_RUN}", f"javascript:{_RUN}"),
    "picture": (f'"><img src=x onerror="{_RUN}">', f'"><img src=x onerror="{_RUN}">'),
    "turned": ("abc\u202edef\u2066ghi", "abcdefghi"),
    "long": ("x" * 10_000, f"{'x' * 59}…"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of every day of a week; the events of the days before DAY have hostile names."""
    database = database_at(tmp_path_factory.mktemp("reports"))
    hostile = [hostile_rows(day, NAMES[name][0]) for name, day in hostile_days().items()]
    fill(database, *hostile, rows(DAY))
    written(database, *sorted(hostile_days().values()), DAY)
    return settings_for(database).directory()


def hostile_days() -> dict[str, date]:
    return {name: DAY - timedelta(days=before) for before, name in enumerate(NAMES, start=1)}


def hostile_rows(day: date, name: str) -> dict[Table, Any]:
    answer = (
        f"# {name}\n\n[click](javascript:{_RUN}) {name} 15.4% [C1]\n\n![x](https://x.org/y.png)"
    )
    return {**rows(day, name, name), MAVE_ANALYSES: [analysis(day, "journey_map", answer)]}


@pytest.fixture
def report(folder: Path) -> str:
    return report_path(folder, DAY).as_uri()


@pytest.mark.parametrize(("width", "dark"), [(WIDE, False), (NARROW, True)])
def test_it_is_accessible_fits_and_complains_of_nothing(
    browser: Browser, report: str, width: int, dark: bool
) -> None:
    with opened(browser, report, width=width, dark=dark) as found:
        # Folded parts count too.
        found.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert found.overflow() <= 0
        assert found.accessibility() == []
        assert found.problems == []
        assert found.requests == [report]


def test_the_list_of_reports_is_accessible_and_fits(browser: Browser, folder: Path) -> None:
    with opened(browser, index_path(folder).as_uri(), width=NARROW) as found:
        assert found.overflow() <= 0
        assert found.accessibility() == []
        assert found.problems == []


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_shown_as_text_and_does_nothing(
    browser: Browser, folder: Path, name: str
) -> None:
    day = hostile_days()[name]
    with opened(browser, report_path(folder, day).as_uri(), width=NARROW) as found:
        text = found.page.inner_text("main")
        assert text.count(NAMES[name][1]) > 10
        assert found.page.title() == f"Customer journeys, {day:%-d %B %Y}"
        assert found.page.locator("img, script, a[href^='javascript']").count() == 0
        assert "\u202e" not in text
        assert found.overflow() <= 0
        assert found.problems == []


def test_a_band_shows_its_figures_when_it_has_the_keyboard(browser: Browser, report: str) -> None:
    with opened(browser, report) as found:
        band = found.page.locator("#flow-converter .band").first
        readout = band.locator(".readout").first
        assert readout.is_hidden()
        band.focus()
        assert readout.is_visible()
        assert (band.get_attribute("aria-label") or "").startswith(readout.text_content() or "-")
        found.page.keyboard.press("Tab")
        assert readout.is_hidden()


def test_a_stream_shows_its_figures_under_the_pointer(browser: Browser, report: str) -> None:
    with opened(browser, report) as found:
        ribbon = found.page.locator("#flow-converter .ribbon").first
        ribbon.locator("path").hover()
        readout = ribbon.locator(".readout")
        assert readout.is_visible()
        assert "1 persons" in (readout.text_content() or "")


def test_a_number_leads_to_its_row_in_the_folded_evidence(browser: Browser, report: str) -> None:
    with opened(browser, report) as found:
        row = found.page.locator("#journey_map-C1")
        assert row.is_hidden()
        found.page.locator("a.number[href='#journey_map-C1']").first.click()
        assert row.is_visible()


def test_printed_it_keeps_every_section(browser: Browser, report: str) -> None:
    with opened(browser, report) as found:
        found.page.emulate_media(media="print")
        assert found.page.locator("nav").is_hidden()
        assert found.page.locator("h2").count() == 12
        assert len(found.page.pdf()) > 10_000
