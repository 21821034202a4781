"""What a person does in Dagster's UI, and what they see there.

Belongs here: finding things on Dagster's pages. Does not belong here: what they should say.
"""

import re
from datetime import date

from playwright.sync_api import Locator, expect

from journey_assets_tests.chromium import Opened

#: Longest wait for a page to show what it is asked for, in milliseconds.
_SHOWN = 60_000


class DagsterUi:
    """Dagster's UI at ``url`` in an open page."""

    def __init__(self, opened: Opened, url: str) -> None:
        self.page = page = opened.page
        self._opened = opened
        self._url = url
        page.set_default_timeout(_SHOWN)
        # A new instance greets people with a form over whatever they look at.
        page.add_locator_handler(page.get_by_role("button", name="Skip"), lambda skip: skip.click())

    def errors(self) -> list[str]:
        """The errors that pages complained of; Dagster's own pages give warnings."""
        return [line for line in self._opened.problems if not line.startswith(("log:", "warning:"))]

    def open(self, path: str) -> None:
        """Go to a page by its address."""
        self.page.goto(f"{self._url}{path}")

    def leave(self) -> None:
        """Leave the page empty: one that follows the pipeline takes much of a processor."""
        self.page.goto("about:blank")

    def materialize(self, day: date) -> str:
        """Materialize what the open page shows, for a day; returns the run's id."""
        self.page.get_by_role("button", name="Materialize").first.click()
        dialog = self.page.get_by_role("dialog")
        chosen = dialog.get_by_placeholder("No matching partitions")
        chosen.fill(str(day))
        chosen.press("Enter")
        dialog.get_by_role("button", name="Launch 1 run").click()
        toast = self.page.get_by_role("region", name="Notifications")
        toast.get_by_role("link", name="View").click()
        self.page.wait_for_url("**/runs/*")
        run_id = self.page.url.rpartition("/")[2]
        self.leave()
        return run_id

    def sees_end(self, run_id: str, status: str) -> None:
        """See on a run's page that it ended with ``status``."""
        self.open(f"/runs/{run_id}")
        ended = self.page.get_by_text(re.compile("^(Success|Failure|Canceled)$")).first
        expect(ended).to_have_text(status, timeout=_SHOWN)

    def sees_link(self, name: str) -> None:
        """See a link on the open page."""
        expect(self.page.get_by_role("link", name=name).first).to_be_visible(timeout=_SHOWN)

    def open_materialization(self, asset: str, day: date) -> None:
        """Go to the latest materialization of a day of an asset."""
        self.open(f"/assets/{asset}")
        self.page.get_by_text("Partitions", exact=True).click()
        self.page.get_by_title(str(day)).first.click()
        shown = self.page.get_by_text("Materialized", exact=True)
        expect(shown).to_be_visible(timeout=_SHOWN)

    def metadata(self, name: str) -> Locator:
        """An entry of the materialization that the page shows."""
        named = self.page.locator("td:first-child").get_by_text(name, exact=True)
        return self.page.locator("tr", has=named)

    def picture(self, name: str) -> Locator:
        """The image in an entry of markdown, opened and drawn."""
        self.metadata(name).get_by_text("Show Markdown").click()
        image = self.page.get_by_role("dialog").locator("img")
        self.page.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())
        return image

    def reason(self, sensor: str) -> str:
        """What the latest tick of a sensor says, which asked for no run."""
        self.open("/automation")
        self.page.get_by_role("link", name=sensor).click()
        tick = self.page.get_by_role("row").filter(has_text="View logs").first
        tick.get_by_text("0 runs requested").last.click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_contain_text("Skip reason", timeout=_SHOWN)
        return dialog.inner_text().partition("Skip reason: ")[2]
