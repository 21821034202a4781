"""The tables of schema ``analyses``: what Mave was asked, what it answered, what it cost."""

from journey_assets.warehouse.schema import Column, Table
from journey_assets.warehouse.tables.shared import AS_OF

MAVE_ANALYSES = Table(
    schema="analyses",
    name="mave_analyses",
    grain="kind of analysis",
    description="Mave's analysis of each kind with the evidence it was given and the look-up of its "
    "numbers in that evidence.",
    columns=(
        AS_OF,
        Column(
            "kind",
            "VARCHAR",
            "`journey_map`, `channel_personas` or `support_friction`.",
            nullable=False,
        ),
        Column(
            "status",
            "VARCHAR",
            "`answered`; `reused`: the answer to the same prompt for another `as_of`; `not_asked`: "
            "see `reason`.",
            nullable=False,
        ),
        Column("prompt_version", "VARCHAR", "Version of the prompt's file."),
        Column("prompt", "VARCHAR", "The message, whole; empty when not asked."),
        Column(
            "prompt_sha256", "VARCHAR", "SHA-256 of `prompt`: the same evidence, the same hash."
        ),
        Column("evidence", "JSON", "The tables of the prompt with unrounded values."),
        Column("content", "VARCHAR", "The answer as Mave wrote it, markdown.", verbatim=True),
        Column("thread_id", "VARCHAR", "Mave's thread."),
        Column("message_id", "VARCHAR", "Mave's message."),
        Column("sources", "JSON", "Sources that Mave names: title, url, domain.", verbatim=True),
        Column(
            "credits_used",
            "DOUBLE",
            "Credits that this answer cost; 0 when reused or not asked, empty when Mavera did not say.",
        ),
        Column(
            "latency_ms", "BIGINT", "From request to answer; empty when found among the threads."
        ),
        Column("requested_at", "TIMESTAMP", "When the message was sent, UTC."),
        Column("numbers_total", "BIGINT", "Numbers in the answer that were looked up."),
        Column(
            "numbers_grounded",
            "BIGINT",
            "Of `numbers_total`, those found in the evidence, `numbers_derived` included.",
        ),
        Column(
            "ungrounded",
            "VARCHAR[]",
            "Of `numbers_total`, the rest, in order, as the answer writes them: not found, or "
            "`misattributed`.",
            verbatim=True,
        ),
        Column(
            "numbers_derived",
            "BIGINT",
            "Of `numbers_grounded`, those that are the difference, quotient or complement of cited "
            "cells.",
        ),
        Column(
            "number_marks",
            "JSON",
            "Each number looked up: `start` and `end` (characters of `content`), `text`, `status` "
            "(`grounded`, `derived`, `misattributed`, `not_found`), the `rows` of the evidence that hold "
            "it and `claim` (`future` or `cause` where its sentence says more than figures can "
            "show); also such words themselves, and cited ids that no row has (`unknown_id`).",
            verbatim=True,
        ),
        Column(
            "misattributed",
            "VARCHAR[]",
            "Of `ungrounded`, those that the evidence holds of another event, segment, cohort or "
            "measure than the answer says.",
            verbatim=True,
        ),
        Column("reason", "VARCHAR", "Why Mave was not asked."),
    ),
    key=("kind",),
    vendor="mavera",
    code="journey_assets.analyses.compute",
    picture="journey_assets.pictures.analyses:mave_analyses",
)

MAVE_ATTEMPTS = Table(
    schema="analyses",
    name="mave_attempts",
    grain="message to Mave",
    description="Written before a message is sent and again when its answer arrives, so that a paid "
    "answer survives any failure after it and a lost one is looked for before the message is sent "
    "again.",
    columns=(
        Column("as_of", "DATE", "The day whose analysis asked.", nullable=False),
        Column("prompt_sha256", "VARCHAR", "SHA-256 of the message.", nullable=False),
        Column("kind", "VARCHAR", "Kind of the analysis.", nullable=False),
        Column("prompt_version", "VARCHAR", "Version of the prompt's file."),
        Column(
            "state",
            "VARCHAR",
            "`sent`: no answer yet, or the run was killed; `lost`: the answer did not come; "
            "`refused`: Mavera answered with an error and did nothing; `answered`.",
            nullable=False,
        ),
        Column("requested_at", "TIMESTAMP", "When the message was sent, UTC."),
        Column("answered_at", "TIMESTAMP", "When its answer was stored, UTC."),
        Column("content", "VARCHAR", "The answer."),
        Column("thread_id", "VARCHAR", "Mave's thread."),
        Column("message_id", "VARCHAR", "Mave's message."),
        Column("sources", "JSON", "Sources that Mave names."),
        Column("credits_used", "DOUBLE", "Credits that the answer cost; empty when not said."),
        Column("latency_ms", "BIGINT", "From request to answer."),
    ),
    key=("prompt_sha256",),
    asset=False,
)

TABLES = (MAVE_ANALYSES, MAVE_ATTEMPTS)
