"""The job ``migrate_events``: the events into JOURNEY_EVENT_STORE, or back, where Dagster runs."""

import dagster as dg

from journey_assets.shell.failures import clear_failures
from journey_assets.shell.resources import MIGRATING, SettingsResource
from journey_assets.shell.tables import POOL
from journey_assets.warehouse.event_store.moving import migrate


class Direction(dg.Config):
    """back: from the store into the database."""

    back: bool = False


@dg.op(pool=POOL)
def move_events(
    context: dg.OpExecutionContext, config: Direction, settings: SettingsResource
) -> None:
    """Move the events day by day, compare them row by row, and change over at the end."""
    with clear_failures():
        for line in migrate(settings.warehouse(), context.log.info, back=config.back):
            context.log.info(line)


@dg.job(
    name=MIGRATING,
    description="Moves the events of the database into JOURNEY_EVENT_STORE, or back (`back: true`), as "
    "`make migrate-events` does. Start it while no other run is under way; it goes on where it stopped.",
)
def migrate_events() -> None:
    """One op does it all."""
    move_events()
