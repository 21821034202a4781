"""Whether conversion differs after a contact, and the error control over the states of a day."""

from typing import TYPE_CHECKING

from journey_assets.journeys.error_control import fisher_exact
from journey_assets.support.tested import leave_q_values, whole

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from journey_assets.journeys.paths import Rules


def leave_tests(con: "DuckDBPyConnection", _rules: "Rules") -> None:
    """Leave ``contact_tests``: p and q of the states with enough persons on both sides."""
    tested = con.execute(
        "SELECT as_of, event_type, compared_contacting_converters, compared_contacting, "
        "compared_others_converters, compared_others FROM compared_contacts "
        "WHERE enough AND getvariable('journeys_conversion_known') ORDER BY as_of, event_type"
    ).fetchnumpy()
    counts = [whole(column) for column in list(tested.values())[2:]]
    # fisher_exact takes successes of trials against others of the rest.
    p = fisher_exact(counts[0], counts[1], counts[2], counts[3]) if len(counts[0]) else None
    leave_q_values(con, "contact_tests", tested, ("event_type",), p)
