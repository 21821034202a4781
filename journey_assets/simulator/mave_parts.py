"""What Mave can say about the rows of a table of evidence.

Belongs here: the type, and sentences that several answers share. Does not belong here: which ask is
answered with which of them (``mave_recipes.py``).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences about the rows of one table.

    table: how its title begins. says: what the sentence is about; clauses: what it says, each left
    out when the row lacks a figure of it. ``{heading}`` stands for the row's cell, ``{one|other}``
    for the difference of two. rows: at most so many. only: rows with one of these cells alone, by
    heading. moving: rows whose two names differ. one_per: of rows with the same cell the first alone,
    or the ``last``.
    """

    table: str
    says: str
    clauses: tuple[str, ...]
    rows: int = 4
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    moving: bool = False
    one_per: str = ""
    last: bool = False


GOLDEN = Part(
    "The golden path",
    "{reading}: {path}",
    (
        "{support of converters} of {of converters} converters contain it ({share of converters})",
        "and {support of non-converters} of {of non-converters} non-converters "
        "({share of non-converters})",
        "{share of converters|share of non-converters} percentage points apart",
        "{converters up to the conversion} of {of converters} converters "
        "({share of converters up to it}) and {non-converters up to the conversion} of "
        "{of non-converters} non-converters ({share of non-converters up to it}) come as far as the "
        "step before the conversion",
        "walked exactly by {walked exactly}",
        "median time {median time}",
    ),
    3,
    only=(("verdict", ("found",)),),
    one_per="path",
)
GOLDEN_STEPS = Part(
    "The steps of the golden path",
    "The step {from} → {to}",
    (
        "{conversion with it} of the {persons with it} who take it in their first session convert",
        "of all others {conversion without}",
        "hazard ratio {hazard ratio}",
        "the {critical} one",
    ),
    only=(("verdict", ("converts_more", "converts_less", "no_difference")),),
)
DIVERGENCE = Part(
    "Divergence points",
    "After **{after}**",
    (
        "{share of converters} of converters go to {converters go to}",
        "{share of non-converters} of non-converters to {non-converters go to}",
        "divergence {divergence} bits",
        "q {q}",
    ),
    only=(("verdict", ("different",)),),
)
FRICTION = Part(
    "Friction signals",
    "**{event}**",
    (
        "{share of non-converters} of non-converters have it",
        "of converters {share of converters}",
        "hazard ratio {hazard ratio} ({low} to {high})",
        "q {q}",
    ),
    5,
    only=(("verdict", ("friction",)),),
)
STATES = Part(
    "Drop-off cliffs",
    "At **{leave at}**",
    (
        "{exit rate} of {of visits} visits end there",
        "{share of exits} of all exits",
        "the average visit ends at {average exit rate}",
    ),
    3,
    only=(("kind", ("state",)), ("verdict", ("cliff",))),
)
ARRIVALS = Part(
    "Drop-off cliffs",
    "From {coming from} to **{leave at}**",
    ("{exits} of {of visits} leave ({exit rate})", "{share of exits} of all exits"),
    3,
    only=(("kind", ("arrival",)), ("verdict", ("cliff",))),
)
CHANNELS = ("{mean web sessions} web sessions", "{mean mobile sessions} mobile sessions")
MAILS = "{mean e-mails opened} e-mails opened"
MOVES = Part(
    "Moves between",
    "From {from} to {to}",
    ("{profiles} profiles", "{share} of {of profiles}", "mean LTV before {mean LTV before}"),
    moving=True,
)
COMES = Part(
    "Along the golden path by channel pattern",
    "**{segment}**",
    ("{persons} of {of persons} persons come as far as {event} ({share})",),
    6,
    one_per="segment",
    last=True,
)
CONTACTS = Part(
    "Contacts along the journey",
    "After **{state}**",
    ("{contacts} contacts in {of visits} visits ({contact rate})", "{share of persons} of persons"),
    5,
)
