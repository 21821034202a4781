"""The check of the numbers in Mave's answers: what it marks, whom it accuses, how long it takes.

From evidence of the demo (the tables of a materialized day's prompts, read from the database of
``--database``, the one of ``make demo`` by default):

* true sentences: every figure of the evidence in several wordings, with and without citation;
* planted swaps: the same sentences with the figure of the other cohort, of a neighbouring row, or of a
  sibling measure of the row, where that is written differently;
* Mave's stored answers, in which every number is true;
* an answer of 1 MB with 100,000 numbers.

Exits with 1 when a promise is broken: 90 % of the swaps of each kind marked, 2 % of the true sentences
accused, 100,000 numbers in 10 seconds of CPU.

    python benchmarks/bench_numbers.py [--database FILE] [--seed 20261128] [--sentences 1500] [--json FILE]
"""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from journey_assets.analyses.evidence import Evidence
from journey_assets.analyses.marks import NumberCheck, Status, marked
from journey_assets_tests.number_sentences import planted, true_sentences

NUMBERS = 100_000
MOST_SECONDS = 10.0
LEAST_MARKED = 0.90
MOST_ACCUSED = 0.02


def evidences(database: Path) -> dict[str, tuple[Evidence, str]]:
    """Evidence and answer of each kind, of the last day that has answers."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as con:
        rows = con.execute(
            "SELECT kind, evidence, content FROM analyses.mave_analyses WHERE content IS NOT NULL "
            "QUALIFY as_of = max(as_of) OVER (PARTITION BY kind) ORDER BY kind"
        ).fetchall()
    return {kind: (Evidence.from_json(evidence), content) for kind, evidence, content in rows}


def statuses(sentence: str, evidence: Evidence) -> set[str]:
    """What became of the numbers of a sentence."""
    return {mark.status.value for mark in NumberCheck(marked(sentence, evidence)).marks}


def measure(
    found: dict[str, tuple[Evidence, str]], rng: Random, most: int, shown: int
) -> dict[str, float]:
    """Shares by kind of sentence; prints them, and a few of those that went wrong."""
    results: dict[str, float] = {}
    true: Counter[bool] = Counter()
    swaps: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    for kind, (evidence, answer) in found.items():
        sentences = true_sentences(evidence, rng)
        for sentence in rng.sample(sentences, min(most, len(sentences))):
            accused = bool(statuses(sentence.text, evidence) - {Status.GROUNDED, Status.DERIVED})
            true[accused] += 1
            if accused:
                wrong.append(f"accused  {sentence.text}")
            for how, text in planted(sentence, rng):
                got = statuses(text, evidence)
                worst = next(
                    (s for s in (Status.MISATTRIBUTED, Status.NOT_FOUND) if s in got),
                    Status.GROUNDED,
                )
                swaps.setdefault(how, Counter())[worst.value] += 1
                if worst is Status.GROUNDED:
                    wrong.append(f"missed   {how}: {text}")
        marks = NumberCheck(marked(answer, evidence))
        results[f"answer {kind}: not grounded of {marks.total}"] = float(len(marks.ungrounded))
    results["true sentences"] = float(true.total())
    results["true sentences accused"] = true[True] / true.total()
    for how, counts in sorted(swaps.items()):
        results[f"swaps, {how}"] = float(counts.total())
        results[f"swaps marked, {how}"] = 1 - counts[Status.GROUNDED] / counts.total()
        results[f"of these misattributed, {how}"] = counts[Status.MISATTRIBUTED] / counts.total()
    for line in rng.sample(wrong, min(shown, len(wrong))):
        print(f"    {line}")
    return results


def seconds_for_many(evidence: Evidence, rng: Random) -> float:
    """CPU seconds for 100,000 numbers in 1 MB of bullets."""
    names = [name for _, name in evidence.names()]
    text = "\n".join(
        f"- {rng.choice(names)}: " + ", ".join(f"{rng.uniform(0, 100):.1f}%" for _ in range(50))
        for _ in range(NUMBERS // 50)
    )
    started = time.process_time()
    total = NumberCheck(marked(text, evidence)).total
    spent = time.process_time() - started
    if total < NUMBERS:
        raise AssertionError(f"only {total} of {NUMBERS} numbers were read")
    return spent


def main() -> int:
    """Run it; returns 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--database", type=Path, default=Path("data/journey_assets.duckdb"))
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--sentences", type=int, default=1500)
    parser.add_argument("--wrong", type=int, default=10, help="how many wrong ones to print")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not options.database.exists():
        print(f"{options.database} is missing: nothing is measured before `make demo`.")
        return 0
    rng = Random(options.seed)
    print(f"seed {options.seed}, {options.database}")
    found = evidences(options.database)
    results = measure(found, rng, options.sentences, options.wrong)
    for kind, (evidence, _) in found.items():
        results[f"seconds of CPU for {NUMBERS:,} numbers, {kind}"] = seconds_for_many(evidence, rng)
    for name, value in results.items():
        print(f"{name:56} {value:10.4f}")
    if options.json:
        options.json.write_text(json.dumps({"seed": options.seed, **results}, indent=1) + "\n")
    broken = [
        name
        for name, value in results.items()
        if (name.startswith("swaps marked") and value < LEAST_MARKED)
        or (name == "true sentences accused" and value > MOST_ACCUSED)
        or (name.startswith("seconds") and value > MOST_SECONDS)
    ]
    for name in broken:
        print(f"broken: {name}")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
