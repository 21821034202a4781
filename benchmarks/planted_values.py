"""The values that follow from the simulator's probabilities, counted over very many walks.

Prints the mapping ``MEASURED`` of ``journey_assets/simulator/truths.py``. Counted in plain Python, by
definitions written out here: what the product computes is held against them.

    python benchmarks/planted_values.py [--seed 1] [--walks 600000]
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from pprint import pprint
from random import Random

from journey_assets.simulator.truths import (
    CREATE_PROJECT,
    EXPORT_DATA,
    GOLDEN_PATH,
    HELP_DOC,
    INVITE_TEAMMATE,
    RUN_FIRST_REPORT,
    SIGN_UP,
    UPGRADE,
    JourneyModel,
)
from journey_assets.simulator.walks import walk

_NEVER = 1 << 30


class Hazards:
    """Sums over visits: at risk and converting right after, with and without something."""

    def __init__(self) -> None:
        self.at_risk: Counter[tuple[int, bool]] = Counter()
        self.converting: Counter[tuple[int, bool]] = Counter()

    def add(self, first: int, last: int, since: int, *, converts: bool) -> None:
        """A person at risk at visits ``first`` to ``last``, with it from visit ``since`` on."""
        for visit in range(first, last + 1):
            self.at_risk[visit, visit >= since] += 1
        if converts and first <= last:
            self.converting[last, last >= since] += 1

    def ratio(self) -> float:
        """Mantel and Haenszel's over the visits."""
        above = below = 0.0
        for visit in {visit for visit, _ in self.at_risk}:
            n1, n0 = self.at_risk[visit, True], self.at_risk[visit, False]
            d1, d0 = self.converting[visit, True], self.converting[visit, False]
            above += d1 * (n0 - d0) / (n0 + n1)
            below += d0 * (n1 - d1) / (n0 + n1)
        return above / below


def values(seed: int, walks: int) -> dict[str, object]:
    """The values, of so many walks."""
    rng, model = Random(seed), JourneyModel()
    persons: Counter[str] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    following: Counter[tuple[str, str, str]] = Counter()
    friction, critical = Hazards(), Hazards()
    for _ in range(walks):
        way = walk(rng, model, signs_up=rng.random() < model.signs_up)
        side = "converter" if way.converts else "non_converter"
        sessions = [steps for steps in way.sessions if steps]
        path = [step for steps in sessions for step in steps]
        visits = path[: path.index(UPGRADE)] if way.converts else path
        persons[side] += 1
        found[side, HELP_DOC] += HELP_DOC in visits
        found[side, "golden"] += _in_order(path, GOLDEN_PATH)
        for event, after in _first_following(visits):
            following[side, event, after] += 1
        if not way.converts:
            found[side, "exports"] += path.count(EXPORT_DATA)
            found[side, "exits"] += path[-1] == EXPORT_DATA
        had = visits.index(HELP_DOC) + 1 if HELP_DOC in visits else _NEVER
        friction.add(1, len(visits), had, converts=way.converts)
        first = min(len(sessions[0]), len(visits))
        took = _in_order(sessions[0][:first], (CREATE_PROJECT, INVITE_TEAMMATE))
        found[side, "took"] += took
        critical.add(first + 1, len(visits), 0 if took else _NEVER, converts=way.converts)

    def following_shares(event: str) -> dict[str, dict[str, float]]:
        shares = {}
        for side in ("converter", "non_converter"):
            of = {a: n for (s, e, a), n in following.items() if (s, e) == (side, event)}
            shares[side] = {a: round(n / sum(of.values()), 4) for a, n in sorted(of.items())}
        return shares

    took = {side: found[side, "took"] for side in persons}
    with_step = took["converter"] / sum(took.values())
    without = (persons["converter"] - took["converter"]) / (walks - sum(took.values()))
    return {
        "golden_share_of_converters": round(found["converter", "golden"] / persons["converter"], 4),
        "conversion_rate": round(persons["converter"] / walks, 4),
        "next_after_divergence": following_shares(CREATE_PROJECT),
        "next_after_sign_up": following_shares(SIGN_UP),
        "next_after_report": following_shares(RUN_FIRST_REPORT),
        "friction_share_non_converters": round(
            found["non_converter", HELP_DOC] / persons["non_converter"], 4
        ),
        "friction_share_converters": round(found["converter", HELP_DOC] / persons["converter"], 4),
        "friction_hazard_ratio": round(friction.ratio(), 4),
        "cliff_exit_rate": round(
            found["non_converter", "exits"] / found["non_converter", "exports"], 4
        ),
        "critical_ratio": round(with_step / without, 4),
        "critical_hazard_ratio": round(critical.ratio(), 4),
    }


def _in_order(steps: list[str], wanted: tuple[str, ...]) -> bool:
    rest = iter(steps)
    return all(step in rest for step in wanted)


def _first_following(visits: list[str]) -> Iterator[tuple[str, str]]:
    """What follows the first visit of the events whose next steps are planted."""
    for event in (SIGN_UP, CREATE_PROJECT, RUN_FIRST_REPORT):
        place = visits.index(event) + 1 if event in visits else len(visits)
        if place < len(visits):
            yield event, visits[place]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--walks", type=int, default=600_000)
    given = parser.parse_args()
    pprint(values(given.seed, given.walks), sort_dicts=False)
