"""Other people's text in a prompt: only as quoted data.

Belongs here: how a name that vendors and end users wrote stands in a prompt. Does not belong here:
what of it is shown at all (:mod:`journey_assets.names`), and how tables are laid out.
"""

import re

_ESCAPED = re.compile(r"([\\|`\"])")


def quoted(text: str) -> str:
    """A plain name in double quotes, safe in a cell of a markdown table."""
    return '"' + _ESCAPED.sub(r"\\\1", text) + '"'
