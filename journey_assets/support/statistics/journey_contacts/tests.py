"""Whether conversion differs after a contact, and the error control over the states of a day."""

from typing import TYPE_CHECKING

from journey_assets.support.tested import leave_q_values

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from journey_assets.journeys.paths import Rules


def leave_tests(con: "DuckDBPyConnection", _rules: "Rules") -> None:
    """Leave ``contact_tests``: p and q of the states with enough persons on both sides."""
    tested = con.execute(
        "SELECT as_of, event_type, z FROM compared_contacts "
        "WHERE enough AND getvariable('journeys_conversion_known') ORDER BY as_of, event_type"
    ).fetchnumpy()
    p = None
    if len(tested["z"]):
        from scipy.special import ndtr

        p = 2 * ndtr(-abs(tested["z"]))
    leave_q_values(con, "contact_tests", tested, ("event_type",), p)
