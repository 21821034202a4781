"""What names a Segment profile, and which profiles to ask the Profile API for.

Belongs here: a profile's key, the identifiers of ``profile_api``. Does not belong here: which values
name nobody (:mod:`journey_assets.identifiers`), reading the profiles
(:mod:`journey_assets.raw.segment`), joining them with other vendors' people (``identity``).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from journey_assets.identifiers import names_somebody, register_identifiers
from journey_assets.settings import Settings, SettingsError, read_list
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.tables.raw import AMPLITUDE_USERS, MAVENOID_CONVERSATIONS


def profile_key(
    traits: Mapping[str, Any], external_ids: Sequence[Any], placeholders: Collection[str]
) -> str | None:
    """``user_id:…``, else the first identifier as ``type:value``, else ``email:…`` of the trait.

    placeholders: values that name nobody, in small letters. None when nothing names the profile.
    """
    named = [
        (str(each["type"]), str(each["id"]))
        for each in external_ids
        if isinstance(each, dict)
        and each.get("type")
        and isinstance(each.get("id"), str | int)
        and names_somebody(str(each["id"]), placeholders)
    ]
    users = [pair for pair in named if pair[0] == "user_id"]
    for kind, value in users or named:
        return f"{kind}:{value}"
    email = traits.get("email")
    if isinstance(email, str) and names_somebody(email, placeholders):
        return f"email:{email.strip()}"
    return None


def asked_profiles(session: Session, settings: Settings, last: date) -> tuple[list[str], list[str]]:
    """Identifiers ``type:value`` to ask for: those to ask in any case, and e-mails to ask unless an
    answer to the first already had them.

    ``SEGMENT_PROFILE_IDS``, else tracked users and the e-mail addresses of support conversations in
    the window that ends with ``last``. Raises :class:`SettingsError` when there is no such list.
    """
    if settings.segment_profile_ids:
        return _listed(settings), []
    with session.reading() as con:
        users = stored_columns(con, AMPLITUDE_USERS)
        conversations = stored_columns(con, MAVENOID_CONVERSATIONS)
        if not users and not conversations:
            raise SettingsError(
                "SEGMENT_API=profile_api needs profiles to ask for: set SEGMENT_PROFILE_IDS, or "
                "materialize raw/amplitude_users or raw/mavenoid_conversations first."
            )
        tracked = _tracked(session, settings, last) if users else []
        emails = _support_emails(session, settings, last) if conversations else []
    return tracked, emails


def _listed(settings: Settings) -> list[str]:
    listed = read_list(settings.segment_profile_ids, "SEGMENT_PROFILE_IDS")
    for number, entry in enumerate(listed, start=1):
        kind, _, value = entry.partition(":")
        if not kind.strip() or not names_somebody(value, settings.placeholders()):
            # The entry may be an address: its place is enough to find it.
            raise SettingsError(
                f"SEGMENT_PROFILE_IDS: entry {number} is not of the form type:value, "
                "e.g. user_id:123, or names nobody (JOURNEY_PLACEHOLDER_IDS)."
            )
    return list(listed)


def _tracked(session: Session, settings: Settings, last: date) -> list[str]:
    """Users of the newest list that is not newer than ``last``."""
    table = f"{CATALOG}.{AMPLITUDE_USERS.full_name}"
    rows = session.con.execute(
        f"SELECT DISTINCT user_id FROM {table} WHERE status = 'ok' AND user_id IS NOT NULL "
        f"AND event_date = (SELECT max(event_date) FROM {table} WHERE event_date <= ?) "
        "ORDER BY ALL",
        [last],
    ).fetchall()
    nobody = settings.placeholders()
    return [f"user_id:{user}" for (user,) in rows if names_somebody(user, nobody)]


def _support_emails(session: Session, settings: Settings, last: date) -> list[str]:
    nobody = settings.placeholders()
    register_identifiers(session.con, nobody, settings.email_keys())
    rows = session.con.execute(
        "SELECT DISTINCT support_email(form_data) AS email "
        f"FROM {CATALOG}.{MAVENOID_CONVERSATIONS.full_name} "
        "WHERE conversation_date BETWEEN ? AND ? AND email IS NOT NULL ORDER BY ALL",
        [last - timedelta(days=settings.window_days - 1), last],
    ).fetchall()
    return [f"email:{email}" for (email,) in rows if names_somebody(email, nobody)]
