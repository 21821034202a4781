"""The columns that mean the same in many tables, described once."""

from journey_assets.warehouse.schema import Column

AS_OF = Column("as_of", "DATE", "Last day of the trailing window, UTC.", nullable=False)

COHORT = Column(
    "cohort",
    "VARCHAR",
    "`converter` or `non_converter`, or a label of JOURNEY_COHORTS.",
    nullable=False,
)

FOCUS = Column(
    "cohort",
    "VARCHAR",
    "The cohort that is compared with all others: `converter`, or each label of JOURNEY_COHORTS in "
    "turn. Columns named `converters` count its persons and those named `non_converters` all others, "
    "also where it is a label.",
    nullable=False,
)

CONVERTERS = Column("converters", "BIGINT", "Persons of the cohort with a path.")
NON_CONVERTERS = Column("non_converters", "BIGINT", "All other persons with a path.")
COHORT_PERSONS = Column("cohort_persons", "BIGINT", "Persons of the cohort with a path.")

#: Of a table whose every row states both sides of a comparison: the persons behind a partition.
BOTH_SIDES = "max(converters + non_converters)"

EVENT_TYPE = Column("event_type", "VARCHAR", "The event.", nullable=False)

#: Of a table whose rows claim something: how it is judged with the claims of all tables.
CLAIM = (
    Column(
        "family_q",
        "DOUBLE",
        "Benjamini–Hochberg over all claims that the tables of the as_of test: the verdict is of it.",
    ),
    Column(
        "is_new",
        "BOOLEAN",
        "Whether the claim holds with `family_q` below the level of a report divided by 30, so that a "
        "month of daily reports over pure noise has one in no more than 1 − the confidence level of "
        "months, and no stored report whose window shares days with this one holds it so (made with "
        "the same settings).",
    ),
)


def wilson(bounds: str, share: str) -> tuple[Column, Column]:
    """The columns ``<bounds>_low`` and ``<bounds>_high`` of a share; ``share`` says which, in words."""
    return (
        Column(f"{bounds}_low", "DOUBLE", f"Lower Wilson bound of {share}."),
        Column(f"{bounds}_high", "DOUBLE", f"Upper Wilson bound of {share}."),
    )


def clustered(bounds: str, share: str, visits: str) -> tuple[Column, ...]:
    """The bounds of a share of visits, and the columns ``deff`` and ``n_effective`` behind them."""
    how = f"Wilson interval on the effective number of {visits}; persons are clusters"
    return (
        Column(f"{bounds}_low", "DOUBLE", f"Lower bound of {share}. {how}."),
        Column(f"{bounds}_high", "DOUBLE", f"Upper bound of {share}. {how}."),
        Column(
            "deff",
            "DOUBLE",
            f"Design effect of {share}: its variance between persons, over that of as many independent "
            f"{visits}.",
        ),
        Column(
            "n_effective",
            "DOUBLE",
            f"The effective number: the {visits}; where `deff` is above 1 divided by it, and by (t/z)² for "
            "the few persons that it is known of (Korn & Graubard).",
        ),
    )


def hazard(exposed: str, others: str) -> tuple[Column, ...]:
    """The test of Mantel & Byar: its ratio of hazards with bounds, and what it is made of."""
    return (
        Column(
            "hazard_ratio",
            "DOUBLE",
            f"Chance to convert right after a visit {exposed}, over that {others} (Mantel–Haenszel over "
            "visits): below 1 they convert less. Empty where `variance` is below 5.",
        ),
        Column(
            "hr_low",
            "DOUBLE",
            "Lower bound of that ratio (Robins, Breslow & Greenland's variance).",
        ),
        Column("hr_high", "DOUBLE", "Upper bound of that ratio."),
        Column(
            "hr_method",
            "VARCHAR",
            "`mantel_haenszel`, or `peto` (one step from `observed`, `expected` and `variance`) where one "
            "side has no conversion and the other ratio would not be finite.",
        ),
        Column("z", "DOUBLE", "(`observed` − `expected`) / √`variance`: of Mantel & Byar's test."),
        Column("observed", "BIGINT", f"Conversions {exposed}."),
        Column(
            "expected",
            "DOUBLE",
            "What they would be if both converted alike at the same visits.",
        ),
        Column("variance", "DOUBLE", "Of `observed` − `expected`; a test needs 5."),
        Column(
            "strata",
            "BIGINT",
            "Visits (the first, the second …) after which somebody converts and that persons on both "
            "sides reach.",
        ),
    )


def stratified(how: str) -> tuple[Column, ...]:
    """The same comparison within platform and within country: the one that makes the claim."""
    return (
        Column(
            "stratified_by",
            "VARCHAR",
            f"`platform` or `country`: persons are compared within each. {how}. Of the two the one that "
            "turns the pooled answer around; else the one that says less.",
        ),
        Column("stratified_p", "DOUBLE", "The p-value within `stratified_by`: that of the claim."),
        Column("stratified_q", "DOUBLE", "Benjamini–Hochberg over those of the table."),
        Column("stratified_verdict", "VARCHAR", "The verdict within `stratified_by`, by that q."),
        Column(
            "strata_differ",
            "BOOLEAN",
            "Whether the pooled answer and the one within `stratified_by` differ in direction or in "
            "verdict. `verdict` is the one within.",
        ),
    )


def stratified_ratio(estimate: str) -> tuple[Column, ...]:
    """Those of a comparison whose estimate is a ratio, with the ratio and its bounds."""
    by, *judged = stratified("Mantel–Haenszel over them")
    return (
        by,
        Column("stratified_ratio", "DOUBLE", f"{estimate} within `stratified_by`."),
        Column("stratified_low", "DOUBLE", "Lower bound of `stratified_ratio`."),
        Column("stratified_high", "DOUBLE", "Upper bound of `stratified_ratio`."),
        *judged,
    )


def rate(name: str, what: str) -> tuple[Column, Column, Column]:
    """A share with its Wilson bounds, guarded."""
    return (
        Column(name, "DOUBLE", f"{what}; empty (insufficient) when the denominator is under 10."),
        *wilson(name, f"`{name}`"),
    )
