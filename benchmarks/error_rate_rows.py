"""The rows of ``bench_error_rates.py``: each a question to many populations whose answer is known.

Belongs here: which populations a row draws, and what it asks of the figures. Does not belong here: how
populations are drawn (``journey_assets_tests/null_populations.py``), what is promised of a share
(``Measure``), the command line.

A figure that the code at hand does not have makes its measurement say "not built": so the same rows
measure the code before a change and after it.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy.stats import binom

from journey_assets.channels.compute import compute as compute_channels
from journey_assets.journeys.statistics import STATISTICS
from journey_assets.journeys.statistics.divergence_points.contingency import (
    interval_half_width,
    jensen_shannon,
    permutation_mean,
)
from journey_assets.simulator.truths import JourneyModel, planted_truths
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.channels import SEGMENTS
from journey_assets.warehouse.tables.raw import SEGMENT_PROFILES
from journey_assets_tests.journeys_store import Store
from journey_assets_tests.null_contacts import contact_rows, rows_of, store_contacts
from journey_assets_tests.null_populations import (
    BUY,
    FIRST_DAY,
    Contacted,
    Entrants,
    Log,
    amplitude_ids,
    bought_before,
    by_platform,
    contacts_to,
    days_of_newcomers,
    leaving,
    log_of,
    nothing_differs,
    robot,
    states_left_alike,
    store_logs,
    two_ways,
    visits_with_contacts,
)
from journey_assets_tests.planted_populations import planted, store_splits

Rows = list[dict[str, Any]]
Asks = Literal["at most", "at least", "covers", "within"]

LEVEL = 0.05
#: A share is called off its promise where chance explains it less often than this.
CHANCE = 0.01
#: About as many as come to the simulator's product in a month.
PLANTED_PERSONS = 2_000
TRUTHS = planted_truths(JourneyModel())
TABLES: dict[str, Table] = {each.table.name: each.table for each in STATISTICS}
#: Verdicts that say that something differs.
CLAIMS = {"friction", "with_conversion", "different", "cliff", "converts_more", "converts_less"} | {
    "fewer_convert",
    "more_convert",
}
#: Tables of the report that claim something.
CLAIMING = ("friction_signals", "divergence_points", "dropoff_cliffs", "golden_transitions")


@dataclass(frozen=True)
class Measure:
    """What was found, beside what is promised.

    value: a share of ``of`` (or another number, where ``asks`` is ``within``); None: the code has no
    such figure. promise: the bound, or bounds. said: what else a reader wants to know.
    """

    row: str
    case: str
    value: float | None
    of: int
    asks: Asks | None
    promise: tuple[float, ...]
    said: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept as far as chance allows to tell; None where nothing is asked."""
        if self.value is None or self.asks is None:
            return None
        if self.asks == "within":
            return self.promise[0] <= self.value <= self.promise[1]
        count = round(self.value * self.of)
        if self.asks == "at most":
            return bool(binom.sf(count - 1, self.of, self.promise[0]) > CHANCE)
        if self.asks == "at least":
            return bool(binom.cdf(count, self.of, self.promise[0]) > CHANCE)
        low = binom.cdf(count, self.of, self.promise[0]) > CHANCE
        return bool(low and binom.sf(count - 1, self.of, self.promise[1]) > CHANCE)


@dataclass(frozen=True)
class Task:
    """A part of a row that is measured by itself. measure: from its seed and number of populations."""

    row: str
    case: str
    measure: Callable[[int, int], Iterable[Measure]]
    populations: int


class NotBuiltError(Exception):
    """The code at hand has no such table or column."""


def table_of(name: str, *columns: str) -> Table:
    """A table by name, with these columns. Raises :class:`NotBuiltError`."""
    table = TABLES.get(name)
    missing = [c for c in columns if table and c not in table.column_names]
    if table is None or missing:
        raise NotBuiltError(f"journeys.{name} {', '.join(missing)}".strip())
    return table


def figures(
    logs: Iterable[Log], names: Sequence[str], *, days: int = 1, window_days: int = 1, **given: Any
) -> Iterator[dict[str, Rows]]:
    """For each log: the rows of tables by name, from one computation over a database file."""
    with tempfile.TemporaryDirectory() as directory:
        store, as_ofs = store_logs(
            Path(directory), logs, days=days, window_days=window_days, permutations=199, **given
        )
        found = store.all_figures(*(table_of(name) for name in names), days=as_ofs)
    by_day: dict[date, dict[str, Rows]] = {day: {name: [] for name in names} for day in as_ofs}
    for table, rows in found.items():
        for row in rows:
            by_day[row["as_of"]][table.name].append(row)
    return iter(by_day.values())


def in_batches(
    seed: int, populations: int, draw: Callable[[int], Log], names: Sequence[str], **given: Any
) -> Iterator[dict[str, Rows]]:
    """As :func:`figures`, of populations with the seeds from ``seed`` on, some at once."""
    at_once = given.pop("at_once", 50)
    for first in range(seed, seed + populations, at_once):
        seeds = range(first, min(first + at_once, seed + populations))
        yield from figures(map(draw, seeds), names, **given)


def claims(report: dict[str, Rows]) -> Rows:
    """The rows of a report that claim something; a critical step is a claim."""
    return [
        row
        for rows in report.values()
        for row in rows
        if row.get("verdict") in CLAIMS or row.get("critical")
    ]


# --- 1 friction ----------------------------------------------------------------------------------


def friction(activity: Any, conversion: float) -> Callable[[int, int], Iterable[Measure]]:
    """Ordinary events, none of which matters: reports that call one friction, and tests that do."""

    def measure(seed: int, populations: int) -> Iterator[Measure]:
        case = f"{activity}, {conversion:.0%} convert"
        reports, tests, called, ratios = 0, 0, 0, []
        for report in in_batches(
            seed,
            populations,
            lambda one: nothing_differs(
                one, 1_000, activity=activity, conversion=conversion, mean=20
            ),
            ["friction_signals"],
        ):
            rows = [row for row in report["friction_signals"] if row["p_value"] is not None]
            bad = [row for row in rows if row["verdict"] == "friction"]
            reports += bool(bad)
            tests += len(rows)
            called += len(bad)
            ratios += [row.get("hazard_ratio") or row["relative_risk"] for row in rows]
        said = f"{called} of {tests} tests; median ratio {np.median(ratios or [np.nan]):.2f}"
        yield Measure(
            "friction", case, reports / populations, populations, "at most", (LEVEL,), said
        )

    return measure


# --- 2 critical step -----------------------------------------------------------------------------


def critical(correlation: float) -> Callable[[int, int], Iterable[Measure]]:
    """Steps of a golden path that is the most frequent order of nothing."""

    def measure(seed: int, populations: int) -> Iterator[Measure]:
        case = "persons alike" if not correlation else f"persons differ, ρ = {correlation:g}"
        named, tested, covered, ratios, paths = 0, 0, 0, [], 0
        for report in in_batches(
            seed,
            populations,
            lambda one: nothing_differs(
                one, 1_000, conversion=0.3, events=4, skew=1.2, mean=25,
                correlation=correlation, pause=0.1,
            ),
            ["golden_transitions"], days=5, window_days=5,
        ):  # fmt: skip
            rows = report["golden_transitions"]
            paths += any(row["verdict"] not in ("outcome", "insufficient") for row in rows)
            named += any(row["critical"] for row in rows)
            new = any("hazard_ratio" in row for row in rows)
            ratio, low, high = (
                ("hazard_ratio", "hr_low", "hr_high")
                if new
                else ("conversion_ratio", "ratio_low", "ratio_high")
            )
            stated = [row for row in rows if row[ratio] is not None and row[high] is not None]
            tested += len(stated)
            covered += sum(row[low] <= 1 <= row[high] for row in stated)
            ratios += [row[ratio] for row in stated]
        said = f"{paths} reports with a step to test"
        yield Measure(
            "critical step", case, named / populations, populations, "at most", (LEVEL,), said
        )
        yield Measure(
            "critical step", f"{case}: interval of a step's ratio holds 1",
            covered / max(tested, 1), tested, "at least", (0.93,),
            f"median ratio {np.median(ratios or [np.nan]):.2f}",
        )  # fmt: skip

    return measure


# --- 3 cliffs ------------------------------------------------------------------------------------


def cliffs(correlation: float) -> Callable[[int, int], Iterable[Measure]]:
    """States that are left alike, by persons who differ."""

    def measure(seed: int, populations: int) -> Iterator[Measure]:
        reports, tests, called = 0, 0, 0
        for report in in_batches(
            seed,
            populations,
            lambda one: states_left_alike(one, 500, correlation=correlation),
            ["dropoff_cliffs"],
        ):
            rows = [row for row in report["dropoff_cliffs"] if row["p_value"] is not None]
            bad = [row for row in rows if row["verdict"] == "cliff"]
            reports += bool(bad)
            tests += len(rows)
            called += len(bad)
        yield Measure(
            "cliffs", f"persons differ, ρ = {correlation:g}", reports / populations, populations,
            "at most", (LEVEL,), f"{called} of {tests} tests",
        )  # fmt: skip

    return measure


# --- 4 intervals over visits ---------------------------------------------------------------------


def intervals(correlation: float, visits: int) -> Callable[[int, int], Iterable[Measure]]:
    """Whether "95 %" is 95 %: the share of a transition, the exit rate, the contact rate."""
    share, rate, contact = 0.4, 0.15, 0.1

    def measure(seed: int, populations: int) -> Iterator[Measure]:
        case = f"ρ = {correlation:g}, {visits} visits"
        held = [
            _holds(_row(report["transitions"], from_event="a", to_event="b"), "p", share)
            for report in in_batches(
                seed,
                populations,
                lambda one: two_ways(one, 150, visits=visits, share=share, correlation=correlation),
                ["transitions"],
            )
        ]
        yield _coverage(f"p_out, {case}", held)
        truth = _true_exit_rate(visits, rate, correlation)
        held = [
            _holds(_row(report["last_events"], event_type="a"), "exit", truth)
            for report in in_batches(
                seed,
                populations,
                lambda one: leaving(one, 150, visits=visits, rate=rate, correlation=correlation),
                ["last_events"],
            )
        ]
        yield _coverage(f"exit rate, {case}", held)
        held = [
            _holds(_row(rows, event_type="a", cohort="all"), "contact_rate", contact)
            for rows in contact_figures(
                seed,
                populations,
                lambda one: visits_with_contacts(
                    one, 150, visits=visits, rate=contact, correlation=correlation
                ),
            )
        ]
        yield _coverage(f"contact rate, {case}", held)

    return measure


def _true_exit_rate(visits: int, rate: float, correlation: float) -> float:
    """Exits over visits of all persons, from a population too large to matter."""
    log = leaving(0, 1_000_000, visits=visits, rate=rate, correlation=correlation)
    ends = np.flatnonzero(np.diff(log.person, append=-1))
    return float((log.event[ends] == 0).sum() / (log.event == 0).sum())


def _row(rows: Rows, **values: Any) -> dict[str, Any]:
    return next(row for row in rows if all(row[name] == value for name, value in values.items()))


def _holds(row: dict[str, Any], bounds: str, truth: float) -> bool | None:
    low, high = row[f"{bounds}_low"], row[f"{bounds}_high"]
    return None if low is None else bool(low <= truth <= high)


def _coverage(case: str, held: Sequence[bool | None]) -> Measure:
    stated = [one for one in held if one is not None]
    return Measure(
        "intervals over visits", case, sum(stated) / max(len(stated), 1), len(stated),
        "covers", (0.93, 0.97), "" if len(stated) == len(held) else f"{len(held) - len(stated)} not stated",
    )  # fmt: skip


# --- 5 bought before -----------------------------------------------------------------------------


def earlier_buyers(seed: int, populations: int) -> Iterator[Measure]:
    """One in four bought before the window and uses the product in it; no event matters."""
    persons, share = 1_300, 0.25
    reports, called, tests = 0, 0, 0
    shown: list[bool] = []
    for report in in_batches(
        seed, populations, lambda one: bought_before(one, persons, earlier=share),
        ["friction_signals", "summary"], days=20, window_days=10,
    ):  # fmt: skip
        rows = [row for row in report["friction_signals"] if row["p_value"] is not None]
        bad = [row for row in rows if row["verdict"] == "friction"]
        reports, called, tests = reports + bool(bad), called + len(bad), tests + len(rows)
        shown += [row.get("earlier_converters") == persons * share for row in report["summary"][:1]]
    yield Measure(
        "bought before",
        "a quarter of the persons",
        reports / populations,
        populations,
        "at most",
        (LEVEL,),
        f"{called} of {tests} tests",
    )
    table_of("summary", "earlier_converters")
    yield Measure(
        "bought before", "their number is shown", float(np.mean(shown)), len(shown),
        "within", (1.0, 1.0),
    )  # fmt: skip


# --- 6 conversion rate ---------------------------------------------------------------------------


def late_entrants(seed: int, populations: int) -> Iterator[Measure]:
    """Who enters late is seen for less time."""
    entrants = Entrants()
    held: dict[int, list[bool | None]] = {7: [], 14: [], 30: []}
    crude: list[bool] = []
    rates: list[float] = []
    shares: list[float] = []
    for report in in_batches(
        seed, populations, lambda one: entrants.log(one, 2_000), ["summary"],
        days=30, window_days=30, at_once=20,
    ):  # fmt: skip
        row = report["summary"][0]
        converted, population = row["population_converted"], row["population"]
        shares.append(converted / population)
        error = 1.96 * np.sqrt(shares[-1] * (1 - shares[-1]) / population)
        crude.append(abs(shares[-1] - entrants.truth) <= error)
        for days in held:
            if f"rate_{days}d" in row:
                held[days].append(_holds(row, f"rate_{days}d", entrants.after(days)))
        rates.append(row.get("rate_30d") or np.nan)
    yield Measure(
        "conversion rate", f"the crude share as the rate of 30 days ({entrants.truth:.1%})",
        float(np.mean(crude)), len(crude), None, (), f"mean {np.mean(shares):.1%}",
    )  # fmt: skip
    table_of("summary", "rate_30d")
    for days, inside in held.items():
        stated = [one for one in inside if one is not None]
        yield Measure(
            "conversion rate", f"inside the interval of {days} days ({entrants.after(days):.1%})",
            sum(stated) / max(len(stated), 1), len(stated), "at least", (0.93,),
            f"mean {np.nanmean(rates):.1%}" if days == 30 else "",
        )  # fmt: skip


# --- 7 contacts ----------------------------------------------------------------------------------


def contacts(per_hour: float) -> Callable[[int, int], Iterable[Measure]]:
    """Contacts at a constant rate up to 24 hours after the last visit, whatever was visited."""

    def measure(seed: int, populations: int) -> Iterator[Measure]:
        reports, ratios = 0, []
        for rows in contact_figures(
            seed, populations, lambda one: contacts_to(one, 1_500, per_hour=per_hour)
        ):
            states = [row for row in rows if row["cohort"] == "all" and row["event_type"] != BUY]
            reports += any(row["verdict"] in CLAIMS for row in states)
            ratios += [r["relative_risk"] for r in states if r["relative_risk"] is not None]
        case = f"{per_hour:g} an hour"
        middle = float(np.median(ratios)) if ratios else float("nan")
        yield Measure("contacts", case, reports / populations, populations, "at most", (LEVEL,))
        yield Measure(
            "contacts", f"{case}: relative risk of conversion", middle, len(ratios),
            "within", (0.9, 1.1),
        )  # fmt: skip

    return measure


def contact_figures(
    seed: int, populations: int, draw: Callable[[int], Contacted], at_once: int = 20
) -> Iterator[Rows]:
    """The rows of ``journey_contacts`` of each population: events, paths and conversations stored."""
    for first in range(seed, seed + populations, at_once):
        drawn = [draw(one) for one in range(first, min(first + at_once, seed + populations))]
        with tempfile.TemporaryDirectory() as directory:
            store, days = store_logs(
                Path(directory), [one.log for one in drawn], days=6, window_days=6
            )
            store_contacts(store, Path(directory), drawn, days)
            rows = contact_rows(store, days)
        for day in days:
            yield [row for row in rows if row["as_of"] == day]


# --- 8 a day without conversions -----------------------------------------------------------------


def a_quiet_day(seed: int, populations: int) -> Iterator[Measure]:
    """100 newcomers a day, of whom 15 % convert on it; on the last day nobody does, or as many do."""
    changes, days, window = table_of("changes"), 24, 12
    for quiet, asks, promise in (((days - 1,), "at least", 0.95), ((), "at most", LEVEL)):
        found = 0
        for first in range(seed, seed + populations, 10):
            seeds = range(first, min(first + 10, seed + populations))
            with tempfile.TemporaryDirectory() as directory:
                logs = (days_of_newcomers(one, days, 100, quiet=quiet) for one in seeds)
                store, as_ofs = store_logs(
                    Path(directory), logs, days=days, window_days=window, permutations=199
                )
                store.materialized(
                    *(as_ofs[0] + timedelta(days=n) for n in range(1 - days, days * len(seeds)))
                )
                rows = store.all_figures(changes, days=as_ofs)[changes]
            found += len(
                {
                    row["as_of"]
                    for row in rows
                    if row["figure"] == "conversion_last_day" and row["verdict"] == "lower"
                }
            )
        yield Measure(
            "a quiet day", "found" if quiet else "called one where it is as the others",
            found / populations, populations, asks, (promise,),  # type: ignore[arg-type]
        )  # fmt: skip


# --- 9 any claim ---------------------------------------------------------------------------------


def any_claim(correlation: float) -> Callable[[int, int], Iterable[Measure]]:
    """Whole reports over noise."""

    def measure(seed: int, populations: int) -> Iterator[Measure]:
        kinds = dict.fromkeys(CLAIMING, 0)
        held = 0
        for report in in_batches(
            seed, populations,
            lambda one: nothing_differs(one, 1_000, events=12, pause=0.25, correlation=correlation),
            CLAIMING, days=5, window_days=5,
        ):  # fmt: skip
            held += bool(claims(report))
            for name in CLAIMING:
                kinds[name] += bool(claims({name: report[name]}))
        case = "a report" if not correlation else f"a report, persons differ, ρ = {correlation:g}"
        said = ", ".join(f"{name} {count}" for name, count in kinds.items() if count)
        yield Measure("any claim", case, held / populations, populations, "at most", (LEVEL,), said)

    return measure


def rolling(seed: int, populations: int) -> Iterator[Measure]:
    """A month of daily reports over a window of 30 days."""
    days = 59
    names = [name for name in CLAIMING if name != "golden_transitions"]
    any_of, new = 0, 0
    for one in range(seed, seed + populations):
        with tempfile.TemporaryDirectory() as directory:
            log = days_of_newcomers(one, days, 40)
            store, (last,) = store_logs(
                Path(directory), [log], days=days, window_days=30, permutations=199
            )
            month = [last - timedelta(days=back) for back in reversed(range(30))]
            found = store.all_figures(*map(table_of, names), days=month)
        rows = [row for each in found.values() for row in each if row["verdict"] in CLAIMS]
        any_of += bool(rows)
        new += any(row.get("is_new") for row in rows)
    yield Measure(
        "any claim", "a month of rolling windows: any", any_of / populations, populations, None, ()
    )
    table_of("friction_signals", "is_new")
    yield Measure(
        "any claim", "a month of rolling windows: a new one", new / populations, populations,
        "at most", (LEVEL,),
    )  # fmt: skip


# --- 10 lifetime value ---------------------------------------------------------------------------


def lifetime_value(seed: int, populations: int) -> Iterator[Measure]:
    """Who does more is worth more, on whatever channel: the omnichannel segment against all."""
    raw, standardised = [], []
    for one in range(seed, seed + populations):
        with tempfile.TemporaryDirectory() as directory:
            store = Store(Path(directory), conversion_event=BUY)
            store.insert(SEGMENT_PROFILES, _profiles(one, 4_000))
            with store.session() as session:
                compute_channels(session, [FIRST_DAY], store.settings, [SEGMENTS])
                segments = rows_of(session.con.execute(f"FROM {SEGMENTS.result}"))
        row = _row(segments, segment="omnichannel")
        everybody = sum(r["avg_ltv"] * r["profiles"] for r in segments)
        raw.append(row["avg_ltv"] * sum(r["profiles"] for r in segments) / everybody)
        standardised.append(row.get("standardised_ltv_ratio"))
    yield Measure(
        "lifetime value", "omnichannel over all, raw", float(np.mean(raw)), len(raw), None, ()
    )
    if standardised[0] is None:
        raise NotBuiltError("channels.segments standardised_ltv_ratio")
    yield Measure(
        "lifetime value", "omnichannel over all, standardised", float(np.mean(standardised)),
        len(standardised), "within", (0.97, 1.03),
        f"{min(standardised):.3f} to {max(standardised):.3f}",
    )  # fmt: skip


def _profiles(seed: int, profiles: int) -> Rows:
    rng = np.random.default_rng(seed)
    activity = rng.gamma(1.0, 8.0, profiles)
    counts = rng.poisson(activity[:, None] / 3, (profiles, 3))
    values = (20 + 30 * counts.sum(axis=1)) * rng.lognormal(-0.18, 0.6, profiles)
    return [
        {
            "snapshot_date": FIRST_DAY,
            "profile_key": f"user_id:u{n}",
            "web_sessions_30d": int(web),
            "mobile_sessions_30d": int(mobile),
            "emails_opened_30d": int(email),
            "ltv": float(value),
        }
        for n, ((web, mobile, email), value) in enumerate(zip(counts, values, strict=True))
    ]


# --- 11 a robot ----------------------------------------------------------------------------------


def one_robot(seed: int, populations: int) -> Iterator[Measure]:
    """The same people without and with one robot of 100,000 events."""
    names = ["transitions", "dropoff_cliffs", "summary"]
    same, worst, counted = 0, 0.0, []
    cliffs_of: list[tuple[int, int]] = []
    for one in range(seed, seed + populations):
        people = nothing_differs(one, 1_000, conversion=0.2, events=8)
        beside = people.besides(robot(100_000, people.names[:2]))
        without, with_it = figures([people, beside], names)
        shares = [
            {(r["cohort"], r["from_event"], r["to_event"]): r["p_out"] for r in each["transitions"]}
            for each in (without, with_it)
        ]
        moved = max(abs(shares[1].get(key, 0.0) - share) for key, share in shares[0].items())
        worst = max(worst, moved)
        cliffs_of.append(
            tuple(sum(r["verdict"] == "cliff" for r in each["dropoff_cliffs"]) for each in (without, with_it))  # type: ignore[arg-type]
        )  # fmt: skip
        same += moved < 1e-9 and cliffs_of[-1][0] == cliffs_of[-1][1]
        counted += [row.get("heavy_persons") == 1 for row in with_it["summary"][:1]]
    yield Measure(
        "one robot", "figures as without it", same / populations, populations, "within", (1, 1),
        f"a share moved by up to {worst:.2f}; cliffs {sum(a for a, _ in cliffs_of)} → "
        f"{sum(b for _, b in cliffs_of)}",
    )  # fmt: skip
    table_of("summary", "heavy_persons")
    yield Measure(
        "one robot",
        "counted and named by count",
        float(np.mean(counted)),
        len(counted),
        "within",
        (1, 1),
    )


# --- 12 Simpson ----------------------------------------------------------------------------------


def simpson(seed: int, populations: int) -> Iterator[Measure]:
    """An event that helps on each platform, seen most where few convert."""
    wrong, right, says = 0, 0, 0
    for report in in_batches(
        seed, populations, lambda one: by_platform(one, 3_000), ["friction_signals"]
    ):
        row = _row(report["friction_signals"], event_type="Tip")
        wrong += row["verdict"] == "friction"
        right += row["verdict"] == "with_conversion"
        says += bool(row.get("strata_differ"))
    yield Measure(
        "Simpson", "called friction", wrong / populations, populations, "at most", (LEVEL,)
    )
    yield Measure(
        "Simpson", "called with_conversion", right / populations, populations, "at least", (0.9,)
    )
    table_of("friction_signals", "strata_differ")
    yield Measure(
        "Simpson",
        "the row says that the strata decide",
        says / populations,
        populations,
        "at least",
        (0.9,),
    )


# --- 13 both lists -------------------------------------------------------------------------------


def both_lists(seed: int, _populations: int) -> Iterator[Measure]:
    """30 persons on each list, and 20 with an id on each."""
    people = nothing_differs(seed, 80, conversion=0.0, events=4)
    with tempfile.TemporaryDirectory() as directory:
        store, (day,) = store_logs(Path(directory), [people], conversion_event="")
        ids = amplitude_ids(0, np.arange(80)).tolist()
        # The first twenty persons have the ids of the next twenty too.
        store.persons({one: f"person {n % 20 if n < 40 else n}" for n, one in enumerate(ids)}, day)
        store.lists([*ids[:20], *ids[40:60]], [*ids[20:40], *ids[60:]], snapshot=day)
        summary = table_of("summary")
        friction = table_of("friction_signals")
        rows = store.all_figures(summary, friction, days=[day])
    taken = max((row["converters"] for row in rows[friction]), default=0)
    yield Measure(
        "both lists", "20 of 60 persons: converters compared", float(taken), 1, "within", (20, 20)
    )
    counted = [v for row in rows[summary] for name, v in row.items() if "both" in name]
    if not counted:
        raise NotBuiltError("journeys.summary: persons on both lists")
    yield Measure("both lists", "counted", float(counted[0]), 1, "within", (20, 20))


# --- the planted journey -------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """The row of a planted event: its claim, and planted values with the bounds given for them."""

    name: str
    claimed: bool
    rank: int
    values: list[tuple[str, float, float | None, float | None]]


def planted_journeys(seed: int, populations: int) -> Iterator[Measure]:
    """Populations of the simulator: what is planted is found, first, and inside its interval."""
    names = ["divergence_points", "friction_signals", "dropoff_cliffs"]
    claimed: Counter[str] = Counter()
    first: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for report in in_batches(
        seed, populations, lambda one: log_of(planted(one, PLANTED_PERSONS), step=1), names,
        at_once=20, conversion_event=TRUTHS.conversion_event,
    ):  # fmt: skip
        for found in (
            divergence(report["divergence_points"]),
            planted_friction(report["friction_signals"]),
            planted_cliffs(report["dropoff_cliffs"]),
        ):
            claimed[found.name] += found.claimed
            first[found.name] += found.claimed and found.rank == 1
            for name, value, low, high in found.values:
                inside[name] += low is not None and high is not None and low <= value <= high
    for name, count in claimed.items():
        yield Measure(
            "planted",
            f"{name} found",
            count / populations,
            populations,
            "at least",
            (0.9,),
            f"first in {first[name]}",
        )
    for name, count in inside.items():
        yield Measure(
            "planted",
            f"interval holds {name}",
            count / populations,
            populations,
            "at least",
            (0.93,),
        )


def divergence(rows: Rows) -> Found:
    """The planted divergence point: its divergence and all next steps."""
    row = _row(rows, event_type=TRUTHS.divergence_event)
    shares = np.array([list(one.values()) for one in TRUTHS.next_after_divergence.values()])
    in_bits = float(jensen_shannon(*shares))
    values = [("the divergence in bits", in_bits, row["jsd_low"], row["jsd_high"])]
    for label, planted_shares in TRUTHS.next_after_divergence.items():
        top = {one["event_type"]: one for one in row[f"top_next_{label}s"]}
        values += [
            (f"the share of {label}s → {event}", share, top[event]["low"], top[event]["high"])
            for event, share in planted_shares.items()
        ]
    return Found(TRUTHS.divergence_event, row["verdict"] == "different", row["rank"], values)


def planted_friction(rows: Rows) -> Found:
    """The planted friction, its relative risk and its ratio of hazards."""
    row = _row(rows, event_type=TRUTHS.friction_event)
    values = [("the relative risk", TRUTHS.friction_relative_risk, row["rr_low"], row["rr_high"])]
    planted_ratio = getattr(TRUTHS, "friction_hazard_ratio", None)
    if planted_ratio is not None and "hr_low" in row:
        values.append(
            ("the ratio of hazards of friction", planted_ratio, row["hr_low"], row["hr_high"])
        )
    return Found(TRUTHS.friction_event, row["verdict"] == "friction", row["rank"], values)


def planted_cliffs(rows: Rows) -> Found:
    """The planted cliff, as a state and as a pair; ``rank`` is the worse one."""
    planted_ones = ((TRUTHS.cliff_state, None), TRUTHS.cliff_pair)
    found = [row for row in rows if (row["from_event"], row["to_event"]) in planted_ones]
    return Found(
        TRUTHS.cliff_state,
        len(found) == len(planted_ones) and all(row["verdict"] == "cliff" for row in found),
        max(row["rank"] for row in found),
        [
            (
                f"the exit rate of the {'pair' if row['to_event'] else 'state'}",
                TRUTHS.cliff_exit_rate,
                row["exit_low"],
                row["exit_high"],
            )
            for row in found
        ],
    )


# --- the divergence ------------------------------------------------------------------------------


def random_splits(seed: int, splits: int) -> Iterator[Measure]:
    """One population of the simulator, uncut, split into two lists at random again and again."""
    name = "divergence_points"
    with tempfile.TemporaryDirectory() as directory:
        store, days = store_splits(
            Path(directory), planted(seed, PLANTED_PERSONS), splits=splits, share=0.3, seed=seed
        )
        rows = store.all_figures(table_of(name), days=days)[table_of(name)]
    tested = [row for row in rows if row["p_value"] is not None]
    called = [row for row in tested if row["verdict"] == "different"]
    # Not of reports: the population's cliffs are real, and of a family with true claims Benjamini and
    # Hochberg promise few false ones among all claims, not that most reports hold none.
    yield Measure(
        "random splits",
        "events called divergence points",
        len(called) / len(tested),
        len(tested),
        "at most",
        (LEVEL,),
        f"p < 0.05 in {np.mean([row['p_value'] < 0.05 for row in tested]):.1%}",
    )


def divergence_intervals(seed: int, samples: int) -> Iterator[Measure]:
    """Distributions drawn at random, a part of the way from each other, in cohorts of all sizes."""
    rng = np.random.default_rng(seed)
    for outcomes in (2, 4, 12):
        for sizes in ((10, 10), (10, 300), (50, 80), (400, 900)):
            hits = sum(_divergence_held(rng, outcomes, sizes) for _ in range(samples))
            yield Measure(
                "interval of the divergence", f"{outcomes} next events, {sizes[0]} and {sizes[1]}",
                hits / samples, samples, "at least", (0.93,),
            )  # fmt: skip


def _divergence_held(rng: np.random.Generator, outcomes: int, sizes: tuple[int, int]) -> bool:
    one, other = rng.dirichlet(np.ones(outcomes), size=2)
    other = one + rng.uniform() * (other - one)
    table = np.array([rng.multinomial(n, p) for n, p in zip(sizes, (one, other), strict=True)])
    table = table[:, table.sum(axis=0) > 0]
    jsd = float(jensen_shannon(*(row / row.sum() for row in table)))
    middle = jsd - permutation_mean(table.sum(axis=0), sizes[0])
    half = interval_half_width(table, 0.95)
    low, high = max(middle - half, 0.0), max(middle + half, 0.0)
    return low <= float(jensen_shannon(one, other)) <= high


# --- all -----------------------------------------------------------------------------------------


def tasks(populations: int) -> list[Task]:
    """All of them; ``populations`` a cell, more or fewer where a population costs less or more."""
    few = max(populations // 5, 5)
    return [
        *(
            Task("friction", f"{activity} {share:.0%}", friction(activity, share), populations)
            for activity in ("memoryless", "fixed", "heavy-tailed")
            for share in (0.05, 0.2, 0.5)
        ),
        *(Task("critical step", f"ρ {rho:g}", critical(rho), populations) for rho in (0.0, 0.05)),
        *(Task("cliffs", f"ρ {rho:g}", cliffs(rho), populations) for rho in (0.0, 0.1, 0.2)),
        *(
            Task("intervals over visits", f"ρ {rho:g}, {n}", intervals(rho, n), populations)
            for rho in (0.0, 0.1, 0.2)
            for n in (2, 5, 20)
        ),
        Task("bought before", "", earlier_buyers, populations),
        Task("conversion rate", "", late_entrants, few),
        *(Task("contacts", f"{rate:g}", contacts(rate), few) for rate in (0.03, 0.1)),
        Task("a quiet day", "", a_quiet_day, few),
        *(Task("any claim", f"ρ {rho:g}", any_claim(rho), populations) for rho in (0.0, 0.1)),
        Task("any claim", "rolling", rolling, few),
        Task("lifetime value", "", lifetime_value, 10),
        Task("one robot", "", one_robot, 5),
        Task("Simpson", "", simpson, few),
        Task("both lists", "", both_lists, 1),
        Task("planted", "", planted_journeys, populations),
        Task("random splits", "", random_splits, populations),
        Task("interval of the divergence", "", divergence_intervals, 2 * populations),
    ]
