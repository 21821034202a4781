"""Whether a first-order chain is enough: the likelihood-ratio test of order 1 against order 2.

Belongs here: the test, over the visits of each state by what came before and after. Does not belong
here: the chain (``chain.py``), counting (``count.py``).
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from journey_assets.journeys.paths import Rules

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: States that are told apart; all others are one, before and behind a state, and none in the middle.
#: So the counts take a few megabytes, however many events there are.
STATES = 60

#: Rows and columns are put together until every expected count is at least this.
_LEAST_EXPECTED = 5.0


def most_visited(con: "DuckDBPyConnection", rules: Rules) -> Mapping[date, Any]:
    """By as_of the place from 1 of each code among the most visited states; of all others the last."""
    import numpy as np

    rows = con.execute(
        "SELECT as_of, event::BIGINT AS event "
        "FROM (SELECT as_of, event, sum(visits) AS visits "
        "FROM journey_compared_states GROUP BY as_of, event) "
        f"QUALIFY row_number() OVER (PARTITION BY as_of ORDER BY visits DESC, event) <= {STATES} "
        "ORDER BY as_of, visits DESC, event"
    ).fetchall()
    found: dict[date, NDArray[np.int64]] = {}
    placed: dict[date, int] = {}
    for as_of, event in rows:
        places = found.setdefault(as_of, np.full(rules.steps + 1, STATES + 1, dtype=np.int64))
        placed[as_of] = placed.get(as_of, 0) + 1
        places[event] = placed[as_of]
    return found


def leave_orders(con: "DuckDBPyConnection", _rules: Rules) -> None:
    """Leave ``journey_orders`` (as_of, focus, chain_lr, chain_df, chain_p).

    A row for the paths of all cohorts together, focus empty, and one for those of each focus.
    """
    from scipy.special import chdtrc

    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_orders "
        "(as_of DATE, focus journey_cohort, chain_lr DOUBLE, chain_df BIGINT, chain_p DOUBLE)"
    )
    chains = con.execute(
        "SELECT DISTINCT as_of, NULL::journey_cohort AS focus FROM journey_triples "
        "UNION ALL FROM (SELECT as_of, focus FROM journey_comparisons) ORDER BY as_of, focus"
    ).fetchall()
    for as_of, focus in chains:
        statistic, freedom = 0.0, 0
        for table in _tables(con, as_of, focus):
            one, its_freedom = likelihood_ratio(merged(table))
            statistic, freedom = statistic + one, freedom + its_freedom
        p = float(chdtrc(freedom, statistic)) if freedom else None
        con.execute(
            "INSERT INTO journey_orders VALUES (?, ?, ?, ?, ?)",
            [as_of, focus, statistic, freedom, p],
        )


def _tables(con: "DuckDBPyConnection", as_of: object, focus: str | None) -> "list[Floats]":
    import numpy as np

    rows = con.execute(
        "SELECT state, before, after, sum(visits)::BIGINT AS visits FROM journey_triples "
        "WHERE as_of = ? AND cohort = coalesce(?, cohort) GROUP BY ALL ORDER BY ALL",
        [as_of, focus],
    ).fetchnumpy()
    state, before, after = (np.asarray(rows[name]) for name in ("state", "before", "after"))
    found = []
    for each in np.unique(state):
        here = state == each
        table = np.zeros((before.max() + 1, after.max() + 1))
        table[before[here], after[here]] = np.asarray(rows["visits"])[here]
        found.append(table)
    return found


def merged(table: "Floats") -> "Floats":
    """The table with its rare rows as one row, and its rare columns as one column.

    Which ones are rare is a matter of the margins alone, so that the test stays one: with both margins
    at √(5 n) or more every expected count is 5 or more.
    """
    import numpy as np

    least = np.sqrt(_LEAST_EXPECTED * table.sum())
    for _ in range(2):
        margin = table.sum(axis=1)
        order = np.argsort(margin)
        rare = int(np.searchsorted(np.cumsum(margin[order]), least)) + 1
        rare = max(rare, int((margin < least).sum()))
        together = table[order[:rare]].sum(axis=0, keepdims=True)
        table = np.concatenate([together, table[order[rare:]]]).T
    return table


def likelihood_ratio(table: "Floats") -> tuple[float, int]:
    """G² of independence and its degrees of freedom (T. W. Anderson & L. A. Goodman, Annals of
    Mathematical Statistics 28, 1957: given the state, what follows does not depend on what was before)."""
    import numpy as np

    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    expected = table.sum(axis=1)[:, None] * table.sum(axis=0)[None, :] / max(table.sum(), 1)
    seen = table > 0
    statistic = 2 * float(np.sum(table[seen] * np.log(table[seen] / expected[seen])))
    return statistic, max(table.shape[0] - 1, 0) * max(table.shape[1] - 1, 0)
