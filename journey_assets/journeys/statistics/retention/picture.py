"""The picture: the share of each sign-up week that is back in the weeks after it."""

from journey_assets.journeys.statistics.retention.table import RETENTION
from journey_assets.pictures import figures
from journey_assets.pictures.card import CONVERTERS
from journey_assets.pictures.day import Day
from journey_assets.pictures.grid import EMPTY, Matrix, grid_picture, share_cell

_DAYS = 14


def picture(day: Day) -> bytes | None:
    """The share of each sign-up week that is back after some weeks, and after some days."""
    rows = day.rows(RETENTION, "cohort_week, unit, n, persons, share", f"AND n <= {_DAYS}")
    if not rows:
        return None
    persons = {row["cohort_week"]: row["persons"] for row in rows}
    shares = {(row["unit"], row["cohort_week"], row["n"]): row["share"] for row in rows}
    matrices = []
    for unit, heading in (("week", "Weeks after it"), ("day", "Days after it")):
        last = max(row["n"] for row in rows if row["unit"] == unit)
        cells = [
            [
                EMPTY if share is None else share_cell(share, CONVERTERS)
                for share in (shares.get((unit, week, n)) for n in range(last + 1))
            ]
            for week in persons
        ]
        matrices.append(Matrix(heading, [str(n) for n in range(last + 1)], cells))
    return grid_picture(
        "Who comes back after signing up",
        "Percent of the persons who signed up in the week that are active so long after it, with any "
        "event. –: not over yet for everybody of the week.",
        [f"{week:%-d %b} ({figures.count(number)})" for week, number in persons.items()],
        matrices,
        notes=["Weeks begin on Monday and are named by it; persons of the week in brackets. UTC."],
    )
