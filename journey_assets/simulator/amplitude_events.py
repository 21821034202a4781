"""How an event and a user look in Amplitude's answers.

Belongs here: the documented fields and their formats. Does not belong here: which events are
answered (``amplitude.py``).

Events are written as text with a few formats, not through ``json.dumps``: a month of export has
to be there in seconds.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from time import gmtime, strftime
from typing import Any

from journey_assets.simulator.lives import Event, Life
from journey_assets.simulator.people import Person
from journey_assets.simulator.truths import (
    CREATE_PROJECT,
    DASHBOARD,
    EXPORT_DATA,
    HELP_DOC,
    PAGE_VIEWED,
    PAYMENT_FAILED,
    REVENUE,
    RUN_FIRST_REPORT,
    SETTINGS,
    SIGN_UP,
    UPGRADE,
)

#: The project's number, as it stands in every event.
APP = 434_735

_PRICES = {"starter": 19.0, "pro": 49.0, "team": 99.0}


def _compact(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _page(path: str, title: str) -> dict[str, Any]:
    return {
        "[Amplitude] Page Path": path,
        "[Amplitude] Page URL": f"https://app.example.com{path}",
        "[Amplitude] Page Title": title,
    }


_PROPERTIES: dict[str, tuple[dict[str, Any], ...]] = {
    PAGE_VIEWED: (
        _page("/", "Home"),
        _page("/pricing", "Pricing"),
        _page("/features", "Features"),
        _page("/blog/first-steps", "First steps"),
        _page("/compare", "Compare"),
    ),
    SIGN_UP: ({"method": "email"}, {"method": "single sign-on"}),
    DASHBOARD: ({"path": "/dashboard"}, {"path": "/dashboard/team"}),
    SETTINGS: ({"path": "/settings/members"}, {"path": "/settings/billing"}),
    HELP_DOC: (
        {"path": "/help/inviting-teammates"},
        {"path": "/help/first-report"},
        {"path": "/help/permissions"},
    ),
    CREATE_PROJECT: ({"template": "blank"}, {"template": "roadmap"}),
    RUN_FIRST_REPORT: ({"report": "burn-down"}, {"report": "workload"}),
    EXPORT_DATA: ({"format": "csv", "rows": 1200}, {"format": "xlsx", "rows": 310}),
    PAYMENT_FAILED: ({"reason": "card_declined"}, {"reason": "authentication_required"}),
    UPGRADE: tuple({"plan": plan} for plan in _PRICES),
    REVENUE: tuple(
        {"$revenue": price, "$price": price, "$quantity": 1, "$productId": f"{plan}_monthly"}
        for plan, price in _PRICES.items()
    ),
}
_PROPERTIES_JSON = {
    name: tuple(_compact(one) for one in options) for name, options in _PROPERTIES.items()
}
#: The upgrade and its revenue have to name the same plan.
_DRAWN_ONCE = frozenset({UPGRADE, REVENUE})

_EVENT = (
    '{"app":%d,"device_id":%s,"user_id":%s,"client_event_time":"%s","event_id":%d,'
    '"session_id":%d,"event_type":%s,"amplitude_event_type":null,"event_properties":%s,'
    '"event_time":"%s","client_upload_time":"%s","server_upload_time":"%s",'
    '"server_received_time":"%s","amplitude_id":%d,"uuid":"%s",'
    '"$insert_id":"%s","user_properties":%s,%s}'
)


def event_json(event: Event, uploaded: int | None = None, *, iso: bool = False) -> str:
    """The event as JSON text, of the upload at ``uploaded`` (microseconds; default: the first).

    ``iso`` writes times with a ``T`` instead of a space.
    """
    person = event.person
    moment = event.uploaded if uploaded is None else uploaded
    time, sent, stored = time_text(event.time), time_text(moment - 271_000), time_text(moment)
    if iso:
        time, sent, stored = (text.replace(" ", "T") for text in (time, sent, stored))
    device_id, device = _device_json(person, event.device)
    uuid = event.uuid
    return _EVENT % (
        APP, device_id, f'"{person.user_id}"' if event.known else "null", time,
        event.number + 1, event.session, _name_json(event.name), _properties_json(event), time,
        sent, stored, stored, event.amplitude_id, uuid, uuid[::-1].replace("-", ""),
        _user_properties(person) if event.known else "{}", device,
    )  # fmt: skip


def time_text(micros: int) -> str:
    """A naive UTC time as Amplitude writes it: ``2024-08-05 14:22:10.123000``."""
    minutes, rest = divmod(micros, 60_000_000)
    return f"{_minute_text(minutes)}:{rest // 1_000_000:02d}.{rest % 1_000_000:06d}"


@lru_cache(maxsize=65_536)
def _minute_text(minutes: int) -> str:
    return strftime("%Y-%m-%d %H:%M", gmtime(minutes * 60))


@lru_cache(maxsize=256)
def _name_json(name: str) -> str:
    return json.dumps(name)


def _properties_json(event: Event) -> str:
    options = _PROPERTIES_JSON.get(event.name)
    if options is None:
        return "{}"
    number = 0 if event.name in _DRAWN_ONCE else event.number
    return options[(event.person.key + number * 7) % len(options)]


@lru_cache(maxsize=16_384)
def _user_properties(person: Person) -> str:
    return _compact({"role": ("owner", "member")[person.key & 1], "team_size": person.key % 40})


@lru_cache(maxsize=16_384)
def _device_json(person: Person, number: int) -> tuple[str, str]:
    """The device id, and the fields that are the same in every event of a device."""
    device = person.devices[number]
    fields: dict[str, Any] = {
        "platform": device.platform,
        "os_name": device.os_name,
        "device_family": device.family,
        "country": person.country,
        "region": person.region,
        "city": person.city,
        "language": person.language,
        "library": device.library,
        "start_version": None,
        "group_properties": {},
        "groups": {},
        "data": {},
        "paying": None,
        "user_creation_time": None,
        "sample_rate": None,
        "is_attribution_event": False,
        "$schema": 13,
    }
    return json.dumps(device.device_id), _compact(fields)[1:-1]


def user_json(life: Life, events: Sequence[Event]) -> dict[str, Any]:
    """``userData`` of a user whose visible events, in order, are ``events``."""
    person = life.person
    first = person.devices[0]
    merged = person.merged_amplitude_id
    purchases = sum(event.name == REVENUE for event in events)
    return {
        "user_id": person.user_id,
        "canonical_amplitude_id": person.amplitude_id,
        "merged_amplitude_ids": [merged] if merged else [],
        "num_events": len(events),
        "num_sessions": len({event.session for event in events} - {-1}),
        "usage_time": sum(event.time > 0 for event in events) * 30_000,
        "first_used": time_text(events[0].time)[:10] if events else None,
        "last_used": time_text(events[-1].time)[:10] if events else None,
        "purchases": purchases,
        "revenue": purchases * 49.0,
        "platform": first.platform,
        "os": first.os_name,
        "version": None,
        "device": first.family,
        "device_type": first.family,
        "carrier": None,
        "country": person.country,
        "region": person.region,
        "city": person.city,
        "language": person.language,
        "start_version": None,
        "device_ids": [device.device_id for device in person.devices],
        "last_location": None,
        "properties": json.loads(_user_properties(person)),
        "metadata": {},
    }
