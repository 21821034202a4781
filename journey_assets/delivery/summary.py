"""The day in a message: its figures and findings, posted once.

Belongs here: the text, and remembering which days were posted. Does not belong here: the figures and the
sentences, which are those of the report's first section.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from journey_assets.places import private_folder
from journey_assets.reports.compute import build_report
from journey_assets.reports.files import report_path
from journey_assets.reports.reading import read_days
from journey_assets.reports.sections.headline import in_short
from journey_assets.settings import Settings
from journey_assets.vendors.webhook import post_message
from journey_assets.warehouse.database import Session

#: Longest message, in characters: chats cut longer ones.
LONGEST = 3500


def post_summary(
    session: Session, days: Sequence[date], settings: Settings, log: Callable[[str], None]
) -> str:
    """Post the newest of ``days``, unless it was posted before; returns what became of it, in words.

    A message that nobody takes fails nothing, and is tried again by the next run of the day.
    """
    if not settings.summary_webhook_url:
        return "no SUMMARY_WEBHOOK_URL"
    as_of, noted = days[-1], _noted(settings, days[-1])
    if noted.exists():
        return "posted before"
    day = read_days(session, [as_of], settings)[as_of]
    report = build_report(day, settings)
    text = summary_text(
        report.title,
        [*report.notices, report.subtitle],
        in_short(report.sections[0]),
        report_path(settings.directory(), as_of),
    )
    if not post_message(
        settings.summary_webhook_url, {"text": text}, "summary", "SUMMARY_WEBHOOK_URL", log
    ):
        return "not delivered"
    private_folder(noted.parent)
    noted.touch()
    return "posted"


def summary_text(
    title: str, above: Sequence[str], rows: Sequence[Mapping[str, str]], report: Path
) -> str:
    """The message: title, notices, a line per figure and finding, and where the report is."""
    lines = [title, *above, ""]
    for row in rows:
        said = " · ".join(part for part in (row["value"], row["detail"], row["change"]) if part)
        lines.append(f"• {row['what']}: {said}")
    text = "\n".join(lines)
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return f"{cut}\n\nReport: {report}"


def _noted(settings: Settings, as_of: date) -> Path:
    return settings.directory() / "summaries" / f"{as_of}.posted"
