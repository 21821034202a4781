"""A report as one HTML file that loads nothing.

Belongs here: the templates' environment, the style put in, the policy that forbids everything else.
Does not belong here: what is shown (``sections``).
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.reports.view import Report

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def style() -> str:
    """The style sheet, as it stands in the page."""
    return (_HERE / "report.css").read_text(encoding="utf-8")


def policy() -> str:
    """The Content-Security-Policy: this style sheet and nothing else, no script, no address."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def report_page(report: Report) -> str:
    """The HTML of a day's report."""
    return _render("report.html", report=report)


def index_page(days: Sequence[date], notice: str = "") -> str:
    """The HTML of the list of ``days``, in their order; notice: stands above it."""
    listed = [(day.isoformat(), f"{day:%A, %-d %B %Y}") for day in days]
    return _render("index.html", days=listed, notice=notice)


def _render(template: str, **values: object) -> str:
    from markupsafe import Markup

    # The style is ours and must not be escaped, or it would not be the one of the policy.
    page = _environment().get_template(template)
    return page.render(style=Markup(style()), policy=policy(), **values)  # noqa: S704
