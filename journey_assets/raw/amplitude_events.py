"""Amplitude's events, by user activity or by export, into ``raw.amplitude_events``.

Belongs here: the choice between the vendor's two sources, and the export's hours. Does not belong
here: users' activity (:mod:`journey_assets.raw.amplitude_activity`), archives that somebody
downloaded (:mod:`journey_assets.raw.amplitude_archive`), the store
(:mod:`journey_assets.raw.amplitude_store`), what is on the wire (``vendors/amplitude.py``).
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from journey_assets.raw.amplitude_activity import stage_activity
from journey_assets.raw.amplitude_store import AHEAD, Staged, midnight, store_staged
from journey_assets.raw.amplitude_users import check_tracked
from journey_assets.raw.ingested import Ingested
from journey_assets.raw.staging import staging_folder
from journey_assets.settings import Settings
from journey_assets.vendors.amplitude import AmplitudeClient
from journey_assets.warehouse.database import Session

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def ingest_events(
    session: Session,
    client: AmplitudeClient,
    settings: Settings,
    first: date,
    last: date,
    log: Callable[[str], None],
    *,
    only_new_users: bool = False,
) -> Ingested:
    """Store the events of the days ``first`` to ``last`` from the source that the settings choose.

    only_new_users: of user activity, read only users who have not been read for all of the days,
    and keep what is stored of the others. Raises :class:`SettingsError` when the settings, or
    ``raw.amplitude_users``, name nobody to ask for, and the vendor's errors; nothing is stored then.
    """
    check_tracked(settings)
    with staging_folder(settings.directory()) as folder:
        if settings.amplitude_source == "export":
            staged = _stage_export(client, folder, first, last)
        else:
            days = (first, last)
            staged = stage_activity(
                session, client, settings, folder, days, log, only_new=only_new_users
            )
        log(f"Amplitude: reading the events of {first} … {last} from {len(staged.files)} files.")
        return store_staged(session, staged, first, last, log)


def _stage_export(client: AmplitudeClient, folder: Path, first: date, last: date) -> Staged:
    """Uploads of the days, of the hours before, into which clocks that run ahead upload, and of the
    day after, which brings what devices sent late; as far as there are any."""
    begins = midnight(first) - AHEAD
    wanted = midnight(last + 2 * _DAY) - _HOUR
    until = min(wanted, client.now().replace(minute=0, second=0, microsecond=0))
    files = list(client.export(begins, until, folder))
    late = (
        f"Uploads were read up to {until:%Y-%m-%d %H}h, for {last} they may arrive until "
        f"{wanted:%Y-%m-%d %H}h: materialize it again then."
    )
    return Staged(
        files=files,
        newest_first=False,
        hours=(begins, until) if begins <= until else None,
        notes=(late,) if until < wanted else (),
        facts={"export_files": len(files)},
    )
