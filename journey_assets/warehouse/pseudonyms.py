"""Names that stand for persons, agents and e-mail addresses without telling who they are.

Belongs here: the key, the keyed hash (HMAC-SHA256), and the same hash for SQL. Does not belong
here: what is hashed, or how a value is normalised before (:mod:`journey_assets.identity.values`).
"""

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from journey_assets.places import close_to_others
from journey_assets.settings import Settings, SettingsError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Name of the file beside the database that keeps the key when no setting gives one.
KEY_FILE = "hash_key"

#: Hexadecimal digits of a pseudonym: 64 bits, among a million values a collision has p < 3e-8.
DIGITS = 16

_BLOCK = 64  # bytes in a block of SHA-256, RFC 2104's B


def hash_key(settings: Settings) -> str:
    """The key of the hash: the setting, or else :func:`kept_key` beside the database."""
    return settings.hash_key or kept_key(settings.directory())


def kept_key(directory: Path) -> str:
    """The random key kept in ``directory``, made once (mode 0600).

    Several processes may ask for the first key at once; all get the same one.
    Raises :class:`SettingsError` when the file cannot be read or is empty.
    """
    path = directory / KEY_FILE
    try:
        if not path.exists():
            _make_key(path)
        close_to_others(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            f"The hash key {path} is unusable: {error.strerror}. Mend it or set JOURNEY_HASH_KEY."
        ) from None
    if not key:
        raise SettingsError(f"The hash key {path} is empty: delete it or set JOURNEY_HASH_KEY.")
    return key


def pseudonym(key: str, kind: str, value: str) -> str:
    """``<kind>_<16 hex digits>``: the same for the same key, kind and value, else unrelated."""
    digest = hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
    return f"{kind}_{digest[:DIGITS]}"


def register_pseudonym(con: "DuckDBPyConnection", key: str) -> None:
    """Make ``pseudonym(kind, value)`` callable in SQL on ``con``; NULL stays NULL.

    The HMAC is spelled out in SQL (RFC 2104), ten times as fast as a Python function per value.
    The padded keys are variables of the connection, so that no SQL text holds key material.
    """
    raw = key.encode()
    block = (hashlib.sha256(raw).digest() if len(raw) > _BLOCK else raw).ljust(_BLOCK, b"\0")
    for name, pad in (("pseudonym_inner", 0x36), ("pseudonym_outer", 0x5C)):
        con.execute(f"SET VARIABLE {name} = unhex('{bytes(b ^ pad for b in block).hex()}')")
    con.execute(
        "CREATE OR REPLACE TEMP MACRO pseudonym(kind, value) AS kind || '_' || left(sha256("
        "getvariable('pseudonym_outer') || unhex(sha256("
        f"getvariable('pseudonym_inner') || encode(kind || ':' || value)))), {DIGITS})"
    )


def _make_key(path: Path) -> None:
    """Write a random key whole or not at all; a key that another process made first is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{KEY_FILE}.")  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
