"""Where a database's data come from, so that a simulator's never mix with a vendor's.

Belongs here: remembering per vendor the address that filled the database, and refusing another
kind. ``make demo`` and a real run may share the default file name; they never share a file.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from journey_assets.warehouse.database import CATALOG, Session, WarehouseError
from journey_assets.warehouse.event_store.days import came_from, origin
from journey_assets.warehouse.replace import ensure_table, stored_columns
from journey_assets.warehouse.schema import Column, Table

LOOPBACK = "loopback"

#: The vendor whose events an event store holds.
OF_EVENTS = "Amplitude"

ORIGINS = Table(
    schema="warehouse",
    name="origins",
    grain="vendor",
    description="The host that each vendor's data came from; `loopback` is a simulator.",
    columns=(
        Column("first_used", "DATE", "Day of the first run, UTC.", nullable=False),
        Column("vendor", "VARCHAR", "The vendor.", nullable=False),
        Column("host", "VARCHAR", "Host name, or `loopback`.", nullable=False),
    ),
    key=("vendor",),
    asset=False,
)

TABLES: tuple[Table, ...] = (ORIGINS,)


def check_origins(session: Session, addresses: Mapping[str, str]) -> None:
    """Remember the hosts of ``addresses`` (vendor → URL), or refuse them.

    Raises :class:`WarehouseError` when the database holds a simulator's data and a vendor is asked,
    or the other way round.
    """
    hosts = {vendor: _host(url) for vendor, url in addresses.items()}
    known = _known(session)
    for vendor, host in hosts.items():
        for other, stored in (hosts | known).items():
            if (stored == LOOPBACK) != (host == LOOPBACK):
                raise WarehouseError(_mixed(session, vendor, host, other, stored))
    if hosts.items() - known.items():
        with session.writing() as con:
            ensure_table(con, ORIGINS)
            name = f"{CATALOG}.{ORIGINS.full_name}"
            for vendor, host in hosts.items():
                con.execute(f"DELETE FROM {name} WHERE vendor = ?", [vendor])
                con.execute(f"INSERT INTO {name} VALUES (current_date, ?, ?)", [vendor, host])
    store = session.database.event_store
    if store and OF_EVENTS in hosts:
        came_from(store.objects(), hosts[OF_EVENTS])


def holds_sample(session: Session) -> bool:
    """Whether a simulator filled the database."""
    return LOOPBACK in _known(session).values()


def _known(session: Session) -> dict[str, str]:
    with session.reading() as con:
        noted = (
            con.execute(f"SELECT vendor, host FROM {CATALOG}.{ORIGINS.full_name}").fetchall()
            if stored_columns(con, ORIGINS)
            else []
        )
    store = session.database.event_store
    in_store = origin(store.objects()) if store else None
    return dict(noted) | ({OF_EVENTS: in_store} if in_store else {})


def _host(url: str) -> str:
    host = urlsplit(url).hostname or url
    return LOOPBACK if host in {"localhost", "::1"} or host.startswith("127.") else host


def _mixed(session: Session, vendor: str, host: str, other: str, stored: str) -> str:
    holds = "the simulator's sample data" if stored == LOOPBACK else f"data of {other} at {stored}"
    return (
        f"{session.database.path} holds {holds}, and {vendor} at {host} would be mixed into it. "
        "Set JOURNEY_DATABASE to another file, or move this one away."
    )
