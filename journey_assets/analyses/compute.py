"""The analyses of a run: which days and kinds are asked, and the rows they become.

Belongs here: the entry of the package, :func:`ask_all`. Does not belong here: how one message is
asked (:mod:`journey_assets.analyses.ask`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from journey_assets.analyses.ask import Asking
from journey_assets.analyses.attempts import Attempt, known_attempts
from journey_assets.analyses.catalogue import ANALYSES, Analysis, Kind
from journey_assets.analyses.evidence import Evidence
from journey_assets.analyses.gathering import gather, nobody_converted, tables_read
from journey_assets.analyses.marks import NumberCheck, marked
from journey_assets.analyses.prompt import Message, compose
from journey_assets.analyses.sources_journeys import COHORTS
from journey_assets.settings import VENDOR_NAMES, Settings
from journey_assets.vendors.mavera import MaveraClient
from journey_assets.warehouse.choices import refuse_unlike
from journey_assets.warehouse.database import CATALOG, Session
from journey_assets.warehouse.replace import stored_columns
from journey_assets.warehouse.tables.analyses import MAVE_ANALYSES

_EARLIER_DAY = (
    "A run over several days asks for its last one only; materialize this day alone to ask for it."
)


@dataclass(frozen=True, slots=True)
class AnalysisRow:
    """A row of ``analyses.mave_analyses``; the fields are its columns."""

    as_of: date
    kind: Kind
    status: str
    prompt_version: str | None = None
    prompt: str | None = None
    prompt_sha256: str | None = None
    evidence: str | None = None
    content: str | None = None
    thread_id: str | None = None
    message_id: str | None = None
    sources: str | None = None
    credits_used: float | None = 0.0
    latency_ms: int | None = None
    requested_at: datetime | None = None
    numbers_total: int | None = None
    numbers_grounded: int | None = None
    ungrounded: tuple[str, ...] | None = None
    numbers_derived: int | None = None
    number_marks: str | None = None
    misattributed: tuple[str, ...] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Analysed:
    """What a run did. credits_spent: by its own messages, whatever the rows' answers once cost."""

    rows: tuple[AnalysisRow, ...]
    credits_spent: float


@dataclass(frozen=True, slots=True)
class _Question:
    message: Message
    evidence: Evidence


def ask_all(
    session: Session,
    client: MaveraClient,
    settings: Settings,
    days: Sequence[date],
    log: Callable[[str], None],
    now: Callable[[], datetime],
) -> Analysed:
    """Analyse the last of ``days`` and leave the rows of all days in ``MAVE_ANALYSES.result``.

    days: ascending; the earlier ones keep the answers they have. now: the time, aware. An answer to
    the same message is used again, whichever day asked it: the rows of a day materialized twice are
    the same. Raises
    :class:`journey_assets.analyses.ask.AskingStopped` and the errors of
    :mod:`journey_assets.vendors.errors`; answers that came until then are kept; and
    :class:`~journey_assets.warehouse.choices.UnlikeSettings` before anything is asked when the figures
    were made with other settings than the run's.
    """
    as_of = days[-1]
    refuse_unlike(session, settings, "analyses", tables_read(settings), [as_of])
    questions, reasons = _questions(session, as_of, settings)
    for kind, reason in reasons.items():
        log(f"Mave is not asked for {kind}: {reason}")
    asking = Asking(session, client, as_of, settings.mavera_max_credits_per_run, log, now)
    answered = asking.answers([question.message for question in questions.values()])
    rows = [
        *_earlier(session, days[:-1], settings, log),
        *(_not_asked(as_of, kind, reason) for kind, reason in reasons.items()),
        *(_answered(as_of, each, answered, log) for each in questions.values()),
    ]
    _leave(session, rows)
    return Analysed(tuple(rows), asking.spent)


def _questions(
    session: Session, as_of: date, settings: Settings
) -> tuple[dict[Kind, _Question], dict[Kind, str]]:
    """What there is to ask of a day, and why the other kinds are not asked."""
    questions: dict[Kind, _Question] = {}
    reasons: dict[Kind, str] = {}
    for analysis, evidence, reason in _judged(session, as_of, settings):
        if reason:
            reasons[analysis.kind] = reason
        else:
            questions[analysis.kind] = _Question(compose(analysis.kind, evidence), evidence)
    return questions, reasons


def _earlier(
    session: Session, days: Sequence[date], settings: Settings, log: Callable[[str], None]
) -> Iterator[AnalysisRow]:
    """The rows of the days that a run does not ask for.

    A day that has answers keeps those whose evidence is still the same: a nightly run over the last
    days would otherwise empty what the nights before it asked.
    """
    asked = _days_with_answers(session, days)
    for day in days:
        questions = _questions(session, day, settings)[0] if day in asked else {}
        known = known_attempts(session, [each.message.sha256 for each in questions.values()])
        for analysis in ANALYSES:
            question = questions.get(analysis.kind)
            attempt = known.get(question.message.sha256) if question else None
            if question and attempt and attempt.answer:
                yield _answered(day, question, known, log)
            else:
                yield _not_asked(day, analysis.kind, _EARLIER_DAY)


def _days_with_answers(session: Session, days: Sequence[date]) -> frozenset[date]:
    if not days:
        return frozenset()
    with session.reading() as con:
        if not stored_columns(con, MAVE_ANALYSES):
            return frozenset()
        rows = con.execute(
            f"SELECT DISTINCT as_of FROM {CATALOG}.{MAVE_ANALYSES.full_name} "
            "WHERE content IS NOT NULL AND as_of BETWEEN ? AND ?",
            [days[0], days[-1]],
        ).fetchall()
    return frozenset(day for (day,) in rows)


def _judged(
    session: Session, as_of: date, settings: Settings
) -> Iterator[tuple[Analysis, Evidence, str]]:
    """Each analysis with its evidence and the reason not to ask, "" when there is none."""
    gathered = gather(session, as_of, settings)
    for analysis in ANALYSES:
        found = gathered[analysis.kind]
        reason = ""
        if analysis.vendor not in settings.vendor_list():
            reason = f"JOURNEY_VENDORS leaves {VENDOR_NAMES[analysis.vendor]} out."
        elif not found.enough:
            tables = ", ".join(
                table.full_name for source in analysis.core for table in source.reads
            )
            reason = f"Nothing to analyse: no rows for {as_of} in {tables}."
        elif COHORTS in analysis.core and (persons := nobody_converted(session)):
            reason = f"Nobody converted: 0 of {persons:,} persons with a path as of {as_of}."
        yield analysis, found.evidence, reason


def _not_asked(as_of: date, kind: Kind, reason: str) -> AnalysisRow:
    return AnalysisRow(as_of, kind, "not_asked", reason=reason)


def _answered(
    as_of: date,
    question: _Question,
    attempts: Mapping[str, Attempt],
    log: Callable[[str], None],
) -> AnalysisRow:
    message = question.message
    attempt = attempts[message.sha256]
    answer = attempt.answer
    if answer is None:
        raise AssertionError(f"{message.kind} was asked and has no answer")
    check = NumberCheck(marked(answer.content, question.evidence))
    reused = attempt.as_of != as_of
    log(
        f"{message.kind}: {'the answer for ' + str(attempt.as_of) if reused else 'answer'} with "
        f"{check.grounded} of {check.total} numbers found in the evidence."
    )
    return AnalysisRow(
        as_of=as_of,
        kind=message.kind,
        status="reused" if reused else "answered",
        prompt_version=message.version,
        prompt=message.text,
        prompt_sha256=message.sha256,
        evidence=question.evidence.to_json(),
        content=answer.content,
        thread_id=answer.thread_id,
        message_id=answer.message_id,
        sources=answer.sources,
        credits_used=0.0 if reused else answer.credits_used,
        latency_ms=answer.latency_ms,
        requested_at=attempt.requested_at,
        numbers_total=check.total,
        numbers_grounded=check.grounded,
        ungrounded=check.ungrounded,
        numbers_derived=check.derived,
        number_marks=_marks_json(check),
        misattributed=check.misattributed,
    )


def _marks_json(check: NumberCheck) -> str:
    return json.dumps([asdict(mark) for mark in check.marks], ensure_ascii=False)


def _leave(session: Session, rows: Sequence[AnalysisRow]) -> None:
    columns = MAVE_ANALYSES.columns
    declared = ", ".join(f'"{column.name}" {column.type}' for column in columns)
    session.con.execute(f"CREATE OR REPLACE TEMP TABLE {MAVE_ANALYSES.result} ({declared})")
    values = [[_plain(getattr(row, column.name)) for column in columns] for row in rows]
    holes = ", ".join("?" for _ in columns)
    session.con.executemany(f"INSERT INTO {MAVE_ANALYSES.result} VALUES ({holes})", values)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
