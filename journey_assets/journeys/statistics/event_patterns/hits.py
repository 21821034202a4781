"""Which pattern hits which event name, and the warning of those that hit none."""

from typing import TYPE_CHECKING

from journey_assets.journeys.naming import Naming
from journey_assets.journeys.paths import Rules
from journey_assets.names import masked
from journey_assets.warehouse.warnings import warn

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def leave_hits(con: "DuckDBPyConnection", rules: Rules) -> None:
    """Leave ``journey_patterns`` (setting, pattern) and ``journey_hits`` (…, event_type).

    Reads ``journey_event_days``. Warns of a pattern that hits no event name of any window.
    """
    naming = Naming.of(rules.settings)
    names = [
        row[0]
        for row in con.execute("SELECT DISTINCT event_type FROM journey_event_days").fetchall()
    ]
    patterns = naming.patterns()
    hits = [(*hit, name) for name in names for hit in naming.hits(name)]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_patterns AS SELECT DISTINCT "
        "unnest(?::VARCHAR[]) AS setting, unnest(?::VARCHAR[]) AS pattern",
        [[setting for setting, _ in patterns], [masked(pattern) for _, pattern in patterns]],
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE journey_hits AS SELECT DISTINCT unnest(?::VARCHAR[]) AS setting, "
        "unnest(?::VARCHAR[]) AS pattern, unnest(?::VARCHAR[]) AS event_type",
        [[hit[0] for hit in hits], [masked(hit[1]) for hit in hits], [hit[2] for hit in hits]],
    )
    hit = {(setting, pattern) for setting, pattern, _ in hits}
    for setting, pattern in dict.fromkeys(patterns):
        if (setting, pattern) not in hit:
            warn(con, f"{setting}: {masked(pattern)} hits no event of the windows.")
