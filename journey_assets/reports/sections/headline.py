"""The first section: the day's figures with what changed, and the findings in a sentence each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from journey_assets.analyses.rendering import Unit
from journey_assets.journeys.statistics.changes.table import CHANGES
from journey_assets.journeys.statistics.divergence_points.table import DIVERGENCE_POINTS
from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.journeys.statistics.friction_signals.table import FRICTION_SIGNALS
from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.golden_transitions.table import GOLDEN_TRANSITIONS
from journey_assets.journeys.statistics.summary.table import SUMMARY
from journey_assets.reports import figures
from journey_assets.reports.made_with import unlike_tables
from journey_assets.reports.reading import Day, Row
from journey_assets.reports.sections.changes import changed, named, points, then
from journey_assets.reports.sections.changes import unit as unit_of
from journey_assets.reports.sections.common import ranked
from journey_assets.reports.view import Card, Cards, Finding, Findings, Section, Tone
from journey_assets.settings import Settings
from journey_assets.warehouse.tables.channels import SEGMENTS
from journey_assets.warehouse.tables.support import CONVERSATION_STATISTICS, JOURNEY_CONTACTS

#: Figures with their label, unit, what their denominator is, and whether more of it is good.
_FIGURES: tuple[tuple[str, str, Unit, str, bool | None], ...] = (
    ("conversion_rate", "Conversion rate", Unit.SHARE, "persons with a path", True),
    ("time_to_convert", "Median time to convert", Unit.SECONDS, "persons converted", False),
    ("golden_path", "Converters on the golden path", Unit.SHARE, "converters", None),
    ("omnichannel", "Omnichannel profiles", Unit.SHARE, "profiles", True),
    ("escalation_rate", "Support escalations", Unit.SHARE, "conversations", False),
    ("csat", "Satisfied with support", Unit.SHARE, "rated conversations", True),
)
#: The table of each figure.
_TABLES = {
    "conversion_rate": SUMMARY,
    "time_to_convert": SUMMARY,
    "golden_path": GOLDEN_PATHS,
    "omnichannel": SEGMENTS,
    "escalation_rate": CONVERSATION_STATISTICS,
    "csat": CONVERSATION_STATISTICS,
}
_TIME_STATUS = {
    "not_reached": "not reached",
    "insufficient": "insufficient",
    "no_conversion_event": "unknown",
}
_TIME_MEANING = {
    "not_reached": "less than half converted within the observed time",
    "insufficient": "under 10 persons",
    "no_conversion_event": "CONVERSION_EVENT is not set",
}


def headline_section(day: Day, settings: Settings) -> Section:
    """The figures and findings of the day."""
    return Section(
        "summary",
        "In short",
        f"Every figure with its {figures.percent(settings.confidence_level)} interval. A change is told "
        "between periods that share no day.",
        [Cards(_cards(day, settings)), Findings(list(_findings(_like(day))))],
    )


def in_short(section: Section) -> list[dict[str, str]]:
    """The section's figures and findings, a row each, for those who see no page."""
    found: list[dict[str, str]] = []
    for block in section.blocks:
        if isinstance(block, Cards):
            found += [
                {
                    "what": card.label,
                    "value": card.value,
                    "detail": card.detail,
                    "change": card.change,
                }
                for card in block.cards
            ]
        if isinstance(block, Findings):
            found += [
                {
                    "what": finding.topic,
                    "value": finding.strong,
                    "detail": finding.text,
                    "change": "",
                }
                for finding in block.findings
            ]
    return found


def _like(day: Day) -> Day:
    """The day without the tables that were made with other settings than the report speaks of."""
    unlike = unlike_tables(day.made_with)
    return replace(
        day, tables={name: day.tables[name] for name in day.tables if name not in unlike}
    )


def _cards(day: Day, settings: Settings) -> list[Card]:
    found, unlike = [], unlike_tables(day.made_with)
    for figure, label, unit, of, more_is_good in _FIGURES:
        if _TABLES[figure].full_name in unlike:
            found.append(Card(label, figures.NOTHING, "made with other settings"))
            continue
        if settings.path_unit == "session":
            of = of.replace("persons", "sessions")
        row = day.headline.get(figure)
        if row is None:
            found.append(Card(label, figures.NOTHING, "nothing stored for this day"))
            continue
        change, tone = _change(day, figure, more_is_good)
        found.append(Card(label, _value(row, unit), _detail(row, unit, of), change, tone))
    return found


def _value(row: Row, unit: Unit) -> str:
    return _TIME_STATUS.get(row["note"]) or figures.number(row["value"], unit)


def _detail(row: Row, unit: Unit, of: str) -> str:
    if row["note"] in _TIME_MEANING:
        return f"{_TIME_MEANING[row['note']]} ({figures.count_of(row['part'], row['whole'])})"
    bounds = figures.interval(row["low"], row["high"], unit)
    return " · ".join(
        part for part in (bounds, f"{figures.count_of(row['part'], row['whole'])} {of}") if part
    )


def _change(day: Day, figure: str, more_is_good: bool | None) -> tuple[str, Tone]:
    """What changed, in words, and whether that is good; nothing where it was not compared."""
    row = next((row for row in day.rows(CHANGES) if row["figure"] == figure), None)
    if row is None or row["p_value"] is None:
        return "", ""
    written = f"{points(row['difference'], unit_of(row))} against {then(row)}"
    if row["verdict"] == "no_difference":
        return f"{written}, not distinguishable", "quiet"
    if more_is_good is None:
        return written, ""
    return written, "good" if (row["difference"] > 0) == more_is_good else "bad"


def _findings(day: Day) -> Iterator[Finding]:
    finders: Sequence[Callable[[Day], Finding | None]] = (
        _changed,
        _critical_step,
        _cliff,
        _friction,
        _divergence,
        _contacts,
    )
    for find in finders:
        if finding := find(day):
            yield finding


def _first(rows: Sequence[Row], verdict: str) -> Row | None:
    """The best ranked row of the comparison's first cohort that has the verdict."""
    found = [row for row in ranked(rows) if row["verdict"] == verdict]
    return found[0] if found else None


def _changed(day: Day) -> Finding | None:
    found = changed(day.rows(CHANGES))
    if not found:
        return None
    row = found[0]
    unit = unit_of(row)
    more = f" {len(found) - 1} more figures changed." if len(found) > 1 else ""
    return Finding(
        "What changed",
        f"{figures.number(row['now_value'], unit)} after {figures.number(row['then_value'], unit)} on "
        f"{then(row)} ({points(row['low'], unit)} to {points(row['high'], unit)}).{more}",
        "changes",
        named(row),
    )


def _critical_step(day: Day) -> Finding | None:
    row = next((row for row in day.rows(GOLDEN_TRANSITIONS) if row["critical"]), None)
    if row is None:
        return None
    return Finding(
        "The step to win",
        f"who takes it within the first session converts at later visits "
        f"{figures.number(row['stratified_ratio'], Unit.RATIO)} as often "
        f"({figures.interval(row['stratified_low'], row['stratified_high'], Unit.RATIO)}).",
        "golden-path",
        f"{figures.name(row['from_event'])} → {figures.name(row['to_event'])}",
    )


def _cliff(day: Day) -> Finding | None:
    states = [row for row in day.rows(DROPOFF_CLIFFS) if row["to_event"] is None]
    row = _first(states, "cliff")
    if row is None:
        return None
    return Finding(
        "Where they leave",
        f"{figures.number(row['share_of_exits'], Unit.SHARE)} of all exits of those who do not "
        f"convert; {figures.number(row['exit_rate'], Unit.SHARE)} of visits end there "
        f"({figures.interval(row['exit_low'], row['exit_high'], Unit.SHARE)}).",
        "cliffs",
        figures.name(row["from_event"]),
    )


def _friction(day: Day) -> Finding | None:
    row = _first(day.rows(FRICTION_SIGNALS), "friction")
    if row is None:
        return None
    return Finding(
        "What stops them",
        f"who has had it converts {figures.number(row['stratified_ratio'], Unit.RATIO)} as often as "
        f"others at the same visit "
        f"({figures.interval(row['stratified_low'], row['stratified_high'], Unit.RATIO)}).",
        "friction",
        figures.name(row["event_type"]),
    )


def _divergence(day: Day) -> Finding | None:
    row = _first(day.rows(DIVERGENCE_POINTS), "different")
    if row is None or not row["top_next_converters"] or not row["top_next_non_converters"]:
        return None
    mine, others = row["top_next_converters"][0], row["top_next_non_converters"][0]
    return Finding(
        "Where they part",
        f"converters go on to {figures.name(mine['event_type'])} "
        f"({figures.number(mine['share'], Unit.SHARE)}), the others to "
        f"{figures.name(others['event_type'])} ({figures.number(others['share'], Unit.SHARE)}).",
        "divergence",
        f"After {figures.name(row['event_type'])}",
    )


def _contacts(day: Day) -> Finding | None:
    rows = [row for row in day.rows(JOURNEY_CONTACTS) if row["contact_rate_low"] is not None]
    if not rows:
        return None
    row = max(rows, key=lambda row: (row["contact_rate_low"], row["event_type"]))
    return Finding(
        "What makes them call",
        f"{figures.number(row['contact_rate'], Unit.SHARE)} of visits are followed by a contact with "
        f"support ({figures.interval(row['contact_rate_low'], row['contact_rate_high'], Unit.SHARE)}).",
        "support",
        figures.name(row["event_type"]),
    )
