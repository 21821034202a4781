"""The assets of schema ``raw``: one ingest each, wired to settings, metadata and checks.

Does not belong here: how records are fetched, read or stored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from journey_assets.raw.amplitude_archive import ingest_archive
from journey_assets.raw.amplitude_events import ingest_events
from journey_assets.raw.amplitude_users import find_among_events, ingest_users
from journey_assets.raw.asked import ARCHIVE, ONLY_NEW_USERS, REPLACE_ANYWAY
from journey_assets.raw.coded_events import code_days
from journey_assets.raw.ingested import Ingested
from journey_assets.raw.mavenoid import (
    ingest_availabilities,
    ingest_conversations,
    ingest_sessions,
)
from journey_assets.raw.segment import ingest_profiles
from journey_assets.settings import VENDOR_NAMES, Settings, Vendor
from journey_assets.shell.checks import check_results, check_specs
from journey_assets.shell.days import run_days
from journey_assets.shell.failures import clearly
from journey_assets.shell.resources import SettingsResource
from journey_assets.shell.shown import Stopwatch, shown
from journey_assets.shell.tables import (
    ONE_RUN,
    asset_key,
    by_itself,
    materialized,
    table_spec,
)
from journey_assets.vendors.amplitude import AmplitudeClient
from journey_assets.vendors.mavenoid import MavenoidClient
from journey_assets.vendors.segment import segment_client
from journey_assets.warehouse.database import CATALOG, Database, Session
from journey_assets.warehouse.replace import Replacement, replace_partitions
from journey_assets.warehouse.schema import Table
from journey_assets.warehouse.tables.raw import (
    AMPLITUDE_EVENTS,
    AMPLITUDE_USERS,
    MAVENOID_AVAILABILITIES,
    MAVENOID_CONVERSATIONS,
    MAVENOID_SESSIONS,
    SEGMENT_EXTERNAL_IDS,
    SEGMENT_PROFILES,
)

Log = Callable[[str], None]

_READABLE = "fields_readable"
_RECONCILED = "agrees_with_vendor_summary"


@dataclass(frozen=True, slots=True)
class Order:
    """What a run wants of a vendor: the days ``first`` … ``last``, stored through ``session``.

    tags: the run's, see :mod:`journey_assets.raw.asked`.
    """

    session: Session
    settings: Settings
    first: date
    last: date
    log: Log
    tags: Mapping[str, str]


#: Fetches and stores; raises what the vendor, the settings or the database raise.
Ingest = Callable[[Order], Ingested]


def raw_assets(partitions: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The seven tables of ``raw``, by vendor."""

    def of(
        vendor: Vendor,
        name: str,
        tables: Sequence[Table],
        ingest: Ingest,
        *,
        deps: Sequence[Table] = (),
        reconciled: bool = False,
    ) -> dg.AssetsDefinition:
        return _raw_asset(vendor, name, tables, ingest, partitions, deps, reconciled=reconciled)

    return [
        of("amplitude", "amplitude_users", [AMPLITUDE_USERS], _users),
        of("amplitude", "amplitude_events", [AMPLITUDE_EVENTS], _events, deps=[AMPLITUDE_USERS]),
        of(
            "segment",
            "segment_profiles",
            [SEGMENT_PROFILES, SEGMENT_EXTERNAL_IDS],
            _profiles,
            deps=[AMPLITUDE_USERS, MAVENOID_CONVERSATIONS],
        ),
        *(
            of("mavenoid", table.name, [table], _mavenoid(ingest), reconciled=True)
            for table, ingest in (
                (MAVENOID_CONVERSATIONS, ingest_conversations),
                (MAVENOID_SESSIONS, ingest_sessions),
                (MAVENOID_AVAILABILITIES, ingest_availabilities),
            )
        ),
    ]


def _raw_asset(
    vendor: Vendor,
    name: str,
    tables: Sequence[Table],
    ingest: Ingest,
    partitions: dg.DailyPartitionsDefinition,
    deps: Sequence[Table],
    *,
    reconciled: bool,
) -> dg.AssetsDefinition:
    upstream = [asset_key(table) for table in deps]

    @dg.multi_asset(
        name=f"raw__{name}",
        specs=[table_spec(table, upstream, kinds=(vendor,)) for table in tables],
        check_specs=[
            *check_specs(tables),
            *(spec for table in tables for spec in _own_specs(table, reconciled=reconciled)),
        ],
        can_subset=len(tables) > 1,
        partitions_def=partitions,
        backfill_policy=ONE_RUN,
        pool=vendor,
    )
    @clearly
    def asset(
        context: dg.AssetExecutionContext, settings: SettingsResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        watch, days = Stopwatch(), run_days(context)
        read = settings.read()
        log, tags = context.log.info, context.run.tags
        with _database(settings, tags).session() as session:
            if vendor in read.vendor_list():
                done = ingest(Order(session, read, days[0], days[-1], log, tags))
            else:
                done = _not_configured(session, vendor, tables, days)
            for note in done.notes:
                context.log.info(note)
            for day in sorted(done.left):
                # What is computed from that day follows it.
                context.log.info(f"Rows of {day} stand under days of this run now.")
                context.log_event(
                    dg.AssetMaterialization(asset_key(tables[0]), partition=day.isoformat())
                )
            selected = [t for t in tables if asset_key(t) in context.selected_asset_keys]
            stored = {table: done.rows[table.full_name] for table in selected}
            checks = check_results(session, stored, shown_by=tables[0])
            cost = watch.facts()
            seen = shown(session, stored, read.confidence_level, by_itself=by_itself(context.run))
            for table in selected:
                own = _own_results(table, done, read.max_reject_share, reconciled=reconciled)
                notes = {"notes": list(done.notes)} if done.notes else {}
                facts = {**cost, **notes, **done.facts}
                yield materialized(context, table, seen[table], [*checks[table], *own], facts)

    return asset


def _own_specs(table: Table, *, reconciled: bool) -> Iterator[dg.AssetCheckSpec]:
    yield dg.AssetCheckSpec(
        _READABLE,
        asset=asset_key(table),
        description="The share of missing or mistyped documented fields is within "
        "JOURNEY_MAX_REJECT_SHARE; the records are in raw.rejects. Not blocking: the other fields "
        "are stored and usable.",
    )
    if reconciled:
        yield dg.AssetCheckSpec(
            _RECONCILED,
            asset=asset_key(table),
            blocking=True,
            description="Our sums equal Mavenoid's own group_by answer. Blocking: figures on rows "
            "that the vendor counts otherwise would be wrong.",
        )


def _own_results(
    table: Table, done: Ingested, most: float, *, reconciled: bool
) -> list[dg.AssetCheckResult]:
    key = asset_key(table)
    rejects, fields = done.rejects.get(table.full_name, 0), done.fields_read.get(table.full_name, 0)
    share = rejects / fields if fields else 0.0
    results = [
        dg.AssetCheckResult(
            check_name=_READABLE,
            asset_key=key,
            passed=share <= most,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"rejects": rejects, "fields_read": fields, "share": share, "limit": most},
            description=f"{rejects} of {fields} fields could not be read as documented",
        )
    ]
    if reconciled:
        verdict = done.reconciliation
        results.append(
            dg.AssetCheckResult(
                check_name=_RECONCILED,
                asset_key=key,
                passed=verdict is None or verdict.passed,
                metadata={
                    "groups_compared": verdict.compared if verdict else 0,
                    "differences": list(verdict.differences) if verdict else [],
                    "changed_while_reading": verdict.changed_while_reading if verdict else 0,
                },
                description="; ".join(verdict.differences) if verdict else "nothing to compare",
            )
        )
    return results


def _database(settings: SettingsResource, tags: Mapping[str, str]) -> Database:
    """The database, in which a run that insists may replace rows by few or none."""
    database = settings.warehouse()
    insists = database.may_shrink or tags.get(REPLACE_ANYWAY) == "1"
    return replace(database, may_shrink=insists)


def _not_configured(
    session: Session, vendor: Vendor, tables: Sequence[Table], days: Sequence[date]
) -> Ingested:
    """Days without rows are stored empty; rows that other runs stored stay, unless this one insists."""
    stay = "false" if session.database.may_shrink else "true"
    same = (
        Replacement(
            table,
            f"SELECT {', '.join(table.column_names)} FROM {CATALOG}.{table.full_name} "
            f"WHERE {table.partition} BETWEEN DATE '{days[0]}' AND DATE '{days[-1]}' AND {stay}",
        )
        for table in tables
    )
    rows = replace_partitions(session, days[0], days[-1], *same)
    kept = sum(sum(of.values()) for of in rows.values())
    note = f"{VENDOR_NAMES[vendor]} is not configured (JOURNEY_VENDORS): " + (
        f"the {kept} rows that earlier runs stored stay." if kept else "stored empty."
    )
    return Ingested(rows=rows, notes=(note,), facts={"status": "not configured"})


def _users(order: Order) -> Ingested:
    """The lists have no history: the run's last partition keeps them."""
    with closing(AmplitudeClient.from_settings(order.settings, order.log)) as client:
        return ingest_users(order.session, client, order.settings, order.last, order.log)


def _events(order: Order) -> Ingested:
    """The codes follow the rows at once, so that the runs that count over them need not make them."""
    done = _stored_events(order)
    code_days(order.session, order.first, order.last)
    return done


def _stored_events(order: Order) -> Ingested:
    session, settings, log = order.session, order.settings, order.log
    if archive := order.tags.get(ARCHIVE):
        done = ingest_archive(session, settings, archive, order.first, order.last, log)
    else:
        only_new = order.tags.get(ONLY_NEW_USERS) == "1"
        with closing(AmplitudeClient.from_settings(settings, log)) as client:
            done = ingest_events(
                session, client, settings, order.first, order.last, log, only_new_users=only_new
            )
    if settings.amplitude_source != "export":
        return done
    # Listed users are those of the events: only now they can be found among them.
    notes = find_among_events(session, settings, order.last)
    return replace(done, notes=(*done.notes, *notes))


def _profiles(order: Order) -> Ingested:
    session, settings, log = order.session, order.settings, order.log
    with closing(segment_client(settings, log)) as client:
        return ingest_profiles(session, client, settings, order.first, order.last, log)


def _mavenoid(ingest: Callable[..., Ingested]) -> Ingest:
    def run(order: Order) -> Ingested:
        session, settings, log = order.session, order.settings, order.log
        with closing(MavenoidClient.from_settings(settings, log)) as client:
            return ingest(
                session, client, settings, order.first, order.last, log, datetime.now(UTC)
            )

    return run
