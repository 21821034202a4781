"""Posting a message to a webhook: Slack, Teams, Mattermost, or whatever takes JSON with a text.

Belongs here: the delivery, and saying that it failed without the address, which is a secret of its own.
Does not belong here: what the message says.
"""

from collections.abc import Callable, Mapping
from typing import Any

import requests

from journey_assets.vendors.watching import Watch, WatchedAdapter

_TIMEOUTS = (5.0, 10.0)
_LONGEST_SECONDS = 20.0
_REDIRECT = 300


def post_message(
    url: str, body: Mapping[str, object], what: str, setting: str, log: Callable[[str], None]
) -> bool:
    """Post ``body`` as JSON; False, and a line in the log, when it could not be delivered.

    what: what it is, for the line; setting: the variable that holds the address.
    """
    try:
        status = _post(url, body)
    except (requests.RequestException, ValueError) as error:
        log(f"The {what} could not be posted to {setting}: {type(error).__name__}.")
        return False
    # A redirect is not followed: it may lead the message to another host.
    if status < _REDIRECT:
        return True
    log(f"The {what} was not taken by {setting}: HTTP {status}.")
    return False


def _post(url: str, body: Mapping[str, object]) -> int:
    """The status of the answer; its body is not read, and a head that drips is broken off."""
    with Watch(_LONGEST_SECONDS, lambda *_: None), requests.Session() as session:
        for scheme in ("https://", "http://"):
            session.mount(scheme, WatchedAdapter())
        options: Mapping[str, Any] = {"allow_redirects": False, "stream": True}
        with session.post(url, json=body, timeout=_TIMEOUTS, **options) as answer:
            return int(answer.status_code)
