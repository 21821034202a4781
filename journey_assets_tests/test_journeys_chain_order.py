"""The test that stands beside a first-order chain: whether people remember more than their last event."""

from pathlib import Path

import numpy as np
from scipy.stats import chi2, chi2_contingency

from journey_assets.journeys.statistics.golden_paths.table import GOLDEN_PATHS
from journey_assets.journeys.statistics.removal_effects.order import likelihood_ratio, merged
from journey_assets.journeys.statistics.removal_effects.table import REMOVAL_EFFECTS
from journey_assets_tests.journeys_walks import PAY, walked


def _chains(directory: Path, *, remembering: float) -> set[str]:
    """Walks of three events: after ``b`` comes what came before it, with this share, else any."""
    rng = np.random.default_rng(7)
    people = []
    for _ in range(400):
        walk = ["a" if rng.random() < 0.5 else "c"]
        while rng.random() < 0.85:
            if walk[-1] == "b" and len(walk) > 1 and rng.random() < remembering:
                walk.append(walk[-2])
            else:
                walk.append(str(rng.choice(["a", "b", "c"])))
        people.append([*walk, PAY] if rng.random() < 0.3 else walk)
    return {row["chain"] for row in walked(directory, people).figures(REMOVAL_EFFECTS)}


def test_a_chain_that_remembers_one_event_is_not_refused(tmp_path: Path) -> None:
    assert _chains(tmp_path, remembering=0.0) == {"not_refused"}


def test_a_chain_that_remembers_two_is_refused(tmp_path: Path) -> None:
    assert _chains(tmp_path, remembering=0.4) == {"refused"}


def test_the_most_probable_path_says_whether_its_chain_is_refused(tmp_path: Path) -> None:
    """Converters walk `a a b b`, so that what follows an `a` or a `b` is known by what came before."""
    people = [["a", "a", "b", "b", PAY]] * 60 + [["c", "b", PAY]] * 60 + [["c", "a"]] * 60
    rows = walked(tmp_path, people).figures(GOLDEN_PATHS)
    chains = {row["reading"]: row["chain"] for row in rows}
    assert chains == {"modal": None, "most_probable": "refused", "common_subsequence": None}


def test_the_likelihood_ratio_is_scipys() -> None:
    table = np.array([[30.0, 20, 0], [10, 40, 25]])
    theirs = chi2_contingency(table, lambda_="log-likelihood", correction=False)
    statistic, freedom = likelihood_ratio(table)
    assert (round(statistic, 9), freedom) == (round(theirs.statistic, 9), theirs.dof)


def test_of_rare_rows_and_columns_the_test_keeps_its_level() -> None:
    rng = np.random.default_rng(2)
    weights = 1 / (1 + np.arange(12))
    cells = np.outer(weights, weights).ravel()
    p = []
    for _ in range(500):
        table = rng.multinomial(400, cells / cells.sum()).reshape(12, 12).astype(float)
        together = merged(table)
        assert together.sum() == 400
        statistic, freedom = likelihood_ratio(together)
        p.append(chi2.sf(statistic, freedom))
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.08
