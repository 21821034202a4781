"""What is wrong with a line that the database cannot read, and the lines that can be mended.

Belongs here: a second look, record by record, at the few lines that need one. Does not belong here:
fields that are missing or mistyped (:mod:`journey_assets.raw.parse`).
"""

import json
import re
from collections.abc import Mapping

from journey_assets.raw.batches import LONGEST_LINE, Line

#: Deepest nesting that is stored: programs that read JSON by recursion end at about a thousand.
MOST_LEVELS = 500

#: A record of fewer opening brackets is nested no deeper than that.
FEWEST_BRACKETS = MOST_LEVELS + 1

_CONTROL = re.compile(rb"[\x00-\x1f]")
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


def too_deep(line: Line) -> str | None:
    """That the record is nested too deep to be stored; None when it is not."""
    deep = line.text is not None and _levels(line.text) > MOST_LEVELS
    return f"nested deeper than {MOST_LEVELS} levels" if deep else None


def reason(line: Line) -> str | None:
    """Why a record that the database cannot read is not stored; None when it can be mended."""
    text = line.text
    if text is None:
        return f"longer than {LONGEST_LINE >> 20} MB"
    if deep := too_deep(line):
        return deep
    try:
        value = json.loads(text.decode())
    except UnicodeDecodeError:
        return "not UTF-8"
    except (ValueError, RecursionError):
        # Blanks of JSON are control characters that may stand between its parts.
        return "not JSON, for a control character" if _CONTROL.search(text) else "not JSON"
    return None if isinstance(value, dict) else "not a JSON object"


def mended(line: Line, own: Mapping[str, object]) -> bytes:
    """The record in words that any reader takes, with ``own`` values added.

    For a line without a :func:`reason`: half an emoji is JSON, but no text, and becomes ``?``.
    """
    record = json.loads((line.text or b"").decode())
    whole = json.dumps(record | own, ensure_ascii=False, separators=(",", ":"))
    return whole.encode(errors="replace")


def _levels(text: bytes) -> int:
    deepest = level = 0
    for bracket in _BRACKETS.finditer(text):
        if bracket[0] in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif bracket[0] in b"]}":
            level -= 1
    return deepest
