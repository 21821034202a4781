"""Other people's names as they may be shown, and the one idea of what an e-mail address is.

Belongs here: what happens to text that vendors and end users wrote (event names, flow names, plan
names, labels) when it leaves ``raw``, and before a prompt, a report, a picture or the UI carries it;
finding an e-mail address in a text, in Python and in SQL alike. Does not belong here: how a name is
quoted or laid out, and how an address is hashed (``warehouse/pseudonyms.py``).

Python and SQL share every pattern, so they are written in what both engines (``re`` and RE2) read:
characters stand for themselves, since ``\\s`` and the like differ between the two.
"""

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Longest name that is shown. Longer ones are cut: event names are short by every vendor's advice,
#: and what is longer is a text, which could hold instructions.
MAX_NAME_CHARACTERS = 60

#: What stands in a name for an e-mail address.
MASK = "(e-mail address)"

#: Unicode categories that are never shown: controls, format characters (bidirectional overrides,
#: zero-width joiners), surrogates, private use and unassigned ones.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})

#: Signs without a width, which may stand within an address and hide it from a pattern: controls
#: (but those that are white space), soft hyphens, joiners, fillers, variation selectors, tags.
_WIDTHLESS = (
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

#: Other ways to write @: full width, percent-encoded (how often so ever), as an entity or an escape,
#: and as people write it for people.
_AT = (
    "(?i)[＠﹫]|%(?:25)*(?:40|ef%(?:25)*bc%(?:25)*a0)|&(?:amp;)*(?:#0*64|#x0*40|commat);"
    rf"|\\{{1,4}}(?:u00|x)40|[{_SPACE}]{{0,3}}[(\[{{][{_SPACE}]{{0,3}}at[{_SPACE}]{{0,3}}[)\]}}][{_SPACE}]{{0,3}}"
)
#: What ends an address: white space, and the signs around values in sentences, URLs and JSON.
_ENDS = _SPACE + r'@/?&=#;,:<>()\[\]{}"|\\，：；（）「」【】、！？“”„«»'
_SIGN = f"[^{_ENDS}]"
_LETTER = rf"[^\x00-@\[-`{{-\x7f{_ENDS}]"
_DOT = "[.．。｡]|%(?:25)*2[eE]"
_DOMAIN = rf"{_SIGN}+(?:{_DOT}){_LETTER}{{2}}{_SIGN}*"
_QUOTED = '"[^"]{0,64}"'
#: For RE2, whose time is linear in any case.
_ADDRESS = f"(?:{_QUOTED}|{_SIGN}+)@{_DOMAIN}"
#: The same for ``re``: a word is tried from its beginning only, and taken whole. From each of its
#: letters, a word of ten thousand would take half a second.
_PYTHON_ADDRESS = re.compile(f"(?:{_QUOTED}|(?<!{_SIGN}){_SIGN}++)@{_DOMAIN}")
_PYTHON_WIDTHLESS, _PYTHON_AT = re.compile(_WIDTHLESS), re.compile(_AT)

#: What may stand before an address in a text, or behind it, and is no part of it.
_BEFORE, _BEHIND = ".'`´’‘*", ".'`´’‘!*~_-^$"

#: Most addresses are written like this and need no reading.
_PLAIN = "[a-z0-9][a-z0-9.+_-]*@[a-z0-9.-]+[.][a-z]+"


def masked(text: str) -> str:
    """``text`` with :data:`MASK` for every e-mail address, however written; else as it is.

    An address has a local part, an @ (also full-width, percent-encoded, as an entity or ``(at)``),
    and a domain with a dot and letters after it; signs without a width do not hide it.
    """
    replaced, count = _PYTHON_ADDRESS.subn(MASK, readable(text))
    return replaced if count else text


def readable(text: str) -> str:
    """Without signs that have no width, and with @ for every other way to write it."""
    return _PYTHON_AT.sub("@", _PYTHON_WIDTHLESS.sub("", text))


def mail_address(text: str) -> str | None:
    """The first e-mail address of a text, normalised for comparing; None when it holds none.

    ``Name <a@b.se>``, ``mailto:a@b.se``, quotes and dots around it and signs without a width give
    the same: lower case, Unicode NFC.
    """
    found = _PYTHON_ADDRESS.search(readable(text))
    dotted = re.sub(_DOT, ".", found[0]) if found else ""
    return unicodedata.normalize("NFC", dotted.lower()).lstrip(_BEFORE).rstrip(_BEHIND) or None


def plain_name(text: str) -> str:
    """``text`` on one line, without invisible characters and e-mail addresses, bounded in length."""
    spaced = re.sub(r"\s+", " ", masked(text))
    visible = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE).strip()
    if len(visible) > MAX_NAME_CHARACTERS:
        visible = visible[: MAX_NAME_CHARACTERS - 1].rstrip() + "…"
    return visible


def register_names(con: "DuckDBPyConnection") -> None:
    """Make this module's functions callable in SQL, by all connections of the in-memory database of
    ``con``; NULL stays NULL.

    masked_name(text), mail_address(text), readable_name(text): as :func:`masked`,
    :func:`mail_address`, :func:`readable`. written_addresses(text): the list of all e-mail addresses of
    a text, as they stand in its readable form; plain_address(written): one of them, as
    :func:`mail_address` writes it. without_address(text, written, replacement): the readable text with
    ``replacement`` wherever exactly this address stands.
    """
    widthless, at, address, ends, before, behind = (
        pattern.replace("'", "''")
        for pattern in (_WIDTHLESS, _AT, _ADDRESS, _ENDS, _BEFORE, _BEHIND)
    )
    blanks = "[\\x00-\\x20\\x7f]*"
    worded = f"[(\\[{{]{blanks}a{blanks}t{blanks}[)\\]}}]"
    con.execute(
        f"""
        CREATE OR REPLACE MACRO readable_name(text) AS
        regexp_replace(regexp_replace(text, '{widthless}', '', 'g'), '{at}', '@', 'g');
        -- Few texts hold one of these, and looking for them costs a tenth of the expressions.
        CREATE OR REPLACE MACRO may_hold_address(text) AS
        contains(text, '@') OR contains(text, '%') OR contains(text, '&') OR contains(text, '\\')
        OR strlen(text) <> length(text)
        OR (regexp_matches(text, '[(\\[{{]') AND regexp_matches(text, '(?i){worded}'));
        CREATE OR REPLACE MACRO masked_name(text) AS
        CASE WHEN may_hold_address(text) AND regexp_matches(readable_name(text), '{address}')
             THEN regexp_replace(readable_name(text), '{address}', '{MASK}', 'g')
             ELSE text END;
        CREATE OR REPLACE MACRO plain_address(written) AS
        nullif(rtrim(ltrim(nfc_normalize(lower(regexp_replace(written, '{_DOT}', '.', 'g'))),
                           '{before}'), '{behind}'), '');
        CREATE OR REPLACE MACRO mail_address(text) AS
        CASE
            WHEN regexp_full_match(lower(text), '{_PLAIN}') THEN lower(text)
            WHEN may_hold_address(text)
            THEN plain_address(regexp_extract(readable_name(text), '{address}'))
        END;
        -- A quoted local part brings its own limit.
        CREATE OR REPLACE MACRO address_between(written) AS
        CASE WHEN starts_with(written, '"') THEN '()' ELSE '(^|[{ends}])' END
        || regexp_escape(written) || '([{ends}]|$)';
        CREATE OR REPLACE MACRO written_addresses(text) AS
        CASE WHEN may_hold_address(text)
             THEN regexp_extract_all(readable_name(text), '{address}')
             ELSE []::VARCHAR[] END;
        -- Twice: of two that share the sign between them the first takes it.
        CREATE OR REPLACE MACRO without_address(text, written, replacement) AS
        regexp_replace(
            regexp_replace(
                readable_name(text), address_between(written), '\\1' || replacement || '\\2', 'g'
            ),
            address_between(written), '\\1' || replacement || '\\2', 'g'
        );
        """
    )
