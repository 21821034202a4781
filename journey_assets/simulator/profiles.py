"""What Segment knows of a person: traits, identifiers, and the activity behind the counts.

Belongs here: profiles as they stand on a day. Does not belong here: pages, cursors and credentials
(``segment.py``).

Sessions and opened mails of a day are drawn per person and day; the 30-day traits are their sums,
so a trait computed from the events of the same days agrees with Segment's own.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate
from math import ceil, exp, factorial
from typing import Any, NamedTuple

from journey_assets.simulator.clock import DAY
from journey_assets.simulator.people import Person, calendar_day
from journey_assets.simulator.population import Population
from journey_assets.simulator.randomness import mix, pick, unit
from journey_assets.simulator.truths import MEAN_LTV, Channel

#: Newcomers of so many days have profiles in the space.
PROFILE_DAYS = 60
_TRAIT_DAYS = 30

#: Mean sessions on the web, sessions on the phone and opened mails a day.
_RATES: dict[Channel, tuple[float, float, float]] = {
    "web_dominant": (0.60, 0.07, 0.11),
    "mobile_dominant": (0.12, 0.80, 0.09),
    "email_dominant": (0.05, 0.03, 0.42),
    "omnichannel": (0.75, 0.85, 0.45),
    "inactive": (0.0, 0.0, 0.0),
}
_DRAW = (1 << 21) - 1


def _bounds(mean: float) -> tuple[int, ...]:
    """Where 21 random bits have to lie for a count of 0, 1, 2 and 3: Poisson, at most 4."""
    shares = [exp(-mean) * mean**count / factorial(count) for count in range(4)]
    return tuple(ceil(share * (_DRAW + 1)) for share in accumulate(shares))


_BOUNDS = {channel: tuple(_bounds(rate) for rate in rates) for channel, rates in _RATES.items()}


class Activity(NamedTuple):
    """Sessions on the web, sessions on the phone and opened mails of one day."""

    web: int
    mobile: int
    email: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile; ``traits`` and ``external_ids`` as the API shows them."""

    person: Person
    traits: dict[str, Any]
    external_ids: list[dict[str, Any]]

    @property
    def segment_id(self) -> str:
        """Segment's own id of the profile."""
        return f"seg_{mix(self.person.key, 60):016x}"


def has_profile(person: Person, share: float) -> bool:
    """Most people who signed up, and visitors who left their address."""
    return unit(person.key, 61) < (share if person.user_id else 0.3)


def profiles(population: Population, day: int) -> Iterator[Profile]:
    """The space's profiles as they stand on a day (counted since 1970), in a stable order."""
    share = population.config.model.profile_share
    for start in range(day - PROFILE_DAYS + 1, day + 1):
        for person in population.people(start):
            if has_profile(person, share):
                yield profile(person, day)


@lru_cache(maxsize=20_000)
def profile(person: Person, day: int) -> Profile:
    """A person's profile as it stands on a day."""
    return Profile(person, _traits(person, day), _external_ids(person))


def activity(person: Person, day: int) -> Activity:
    """What a person did on a day on each channel."""
    draws = mix(person.key, 62, day)
    web, mobile, email = _BOUNDS[person.channel]
    return Activity(
        bisect_right(web, draws & _DRAW),
        bisect_right(mobile, draws >> 21 & _DRAW),
        bisect_right(email, draws >> 42 & _DRAW),
    )


def _traits(person: Person, day: int) -> dict[str, Any]:
    counts = [activity(person, day - back) for back in range(_TRAIT_DAYS)]
    email = person.email.capitalize() if unit(person.key, 63) < 0.2 else person.email
    traits: dict[str, Any] = {
        "email": email,
        "created_at": f"{calendar_day(person.day)}T08:00:00.000Z",
        "country": person.country,
        "language": person.language,
        "company_size": pick((1, 4, 12, 40, 150, 900), person.key, 64),
        "industry": pick(("software", "retail", "education", "media", "health"), person.key, 65),
        "newsletter": bool(person.key >> 3 & 1),
        "referrer": pick(("search", "friend", "advert", "blog"), person.key, 66),
    }
    if unit(person.key, 67) >= 0.04:
        traits["plan"] = _plan(person)
    if unit(person.key, 68) >= 0.05:
        traits["ltv"] = _ltv(person)
    if unit(person.key, 69) >= 0.06:
        traits |= _activity_traits(counts, day)
    return traits


def _activity_traits(counts: list[Activity], day: int) -> dict[str, Any]:
    names = ("last_web_visit", "last_mobile_open", "last_email_click")
    traits: dict[str, Any] = {
        "web_sessions_30d": sum(one.web for one in counts),
        "mobile_sessions_30d": sum(one.mobile for one in counts),
        "emails_opened_30d": sum(one.email for one in counts),
    }
    for channel, name in enumerate(names):
        back = next((n for n, one in enumerate(counts) if one[channel]), None)
        if back is not None:
            traits[name] = str(calendar_day(day - back))
    return traits


def _plan(person: Person) -> str:
    if person.label == "converter":
        return pick(("starter", "pro", "pro", "team", "enterprise"), person.key, 70)
    return pick(("free", "free", "free", "trial"), person.key, 70)


def _ltv(person: Person) -> float:
    """Lifetime value around the planted mean of the channel; ``PlantedTruths.mean_ltv``."""
    # The mean of four even draws from 0.4 to 1.6 of the mean: bell-shaped, bounded, mean kept.
    spread = sum(unit(person.key, 71, n) for n in range(4)) / 4
    return round(MEAN_LTV[person.channel] * (0.4 + 1.2 * spread), 2)


def _external_ids(person: Person) -> list[dict[str, Any]]:
    created = f"{calendar_day(person.day)}T08:00:00.40468Z"
    ids = [("user_id", person.user_id)] if person.user_id else []
    ids.append(("email", person.email))
    # A share of the profiles stays with two identifiers or less.
    if unit(person.key, 72) >= 0.3:
        ids += _device_ids(person)
    return [
        {
            "source_id": f"src{number}",
            "collection": "users",
            "id": value,
            "type": kind,
            "created_at": created,
            "encoding": "none",
        }
        for number, (kind, value) in enumerate(ids)
    ]


def _device_ids(person: Person) -> Iterator[tuple[str, str]]:
    for device in person.devices:
        if device.kind == "web":
            yield "anonymous_id", device.device_id
            if person.key >> 5 & 1:
                code = device.device_id.split("-")[1]
                yield "ga_client_id", f"GA1.2.{code}.{mix(person.key, 73) % 10**9}"
        else:
            yield f"{device.kind}.id", device.device_id
            if person.key >> 6 & 1:
                yield f"{device.kind}.push_token", f"push-{device.device_id}"


def track_events(person: Person, first: float, last: float) -> list[dict[str, Any]]:
    """The profile's events between two moments (seconds), newest first."""
    found = [
        (at, name, context)
        for day in range(int(first // DAY), int(last // DAY) + 1)
        for at, name, context in _events_of_day(person, day)
        if first <= at <= last
    ]
    found.sort(key=lambda one: -one[0])
    return [
        {
            "external_ids": _external_ids(person)[:2],
            "context": context,
            "type": "track",
            "message_id": f"msg-{mix(person.key, 74, int(at)):016x}",
            "timestamp": _moment(at),
            "properties": {},
            "event": name,
        }
        for at, name, context in found
    ]


def _events_of_day(person: Person, day: int) -> Iterator[tuple[float, str, dict[str, Any]]]:
    """Each session two pages, each opened mail one event and sometimes a click."""
    counts = activity(person, day)
    web = {"library": {"name": "analytics.js"}, "page": {"path": "/dashboard"}}
    phone = next((d.kind for d in person.devices if d.kind != "web"), "ios")
    mobile = {"library": {"name": f"analytics-{phone}"}, "device": {"type": phone}}
    mail = {"library": {"name": "mailer"}}
    for number in range(counts.web):
        at = _slot(person, day, 0, number)
        yield at, "Page Viewed", web
        yield at + 90, "Page Viewed", web
    for number in range(counts.mobile):
        at = _slot(person, day, 1, number)
        yield at, "Application Opened", mobile
        yield at + 60, "Screen Viewed", mobile
    for number in range(counts.email):
        at = _slot(person, day, 2, number)
        yield at, "Email Opened", mail
        if mix(person.key, 75, day, number) % 5 == 0:
            yield at + 40, "Email Link Clicked", mail


def _slot(person: Person, day: int, channel: int, number: int) -> float:
    """The start of a session: more than half an hour apart from the others of its channel."""
    hour = 6 + 4 * number + unit(person.key, 76, day, channel, number) * 3
    return day * DAY + hour * 3600


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:23] + "Z"
