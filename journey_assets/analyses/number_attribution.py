"""Whether what holds a number is what the answer says the number of.

Belongs here: what the words around a number claim (events, segments and other names, cohorts, measures)
and whether a value of the evidence carries it. Does not belong here: looking numbers up
(:mod:`journey_assets.analyses.number_lookup`).

The claim is read from the number's clause, in a table from its row and column. What the clause does
not say, its sentence does, then the list item and the headings above it. A value is contradicted when

* the words name a cohort, and the value is of the other one;
* they name events or segments, and its row carries none of them;
* another row of its table is described strictly better by these names;
* another figure of its row, of the same unit, is described strictly better by the words for measures.

Denominators ("of 2,093") are held to the first two only.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from journey_assets.analyses.answer_layout import Layout
from journey_assets.analyses.evidence import ABOUT, EvidenceColumn, EvidenceTable, Row
from journey_assets.analyses.name_mentions import Mentions, words_of
from journey_assets.analyses.number_exemptions import counted_in, counted_thing
from journey_assets.analyses.number_reading import Number
from journey_assets.analyses.number_values import Value
from journey_assets.analyses.numerals import Span, Written, plain
from journey_assets.analyses.rendering import Unit

_Names = frozenset[tuple[str, ...]]

_CONVERTER, _NON_CONVERTER = "converter", "non_converter"
_COHORTS = re.compile(
    r"(?P<non>\bnon[-_ ]?convert(?:ers?|ing)\b(?:'s?)?|\bnot[- ]convert(?:ed|ing|ers?)\b|"
    r"\b(?:who|that|which) (?:never|do not|don['’]t|did not|didn['’]t|have not) convert(?:ed)?\b|"
    r"\bwithout converting\b|\bunconverted\b)|"
    r"(?P<yes>\bconverters?\b|\bconverting (?:persons?|people|users?|customers?)\b|"
    r"\b(?:who|that|which) (?:do |did |have |eventually |later )?convert(?:ed)?\b|"
    r"\bconverted (?:persons?|users?)\b)",
    re.IGNORECASE,
)
#: Words for measures, by which figures of one row differ.
_MEASURES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "median": r"\bmedian|\btypical|\bp50\b|\b50th",
        "mean": r"\bmean\b|\baverage|\bavg\b",
        "p90": r"\b90th|\bp90\b|\bslowest (?:10|tenth)",
        "queue": r"\bqueue|\bwait",
        "first response": r"\bfirst[- ](?:respon|repl)",
        "chat": r"\bchat",
        "resolved": r"\bresolv|\bsolved\b|\bresolution",
        "escalated": r"\bescalat|\bhand(?:s|ed)\b.{0,20}\bover\b",
        "self-service": r"\bself[- ]service",
        "open": r"\bopen\b(?! project)",
        "rated": r"\brat(?:ed|ings?)\b|\bgave a rating|\bfew rate\b",
        "satisfied": r"\bsatisf|\bhappy\b",
        "repeat": r"\brepeat|\b(?:came|come|comes) back|\bagain within",
        "exit rate": r"\bexit rate|\bvisits? ends?\b|\bends? (?:t?here|at|it)\b|\bvisits that end",
        "exits' share": r"\bshare of (?:all |the )?exits|\bof (?:all |the )exits|\bof exits",
        "went on": r"\bwent on\b|\bgo(?:es)? on\b|\bcontinue|\bproceed",
        "conversion": r"\bconver(?:t|ts|ted|ting|sions?)\b",
        "without": r"\bwithout\b|\b(?:of )?(?:all )?others?\b|\bdo(?:es)? not take|\bdon['’]t take",
        "with": r"\bwith it\b|\bwho take|\btaking it|\bwith the step",
        "contact": r"\bafter a contact|\bwho contact|\bcontact rate|\bcontacting",
        "LTV": r"\bLTV\b|\blifetime value",
        "web": r"\bweb\b",
        "mobile": r"\bmobile\b",
        "e-mail": r"\be-?mails?\b",
        "identifiers": r"\bidentifiers?\b",
        "few": r"\bfew\b",
        "user id": r"\buser ids?\b|\banonymous",
        "unknown": r"\bunknown|\bnot known",
        "relative risk": r"\brelative risk|\blikel(?:y|ier)|\brisk ratio",
        "rate ratio": r"\brate ratio|\bper visit",
        "divergence": r"\bdiverge",
        "effect": r"\beffect\b|\bwould be lost",
        "before": r"\bbefore\b",
        "after": r"\bafter\b",
        "length": r"\blength|\bevents per path|\bevents long",
        "between": r"\bevents between",
        "probability": r"\bprobab",
        "second": r"\bsecond\b",
        "up to": r"\bup to (?:it|the conversion)|\bbefore the conversion|\bas far as",
        "exactly": r"\bexactly",
        "lowest": r"\blowest",
        "middle": r"\bmiddle",
        "highest": r"\bhighest",
        "available": r"\bavailab",
        "active": r"\bactive\b",
        "lift": r"\blift\b",
        "share": r"\bshare\b|\breach|\bcontains?\b|\bhave it\b",
        "support": r"\bsupport\b",
        "plan": r"\bplans?\b",
        "count": r"\bcount\b",
        "denominator": r"\bdenominator",
    }.items()
}
#: What divides clauses; pieces without a number join their neighbours.
_DIVIDERS = re.compile(
    r"[,;:|()\[\]—–](?![0-9])|(?<=\s)[-](?=\s)|\b(?:and|while|whereas|but|versus|vs\.?|against|than|compared)\b"
)
_COMPARING = re.compile(r"\b(?:versus|vs\.?|against|than|compared)\b")
#: What stands before a denominator; "a total of 348" has none.
_DENOMINATOR = re.compile(
    r"(?<!\btotal )(?<!\brate )(?<!\bmean )(?<!\bmedian )(?<!\baverage )(?<!\bnumber )(?<!\bcount )"
    r"(?<!\blength )(?<!\bshare )\b(?:of|among|out of)(?:\s+(?:the|all|its|their|these|those))*\s*$",
    re.IGNORECASE,
)
_OVERALL = re.compile(
    r"\b(?:overall|all persons|in total|altogether|everyone|baseline|on average|generally)\b",
    re.IGNORECASE,
)
_LEADS_TO = re.compile(r"[\s\"'“”’]*(?:→|->|=>|⟶|to)[\s\"'“”’]*")
#: Characters before a number in which it is said to be compared.
_NEAR = 80
#: Words for measures that prose uses for much else: they tell the figures of one row apart only.
_LOOSE = frozenset(
    {
        "after",
        "before",
        "with",
        "without",
        "share",
        "count",
        "between",
        "open",
        "few",
        "active",
        "second",
    }
)
#: Nouns that prose uses for one another.
_ALIKE = {
    "person": ("exit", "profile"),
    "profile": ("person",),
    "visit": ("occurrence",),
    "occurrence": ("visit",),
}
#: How ends of intervals are quoted.
_INTERVAL = re.compile(
    r"[0-9%x]\s*(?:[–—-]|to|and|,|…)\s*[-−+]?[$€£]?[0-9.]|\b(?:interval|CI|confidence|bounds?|low(?:er)?|"
    r"high(?:er)?|upper|range|as (?:low|high|few|many|much|little) as)\b|±"
)
#: What complements and comparisons are told with.
_COMPARISON = re.compile(
    r"\b(?:rest|remain\w*|others?|not|never|without|gap|differ\w*|more|less|fewer|higher|lower|larger|smaller|"
    r"greater|as many|as much|as often|as likely|of those|of these|of them|likelier|above|below|drop\w*|"
    r"fall\w*|rise\w*|up|down|ratio)\b|n['’]t\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\s*\w")
_OF_THINGS = re.compile(
    r"\b(?:of|among|from|per|by|in)\s+(?:the |all |its |their )*\w+", re.IGNORECASE
)
_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:[-*+•]|[0-9]{1,2}[.)])\s")
_QUOTES = "`\"'“”‘’*_«»"


@dataclass(frozen=True, slots=True)
class _Claim:
    """What words say a number is of. Empty: nothing."""

    names: _Names = frozenset()  #: that accuse
    weak: _Names = frozenset()  #: common words that are names too: they only tell rows apart
    cohorts: frozenset[str] = frozenset()
    measures: frozenset[str] = frozenset()
    ways: frozenset[_Names] = frozenset()  #: two names, one leading to the other


@dataclass(frozen=True, slots=True)
class _Context:
    """A number's clause and what stands around it."""

    clause: _Claim
    wider: _Claim
    cohorts: frozenset[str]
    denominator: bool
    overall: bool
    counted: str
    stands_alone: bool  #: nothing follows that the number counts
    interval: bool  #: it may be the end of an interval
    compares: bool  #: it may be a complement or a comparison

    @property
    def said_names(self) -> _Names:
        """All names around the number."""
        clause, wider = self.clause, self.wider
        return clause.names | clause.weak | wider.names | wider.weak

    @property
    def says_nothing(self) -> bool:
        return not (self.clause.names or self.wider.names or self.cohorts or self.clause.measures)


class Attribution:
    """Judges values by the words around the numbers of one answer."""

    def __init__(self, layout: Layout, numbers: Sequence[Number]) -> None:
        self._layout = layout
        self._starts = [number.span[0] for number in numbers]
        self._ends = [number.span[1] for number in numbers]
        self._claims: dict[Span, _Claim] = {}
        self._said: dict[tuple[re.Pattern[str], Span], bool] = {}
        self._cohort_of: dict[tuple[str, str], str | None] = {}
        self._named_rows: dict[_Names, tuple[str, ...]] = {}
        self._clauses: dict[Span, list[Span]] = {}

    def carried(self, number: Number, values: Iterable[Value]) -> list[Value]:
        """The ``values`` that the words around ``number`` do not contradict."""
        context = self._context(number)
        return [value for value in values if self._fits(value, context)]

    def carried_derived(self, number: Number, rows: tuple[str, ...]) -> bool:
        """Whether what follows from ``rows`` may be what the words say.

        What is told as a figure of a row, "the share is 84.9%", is not its complement.
        """
        context = self._context(number)
        if not self._fits(Value(Unit.NUMBER, 0.0, (), rows), context):
            return False
        figures = self._figures.get((rows[0], Unit.SHARE), ()) if len(rows) == 1 else ()
        share = any(each.written is Written.PERCENT for each in number.readings)
        told = any(each.measures & context.clause.measures for each in figures)
        return not (share and told) or context.compares

    def silent(self, number: Number) -> bool:
        """Whether the words around ``number`` name nothing of the evidence."""
        return self._context(number).says_nothing

    def clause(self, number: Number) -> Span:
        """The clause of ``number``."""
        sentence = self._layout.sentence_of(number.span[0])
        clauses = self._clauses_of(sentence)
        return clauses[max(0, bisect_right(clauses, (number.span[0], len(self._layout.text))) - 1)]

    # What the words say

    def _context(self, number: Number) -> _Context:
        start = number.span[0]
        sentence, clause = self._layout.sentence_of(start), self.clause(number)
        own = self._claim(clause)
        wider = self._claim(sentence)
        header = self._layout.header(start)
        if header is not None:
            own = self._with_header(own, header)
        # "…, against 34%": what is compared with is of somebody else.
        compared = header is None and _COMPARING.search(
            self._layout.plain, max(sentence[0], clause[0] - 16, start - _NEAR), start
        )
        if not own.cohorts and compared:
            wider = _Claim(wider.names, wider.weak)
        above = [self._claim(line) for line in self._above(sentence)]
        if not wider.names:
            wider = _Claim(
                next((c.names for c in above if c.names), frozenset()), wider.weak, wider.cohorts
            )
        cohorts = own.cohorts or wider.cohorts
        if not cohorts and not compared:
            cohorts = next((each.cohorts for each in above if each.cohorts), frozenset())
        text = self._layout.plain
        return _Context(
            own,
            wider,
            cohorts,
            all(each.written is Written.BARE for each in number.readings)
            and _DENOMINATOR.search(text, max(0, start - 40), start) is not None,
            self._says(_OVERALL, clause),
            self._counted(number, clause, header),
            not _GOES_ON.match(number.follows),
            header is not None
            or _INTERVAL.search(text, max(0, start - 40), number.span[1] + 40) is not None,
            self._says(_COMPARISON, sentence),
        )

    def _counted(self, number: Number, clause: Span, header: str | None) -> str:
        """What the words say the number counts: those right after it, else the only noun there is."""
        if _GOES_ON.match(number.follows):
            return "" if number.follows.lstrip().startswith("of ") else counted_thing(number)
        text = self._layout.plain[slice(*clause)] if header is None else header
        things = counted_in(_OF_THINGS.sub(" ", _COHORTS.sub(" ", text)))
        return next(iter(things)) if len(things) == 1 else ""

    def _says(self, words: re.Pattern[str], span: Span) -> bool:
        """Whether a sentence or clause has ``words``: looked for once, however many numbers it has."""
        if (words, span) not in self._said:
            self._said[words, span] = words.search(self._layout.plain, *span) is not None
        return self._said[words, span]

    def _clauses_of(self, sentence: Span) -> list[Span]:
        if sentence not in self._clauses:
            self._clauses[sentence] = [*self._divided(sentence)]
        return self._clauses[sentence]

    def _divided(self, sentence: Span) -> Iterator[Span]:
        """The pieces of a sentence, each with a number; a remark in brackets joins what it follows."""
        text = self._layout.plain
        first = start = sentence[0]
        pieces: list[Span] = []
        for divider in [*_DIVIDERS.finditer(text, *sentence), None]:
            end = divider.start() if divider else sentence[1]
            remark = divider is not None and divider[0] in {")", "]"}
            if self._has_number((start, end)) or (remark and pieces and first == start):
                if self._has_number((start, end)):
                    pieces.append((first, end))
                else:
                    pieces[-1] = (pieces[-1][0], end)
                first = divider.end() if divider else end
            start = divider.end() if divider else end
        if not pieces:
            return iter([sentence])
        pieces[-1] = (pieces[-1][0], sentence[1])
        pieces[0] = (sentence[0], pieces[0][1])
        return iter(pieces)

    def _has_number(self, span: Span) -> bool:
        place = bisect_right(self._ends, span[0])
        return place < len(self._starts) and self._starts[place] < span[1]

    def _above(self, sentence: Span) -> Iterator[Span]:
        """The list items that a sentence's item is part of, then headings that are little but a name."""
        line = self._layout.line_of(sentence[0])
        yield from self._parents.get(line, ())
        for heading in reversed(self._layout.headings.get(line, ())):
            if heading != line and self._is_name(heading):
                yield heading

    def _is_name(self, heading: Span) -> bool:
        words = len(words_of(self._layout.text[slice(*heading)]))
        said = sum(len(mention.words) for mention in self._mentions.within(heading))
        said += sum(
            len(words_of(found[0])) for found in _COHORTS.finditer(self._layout.plain, *heading)
        )
        return said * 2 >= words > 0

    @cached_property
    def _parents(self) -> dict[Span, tuple[Span, ...]]:
        """For nested list items the items around them, the innermost first."""
        found: dict[Span, tuple[Span, ...]] = {}
        open_items: list[tuple[int, Span]] = []
        for line in self._layout.lines:
            item = _ITEM.match(self._layout.text, *line)
            if not item:
                if not self._layout.text[line[0] : line[1]].startswith((" ", "\t")):
                    open_items = []
                continue
            indent = len(item["indent"].expandtabs(4))
            open_items = [each for each in open_items if each[0] < indent]
            if open_items:
                found[line] = tuple(span for _, span in reversed(open_items))
            open_items.append((indent, line))
        return found

    def _claim(self, span: Span) -> _Claim:
        if span not in self._claims:
            self._claims[span] = self._read(span)
        return self._claims[span]

    def _read(self, span: Span) -> _Claim:
        mentions = self._mentions.within(span)
        text = self._layout.plain[slice(*span)]
        certain = [each for each in mentions if self._accuses(each.words, each.span)]
        names = frozenset(each.words for each in certain)
        cohorts = _cohorts(text)
        masked = list(text)
        for each in certain:
            masked[each.span[0] - span[0] : each.span[1] - span[0]] = " " * (
                each.span[1] - each.span[0]
            )
        rest = _COHORTS.sub(" ", "".join(masked))
        ways = frozenset(
            frozenset((one.words, other.words))
            for one, other in pairwise(mentions)
            if _LEADS_TO.fullmatch(self._layout.plain, one.span[1], other.span[0])
        )
        weak = frozenset(each.words for each in mentions)
        return _Claim(names, weak, cohorts, _measures(rest), ways)

    def _with_header(self, own: _Claim, header: str) -> _Claim:
        """A table's cell is of its column's heading first."""
        mentions = Mentions(plain(header), self._vocabulary).all
        names = frozenset(each.words for each in mentions if len(each.words) > 1)
        return _Claim(
            own.names or names,
            own.weak | names,
            _cohorts(header) or own.cohorts,
            _measures(_COHORTS.sub(" ", header)) or own.measures,
            own.ways,
        )

    def _accuses(self, words: tuple[str, ...], span: Span) -> bool:
        """Whether a mention is certainly of the name: common words are names only in quotes or capitals."""
        if words not in self._strong:
            return False
        if len(words) > 1 or words in self._segments:
            return True
        text = self._layout.text
        quoted = text[span[0] - 1 : span[0]] in _QUOTES if span[0] else False
        return quoted or text[span[0]].isupper()

    # What the evidence has

    @cached_property
    def _mentions(self) -> Mentions:
        return Mentions(self._layout.plain, self._vocabulary)

    @cached_property
    def _vocabulary(self) -> _Names:
        return frozenset().union(*(self._carried[row] for row in self._carried))

    @cached_property
    def _strong(self) -> _Names:
        return frozenset().union(*self._primary.values()) | self._path_names

    @cached_property
    def _path_names(self) -> _Names:
        return self._names(lambda column: column.unit is Unit.PATH)

    @cached_property
    def _segments(self) -> _Names:
        return self._names(lambda column: column.heading == "segment")

    def _names(self, wanted: Callable[[EvidenceColumn], bool]) -> _Names:
        return frozenset(
            words_of(name)
            for table, row in self._layout.evidence.rows.values()
            for cell, column in zip(row.cells, table.columns, strict=True)
            if wanted(column)
            for name in cell.names
        )

    @cached_property
    def _carried(self) -> dict[str, _Names]:
        """All names of each row but its cohort and verdict."""
        return {
            row_id: _row_names(table, row, names_row=False)
            for row_id, (table, row) in self._layout.evidence.rows.items()
        }

    @cached_property
    def _primary(self) -> dict[str, _Names]:
        """The names by which prose speaks of each row."""
        return {
            row_id: _row_names(table, row, names_row=True)
            for row_id, (table, row) in self._layout.evidence.rows.items()
        }

    @cached_property
    def _figures(self) -> dict[tuple[str, str], tuple["_Figure", ...]]:
        """The figures of each row by unit, which one may take for another."""
        found: dict[tuple[str, str], list[_Figure]] = {}
        for row_id, (table, row) in self._layout.evidence.rows.items():
            for cell, column in zip(row.cells, table.columns, strict=True):
                if cell.value is not None and not column.bound:
                    figure = _Figure(
                        column.heading,
                        cell.text,
                        _heading_measures(column),
                        counted_in(column.heading),
                    )
                    found.setdefault((row_id, column.unit), []).append(figure)
        return {key: tuple(figures) for key, figures in found.items()}

    # Whether they agree

    def _fits(self, value: Value, context: _Context) -> bool:
        rows = [row for row in value.rows if self._layout.evidence.rows[row][0].letter != ABOUT]
        if not rows:
            return True
        if context.cohorts and not self._of_cohort(value, rows, context.cohorts):
            return False
        if not self._named(rows, context):
            return False
        if value.near and not value.bare and not context.interval:
            return False
        if len(value.rows) > 1 or not value.heading or context.denominator:
            return True
        return not self._better_row(rows[0], context) and not self._better_figure(value, context)

    def _of_cohort(self, value: Value, rows: Sequence[str], claimed: frozenset[str]) -> bool:
        cohorts = [self._cohort(row, value.heading) for row in rows]
        return any(each is None or each in claimed for each in cohorts)

    def _cohort(self, row_id: str, heading: str) -> str | None:
        """The cohort of a figure, None when it is of both or of none."""
        key = (row_id, heading)
        if key not in self._cohort_of:
            self._cohort_of[key] = self._read_cohort(row_id, heading)
        return self._cohort_of[key]

    def _read_cohort(self, row_id: str, heading: str) -> str | None:
        table, row = self._layout.evidence.rows[row_id]
        own = _cohorts(heading)
        if own:
            return next(iter(own)) if len(own) == 1 else None
        if any(_cohorts(column.heading) for column in table.columns):
            return None
        for cell, column in zip(row.cells, table.columns, strict=True):
            if column.heading == "cohort" and cell.names:
                return cell.names[0] if cell.names[0] in {_CONVERTER, _NON_CONVERTER} else None
        return None

    def _named(self, rows: Sequence[str], context: _Context) -> bool:
        """Whether the rows carry one of the names."""
        carried = frozenset().union(*(self._carried[row] for row in rows))
        if not carried and (context.overall or context.denominator):
            return True
        if not carried and not any(
            column.names_row and column.heading != "cohort"
            for row in rows
            for column in self._layout.evidence.rows[row][0].columns
        ):
            return not context.clause.names
        claimed = context.clause.names or context.wider.names
        said = claimed & carried
        # Of a way from one event to the next a row of one of them alone says nothing.
        ways = context.clause.ways
        if len(ways) == 1 and not (way := next(iter(ways))) <= carried:
            said -= way
        return not claimed or bool(said)

    def _better_row(self, row_id: str, context: _Context) -> bool:
        """Whether the clause and all around it fit another row of the table better."""
        clause = context.clause.names | context.clause.weak
        wider = clause | context.wider.names | context.wider.weak
        if not wider:
            return False
        of_clause = self._better(row_id, clause) if clause else None
        if of_clause is not None and not of_clause:
            return False
        of_all = self._better(row_id, wider)
        return bool(of_all) if of_clause is None else bool(of_clause & of_all)

    def _better(self, row_id: str, said: _Names) -> frozenset[str]:
        table = self._layout.evidence.rows[row_id][0]
        cohort = self._cohort(row_id, "")
        own, primary = self._carried[row_id] & said, self._primary[row_id] & said
        return frozenset(
            row.id
            for row in table.rows
            if row.id != row_id
            and self._cohort(row.id, "") == cohort
            and own <= (others := self._carried[row.id] & said)
            and primary <= (named := self._primary[row.id] & said)
            and (own != others or primary != named)
        )

    def _better_figure(self, value: Value, context: _Context) -> bool:
        """Whether the words describe another figure better: of the row, or of a row they name too."""
        # "1,207 persons [T3]": a noun alone is a loose word for what the cited row counts.
        loose = context.says_nothing or value.unit is not Unit.COUNT
        counted = "" if loose else context.counted
        said, row_id = context.clause.measures, value.rows[0]
        figures = self._figures.get((row_id, value.unit), ())
        own = next((each for each in figures if each.heading == value.heading), None)
        if own is None or not (said or counted):
            return False
        if own.counts_else(counted) or (own.heading.startswith("of ") and context.stands_alone):
            return True
        here = own.described(said, counted)
        for other in figures:
            there = other.described(said, counted)
            # "The exit rate" is the plain one, not the average of all.
            plainer = here == there and other.measures and other.measures < own.measures
            if (here < there or plainer) and self._other(row_id, own, other, context):
                return True
        here = own.described(said - _LOOSE, "")
        return any(
            here < other.described(said - _LOOSE, "") and self._other(row, own, other, context)
            for row in self._fully_named(context.said_names)
            if row != row_id
            for other in self._figures.get((row, value.unit), ())
        )

    def _other(self, row_id: str, own: "_Figure", other: "_Figure", context: _Context) -> bool:
        cohort = self._cohort(row_id, other.heading)
        fits = not context.cohorts or cohort is None or cohort in context.cohorts
        return fits and other.text != own.text

    def _fully_named(self, said: _Names) -> tuple[str, ...]:
        """Rows all of whose names are in ``said``."""
        if said not in self._named_rows:
            self._named_rows[said] = tuple(
                row for row, names in self._primary.items() if names and names <= said
            )
        return self._named_rows[said]


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure of a row: its heading, how it is written, its words for measures, what it counts."""

    heading: str
    text: str
    measures: frozenset[str]
    counts: frozenset[str]

    def described(self, said: frozenset[str], counted: str) -> frozenset[str]:
        """The words of the answer that fit; without a noun the figure may count anything."""
        fitting = self.measures & said
        # Who leaves is a person.
        counts = self.counts | {"person"} if "exit" in self.counts else self.counts
        if counted and (not self.counts or counted in counts):
            fitting |= {f"counts {counted}"}
        return fitting

    def counts_else(self, counted: str) -> bool:
        """Whether it certainly counts something else than the answer says."""
        alike = {counted, *_ALIKE.get(counted, ())}
        return bool(counted and self.counts and not alike & self.counts)


def _row_names(table: EvidenceTable, row: Row, *, names_row: bool) -> _Names:
    return frozenset(
        words
        for cell, column in zip(row.cells, table.columns, strict=True)
        if column.heading != "cohort"
        and (column.names_row or (not names_row and column.unit is not Unit.NAME))
        for name in cell.names
        if (words := words_of(name))
    ) - {("converter",), ("non", "converter")}


def _cohorts(text: str) -> frozenset[str]:
    return frozenset(
        _NON_CONVERTER if found["non"] else _CONVERTER for found in _COHORTS.finditer(text)
    )


def _measures(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _MEASURES.items() if pattern.search(text))


def _heading_measures(column: EvidenceColumn) -> frozenset[str]:
    return _measures(_COHORTS.sub(" ", column.heading))
