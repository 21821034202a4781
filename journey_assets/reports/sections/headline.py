"""The first section: the day's figures with what changed, and the findings in a sentence each."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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
from journey_assets.reports.sections.common import first_claim, row_anchor
from journey_assets.reports.sections.support import CONTACT_CLAIMS
from journey_assets.reports.view import Card, Cards, Finding, Findings, Section, Tone
from journey_assets.settings import Settings
from journey_assets.warehouse.tables.channels import SEGMENTS
from journey_assets.warehouse.tables.support import CONVERSATION_STATISTICS, JOURNEY_CONTACTS

if TYPE_CHECKING:
    from journey_assets.warehouse.schema import Table

#: Figures with their label, unit, what their denominator is, and whether more of it is good.
_FIGURES: tuple[tuple[str, str, Unit, str, bool | None], ...] = (
    ("conversion_7d", "Newcomers who convert within 7 days", Unit.SHARE, "newcomers", True),
    ("conversion_14d", "Newcomers who convert within 14 days", Unit.SHARE, "newcomers", True),
    ("conversion_30d", "Newcomers who convert within 30 days", Unit.SHARE, "newcomers", True),
    ("conversion_rate", "Converted, of everybody", Unit.SHARE, "persons", None),
    ("time_to_convert", "Median time to convert", Unit.SECONDS, "persons converted", False),
    ("golden_path", "Converters on the golden path", Unit.SHARE, "converters", None),
    ("omnichannel", "Omnichannel profiles", Unit.SHARE, "profiles", True),
    ("escalation_rate", "Support escalations", Unit.SHARE, "conversations", False),
    ("csat", "Satisfied with support", Unit.SHARE, "rated conversations", True),
)
#: The table of each figure.
_TABLES = {
    "conversion_7d": SUMMARY,
    "conversion_14d": SUMMARY,
    "conversion_30d": SUMMARY,
    "conversion_rate": SUMMARY,
    "time_to_convert": SUMMARY,
    "golden_path": GOLDEN_PATHS,
    "omnichannel": SEGMENTS,
    "escalation_rate": CONVERSATION_STATISTICS,
    "csat": CONVERSATION_STATISTICS,
}
#: What stands for a figure that is not stated, and what that means.
_STATUS = {
    "not_reached": "Fewer than half have converted yet",
    "insufficient": figures.TOO_FEW,
    "no_conversion_event": "unknown",
    "sessions": "not defined",
}
_MEANING = {
    "not_reached": "within the observed time",
    "no_conversion_event": "CONVERSION_EVENT is not set",
    "sessions": "a session is not a life: it has no time to convert in",
}
#: Findings that are shown; each is shown only if its claim holds.
_FINDINGS = 5


def headline_section(day: Day, settings: Settings) -> Section:
    """The figures and findings of the day."""
    return Section(
        "summary",
        "In short",
        f"Every figure with its {figures.percent(settings.confidence_level)} interval. A newcomer is "
        "somebody of whom nothing is stored from before the window; whoever came lately counts for the days "
        "observed (Kaplan–Meier). Of everybody fewer convert: many have only come, and some had converted "
        "before. A finding is named only if its claim holds among all claims of this report.",
        [Cards(_cards(day, settings)), _findings(_like(day))],
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
                    "change": "new" if finding.new else "",
                }
                for finding in block.findings
            ]
            if block.nothing:
                found.append(
                    {"what": "Findings", "value": "", "detail": block.nothing, "change": ""}
                )
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
        value = _value(row, unit)
        said = value[0].isalpha()
        found.append(Card(label, value, _detail(row, unit, of), change, tone, said))
    return found


def _value(row: Row, unit: Unit) -> str:
    if row["value"] is None and row["note"] == "known":
        return "not yet observed"
    return _STATUS.get(row["note"]) or figures.number(row["value"], unit)


def _detail(row: Row, unit: Unit, of: str) -> str:
    bounds = figures.interval(row["low"], row["high"], unit)
    counted = figures.count_of(row["part"], row["whole"]) or figures.number(row["whole"])
    parts = (_MEANING.get(row["note"], ""), bounds, f"{counted} {of}")
    return " · ".join(part for part in parts if part)


def _change(day: Day, figure: str, more_is_good: bool | None) -> tuple[str, Tone]:
    """What changed, in words, and whether that is good; nothing where it was not compared."""
    row = next((row for row in day.rows(CHANGES) if row["figure"] == figure), None)
    if row is None or row["p_value"] is None:
        return "", ""
    written = f"{points(row['difference'], unit_of(row))} against {then(row)}"
    if row["verdict"] == "no_difference":
        return f"{written}, no clear change", "quiet"
    if more_is_good is None:
        return written, ""
    return written, "good" if (row["difference"] > 0) == more_is_good else "bad"


def _findings(day: Day) -> Findings:
    """What stands out, at most :data:`_FINDINGS`, and of which kinds nothing does."""
    kinds: Sequence[tuple[Table, str, Callable[[Day], Finding | None]]] = (
        (CHANGES, "no figure changed", _changed),
        (GOLDEN_TRANSITIONS, "no step stands out", _critical_step),
        (FRICTION_SIGNALS, "no event is friction", _friction),
        (DROPOFF_CLIFFS, "no event is a cliff", _cliff),
        (JOURNEY_CONTACTS, "no clear difference after contact with support", _contacts),
        (DIVERGENCE_POINTS, "converters and others diverge nowhere", _divergence),
    )
    found = [(nothing, find(day)) for table, nothing, find in kinds if day.rows(table)]
    holds = [finding for _, finding in found if finding is not None]
    return Findings(
        holds[:_FINDINGS], _nothing([kind for kind, finding in found if finding is None], holds)
    )


def _nothing(kinds: Sequence[str], holds: Sequence[Finding]) -> str:
    """Of which kinds nothing stands out; nothing where all kinds have a finding."""
    if not kinds:
        return "" if holds else "Nothing stands out from chance in this window."
    return f"Nothing {'else ' if holds else ''}stands out from chance: {', '.join(kinds)}."


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
        row_anchor("changes", row),
        named(row),
        bool(row["is_new"]),
    )


def _critical_step(day: Day) -> Finding | None:
    row = next((row for row in day.rows(GOLDEN_TRANSITIONS) if row["critical"]), None)
    if row is None:
        return None
    return Finding(
        "Most valuable step",
        "who takes it within the first session converts at later visits "
        f"{_ratio(row)} as often{_within(row)}.",
        row_anchor("golden-path", row),
        f"{figures.name(row['from_event'])} → {figures.name(row['to_event'])}",
        bool(row["is_new"]),
    )


def _cliff(day: Day) -> Finding | None:
    states = [row for row in day.rows(DROPOFF_CLIFFS) if row["to_event"] is None]
    row = first_claim(states, "cliff")
    if row is None:
        return None
    return Finding(
        "Where people leave",
        f"{figures.number(row['share_of_exits'], Unit.SHARE)} of all exits of those who do not "
        f"convert; {figures.number(row['exit_rate'], Unit.SHARE)} of visits end there "
        f"({figures.interval(row['exit_low'], row['exit_high'], Unit.SHARE)}).",
        row_anchor("cliffs", row),
        figures.name(row["from_event"]),
        bool(row["is_new"]),
    )


def _friction(day: Day) -> Finding | None:
    row = first_claim(day.rows(FRICTION_SIGNALS), "friction")
    if row is None:
        return None
    return Finding(
        "More common among people who do not convert",
        f"who has had it converts {_ratio(row)} as often as others at the same visit{_within(row)}.",
        row_anchor("friction", row),
        figures.name(row["event_type"]),
        bool(row["is_new"]),
    )


def _ratio(row: Row) -> str:
    """The ratio of hazards that makes the claim, with its interval."""
    bounds = figures.interval(row["stratified_low"], row["stratified_high"], Unit.RATIO)
    return f"{figures.number(row['stratified_ratio'], Unit.RATIO)} ({bounds})"


def _within(row: Row) -> str:
    """Whom the ratio compares, where it says otherwise than the one of all together."""
    return f", compared within {row['stratified_by']}" if row["strata_differ"] else ""


def _divergence(day: Day) -> Finding | None:
    row = first_claim(day.rows(DIVERGENCE_POINTS), "different")
    if row is None or not row["top_next_converters"] or not row["top_next_non_converters"]:
        return None
    mine, others = row["top_next_converters"][0], row["top_next_non_converters"][0]
    return Finding(
        "Where converters and others diverge",
        f"converters go on to {figures.name(mine['event_type'])} "
        f"({figures.number(mine['share'], Unit.SHARE)}), the others to "
        f"{figures.name(others['event_type'])} ({figures.number(others['share'], Unit.SHARE)}).",
        row_anchor("divergence", row),
        f"After {figures.name(row['event_type'])}",
        bool(row["is_new"]),
    )


def _contacts(day: Day) -> Finding | None:
    rows = [row for row in day.rows(JOURNEY_CONTACTS) if row["verdict"] in CONTACT_CLAIMS]
    if not rows:
        return None
    row = min(rows, key=lambda row: (row["family_q"], row["event_type"]))
    return Finding(
        "Contact with support",
        f"who contacts support after it converts {figures.number(row['relative_risk'], Unit.RATIO)} "
        f"({figures.interval(row['rr_low'], row['rr_high'], Unit.RATIO)}) as often as others there.",
        row_anchor("support", row),
        figures.name(row["event_type"]),
        bool(row["is_new"]),
    )
