"""``docs/truth.md`` and its picture, of what ``bench_error_rates.py`` measured before a change and after.

Belongs here: how the measurements are kept and shown. Does not belong here: measuring. They are kept in
``docs/truth.json``, so that the code of today can be measured again without that of before.

    python benchmarks/error_rate_page.py [--before FILE …] [--after FILE …]

Of several files a later one has the word on the rows that it holds.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
KEPT, PAGE, PICTURE = (DOCS / f"truth.{ending}" for ending in ("json", "md", "svg"))

_HEAD = """# Claims that hold

How often the figures are wrong where the truth is known: claims where nothing differs, misses where much
does, bounds that lie. Written by `python benchmarks/error_rate_page.py` of what
`python benchmarks/bench_error_rates.py` measured; every population goes through the whole computation,
from events in a database file to the rows of the tables. The definitions behind it are told in the
tables' own descriptions ([tables.md](tables.md)); small forms of these rows are tests
(`test_claims_that_hold.py`, and those of each table).

![False claims and coverage, before and after](truth.svg)

"""

_WHAT = {
    "friction": "Reports that call an ordinary event friction. Twenty events, none of which matters; "
    "1,000 persons make 20 visits on average and convert with one hazard after each.",
    "critical step": "Reports that name a critical step of a golden path that is only the most frequent "
    "order of noise.",
    "cliffs": "Reports that call a state a cliff where persons differ in how soon they leave, not "
    "states.",
    "intervals over visits": "How often a 95 % interval holds the truth: 150 persons of so many visits, "
    "of which two of one person correlate by ρ.",
    "bought before": "A quarter of 1,300 persons bought before the window and uses the product in it: "
    "reports that call a neutral event friction.",
    "conversion rate": "2,000 persons enter throughout 30 days, most of them late; 24.6 % have converted "
    "30 days after they entered.",
    "contacts": "Contacts with support at a constant rate from the first visit until 24 hours after the "
    "last, or until the conversion: reports that say they cost conversions, and the relative risk over "
    "all states.",
    "a quiet day": "100 newcomers a day of whom 15 % convert on it; on the last day nobody does.",
    "any claim": "Reports over noise that claim anything: friction, divergence, a cliff or a critical "
    "step. A month is thirty daily reports over windows of 30 days.",
    "lifetime value": "Who does more is worth more, on whatever channel: the ratio of the omnichannel "
    "segment to all.",
    "one robot": "One robot of 100,000 events beside 1,000 persons.",
    "Simpson": "An event that raises conversion on each platform is seen most where few convert.",
    "both lists": "20 persons on both lists beside 20 on each.",
    "planted": "What is planted in the simulator's population (2,000 persons) is found, and lies in its "
    "interval.",
    "random splits": "One population of the simulator split at random, uncut: tests that call an event a "
    "divergence point. Its cliffs are real: in a family with true claims few of all claims are false, "
    "which is another promise than that a report holds none.",
    "interval of the divergence": "How often the interval holds the true divergence, by cohort sizes.",
}

_BEFORE, _AFTER, _BOUND = "#c2410c", "#0b7285", "#64748b"
_LINE, _WIDTH, _NAMES, _SCALE, _GAP = 15, 1_180, 330, 230, 40

Measures = list[dict[str, Any]]


def main() -> None:
    """Keep what is given; write page and picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for side in ("before", "after"):
        parser.add_argument(f"--{side}", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {"before": [], "after": []}
    for side in kept:
        kept[side] = list(_replaced(kept[side], getattr(given, side)))
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    before, after = kept["before"], kept["after"]
    PAGE.write_text(_HEAD + "\n".join(_page(before, after)))
    PICTURE.write_text(_picture(before, after))


def _replaced(measures: Measures, files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        found = json.loads(file.read_text())
        about = {key: found[key] for key in ("date", "machine", "seed", "populations")}
        new = [one | about for one in found["measures"]]
        rows = {one["row"] for one in new}
        measures = [one for one in measures if one["row"] not in rows] + new
    yield from measures


def _page(before: Measures, after: Measures) -> Iterator[str]:
    old = {(one["row"], one["case"]): one for one in before}
    rows = dict.fromkeys(one["row"] for one in after)
    for row in (name for name in _WHAT if name in rows):
        yield f"## {row[0].upper()}{row[1:]}\n\n{_WHAT[row]}\n"
        yield "| | before | after | promised | of |\n|---|---|---|---|---|"
        for one in (each for each in after if each["row"] == row):
            was = old.get((row, one["case"]))
            of = f"{one['of']:,}"
            if was is not None and was["of"] not in (0, one["of"]):
                of = f"{was['of']:,} / {of}"
            broken = "" if one["kept"] is not False else " **missed**"
            said = f"; {one['said']}" if one["said"] else ""
            yield (
                f"| {one['case'] or row} | {_shown(was)} | {_shown(one)}{broken}{said} "
                f"| {_promised(one)} | {of} |"
            )
        yield ""
    yield "## How it was measured\n"
    for side, measures in (("Before", before), ("After", after)):
        runs = dict.fromkeys(
            (one["date"], one["machine"], one["seed"], one["populations"]) for one in measures
        )
        for date, machine, seed, populations in runs:
            yield (
                f"- {side}: {date}, {machine}; seeds from {seed} on, {populations} populations a cell "
                "(a fifth of them for contacts, quiet days, months and Simpson)."
            )
    yield (
        "\nA number is marked as missed where chance explains its distance from the promise less than "
        "once in a hundred times. With so many populations a share of 5 % is known to about ± 7 "
        "percentage points at 40 and ± 4 at 100: `--populations 400` says more, in four times the time.\n"
    )


def _shown(one: dict[str, Any] | None) -> str:
    if one is None or one["value"] is None:
        return "no such figure"
    ratio = one["asks"] == "within" or (one["asks"] is None and one["row"] == "lifetime value")
    return f"{one['value']:.2f}" if ratio else f"{one['value']:.1%}"


def _promised(one: dict[str, Any]) -> str:
    if not one["asks"]:
        return ""
    if one["asks"] == "within":
        return " to ".join(f"{bound:g}" for bound in one["promise"])
    word = "" if one["asks"] == "covers" else f"{one['asks']} "
    return word + " to ".join(f"{bound:.0%}" for bound in one["promise"])


def _picture(before: Measures, after: Measures) -> str:
    """Two panels of lines: shares of reports with a false claim, and coverage."""
    old = {(one["row"], one["case"]): one["value"] for one in before}
    false = [one for one in after if one["asks"] == "at most" and one["value"] is not None]
    covers = [
        one
        for one in after
        if one["value"] is not None
        and one["row"] != "interval of the divergence"
        and (one["asks"] == "covers" or (one["asks"] == "at least" and one["promise"][0] == 0.93))
    ]
    height = 70 + _LINE * max(len(false), len(covers))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="10.5">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        *_panel(0, "Reports with a false claim", false, old, (0.0, 1.0), 0.05, height),
        *_panel(
            _NAMES + _SCALE + _GAP, "Intervals that hold the truth", covers, old, (0.0, 1.0), 0.95, height
        ),
        f'<text x="10" y="{height - 8}" fill="{_BEFORE}">○ before</text>',
        f'<text x="75" y="{height - 8}" fill="{_AFTER}">● after</text>',
        "</svg>\n",
    ]  # fmt: skip
    return "\n".join(parts)


def _panel(
    left: int,
    title: str,
    measures: Measures,
    old: dict[tuple[str, str], Any],
    scale: tuple[float, float],
    bound: float,
    height: int,
) -> Iterator[str]:
    def at(value: float) -> float:
        return left + _NAMES + (value - scale[0]) / (scale[1] - scale[0]) * _SCALE

    yield f'<text x="{left + 10}" y="18" font-size="13" font-weight="600">{title}</text>'
    yield (
        f'<path d="M{at(bound):.1f} 34V{height - 24}" stroke="{_BOUND}" stroke-dasharray="3 3"/>'
        f'<text x="{at(bound):.1f}" y="31" text-anchor="middle" fill="{_BOUND}">{bound:.0%}</text>'
    )
    for number, one in enumerate(measures):
        y = 45 + number * _LINE
        was = old.get((one["row"], one["case"]))
        name = f"{one['row']}: {one['case']}".removesuffix(": ").removeprefix(
            "intervals over visits: "
        )
        yield f'<text x="{left + _NAMES - 8}" y="{y + 3}" text-anchor="end">{escape(name[:62])}</text>'
        if was is not None:
            yield f'<path d="M{at(was):.1f} {y}H{at(one["value"]):.1f}" stroke="#cbd5e1"/>'
            yield f'<circle cx="{at(was):.1f}" cy="{y}" r="3.5" fill="#fff" stroke="{_BEFORE}"/>'
        yield f'<circle cx="{at(one["value"]):.1f}" cy="{y}" r="3.5" fill="{_AFTER}"/>'


if __name__ == "__main__":
    main()
