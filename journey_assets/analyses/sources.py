"""What a table of evidence is made from, and the columns that many of them share.

Belongs here: the type. The declarations stand beside it, one module per schema of the stored tables
(``sources_journeys``, ``sources_channels``, ``sources_support``, ``sources_identity``). Does not
belong here: which analysis is given which table (:mod:`journey_assets.analyses.catalogue`).
"""

from dataclasses import dataclass

from journey_assets.analyses.evidence import EvidenceColumn
from journey_assets.analyses.rendering import Unit
from journey_assets.warehouse.schema import Table


@dataclass(frozen=True, slots=True)
class EvidenceSource:
    """How one table of evidence comes about.

    letter: of its row ids, one for each table; none that prose uses before a number (Q for quarters,
    P for priorities). about: what a row is and what its shares are of. sql: the file in
    ``evidence/``; it reads the stored tables ``reads`` as ``evidence_<schema>_<table>`` and gives
    ``fold`` (NULL, ``others`` or ``total``), ``folded`` (rows folded into this one), then a value
    per column of ``columns``, ranked by what matters; what it gives after those only orders.
    limit: rows kept before the rest is folded, 0 when all are; the file says rows of what.
    """

    letter: str
    title: str
    about: str
    sql: str
    reads: tuple[Table, ...]
    columns: tuple[EvidenceColumn, ...]
    limit: int = 0


COHORT = EvidenceColumn("cohort", Unit.NAME)
VERDICT = EvidenceColumn("verdict", Unit.NAME)
Q_VALUE = EvidenceColumn("q", Unit.PROBABILITY)


def share(heading: str, prefix: str = "") -> tuple[EvidenceColumn, EvidenceColumn, EvidenceColumn]:
    """A share and the ends of its interval, which are headed ``low`` and ``high``."""
    return (EvidenceColumn(heading, Unit.SHARE), *_bounds(Unit.SHARE, prefix))


def ratio(heading: str, prefix: str = "") -> tuple[EvidenceColumn, EvidenceColumn, EvidenceColumn]:
    """A ratio and the ends of its interval."""
    return (EvidenceColumn(heading, Unit.RATIO), *_bounds(Unit.RATIO, prefix))


def _bounds(unit: Unit, prefix: str) -> tuple[EvidenceColumn, EvidenceColumn]:
    return (
        EvidenceColumn(f"{prefix}low", unit, bound=True),
        EvidenceColumn(f"{prefix}high", unit, bound=True),
    )
