"""Evidence made by hand, for tests of the prompts and the number check."""

from collections.abc import Sequence

from journey_assets.analyses.evidence import Cell, Evidence, EvidenceColumn, EvidenceTable, Row
from journey_assets.analyses.quoting import quoted
from journey_assets.analyses.rendering import Unit, render

Value = float | str


def table(
    letter: str, columns: Sequence[EvidenceColumn], rows: Sequence[Sequence[Value]]
) -> EvidenceTable:
    """A table of evidence; texts are quoted, numbers rendered as in a prompt."""
    return EvidenceTable(
        letter,
        f"Table {letter}",
        "Made for a test.",
        tuple(columns),
        tuple(
            Row(
                f"{letter}{number}",
                tuple(_cell(v, c) for v, c in zip(values, columns, strict=True)),
            )
            for number, values in enumerate(rows, start=1)
        ),
    )


def _cell(value: Value, column: EvidenceColumn) -> Cell:
    if isinstance(value, str):
        return Cell(quoted(value), column.unit, names=(value,))
    return Cell(render(value, column.unit), column.unit, float(value))


COHORT = EvidenceColumn("cohort", Unit.NAME)
EVENT = EvidenceColumn("event", Unit.TEXT, names_row=True)

#: Figures as a journey map has them: reach, transitions with times, relative risks, segments.
EVIDENCE = Evidence(
    (
        table(
            "A",
            [
                EvidenceColumn("window, the last days", Unit.SECONDS),
                EvidenceColumn("confidence of the intervals", Unit.SHARE),
                EvidenceColumn("a claim needs q below", Unit.PROBABILITY),
            ],
            [(30 * 86400.0, 0.95, 0.05)],
        ),
        table(
            "S",
            [
                COHORT,
                EVENT,
                EvidenceColumn("occurrences", Unit.COUNT),
                EvidenceColumn("persons", Unit.COUNT),
                EvidenceColumn("share", Unit.SHARE),
                EvidenceColumn("low", Unit.SHARE, bound=True),
                EvidenceColumn("high", Unit.SHARE, bound=True),
            ],
            [
                ("converter", "Sign Up", 412, 401, 0.97333, 0.9525, 0.9851),
                ("non_converter", "Sign Up", 1203, 1150, 0.8934, 0.8746, 0.9102),
                ("converter", "Complete Profile", 377, 361, 0.8762, 0.8406, 0.9047),
                ("non_converter", "Complete Profile", 288, 239, 0.1987, 0.1763, 0.2231),
                ("converter", "Help Doc Visit", 58, 44, 0.1068, 0.0805, 0.1404),
                ("non_converter", "Help Doc Visit", 611, 411, 0.3416, 0.3154, 0.3689),
                ("converter", "Step 2 Done", 207, 7, 0.0169, 0.0082, 0.0347),
            ],
        ),
        table(
            "T",
            [
                COHORT,
                EvidenceColumn("from", Unit.TEXT, names_row=True),
                EvidenceColumn("to", Unit.TEXT, names_row=True),
                EvidenceColumn("occurrences", Unit.COUNT),
                EvidenceColumn("of departures", Unit.COUNT),
                EvidenceColumn("share", Unit.SHARE),
                EvidenceColumn("median time", Unit.SECONDS),
                EvidenceColumn("90th percentile", Unit.SECONDS),
            ],
            [
                ("converter", "Sign Up", "Complete Profile", 361, 412, 0.8762, 276480, 604800),
                ("converter", "Complete Profile", "Step 2 Done", 201, 377, 0.5332, 5430, 14400),
                ("non_converter", "Sign Up", "Help Doc Visit", 300, 1203, 0.2494, 95, 1234),
            ],
        ),
        table(
            "R",
            [
                EVENT,
                EvidenceColumn("relative risk", Unit.RATIO),
                EvidenceColumn("q", Unit.PROBABILITY),
            ],
            [("Help Doc Visit", 3.198, 0.00002), ("Settings", 1.52, 0.0312)],
        ),
        table(
            "D",
            [
                EVENT,
                EvidenceColumn("q", Unit.PROBABILITY),
                EvidenceColumn("divergence", Unit.BITS),
                EvidenceColumn("share of converters", Unit.SHARE),
                EvidenceColumn("share of non-converters", Unit.SHARE),
            ],
            [("Invite", 0.0031, 0.447, 0.7386, 0.1009)],
        ),
        table(
            "K",
            [
                EvidenceColumn("segment", Unit.NAME, names_row=True),
                EvidenceColumn("profiles", Unit.COUNT),
                EvidenceColumn("mean LTV", Unit.MONEY),
                EvidenceColumn("mean web sessions", Unit.NUMBER),
            ],
            [("mobile_dominant", 1234, 1450.4, 14.2), ("email_dominant", 77, 338.9, 3.94)],
        ),
    )
)
