"""Who the people are: identifiers, devices, countries, and how identifiers lead back to a person.

Belongs here: everything about a person that does not change with time. Does not belong here: what
people do (``walks.py``, ``lives.py``) and what Segment knows of them (``profiles.py``).

A person is a pure function of (seed, day of the first visit, ordinal). All identifiers carry the
day and the ordinal, so a person is found again without an index.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from journey_assets.simulator.randomness import mix, pick, unit, weighted
from journey_assets.simulator.truths import Channel, JourneyModel, Label
from journey_assets.simulator.walks import Walk, walk

_EPOCH = date(1970, 1, 1)
_AMPLITUDE_BASE = 400_000_000_000
_PER_DAY = 10_000

_COUNTRIES = (
    ("United States", "California", "San Francisco", "English"),
    ("United States", "New York", "New York", "English"),
    ("Sweden", "Stockholm County", "Stockholm", "Swedish"),
    ("Germany", "Berlin", "Berlin", "German"),
    ("United Kingdom", "England", "London", "English"),
    ("Spain", "Madrid", "Madrid", "Spanish"),
    ("Brazil", "São Paulo", "São Paulo", "Portuguese"),
    ("Japan", "Tokyo", "Tokyo", "Japanese"),
)
_WORDS = ("builder", "maker", "planner", "reader", "runner", "walker", "writer", "drawer")


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a person; ``kind`` is ``web``, ``ios`` or ``android``."""

    kind: str
    device_id: str
    platform: str
    os_name: str
    family: str
    library: str


_KINDS = {
    "web": (
        "Web",
        ("Chrome", "Firefox", "Safari"),
        ("Mac", "Windows", "Linux"),
        "amplitude-ts/2.9",
    ),
    "ios": ("iOS", ("ios",), ("Apple iPhone", "Apple iPad"), "amplitude-swift/1.8"),
    "android": (
        "Android",
        ("android",),
        ("Google Pixel", "Samsung Galaxy"),
        "amplitude-android/1.16",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person; compared by identity, which makes it a cheap key of caches.

    key: seeds all further draws about the person. label: what became of the person.
    user_id: None for visitors who never signed up.
    merged_amplitude_id: the anonymous id of the second device before its log-in, if there was one.
    """

    day: int
    ordinal: int
    key: int
    label: Label
    channel: Channel
    amplitude_id: int
    merged_amplitude_id: int | None
    user_id: str | None
    email: str
    country: str
    region: str
    city: str
    language: str
    devices: tuple[Device, ...]


def epoch_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def calendar_day(day: int) -> date:
    """The date of a day number."""
    return _EPOCH + timedelta(days=day)


def newcomers(seed: int, day: int, mean: float) -> int:
    """How many people come for the first time on a day: more from Monday to Thursday."""
    weekday = (day + 3) % 7
    weight = 1.2 if weekday < 4 else 1.05 if weekday == 4 else 0.57
    return min(_PER_DAY - 1, round(mean * weight * (0.9 + 0.2 * unit(seed, day, 1))))


def person(
    seed: int, day: int, ordinal: int, model: JourneyModel, second_device_share: float
) -> Person:
    """The ``ordinal``-th newcomer of a day."""
    key = mix(seed, day, ordinal)
    signs_up = unit(key, 1) < model.signs_up
    # What becomes of a person follows from what the person does, and is no cause of it.
    converts = way_of(key, model, signs_up=signs_up).converts
    label: Label = "converter" if converts else "non_converter" if signs_up else "visitor"
    channels = model.channels_converters if label == "converter" else model.channels_others
    code = f"{calendar_day(day):%Y%m%d}{ordinal:04d}"
    amplitude_id = _AMPLITUDE_BASE + (day * _PER_DAY + ordinal) * 10
    known = signs_up
    devices = _devices(key, code, known)
    merged = known and len(devices) > 1 and unit(key, 3) < second_device_share
    country, region, city, language = pick(_COUNTRIES, key, 4)
    return Person(
        day=day,
        ordinal=ordinal,
        key=key,
        label=label,
        channel=weighted(channels, unit(key, 2)),
        amplitude_id=amplitude_id,
        merged_amplitude_id=amplitude_id + 1 if merged else None,
        user_id=f"usr_{code}" if known else None,
        email=f"{pick(_WORDS, key, 5)}.{code}@example.{pick(('com', 'org'), key, 6)}",
        country=country,
        region=region,
        city=city,
        language=language,
        devices=devices,
    )


def way_of(key: int, model: JourneyModel, *, signs_up: bool) -> Walk:
    """The way of the person with this key."""
    return walk(Random(mix(key, 31)), model, signs_up=signs_up)


def _devices(key: int, code: str, known: bool) -> tuple[Device, ...]:
    first = weighted((("web", 0.7), ("ios", 0.17), ("android", 0.13)), unit(key, 7))
    kinds = [first]
    if known and unit(key, 8) < 0.35:
        kinds.append(
            "web" if first != "web" else weighted((("ios", 6), ("android", 4)), unit(key, 9))
        )
    return tuple(_device(key, code, number, kind) for number, kind in enumerate(kinds))


def _device(key: int, code: str, number: int, kind: str) -> Device:
    platform, systems, families, library = _KINDS[kind]
    return Device(
        kind=kind,
        device_id=f"{kind}-{code}-{mix(key, 10, number):016x}",
        platform=platform,
        os_name=pick(systems, key, 11, number),
        family=pick(families, key, 12, number),
        library=library,
    )


_CODE = re.compile(r"(?<!\d)(\d{8})(\d{4})(?!\d)")


def place_of_amplitude_id(amplitude_id: int) -> tuple[int, int] | None:
    """Day and ordinal of the person whose (canonical or merged) Amplitude id this may be."""
    number = (amplitude_id - _AMPLITUDE_BASE) // 10
    return divmod(number, _PER_DAY) if number >= 0 else None


def place_of_code(text: str) -> tuple[int, int] | None:
    """Day and ordinal in a user id, device id, e-mail address or other identifier."""
    found = _CODE.search(text)
    if found is None:
        return None
    try:
        day = datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return epoch_day(day), int(found[2])
