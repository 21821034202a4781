"""Other people's names as they may be shown.

Belongs here: what happens to text that vendors and end users wrote (event names, flow names, plan
names, labels) before a prompt, a report, a picture or the UI carries it. Does not belong here: how
it is quoted or laid out there.
"""

import re
import unicodedata

#: Longest name that is shown. Longer ones are cut: event names are short by every vendor's advice,
#: and what is longer is a text, which could hold instructions.
MAX_NAME_CHARACTERS = 60

#: Unicode categories that are never shown: controls, format characters (bidirectional overrides,
#: zero-width joiners), surrogates, private use and unassigned ones.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
#: Looked for from the beginning of a word only: from each of its letters, a word of ten thousand
#: would take half a second.
_MAIL_ADDRESS = re.compile(r"(?<![^\s@<>()\"'])[^\s@<>()\"']++@[^\s@<>()\"']+\.[^\s@<>()\"']+")


def plain_name(text: str) -> str:
    """``text`` on one line, without invisible characters and e-mail addresses, bounded in length."""
    spaced = re.sub(r"\s+", " ", text)
    visible = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE).strip()
    anonymous = _MAIL_ADDRESS.sub("(e-mail address)", visible)
    if len(anonymous) > MAX_NAME_CHARACTERS:
        anonymous = anonymous[: MAX_NAME_CHARACTERS - 1].rstrip() + "…"
    return anonymous
