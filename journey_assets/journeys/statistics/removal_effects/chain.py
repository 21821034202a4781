"""Removal effects: what part of the conversions passes an event, in a first-order chain.

Belongs here: the chain and its solution. Does not belong here: the guards and the verdicts, which stand
in ``figures.sql``.

The chain (Anderl, Becker, von Wangenheim & Schumann, *International Journal of Research in Marketing*
33, 2016) has the events as states and two that absorb, converted and not. Its probabilities are the
counted ones over the paths of all cohorts, and every path counts at its last event too: one of the
cohort in focus goes on to "converted", every other to "not converted", also one that was still active
when the window ended (censored) or was cut. That is what makes the chain's own rate equal to the
observed share of converters; leaving such paths out at their end would not.
"""

from typing import TYPE_CHECKING

from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

_CELLS = """
SELECT event, coalesce(next_event, 0) AS next_event, sum(occurrences)::BIGINT AS occurrences,
    coalesce(sum(occurrences) FILTER (cohort = $focus AND next_event IS NULL), 0)::BIGINT AS converted
FROM journey_compared_cells
WHERE as_of = $as_of
GROUP BY ALL
ORDER BY ALL
"""


def leave_removals(con: "DuckDBPyConnection", _rules: Rules) -> None:
    """Leave ``journey_removals``, a row per event of a comparison; none without converters."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_removals "
        "(as_of DATE, focus journey_cohort, event UINTEGER, effect DOUBLE, conversion_rate DOUBLE)"
    )
    comparisons = con.execute(
        "SELECT as_of, focus FROM journey_populations WHERE converters > 0 ORDER BY ALL"
    ).fetchall()
    for as_of, focus in comparisons:
        _solve(con, {"as_of": as_of, "focus": focus})


def _solve(con: "DuckDBPyConnection", comparison: dict[str, object]) -> None:
    import numpy as np

    cells = con.execute(_CELLS, comparison).fetchnumpy()
    events, origin = np.unique(cells["event"], return_inverse=True)
    inner = cells["next_event"] > 0
    transitions = np.zeros((len(events), len(events)))
    target = np.searchsorted(events, cells["next_event"][inner])
    transitions[origin[inner], target] = cells["occurrences"][inner]
    visits, converted = np.zeros(len(events)), np.zeros(len(events))
    np.add.at(visits, origin, cells["occurrences"])
    np.add.at(converted, origin, cells["converted"])
    effects, rate = removal_effects(transitions, visits, converted)
    con.execute(
        "INSERT INTO journey_removals SELECT $as_of, $focus, unnest($events::UINTEGER[]), "
        "unnest($effects::DOUBLE[]), $rate",
        comparison | {"events": events.tolist(), "effects": effects.tolist(), "rate": rate},
    )


def removal_effects(
    transitions: "NDArray[np.float64]",
    visits: "NDArray[np.float64]",
    converted: "NDArray[np.float64]",
) -> "tuple[NDArray[np.float64], float]":
    """Each state's removal effect, and the chain's probability of conversion.

    transitions: counts from state (row) to state; visits: how often each state is visited; converted:
    paths that end in conversion by their last state. Every state must lead to an end, as it does when
    the counts are those of finite paths.

    With N = (I − Q)⁻¹ the chance to convert from each state is x = N r, and N's row of the start over
    its diagonal is the chance h ever to come to a state (Kemeny & Snell, *Finite Markov Chains*, 1960,
    ch. 3). Whoever converts without a state never comes to it, so that P(conversion without s) =
    P(conversion) − h x: one inverse answers for every state what solving anew without it would.
    """
    import numpy as np

    start = (visits - transitions.sum(axis=0)) / (visits.sum() - transitions.sum())
    inverse = np.linalg.inv(np.eye(len(visits)) - transitions / visits[:, None])
    convert = inverse @ (converted / visits)
    come = (start @ inverse) / np.diag(inverse)
    rate = float(start @ convert)
    return np.clip(come * convert / rate, 0, 1), rate
