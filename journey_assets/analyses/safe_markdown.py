"""Foreign markdown made fit to be shown: nothing in it loads, runs or misleads the eye.

Belongs here: the one sanitiser of Mave's answers, for Dagster's UI and for the report. Does not belong
here: turning markdown into HTML (:mod:`journey_assets.reports.markdown`).

What would be an image or HTML is taken apart in the text, and the result is read as a renderer would:
if anything is left in it that is not on the list of what may be shown, the whole is shown as code.
"""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it.token import Token

#: Schemes that a link may have.
SCHEMES = frozenset({"http", "https", "mailto"})

#: Signs that turn the direction of a text, that are not seen, or that steer a terminal. Joiners stay:
#: scripts and emoji need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
#: An image with its address beside it; only its words are kept.
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)")
#: Where any other image begins.
_IMAGE_START = re.compile(r"!(?=\[)")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_SHOWN = frozenset(
    {
        *("inline", "text", "softbreak", "hardbreak", "em", "strong", "s", "link", "code_inline"),
        *("paragraph", "heading", "hr", "fence", "code_block", "blockquote"),
        *("bullet_list", "ordered_list", "list_item"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
)
_FENCE = re.compile("`{3,}")


def safe_markdown(text: str) -> str:
    """``text`` as markdown without images, HTML, unseen signs and links of other schemes.

    Signs of Unicode's private use area stay.
    """
    seen = _UNSEEN.sub("", text.replace("\r\n", "\n"))
    apart = _HTML.sub("&lt;", _IMAGE_START.sub("! ", _IMAGE.sub(r"\1", seen)))
    return apart if _harmless(_tokens(apart)) else as_code(seen)


def as_code(text: str) -> str:
    """``text`` as a block of code, in which nothing is read as markdown."""
    fence = "`" * max((len(run) + 1 for run in _FENCE.findall(text)), default=3)
    return f"{fence}text\n{text}\n{fence}\n"


def _tokens(text: str) -> "Iterable[Token]":
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    # The reader must not be milder than any renderer: every target counts as a link.
    markdown.validateLink = lambda _: True  # type: ignore[method-assign,assignment]
    return markdown.parse(text)


def _harmless(tokens: "Iterable[Token]") -> bool:
    return all(
        re.sub("_(open|close)$", "", token.type) in _SHOWN
        and (token.type != "link_open" or _leads_to_the_web(str(token.attrs.get("href", ""))))
        and _harmless(token.children or ())
        for token in tokens
    )


def _leads_to_the_web(address: str) -> bool:
    """Whether the link is one of :data:`SCHEMES`, or leads to a place of the same text."""
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return False
    return scheme in SCHEMES if scheme else address.startswith("#")
