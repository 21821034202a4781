"""Pictures of the tables of schema ``journeys`` that compare: stages, golden paths, signals.

Where several cohorts are compared with all others in turn, the picture is of the first one.
"""

from collections.abc import Sequence

from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS, OTHERS, short, word
from journey_assets.pictures.day import Day, Row
from journey_assets.pictures.rows import (
    Legend,
    Mark,
    Panel,
    ratio_mark,
    rows_picture,
    share_mark,
)
from journey_assets.pictures.rows import Row as Line
from journey_assets.warehouse.tables.journeys.comparisons import (
    DIVERGENCE_POINTS,
    DROPOFF_CLIFFS,
    FRICTION_SIGNALS,
)
from journey_assets.warehouse.tables.journeys.golden import GOLDEN_PATHS, GOLDEN_TRANSITIONS
from journey_assets.warehouse.tables.journeys.patterns import (
    REMOVAL_EFFECTS,
    STAGES,
)

_SHOWN = 12
_NAME = 29


def stages(day: Day) -> bytes | None:
    """The funnel: how many of each cohort reach each stage of the converters' way."""
    rows = _of_one_focus(day.rows(STAGES, rest="ORDER BY cohort, stage"))
    if not rows:
        return None
    return rows_picture(
        "How far each cohort comes along the converters' way",
        f"Persons whose path has an event of the stage, of all persons of the cohort with a path; "
        f"{figures.level(day.level)} intervals (Wilson).",
        [Panel("share of the cohort that reaches the stage")],
        [
            Line(
                f"{row['stage']}  {short(row['label'], _NAME - 3)}",
                [_sides(row, "share", "persons")],
                _stage_detail(row),
            )
            for row in rows
        ],
        legend=_legend(rows[0]),
        notes=[
            "The time is the converters' median from a path's start to its first event of the stage."
        ],
    )


def _stage_detail(row: Row) -> str:
    more = len(row["events"]) - 1
    events = f"and {more} more · " if more > 0 else ""
    return f"{events}after {figures.seconds(row['median_seconds_from_start'])}"


def _sides(row: Row, share: str, counted: str) -> list[Mark]:
    """The marks of converters and of all others."""
    return [
        share_mark(
            row,
            f"{share}_{side}",
            f"{share}_{side}_low",
            f"{share}_{side}_high",
            figures.of(row[f"{counted}_{side}"], row[side]),
            color,
        )
        for side, color in (("converters", CONVERTERS), ("non_converters", OTHERS))
    ]


def _legend(row: Row) -> list[Legend]:
    focus = short(figures.cohort(row["cohort"]), _NAME)
    others = "non-converters" if row["cohort"] == "converter" else "all others"
    return [
        Legend(CONVERTERS, f"{focus} ({figures.count(row['converters'])})"),
        Legend(OTHERS, f"{others} ({figures.count(row['non_converters'])})"),
    ]


def _of_one_focus(rows: Sequence[Row]) -> list[Row]:
    """The rows of one cohort that is compared with the others: converters where there are any."""
    names = sorted({row["cohort"] for row in rows}, key=lambda each: (each != "converter", each))
    return [row for row in rows if row["cohort"] == names[0]]


#: Who has a golden path: of one that ends with the conversion, which nobody else can have, what
#: comes before it.
_GOERS = "*, " + ", ".join(
    f"coalesce(before_{column}, {whole}) AS goers_{column}"
    for side in ("converters", "non_converters")
    for column, whole in (
        (side, f"support_{side}"),
        *((f"share_{side}{end}", f"share_{side}{end}") for end in ("", "_low", "_high")),
    )
)


def golden_paths(day: Day) -> bytes | None:
    """The three readings of the golden path, and who goes them."""
    rows = _of_one_focus(day.rows(GOLDEN_PATHS, _GOERS, "ORDER BY cohort, reading"))
    if not rows:
        return None
    return rows_picture(
        "The golden path, read in three ways",
        "Persons whose path contains it in order, others between allowed, of all persons of the cohort "
        "with a path; of a path that ends with the conversion, what comes before it. "
        f"{figures.level(day.level)} intervals (Wilson).",
        [Panel("share of the cohort")],
        [
            Line(
                word(row["reading"]),
                [_sides(row, "goers_share", "goers")],
                f"{len(row['path'] or ())} events: {row['verdict']}",
            )
            for row in rows
        ],
        legend=_legend(rows[0]),
        notes=[
            f"{word(row['reading'])}: " + " → ".join(short(event, _NAME) for event in row["path"])
            for row in rows
            if row["path"]
        ],
    )


def golden_transitions(day: Day) -> bytes | None:
    """What each step of the golden path says of conversion."""
    rows = _of_one_focus(day.rows(GOLDEN_TRANSITIONS, rest="ORDER BY cohort, step"))
    if not rows:
        return None
    return rows_picture(
        "Conversion with a step of the golden path over that without",
        f"Of persons who take the step within their first session, against all others with a path; "
        f"{figures.level(day.level)} intervals (Katz). An association: who converts soon has taken "
        "more steps.",
        [Panel("conversion rate ratio", "ratio")],
        [
            Line(
                f"{row['step']}  {short(row['to_event'], _NAME - 3)}",
                [[_golden_mark(row)]],
                f"after {short(row['from_event'], _NAME)}",
            )
            for row in rows
        ],
    )


def _golden_mark(row: Row) -> Mark:
    with_step = figures.of(row["converters_with"], row["persons_with"])
    without = figures.of(row["converters_without"], row["persons_without"])
    detail = f"{with_step} / {without}"
    if row["verdict"] == "outcome":
        return Mark(None, None, None, "it is the outcome itself")
    if row["critical"]:
        detail += ", the critical one"
    return ratio_mark(row, "conversion_ratio", "ratio_low", "ratio_high", detail, CONVERTERS)


def friction_signals(day: Day) -> bytes | None:
    """Events likelier without conversion, and likelier with it."""
    found = _of_one_focus(day.rows(FRICTION_SIGNALS, rest="ORDER BY rank NULLS LAST, event_type"))
    tested = [row for row in found if row["rank"] is not None]
    if not found:
        return None
    rows = (tested or found)[:_SHOWN]
    return rows_picture(
        "Events that those who do not convert are likelier to have",
        f"Risk of having the event among {figures.count(rows[0]['non_converters'])} others over that "
        f"among {figures.count(rows[0]['converters'])} converters; {figures.level(day.level)} "
        "intervals.",
        [Panel("relative risk", "ratio")],
        [Line(short(row["event_type"], _NAME), [[_friction_mark(row)]]) for row in rows],
        legend=[Legend(OTHERS, "friction"), Legend(CONVERTERS, "likelier with conversion")],
        notes=["Grey: no difference can be told.", *figures.rest(rows, len(found), "event")],
    )


def _friction_mark(row: Row) -> Mark:
    counts = (
        f"({figures.count(row['non_converters_with'])} / {figures.count(row['converters_with'])})"
    )
    return ratio_mark(
        row,
        "relative_risk",
        "rr_low",
        "rr_high",
        f"{counts} {word(row['verdict'])}",
        OTHERS if row["verdict"] == "friction" else CONVERTERS,
        faint=row["verdict"] not in {"friction", "with_conversion"},
    )


def divergence_points(day: Day) -> bytes | None:
    """Events after which the cohorts go different ways."""
    found = _of_one_focus(day.rows(DIVERGENCE_POINTS, rest="ORDER BY rank NULLS LAST, event_type"))
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "Events after which the cohorts go different ways",
        f"Jensen–Shannon divergence of the next events, chance taken off, in bits; "
        f"{figures.level(day.level)} intervals. Beside it: persons compared, converters / others.",
        [Panel("divergence", "amount", lambda bits: f"{bits:.2f}")],
        [Line(short(row["event_type"], _NAME), [[_divergence_mark(row)]]) for row in rows],
        notes=["Grey: no difference can be told.", *figures.rest(rows, len(found), "event")],
    )


def _divergence_mark(row: Row) -> Mark:
    compared = f"({figures.count(row['n_converters'])} / {figures.count(row['n_non_converters'])})"
    different = row["verdict"] == "different"
    if row["verdict"] == "insufficient":
        return Mark(None, None, None, f"{figures.INSUFFICIENT} · {compared}")
    words = "different" if different else "not distinguishable"
    return Mark(
        row["jsd_corrected"],
        row["jsd_low"],
        row["jsd_high"],
        f"{row['jsd_corrected']:.3f} · {compared} {words}",
        faint=not different,
    )


def dropoff_cliffs(day: Day) -> bytes | None:
    """States where those who do not convert leave."""
    found = day.rows(
        DROPOFF_CLIFFS, rest="AND to_event IS NULL ORDER BY rank NULLS LAST, cohort, from_event"
    )
    if not found:
        return None
    cohort = found[0]["cohort"]
    same = [row for row in found if row["cohort"] == cohort]
    rows = same[:_SHOWN]
    return rows_picture(
        "Where people leave for good",
        f"Exits of the visits whose end is known, {short(figures.cohort(cohort), _NAME)}; "
        f"{figures.level(day.level)} intervals (Wilson). At all events "
        f"{figures.percent(rows[0]['cohort_exit_rate'] or 0.0)} leave.",
        [Panel("exit rate"), Panel("share of all exits")],
        [
            Line(
                short(row["from_event"], _NAME),
                [
                    [
                        share_mark(
                            row,
                            "exit_rate",
                            "exit_low",
                            "exit_high",
                            figures.of(row["exits"], row["visits"]),
                            OTHERS,
                            faint=row["verdict"] != "cliff",
                        )
                    ],
                    [Mark(row["share_of_exits"], None, None, word(row["verdict"]))],
                ],
            )
            for row in rows
        ],
        notes=[
            "Grey: not likelier than at other visits.",
            *figures.rest(rows, len(same), "state"),
        ],
    )


def removal_effects(day: Day) -> bytes | None:
    """What part of conversions would be lost without an event."""
    found = _of_one_focus(
        day.rows(REMOVAL_EFFECTS, rest="ORDER BY effect DESC NULLS LAST, event_type")
    )
    if not found:
        return None
    rows = found[:_SHOWN]
    return rows_picture(
        "What part of conversions would be lost without an event",
        f"Removal effect of the first-order chain over all paths; without removal "
        f"{figures.percent(rows[0]['conversion_rate'] or 0.0)} convert. It speaks of the way, not of a "
        "cause, and has no interval.",
        [Panel("share of conversions lost")],
        [
            Line(
                short(row["event_type"], _NAME),
                [
                    [
                        Mark(
                            row["effect"],
                            None,
                            None,
                            _removal_text(row),
                            faint=row["verdict"] == "gate",
                        )
                    ]
                ],
            )
            for row in rows
        ],
        notes=["Grey: every converter passes it.", *figures.rest(rows, len(found), "event")],
    )


def _removal_text(row: Row) -> str:
    passed = f"passed by {figures.count(row['converters_with'])} converters"
    stated = figures.INSUFFICIENT if row["effect"] is None else figures.percent(row["effect"])
    return f"{stated} · {passed}"
