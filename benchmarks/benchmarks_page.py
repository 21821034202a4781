"""``docs/benchmarks.md`` and its picture, of what ``bench_statistics.py`` measured.

Belongs here: how figures are kept and shown. Does not belong here: measuring. What was measured is kept
in ``docs/benchmarks.json``, so that one group of rows can be measured again without the others.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
KEPT, PAGE, PICTURE = (DOCS / f"benchmarks.{ending}" for ending in ("json", "md", "svg"))

#: The groups in the order of the page.
GROUPS = (
    "statistics",
    "ranges",
    "large",
    "peers",
    "permutations",
    "identity",
    "ingest",
    "empty day",
)

_MET, _MISSED = "#0b7285", "#c2410c"

_HEAD = """# Benchmarks

Written by `python benchmarks/bench_statistics.py --large --write`; `make bench` runs the same with all other
benchmarks and writes nothing. Every contestant is a process of its own in every run; a ratio is between
two contestants of one run, and what stands here is the median of the runs. The marks are on wall time
unless another measure is named. The load is that of the machine before a contestant began: where it is
above 1 other work shared the {cores} cores, and the ratios of CPU are to be trusted rather than those of
wall time.

![Each ratio against its mark, on a logarithmic scale: left of the line the mark is met](benchmarks.svg)

"""

_WHAT = {
    "statistics": (
        "The yardstick is what nobody can leave out: six tables' counts in NumPy over arrays "
        "that are in memory and in order before its clock starts. Ours starts with the process "
        "and ends with rows in the result tables; a bare import of the same libraries is taken "
        "off. Both find the same transitions, persons and medians. The six tables are summary, "
        "step_frequencies, transitions, last_events, variants and step_matrix, of the first 30 "
        "events of each person. Switched-on settings and ranges are held against our own plain "
        "form."
    ),
    "ranges": (
        "The store holds the events of 30 days: the as_ofs of a range are of one day's events, of two "
        "days', and so on, fifteen times those of the last as_of in all."
    ),
    "large": (
        "Everything of `journeys` over ten times the events, within a limit that is a fifth of "
        "what the events take in memory. The second row is the resident memory of the whole "
        "process at its peak against the limit and 300 MB."
    ),
    "peers": (
        "From event names in a table to results, imports not counted; all count the same "
        "transitions. Ours computes summary, frequencies, transitions with four quantiles and "
        "last events by cohort, with intervals; retentioneering transition counts, paths, "
        "shares, medians and 95th percentiles without cohorts; pm4py frequency and performance "
        "graphs and variants without cohorts."
    ),
    "permutations": (
        "`divergence_points` and `friction_signals` from stored events to rows, imports taken "
        "off, against a loop that permutes the cohorts and calls scipy for each event. Both "
        "find the same Pearson statistics."
    ),
    "identity": (
        "From links between numbered identifiers to persons. Both find the same components."
    ),
    "ingest": (
        "From the zip that the export API answers to rows in the database file, with every "
        "field kept, against DuckDB's `read_ndjson` of the unzipped files into a table in "
        "memory."
    ),
    "empty day": ("`dagster asset materialize --select '*'` of a day on which nothing happened."),
}


def write(groups: Mapping[str, Any]) -> None:
    """Keep the groups that were measured and write the page of all that are kept."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name, group in groups.items():
        kept[name] = {"machine": group["machine"], "rows": group["rows"]}
    KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    shown = {name: kept[name] for name in GROUPS if name in kept}
    cores = next(iter(shown.values()))["machine"]["cores"]
    PAGE.write_text(_HEAD.format(cores=cores) + "\n".join(_sections(shown)) + "\n")
    draw([row for group in shown.values() for row in group["rows"]])


def _sections(groups: Mapping[str, Any]) -> Iterator[str]:
    for name, group in groups.items():
        rows, machine = group["rows"], group["machine"]
        yield f"## {name.capitalize()}: {rows[0]['about']}\n\n{_WHAT[name]}\n"
        yield "| work | ours: wall s | CPU s | MB | against | wall s | CPU s | MB | × | × CPU | mark | |"
        yield "|---|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|---|"
        yield from map(_line, rows)
        loads = [row[side]["load"] for row in rows for side in ("ours",) if "load" in row[side]]
        load = f", load {min(loads):.1f} to {max(loads):.1f}" if loads else ""
        libraries = ", ".join(
            f"{each} {machine[each]}" for each in ("python", "numpy", "numba", "duckdb", "scipy")
        )
        yield (
            f"\n{machine['date']}, commit {machine['commit']}, {machine['cores']} cores of "
            f"{machine['processor']}, {machine['memory_gb']} GB{load}; medians of {rows[0]['runs']}; "
            f"{libraries}.\n"
        )


def _line(row: Mapping[str, Any]) -> str:
    ours, other = row["ours"], row["against"]
    absent = ours.get("missing") or other.get("missing")
    mark = f"{'≥' if row['faster'] else '≤'} {row['mark']:.3g}" if row["mark"] else ""
    if absent:
        return f"| {row['work']} | | | | {other['name']} | | | | | | {mark} | {absent} |"
    of = "" if row["of"] == "wall" else f" ({'memory' if row['of'] == 'peak_mb' else 'CPU'})"
    met = {True: "met", False: "**missed**", None: ""}[row["met"]]
    figures = " | ".join(
        f"{each['wall']:.2f} | {each['cpu']:.2f} | {each['peak_mb']:.0f}" for each in (ours, other)
    )
    mine, theirs = figures.split(" | ")[:3], figures.split(" | ")[3:]
    return (
        f"| {row['work']} | {' | '.join(mine)} | {other['name']} | {' | '.join(theirs)} | "
        f"{row['times_' + row['of']]:.2f}{of} | {row['times_cpu']:.2f} | {mark} | {met} |"
    )


def draw(rows: Sequence[Mapping[str, Any]]) -> None:
    """The picture: how far each ratio is from its mark."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 9})
    known = [row for row in rows if row["met"] is not None][::-1]
    figure = Figure(figsize=(8.6, 0.8 + 0.27 * len(known)), layout="constrained")
    axes = figure.add_subplot()
    for place, row in enumerate(known):
        times, mark = row[f"times_{row['of']}"], row["mark"]
        distance = mark / times if row["faster"] else times / mark
        colour = _MET if row["met"] else _MISSED
        axes.plot([1, distance], [place, place], color=colour, linewidth=5, solid_capstyle="butt")
        label = f"{times:.3g} × (mark {'≥' if row['faster'] else '≤'} {mark:.3g})"
        side = "left" if distance >= 1 else "right"
        axes.annotate(
            label,
            (distance, place),
            xytext=(4 if side == "left" else -4, 0),
            textcoords="offset points",
            va="center",
            ha=side,
            color=colour,
        )
    axes.axvline(1, color="#333333", linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(known)), [row["work"] for row in known])
    axes.set_xlim(0.02, 60)
    axes.set_xticks([0.1, 1, 10], ["ten times better", "mark", "ten times worse"])
    axes.minorticks_off()
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.savefig(PICTURE, metadata={"Date": None})
