"""Contacts with support beside populations in which nothing differs: stored, and the rows of contacts."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from journey_assets.journeys.compute import compute as compute_journeys
from journey_assets.journeys.statistics.paths.table import PATHS
from journey_assets.support.compute import compute as compute_support
from journey_assets.warehouse.database import CATALOG
from journey_assets.warehouse.replace import ensure_table
from journey_assets.warehouse.tables.identity import PERSONS
from journey_assets.warehouse.tables.raw import MAVENOID_CONVERSATIONS
from journey_assets.warehouse.tables.support import JOURNEY_CONTACTS
from journey_assets_tests.journeys_store import Row, Store
from journey_assets_tests.null_populations import Contacted, amplitude_ids


def store_contacts(
    store: Store, directory: Path, drawn: Sequence[Contacted], days: Sequence[date]
) -> None:
    """Store who is who, and the conversations."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = [amplitude_ids(n, np.unique(one.log.person)) for n, one in enumerate(drawn)]
    owners = pa.table(
        {
            "as_of": pa.array(np.repeat(np.array(days, dtype="datetime64[D]"), [len(one) for one in ids])),
            "id": np.concatenate(ids),
        }
    )  # fmt: skip
    talks = pa.table(
        {
            "as_of": pa.array(
                np.repeat(np.array(days, dtype="datetime64[D]"), [len(o.person) for o in drawn])
            ),
            "id": np.concatenate([amplitude_ids(n, o.person) for n, o in enumerate(drawn)]),
            "second": np.concatenate([o.second for o in drawn]),
        }
    )
    pq.write_table(owners, directory / "owners.parquet")
    pq.write_table(talks, directory / "talks.parquet")
    store.write(
        PERSONS,
        f"""SELECT as_of, 'person ' || id AS person_id, 'amplitude' AS source,
            'amplitude_id' AS id_type, id::VARCHAR AS id_value
        FROM '{directory / "owners.parquet"}'""",
    )
    numbered = (
        f"(SELECT *, row_number() OVER ()::VARCHAR AS number FROM '{directory / 'talks.parquet'}')"
    )
    at = f"as_of - {(days[1] - days[0]).days - 1 if len(days) > 1 else 5} + to_seconds(second)"
    store.write(
        PERSONS,
        f"""SELECT as_of, 'person ' || id AS person_id, 'mavenoid' AS source,
            'conversation' AS id_type, number AS id_value FROM {numbered}""",
    )
    store.write(
        MAVENOID_CONVERSATIONS,
        f"""SELECT ({at})::DATE AS conversation_date, number AS id, {at} AS created_at,
            'Help' AS flow_name FROM {numbered}""",
    )


def contact_rows(store: Store, days: Sequence[date]) -> list[Row]:
    """The rows of ``journey_contacts``, over paths that are computed and stored first."""
    with store.session() as session:
        compute_journeys(session, days, store.settings, [PATHS])
        with session.writing() as con:
            ensure_table(con, PATHS)
            con.execute(f"INSERT INTO {CATALOG}.{PATHS.full_name} BY NAME FROM {PATHS.result}")
        compute_support(session, days, store.settings, [JOURNEY_CONTACTS])
        return rows_of(session.con.execute(f"FROM {JOURNEY_CONTACTS.result}"))


def rows_of(answer: Any) -> list[Row]:
    """The rows of a relation, by its own columns' names."""
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
