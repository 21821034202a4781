"""What a report shows: sections of blocks, as plain values that a template can only print.

Belongs here: the types. Every text in them is plain text and is escaped by the template; the one
exception is :class:`Answer`, whose HTML has been through the sanitiser. Does not belong here: which
figures are shown (``sections``) and how they look (``templates``, ``report.css``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from markupsafe import Markup

#: How a text is set off: a found difference, a good one, one that says nothing, or none of these.
Tone = Literal["", "bad", "good", "quiet"]


@dataclass(frozen=True, slots=True)
class Whisker:
    """An estimate with its interval on a scale of 0 to 100, ready to draw.

    reference: the value of no difference, where the scale has one. bar: drawn from 0 as a bar, for
    parts of a whole.
    """

    value: float
    low: float
    high: float
    reference: float | None = None
    bar: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    detail: set smaller after the text: an interval, a denominator. name: the text is somebody
    else's and may run from right to left. names: several such texts, listed.
    """

    text: str = ""
    detail: str = ""
    whisker: Whisker | None = None
    tone: Tone = ""
    name: bool = False
    names: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column; numeric ones stand to the right."""

    text: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row; the first cell is its heading. anchor: its id in the page."""

    cells: Sequence[Cell]
    anchor: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class TableView:
    """A table with its caption. rest: says what was left out, exactly."""

    template: ClassVar[str] = "table.html"

    anchor: str
    caption: str
    headings: Sequence[Heading]
    rows: Sequence[TableRow]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Folded:
    """Blocks that are shown on demand."""

    template: ClassVar[str] = "folded.html"

    summary: str
    blocks: Sequence["Block"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A paragraph. quiet: says why there is nothing to show."""

    template: ClassVar[str] = "sentence.html"

    text: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Subheading:
    """A heading within a section."""

    template: ClassVar[str] = "subheading.html"

    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class FlowBox:
    """A band at a step as it is drawn and told: its place, colour class, label and readout."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    label: str
    figures: str
    two_lines: bool
    readout: Sequence[str]


@dataclass(frozen=True, slots=True)
class FlowRibbon:
    """Persons between two bands: an SVG path, the colour class and what it is."""

    path: str
    colour: str
    readout: str


@dataclass(frozen=True, slots=True)
class FlowView:
    """A drawn flow. anchor: unique in the page. columns: headings with their places."""

    template: ClassVar[str] = "flow.html"

    anchor: str
    title: str
    description: str
    width: float
    height: float
    columns: Sequence[tuple[float, str]]
    boxes: Sequence[FlowBox]
    ribbons: Sequence[FlowRibbon]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a path. critical: the way to it matters most; why: what was measured there."""

    name: str
    critical: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class PathView:
    """A path with its support on both sides."""

    template: ClassVar[str] = "path.html"

    title: str
    meaning: str
    steps: Sequence[Step]
    support: Sequence[tuple[str, Cell]]
    headline: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A headline figure. change: against the days that it is compared with; tone: of the change.

    said: the value is words and not a number, and is set smaller.
    """

    label: str
    value: str
    detail: str = ""
    change: str = ""
    tone: Tone = ""
    said: bool = False


@dataclass(frozen=True, slots=True)
class Cards:
    """The headline figures."""

    template: ClassVar[str] = "cards.html"

    cards: Sequence[Card]


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence of the short version; link: the row that it is of; new: no earlier report held it."""

    topic: str
    text: str
    link: str
    strong: str = ""
    new: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """The short version. nothing: what does not stand out, in a sentence; empty when all does."""

    template: ClassVar[str] = "findings.html"

    findings: Sequence[Finding]
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An analysis of Mave: its text as sanitised HTML, and how its numbers were found."""

    template: ClassVar[str] = "answer.html"

    facts: str
    html: "Markup"
    legend: Sequence[tuple[str, str, str]]
    sources: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Definitions:
    """Terms with what they mean."""

    template: ClassVar[str] = "definitions.html"

    entries: Sequence[tuple[str, str]]


Block = (
    Answer
    | Cards
    | Definitions
    | Findings
    | FlowView
    | Folded
    | PathView
    | Sentence
    | Subheading
    | TableView
)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report. lead: what it shows, and of whom."""

    anchor: str
    title: str
    lead: str
    blocks: Sequence[Block] = field(default=())


@dataclass(frozen=True, slots=True)
class Report:
    """A day's report. notices: sentences above all sections that nobody may miss."""

    as_of: str
    title: str
    subtitle: str
    sections: Sequence[Section]
    notices: Sequence[str] = ()
