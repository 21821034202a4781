"""Whether a value is likelier at a state than elsewhere, and the error control over all of them."""

from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import more_than_elsewhere
from journey_assets.support.tested import leave_q_values, whole

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from journey_assets.journeys.paths import Rules


def leave_tests(con: "DuckDBPyConnection", _rules: "Rules") -> None:
    """Leave ``topic_tests``: p and q of the states and values with enough contacts."""
    tested = con.execute(
        "SELECT as_of, event_type, kind, value, contacts, state_contacts, value_contacts, "
        "all_contacts FROM contact_values WHERE enough ORDER BY as_of, event_type, kind, value"
    ).fetchnumpy()
    counts = [whole(column) for column in list(tested.values())[4:]]
    p = more_than_elsewhere(counts[0], counts[1], counts[2], counts[3]) if len(counts[0]) else None
    leave_q_values(con, "topic_tests", tested, ("event_type", "kind", "value"), p)
