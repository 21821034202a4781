"""Mave's markdown as safe HTML, with every number marked as it was found.

Belongs here: rendering (no raw HTML, no images), sanitising, and putting the stored marks of the
number check back to where they belong. Does not belong here: the number check
(:mod:`journey_assets.analyses.marks`).

The marks are positions in the markdown. Signs of Unicode's private use area are put around each
marked number before rendering and exchanged for elements afterwards, in text only: a sign that ended
up in an attribute is taken out again.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from journey_assets.analyses.safe_markdown import SCHEMES, safe_markdown

if TYPE_CHECKING:
    from markdown_it.token import Token

#: Elements that an answer may have.
_TEXT = frozenset({"a", "br", "code", "em", "s", "strong"})
_BLOCKS = frozenset({"blockquote", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"})
_TABLES = frozenset({"table", "tbody", "td", "th", "thead", "tr"})
_FIRST_HEADING, _LAST_HEADING = 4, 6

_OPEN, _CLOSE, _ZERO = "\ue000", "\ue001", 0xE010
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_SIGNED = re.compile(f"{_OPEN}([\ue010-\ue019]+)([^{_CLOSE}]*){_CLOSE}")
_ENCODED = re.compile(
    "|".join(quote(chr(code)) for code in (0xE000, 0xE001, *range(0xE010, 0xE01A)))
)
_UNBROKEN = re.compile(r"[^*`~<\n]+")
_TAG = re.compile(r"(<[^>]*>)")
_ROW_ID = re.compile(r"(?<![\w-])[A-Z]{1,2}[0-9]{1,4}(?![\w])")


@dataclass(frozen=True, slots=True)
class MarkedNumber:
    """A number of the answer: where, its status, and the rows that hold it."""

    start: int
    end: int
    status: str
    rows: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class References:
    """Where row ids lead: to anchors ``<prefix>-<row id>`` of the page, for the ids that it has."""

    prefix: str
    rows: Collection[str]


def answer_html(content: str, marks: Sequence[MarkedNumber], references: References) -> Markup:
    """``content`` as HTML. Needs marks that do not overlap, in the order of the text."""
    html = _sanitised(_rendered(safe_markdown(_signed(content, marks))))
    parts: list[str] = []
    within_link = tables = 0
    for part in _TAG.split(html):
        if part.startswith("<"):
            within_link += part.startswith("<a ")
            within_link -= part == "</a>"
            tables += part == "<table>"
            parts.append(_tag(part, f"{references.prefix}, table {tables}"))
        else:
            parts.append(_linked(part, marks, references, linkable=not within_link))
    return Markup("".join(parts))  # noqa: S704 - sanitised above; what is put in is escaped


def _signed(content: str, marks: Sequence[MarkedNumber]) -> str:
    """The content with signs around each number; private signs of its own become blanks."""
    plain = _PRIVATE.sub(" ", content)
    parts: list[str] = []
    position = 0
    for index, mark in enumerate(marks):
        number = "".join(chr(_ZERO + int(digit)) for digit in str(index))
        # Emphasis that begins or ends within a number is an element: the mark is on what is before it.
        marked = _UNBROKEN.match(plain, mark.start, mark.end)
        end = marked.end() if marked else mark.end
        parts += [plain[position : mark.start], f"{_OPEN}{number}{plain[mark.start : end]}{_CLOSE}"]
        position = end
    return "".join([*parts, plain[position:]])


def _rendered(text: str) -> str:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    tokens = markdown.parse(text)
    _nest_headings(tokens)
    rendered: str = markdown.renderer.render(tokens, markdown.options, {})
    return rendered


def _nest_headings(tokens: Sequence["Token"]) -> None:
    """The answer's headings continue the page's, without leaving a level out."""
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            level = min(_FIRST_HEADING + used.index(token.tag), _LAST_HEADING)
            token.tag = f"h{level}"


def _sanitised(html: str) -> str:
    import nh3

    cleaned: str = nh3.clean(
        html,
        tags=set(_TEXT | _BLOCKS | _TABLES),
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )
    return cleaned


def _tag(tag: str, label: str) -> str:
    """A tag without our signs; a table may be wider than the page, so it scrolls, by keyboard too."""
    if tag == "<table>":
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}"><table>'
        )
    if tag == "</table>":
        return "</table></div>"
    return _ENCODED.sub("", _PRIVATE.sub("", tag))


def _linked(
    text: str, marks: Sequence[MarkedNumber], references: References, *, linkable: bool
) -> str:
    """A text of the HTML with its marks as elements and its row ids as links."""
    parts: list[str] = []
    position = 0
    for found in _SIGNED.finditer(text):
        mark = marks[int("".join(str(ord(c) - _ZERO) for c in found[1]))]
        parts += [_cited(text[position : found.start()], references, linkable=linkable)]
        parts += [_marked(found[2], mark, references, linkable=linkable)]
        position = found.end()
    parts.append(_cited(text[position:], references, linkable=linkable))
    return _PRIVATE.sub("", "".join(parts))


def _cited(text: str, references: References, *, linkable: bool) -> str:
    if not linkable:
        return text
    return _ROW_ID.sub(
        lambda found: (
            _link(found[0], found[0], "row", "", references)
            if found[0] in references.rows
            else found[0]
        ),
        text,
    )


def _marked(text: str, mark: MarkedNumber, references: References, *, linkable: bool) -> str:
    rows = [row for row in mark.rows if row in references.rows]
    kind = mark.status.replace("_", "-")
    if rows and linkable:
        title = f"{mark.status.replace('_', ' ')}: {', '.join(rows)}"
        return _link(text, rows[0], f"number {kind}", title, references)
    return f'<span class="number {escape(kind)}">{text}</span>'


def _link(text: str, row: str, kind: str, title: str, references: References) -> str:
    titled = f' title="{escape(title)}"' if title else ""
    anchor = escape(f"{references.prefix}-{row}")
    return f'<a class="{escape(kind)}" href="#{anchor}"{titled}>{text}</a>'
