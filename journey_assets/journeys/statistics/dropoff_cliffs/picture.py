"""The picture: states where those who do not convert leave."""

from journey_assets.journeys.statistics.dropoff_cliffs.table import DROPOFF_CLIFFS
from journey_assets.pictures import figures
from journey_assets.pictures.card import OTHERS, short, word
from journey_assets.pictures.day import Day
from journey_assets.pictures.rows import Mark, Panel, rows_picture, share_mark
from journey_assets.pictures.rows import Row as Line

_SHOWN = 12
_NAME = 29


def picture(day: Day) -> bytes | None:
    """States where those who do not convert leave."""
    found = day.rows(
        DROPOFF_CLIFFS, rest="AND to_event IS NULL ORDER BY rank NULLS LAST, cohort, from_event"
    )
    if not found:
        return None
    cohort = found[0]["cohort"]
    same = [row for row in found if row["cohort"] == cohort]
    rows = same[:_SHOWN]
    return rows_picture(
        "Where people leave for good",
        f"Exits of the visits whose end is known, {short(figures.cohort(cohort), _NAME)}; "
        f"{figures.level(day.level)} intervals (Wilson, persons as clusters). At all events "
        f"{figures.percent(rows[0]['cohort_exit_rate'] or 0.0)} leave.",
        [Panel("exit rate"), Panel("share of all exits")],
        [
            Line(
                short(row["from_event"], _NAME),
                [
                    [
                        share_mark(
                            row,
                            "exit_rate",
                            "exit_low",
                            "exit_high",
                            figures.of(row["exits"], row["visits"]),
                            OTHERS,
                            faint=row["verdict"] != "cliff",
                        )
                    ],
                    [Mark(row["share_of_exits"], None, None, word(row["verdict"]))],
                ],
            )
            for row in rows
        ],
        notes=[
            "Grey: not likelier than at other visits.",
            *figures.rest(rows, len(same), "state"),
        ],
    )
