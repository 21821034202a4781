"""Which numerals of an answer state nothing about the data and are left out of the number check.

Belongs here: the list. Left out are: row ids and citations; names from the evidence that contain
digits; the numbering of lists, headings and sections, references like "step 2" or "#3" and
rankings like "top 5"; ordinals and words with digits in them (1st, p90, B2B, 2FA, which are never
read as numbers); calendar dates, years and clock times; web addresses and version numbers; "24/7";
bare whole numbers up to ten that count no persons, sessions or the like ("three reasons", "2
steps"); numbers spelled out. Everything else is looked up.
"""

import re
from collections.abc import Iterator

from journey_assets.analyses.answer_layout import Layout
from journey_assets.analyses.number_reading import Number
from journey_assets.analyses.numerals import Span

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_NO_UNIT = r"(?![\w%]|[.,][0-9]|\s*(?:%|percent|[x×](?!\w)|times))"
_SPANS = (
    re.compile(r"https?://[^\s)\]>]+"),
    re.compile(r"(?<![\w.])v?[0-9]+(?:\.[0-9]+){2,}(?!\w)"),
    re.compile(r"(?<!\d)24/7(?!\d)"),
    re.compile(r"(?<!\d)[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?!\d)"),
    re.compile(r"(?<!\d)[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}(?!\d)"),
    re.compile(r"(?<!\d)[0-2]?[0-9]:[0-5][0-9](?!\d)"),
    re.compile(rf"(?<!\w)[0-9]{{1,2}}\.? {_MONTH}(?!\w)(?:,? [12][09][0-9]{{2}}(?!\d))?"),
    re.compile(rf"(?<!\w){_MONTH} [0-9]{{1,2}}(?!\w)(?:, [12][09][0-9]{{2}}(?!\d))?"),
    re.compile(rf"(?<!\w)(?:{_MONTH}|Q[1-4]|FY) (?:19|20)[0-9]{{2}}(?!\w)"),
    re.compile(
        r"(?<!\w)(?:in|since|by|until|during|of) (?:19|20)[0-9]{2}(?=[.,;:)]|$)", re.MULTILINE
    ),
    re.compile(
        r"(?<!\w)(?:steps?|stages?|phases?|sections?|asks?|questions?|personas?|points?|parts?|items?|"
        r"priority|priorities|options?|tiers?|levels?|recommendations?|rank|tables?|rows?|figures?|"
        r"numbers?|no\.|week|day|session|top|cliffs?|signals?|#)\s*#?\s*[0-9]{1,2}"
        rf"(?:\s*(?:,|and|&|to|[–—-])\s*[0-9]{{1,2}}{_NO_UNIT})*{_NO_UNIT}",
        re.IGNORECASE,
    ),
)
_NUMBERING = re.compile(
    r"^[ \t>+•-]*(?:#+ *)?(?:[•-] *)?\(?(?P<number>[0-9]{1,2})[.):](?=\s)", re.MULTILINE
)
_SECTION = re.compile(r"^ *#+ *[0-9]+(?:\.[0-9]+)+\.?(?=\s)", re.MULTILINE)
#: Asks of the prompts: numbering up to here needs no predecessor.
_ASKS = 10
#: What figures count, and the words for it.
_COUNTED = {
    "person": r"persons?|people|users?|customers?|(?:non-?)?converters?|visitors?",
    "profile": r"profiles?",
    "conversation": r"conversations?|contacts?|tickets?",
    "session": r"sessions?|chats?",
    "visit": r"visits?",
    "occurrence": r"occurrences?",
    "exit": r"exits?|drop-?offs?",
    "return": r"returns?",
    "agent": r"agents?",
}
_THING = re.compile(
    r"[ -](?:[a-z]+[ -]){0,2}?(?:"
    + "|".join(f"(?P<{thing}>{words})" for thing, words in _COUNTED.items())
    + r")\b",
    re.IGNORECASE,
)
_PLACE_HEADERS = re.compile(r"\s*(?:#|no\.?|rank|stage|step|priority|id|row|ask)\s*", re.IGNORECASE)


def exempt_spans(layout: Layout) -> list[Span]:
    """Spans of the answer in which no number is looked up, in no order."""
    return [
        *(citation.span for citation in layout.citations),
        *_names(layout),
        *(match.span() for pattern in _SPANS for match in pattern.finditer(layout.plain)),
        *(match.span() for match in _SECTION.finditer(layout.plain)),
        *_numbering(layout.plain),
    ]


def states_nothing(number: Number, layout: Layout) -> bool:
    """Whether ``number`` is a small whole number that counts things of the text itself."""
    if not number.small or counted_thing(number):
        return False
    header = layout.header(number.span[0])
    return header is None or _PLACE_HEADERS.fullmatch(header) is not None


def counted_thing(number: Number) -> str:
    """What the text right after ``number`` says it counts, "" if nothing."""
    match = _THING.match(number.follows)
    return (match and match.lastgroup) or ""


def counted_in(heading: str) -> frozenset[str]:
    """What a column counts, by the words of its heading."""
    return frozenset(
        thing
        for thing, words in _COUNTED.items()
        if re.search(rf"\b(?:{words})\b", heading, re.IGNORECASE)
    )


def _names(layout: Layout) -> Iterator[Span]:
    """Where the text has a name of the evidence; one without letters only counts in quotes."""
    for name in {name for _, name in layout.evidence.names() if re.search("[0-9]", name)}:
        words = r"\s+".join(re.escape(word) for word in name.split())
        pattern = rf"(?<!\w){words}(?!\w)"
        if not re.search(r"[^\W\d_]", name):
            pattern = rf"(?<=[`\"“']){words}(?=[`\"”'])"
        for match in re.finditer(pattern, layout.text, re.IGNORECASE):
            yield match.span()


def _numbering(plain: str) -> Iterator[Span]:
    """Numbers of list items and headings: of the asks' range, or following one that was there."""
    seen = {*range(_ASKS)}
    for match in _NUMBERING.finditer(plain):
        number = int(match["number"])
        if number - 1 in seen:
            seen.add(number)
            yield match.span()
