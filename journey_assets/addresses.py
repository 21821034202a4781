"""Which addresses a vendor may be asked at.

Belongs here: the one rule for base URLs, used by settings and clients alike. Credentials and personal
data go there, so an address that is not plain is refused instead of understood.
"""

import ipaddress
import re
from urllib.parse import urlsplit

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*", re.ASCII)


def base_url(text: str) -> str:
    """The address without slashes at its end; raises ValueError that says what is wrong with it.

    https to a host named in ASCII, with or without port and path, and nothing else. Plain http is for
    loopback only. The message never repeats the address: it may hold credentials.
    """
    if not text.isascii() or any(sign <= " " or sign in '\\"<>^`{|}\x7f' for sign in text):
        raise ValueError("an address has ASCII signs and no blanks, like https://host/path")
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in {"https", "http"} or not rest:
        raise ValueError("the address does not begin with https://")
    if "@" in rest:
        raise ValueError("an address holds no user name or password: credentials have settings")
    if "?" in rest or "#" in rest:
        raise ValueError("an address has no query (?) and no fragment (#)")
    address = text.rstrip("/")
    try:
        split = urlsplit(address)
        host, port = split.hostname or "", split.port
    except ValueError:
        raise ValueError("the address's host or port cannot be read") from None
    numbered = split.netloc.startswith("[")
    if not _is_host(host, numbered=numbered) or split.netloc.endswith(":") or port == 0:
        raise ValueError("the address has no host that can be asked, like https://host/path")
    if not _PATH.fullmatch(split.path) or {".", ".."} & set(split.path.split("/")):
        raise ValueError("the address's path is not like /part/part")
    if split.scheme == "http" and not is_loopback(host):
        raise ValueError("http:// would send credentials in the clear: use https://")
    return address


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine itself, by its name or number."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(host: str, *, numbered: bool) -> bool:
    if numbered:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return True
    # Names in other scripts can look like a vendor's; no vendor has one.
    return bool(_HOST.fullmatch(host)) and not any(
        label.lower().startswith("xn--") for label in host.split(".")
    )
