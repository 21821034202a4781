"""Reading numerals: digits and number words as people and models write them, to values.

Belongs here: what a numeral alone may be worth (separators, exponents, scales, fractions, words), with
the unit glued to it or after it. Does not belong here: hedges, ranges and units from elsewhere in the
answer (:mod:`journey_assets.analyses.number_reading`).

Text comes through :func:`plain`, so digits are ASCII and emphasis is gone. A numeral is never cut in
two: what its separators do not explain is one numeral without a value, which nothing can hold.
Locale-aware parsers want to be told the locale; an answer may mix several, so separators are judged
here by what stands between them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum, auto

Span = tuple[int, int]


class Written(IntEnum):
    """What kind of unit a number is written with."""

    BARE = auto()
    PERCENT = auto()
    POINTS = auto()  #: percentage points: only a difference of shares
    TIMES = auto()
    DURATION = auto()
    MONEY = auto()
    BITS = auto()


@dataclass(frozen=True, slots=True)
class Amount:
    """A value and the worth of one unit of its last digit."""

    value: float
    step: float
    digits: int


@dataclass(frozen=True, slots=True)
class Numeral:
    """A numeral with its unit. amounts: what it may be worth; scale: of the unit."""

    span: Span
    amounts: tuple[Amount, ...]
    written: Written = Written.BARE
    scale: float = 1.0


_JOINERS = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_JOINER = "\u2060"
#: Signs of markdown and HTML that may stand around or within a numeral.
_SIGNS = re.compile(
    r"[*`]+|~~|(?<![^\W_])_+|_+(?![^\W_])|</?[A-Za-z][^<>\n]{0,99}>|&(?:nbsp|thinsp|[lg][te]);|\\(?=[^\w\s])"
)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&le;": "≤", "&ge;": "≥"}
_FOREIGN = {"٫": ".", "٬": ",", "٪": "%", "⁒": "%", "﹪": "%"}


def plain(text: str) -> str:
    """``text``, of the same length, with ASCII digits and without signs of emphasis, code and HTML."""
    ascii_digits = re.sub(r"[^\x00-\x7f]", lambda found: _ascii(found[0]), text)
    return _SIGNS.sub(_blank, ascii_digits)


def _ascii(sign: str) -> str:
    if (digit := unicodedata.decimal(sign, None)) is not None:
        return str(digit)
    if unicodedata.category(sign) == "Zs":
        return " "
    return chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else _FOREIGN.get(sign, sign)


def _blank(found: re.Match[str]) -> str:
    sign = found[0]
    around = (
        found.string[max(0, found.start() - 1) : found.start()],
        found.string[found.end() : found.end() + 1],
    )
    within = all(each in "0123456789.," and each for each in around)
    # Emphasis that begins or ends within a numeral does not cut it; 7*8 is no numeral.
    if within and (len(sign) > 1 or not "".join(around).isdigit()):
        return _JOINER * len(sign)
    return _ENTITIES.get(sign, "").rjust(len(sign))


_D = f"[0-9](?:[{_JOINERS}]*[0-9])*"
_MONEY = r"US\$|[$€£¥]|USD|EUR|GBP|SEK|NOK|DKK|CHF|JPY|CAD|AUD"
_BODY = (
    rf"(?:[0-9]{{1,3}}(?: [0-9]{{3}})+(?![0-9])(?:[.,]{_D})?"
    rf"|{_D}(?:[{_JOINERS}]*[.,'’_][{_JOINERS}]*{_D})*|\.{_D})"
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_FRACTIONS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_NUMBER = (
    rf"(?:(?P<money>{_MONEY})\s?|(?P<by>[x×]\s?))?"
    rf"(?:(?P<body>{_BODY})(?:\s?(?P<and>[{_FRACTIONS}]))?|(?P<fraction>[{_FRACTIONS}]))"
    r"(?:[eE](?P<exponent>[-+−]?[0-9]{1,3})(?!\w)"
    r"|\s?[×x]\s?10(?:\^\{?(?P<power>[-+−]?[0-9]{1,3})\}?|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]{1,4})))?"
    r"(?P<scale>\s?(?:k|K|M|mn|mln|bn|thousand|million|billion)(?!\w))?"
)
_NUMERAL = re.compile(rf"(?<![\w.])(?:(?<![)\]%])[-−+](?=[$€£¥]?[0-9]))?{_NUMBER}")
_GLUED = re.compile(_NUMBER)
_LARGEST_EXPONENT = 99
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "million": 1e6}
_SCALES |= {"bn": 1e9, "billion": 1e9}

_UNITS: tuple[tuple[Written, re.Pattern[str]], ...] = (
    (
        Written.POINTS,
        re.compile(
            r"\s*(?:(?:%|percent)[ -]points?|-?percentage[ -]points?|ppts?|pp|p\.p\.)(?!\w)"
        ),
    ),
    (Written.PERCENT, re.compile(r"\s*(?:%|[- ]?per\s?cent(?!\w)|pct(?!\w))")),
    (Written.TIMES, re.compile(r"\s*(?:[x×](?![\w])|[- ]?fold(?!\w)|[- ]?times(?!\w))")),
    (Written.BITS, re.compile(r"[ -]?bits?(?!\w)")),
    (Written.MONEY, re.compile(rf"\s?(?:{_MONEY}|dollars?|euros?|kr)(?!\w)")),
)
_DURATION = re.compile(
    r"[\s-]{0,2}(?P<unit>ms|msec|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|"
    r"weeks?|months?)(?![^\W0-9])"
)
_SECONDS = (
    (re.compile(r"ms|msec|millisecond"), 0.001),
    (re.compile(r"s"), 1.0),
    (re.compile(r"mo"), 30 * 86400.0),
    (re.compile(r"m"), 60.0),
    (re.compile(r"h"), 3600.0),
    (re.compile(r"d"), 86400.0),
    (re.compile(r"w"), 7 * 86400.0),
)
#: A word glued to a numeral is its unit (7461users), but 1st, 2FA and 3rd are no numerals.
_GLUED_WORD = re.compile(r"(?!st\b|nd\b|rd\b|th\b)[a-z]{3,}(?!\w)")

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
)
_ONES += " sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORTH = {word: float(worth) for worth, word in enumerate(_ONES.split())}
_WORTH |= {word: 10.0 * worth for worth, word in enumerate(_TENS.split(), start=2)}
_LARGE = {"hundred": 100.0, "thousand": 1000.0, "million": 1e6}
_ONE_TO_NINE = "|".join(_ONES.split()[1:10])
_WORD = (
    rf"(?:(?:{'|'.join(_TENS.split())})(?:[- ](?:{_ONE_TO_NINE}))?"
    rf"|(?:{'|'.join(sorted(_ONES.split(), key=len, reverse=True))}))"
    rf"(?:[- ](?:{'|'.join(_LARGE)}))?"
)
_COUNTED = (
    r"(?:persons?|people|users?|customers?|(?:non-?)?converters?|profiles?|visitors?|conversations?|"
    r"tickets?|sessions?|visits?)"
)
_PARTS = {"third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8}
_PARTS |= {"ninth": 9, "tenth": 10}
_TIMES = {
    "twice": 2.0,
    "thrice": 3.0,
    "double": 2.0,
    "triple": 3.0,
    "treble": 3.0,
    "quadruple": 4.0,
}
_SHARE_OF = re.compile(
    rf"(?<![\w.,/-])(?P<part>[0-9]{{1,2}}|{_WORD}) (?:(?P<of>out of|in)(?: every| each)?|of every) "
    rf"(?P<whole>[2-9]|10|20|100|{_WORD})(?![\w-]|[.,][0-9])"
    r"(?!\s*(?:%|percent|ms|s|sec|min|h|d|hour|day|week|month|minute|second)[a-z]*\b)",
    re.IGNORECASE,
)
_WRITTEN_FRACTION = re.compile(
    r"(?<![\w/.,-])(?P<part>[1-9])\s?[/⁄]\s?(?P<whole>[2-9]|10)(?![\w/]|[.,][0-9])(?=\s+of\b|\s+the\b)"
    r"|(?<![\w/.,-])(?P<upper>[1-9])⁄(?P<lower>[2-9]|10)(?![0-9])"
)
_FRACTION_WORDS = re.compile(
    rf"(?<![\w-])(?:(?P<part>an?|one|two|three|four|five|six|seven|eight|nine)[- ]"
    rf"(?P<whole>{'|'.join(_PARTS)})(?P<many>s?)"
    r"(?=\s+(?:of|do|did|are|have|never|leave|left|go|went|convert\w*|see|reach|as)\b|\s*(?:[.,;:)]|$))"
    r"|(?P<half>(?:one |a )?half)(?=\s+(?:of|the|all|do|are|have|never|leave|go|convert\w*)\b))",
    re.IGNORECASE | re.MULTILINE,
)
_MULTIPLES = re.compile(
    r"(?<![\w-])(?:(?P<word>twice|thrice)(?=\s+(?:as|the|that|more)\b)"
    r"|(?P<verb>double|triple|treble|quadruple)[sd]?(?=\s+(?:the|that|of|as|what|those?|their|its)\b)"
    r"|(?P<half>half)(?=\s+as\s+(?:many|much|often|likely|long|common)))",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"(?<![\w-])(?P<number>{_WORD})(?:(?P<percent>[- ](?:percent|per cent)(?!age|[- ]points?))"
    r"|(?P<points>[- ](?:percentage|percent)[- ]points?)|(?P<times>(?:[- ]times|[- ]?fold)(?= |[.,;:)]|$))"
    rf"|(?= {_COUNTED}\b))(?!\w)",
    re.IGNORECASE,
)


def numerals(text: str) -> Iterator[Numeral]:
    """All numerals of a :func:`plain` text, in order; no two overlap."""
    european = bool(re.search(r"(?<![\w.,])[0-9]{1,3},[0-9]{1,2}(?![0-9,])", text))
    worded = iter([*_worded(text), None])
    following = next(worded)
    position = 0
    last: Numeral | None = None
    while True:
        glued = last is not None and last.written is Written.DURATION and last.span[1] == position
        match = (glued and _GLUED.match(text, position)) or _NUMERAL.search(text, position)
        while following and following.span[0] < position:
            following = next(worded)
        if following and (not match or following.span[0] <= match.start()):
            last, position = following, following.span[1]
            yield following
            continue
        if not match:
            return
        position = match.end()
        numeral = _numeral(text, match, european=european)
        if numeral is not None:
            if glued and last and match.start() == last.span[1]:
                numeral = _smaller(numeral, last)
            last, position = numeral, numeral.span[1]
            yield numeral


def _smaller(numeral: Numeral, before: Numeral) -> Numeral:
    """``1h47``: what follows a glued unit without one of its own is of the next smaller."""
    if numeral.written is not Written.BARE:
        return numeral
    return replace(numeral, written=Written.DURATION, scale=before.scale / 60)


def _numeral(text: str, match: re.Match[str], *, european: bool) -> Numeral | None:
    """The numeral with its unit; None when letters follow that are none (``3rd``, ``2FA``)."""
    written, scale, end = _unit(text, match)
    after = text[end : end + 1]
    continued = written is Written.DURATION and after.isdigit()  # 1h47m
    counted = written is Written.BARE and _GLUED_WORD.match(text, end)
    if (after.isalnum() or after == "_") and not continued and not counted:
        return None
    raised = (match["raised"] or "").translate(_SUPERSCRIPTS)
    exponent = (match["exponent"] or match["power"] or raised or "0").replace("−", "-")
    # Beyond any figure of ours, and beyond what a float holds.
    power = max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, _whole(exponent)))
    factor = _SCALES[match["scale"].strip().lower()] if match["scale"] else 1.0
    factor *= 10.0**power
    amounts = [
        Amount(each.value * factor, each.step * factor, each.digits)
        for each in _amounts(match, european=european)
    ]
    if power:
        amounts = amounts[:1]  # nobody writes 7.461e3 with thousands
    return Numeral((match.start(), end), tuple(amounts), written, scale)


def _whole(exponent: str) -> int:
    return int(exponent) if re.fullmatch(r"[-+]?[0-9]+", exponent) else 0


def _amounts(match: re.Match[str], *, european: bool) -> list[Amount]:
    fraction = match["fraction"] or match["and"]
    if not fraction:
        return [_amount(*each) for each in readings(match["body"], european=european)]
    part = unicodedata.numeric(fraction)
    if match["fraction"]:
        return [Amount(part, 0.05, 1)]
    whole = readings(match["body"], european=european)
    return [Amount(float(digits) + part, 0.5, 2) for digits, places in whole if not places]


def _amount(digits: str, places: int) -> Amount:
    significant = len(digits.replace(".", "").lstrip("0"))
    return Amount(float(digits), 10.0**-places, significant)


def readings(body: str, *, european: bool = False) -> list[tuple[str, int]]:
    """What digits and separators may mean: as a plain decimal, with the places behind its point.

    european: the text has decimal commas elsewhere, so ``7,461`` may be one too.
    """
    body = re.sub(rf"[{_JOINERS}]", "", body)
    body = re.sub(r"(?<=[0-9])[ '’_](?=[0-9]{3}(?![0-9]))", " ", body)
    if re.search(r"['’_]", body):
        return []
    found = []
    for point, thousands in ((".", ","), (",", ".")):
        whole, mark, places = body.partition(point)
        if point in places or thousands in places or (mark and " " in places):
            continue
        if _grouped(whole, thousands) and (point == "." or _decimal_comma(body, european)):
            digits = re.sub(r"[^0-9]", "", whole) or "0"
            found.append((f"{digits}.{places}" if places else digits, len(places)))
    return list(dict.fromkeys(found))


def _grouped(whole: str, thousands: str) -> bool:
    """Whether a whole part has no separators or those of thousands (of lakhs too)."""
    if re.fullmatch(r"[0-9]*", whole):
        return True
    if re.match(r"0", whole):
        return False
    indian = thousands == "," and re.fullmatch(r"[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}", whole)
    groups = any(
        re.fullmatch(rf"[0-9]{{1,3}}(?:{s}[0-9]{{3}})+", whole) for s in (f"\\{thousands}", " ")
    )
    return bool(indian) or groups


def _decimal_comma(body: str, european: bool) -> bool:
    """Whether a comma may be a decimal one: what could be thousands in English is, but in other texts."""
    if "," not in body:
        return "." in body  # 7.461 may be thousands
    return european or not re.fullmatch(r"[1-9][0-9]{0,2},[0-9]{3}", body)


def _unit(text: str, match: re.Match[str]) -> tuple[Written, float, int]:
    end = match.end()
    if match["money"]:
        return Written.MONEY, 1.0, end
    if match["by"]:
        return Written.TIMES, 1.0, end
    for written, pattern in _UNITS:
        if found := pattern.match(text, end):
            scale = 0.01 if written in {Written.PERCENT, Written.POINTS} else 1.0
            return written, scale, found.end()
    if found := _DURATION.match(text, end):
        name = found["unit"]
        scale = next(seconds for pattern, seconds in _SECONDS if pattern.match(name))
        return Written.DURATION, scale, found.end()
    return Written.BARE, 1.0, end


def _worded(text: str) -> list[Numeral]:
    """Shares and multiples written in words or as a part of a whole, and numbers in words."""
    found = [
        numeral
        for pattern, read in (
            (_SHARE_OF, _part_of),
            (_WRITTEN_FRACTION, _written_fraction),
            (_FRACTION_WORDS, _fraction),
            (_MULTIPLES, _multiple),
            (_WORDS, _number_words),
        )
        for match in pattern.finditer(text)
        if (numeral := read(match))
    ]
    found.sort(key=lambda numeral: (numeral.span[0], -numeral.span[1]))
    kept: list[Numeral] = []
    for numeral in found:
        if not kept or kept[-1].span[1] <= numeral.span[0]:
            kept.append(numeral)
    return kept


def _share(span: Span, value: float, step: float) -> Numeral:
    return Numeral(span, (Amount(value, step, 1),), Written.PERCENT)


def _part_of(match: re.Match[str]) -> Numeral | None:
    """``1 in 3``, ``nine out of ten``: a share, and a coarse one."""
    part, whole = _worth(match["part"]), _worth(match["whole"])
    return _share(match.span(), part / whole, 0.5 / whole) if 0 < part < whole else None


def _written_fraction(match: re.Match[str]) -> Numeral | None:
    part, whole = int(match["part"] or match["upper"]), int(match["whole"] or match["lower"])
    return _share(match.span(), part / whole, 0.05) if part < whole else None


def _fraction(match: re.Match[str]) -> Numeral | None:
    if match["half"]:
        return _share(match.span(), 0.5, 0.05)
    part = 1.0 if match["part"].lower() in {"a", "an"} else _worth(match["part"])
    whole = _PARTS[match["whole"].lower()]
    # "two thirds", but not "a thirds" or "two third".
    if (part > 1) is not bool(match["many"]) or part >= whole:
        return None
    return _share(match.span(), part / whole, 0.05)


def _multiple(match: re.Match[str]) -> Numeral:
    value = 0.5 if match["half"] else _TIMES[(match["word"] or match["verb"]).lower()]
    step = 0.1 if match["half"] else 0.5
    return Numeral(match.span(), (Amount(value, step, 1),), Written.TIMES)


def _number_words(match: re.Match[str]) -> Numeral | None:
    worth = _worth(match["number"])
    kinds = {"percent": Written.PERCENT, "points": Written.POINTS, "times": Written.TIMES}
    written = next((kind for name, kind in kinds.items() if match[name]), Written.BARE)
    if written is Written.BARE and worth <= 1:
        return None
    scale = 0.01 if written in {Written.PERCENT, Written.POINTS} else 1.0
    digits = len(f"{worth:.0f}".rstrip("0"))
    return Numeral(match.span(), (Amount(worth, 1.0, digits),), written, scale)


def _worth(words: str) -> float:
    if words.isdigit():
        return float(words)
    total = 0.0
    for word in re.split(r"[- ]", words.lower()):
        total = max(total, 1.0) * _LARGE[word] if word in _LARGE else total + _WORTH[word]
    return total
