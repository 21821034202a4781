"""What is left to do at the vendors: they keep what they were sent."""

from collections.abc import Iterator

from journey_assets.privacy.person import Person
from journey_assets.settings import Settings


def vendor_steps(settings: Settings, person: Person) -> Iterator[str]:
    """A line a vendor, with the ids that its request needs.

    For the terminal of whoever forgets: never for a log.
    """
    amplitude, users, conversations = (
        f"[{', '.join(person.of(kind))}]" for kind in ("amplitude_id", "user_id", "conversation")
    )
    host = (
        "https://analytics.eu.amplitude.com"
        if ".eu." in settings.amplitude_base_url
        else ("https://amplitude.com")
    )
    yield (
        f"Amplitude: User Privacy API, POST {host}/api/2/deletions/users with amplitude_ids {amplitude}"
        f" (and user_ids {users}). It does not keep new events out: stop sending them."
    )
    yield (
        "Segment: Settings > End User Privacy, or the Public API, POST /regulations with "
        f"regulationType SUPPRESS_WITH_DELETE, subjectType USER_ID, subjectIds {users}."
    )
    yield (
        "Mavenoid: no API deletes; ask its support to delete the conversations "
        f"{conversations} and the contact's data."
    )
    yield (
        "Mavera: prompts carry figures only, never ids or addresses; delete its threads of the days named "
        "below, if even figures that counted the person must go."
    )
