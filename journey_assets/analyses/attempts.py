"""The attempts: what was sent to Mave, and every answer that was paid for.

Belongs here: reading and writing ``analyses.mave_attempts``, each in a short transaction of its
own. Does not belong here: when to ask (:mod:`journey_assets.analyses.ask`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from journey_assets.analyses.catalogue import Kind
from journey_assets.analyses.prompt import Message
from journey_assets.warehouse.database import CATALOG, Session, WarehouseError
from journey_assets.warehouse.replace import ensure_table, stored_columns
from journey_assets.warehouse.tables.analyses import MAVE_ATTEMPTS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TABLE = f"{CATALOG}.{MAVE_ATTEMPTS.full_name}"


class State(StrEnum):
    """How far an attempt came."""

    SENT = "sent"
    LOST = "lost"
    REFUSED = "refused"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Answer:
    """Mave's answer. sources: JSON. credits_used: None when Mavera does not say."""

    content: str
    thread_id: str | None
    message_id: str | None
    sources: str
    credits_used: float | None
    latency_ms: int | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One message that was sent. requested_at: UTC. answer: there when the state is answered."""

    as_of: date
    kind: Kind
    state: State
    requested_at: datetime
    answer: Answer | None

    @property
    def unsettled(self) -> bool:
        """Whether Mave may have answered without our knowing."""
        return self.state in {State.SENT, State.LOST}


def known_attempts(session: Session, hashes: Collection[str]) -> Mapping[str, Attempt]:
    """The attempts with these messages, by their hash."""
    if not hashes:
        return {}
    with session.reading() as con:
        if not stored_columns(con, MAVE_ATTEMPTS):
            return {}
        rows = con.execute(
            "SELECT prompt_sha256, as_of, kind, state, requested_at, content, thread_id, message_id, "
            f"sources, credits_used, latency_ms FROM {_TABLE} WHERE list_contains(?, prompt_sha256)",
            [list(hashes)],
        ).fetchall()
    return {
        sha256: Attempt(
            as_of,
            kind,
            State(state),
            requested_at,
            Answer(*answer) if state == State.ANSWERED else None,
        )
        for sha256, as_of, kind, state, requested_at, *answer in rows
    }


def record_sent(
    session: Session,
    as_of: date,
    messages: Sequence[Message],
    requested_at: datetime,
    seen: Mapping[str, Attempt],
) -> None:
    """Write down that ``messages`` are about to be sent, at ``requested_at`` (aware).

    seen: the attempts as this run knows them. Raises :class:`WarehouseError` when another run has
    sent one of the messages since then.
    """
    with session.writing() as con:
        ensure_table(con, MAVE_ATTEMPTS)
        for message in messages:
            _check_unchanged(con, message, seen)
            con.execute(f"DELETE FROM {_TABLE} WHERE prompt_sha256 = ?", [message.sha256])
            con.execute(
                f"INSERT INTO {_TABLE} BY NAME SELECT ?::DATE AS as_of, ? AS prompt_sha256, "
                "? AS kind, ? AS prompt_version, ? AS state, ?::TIMESTAMP AS requested_at",
                [
                    as_of,
                    message.sha256,
                    message.kind,
                    message.version,
                    State.SENT.value,
                    requested_at,
                ],
            )


def _check_unchanged(
    con: "DuckDBPyConnection", message: Message, seen: Mapping[str, Attempt]
) -> None:
    stored = con.execute(
        f"SELECT requested_at FROM {_TABLE} WHERE prompt_sha256 = ?", [message.sha256]
    ).fetchall()
    known = seen.get(message.sha256)
    if stored and (known is None or stored[0][0] != known.requested_at):
        raise WarehouseError(
            f"Mavera: another run asks for the same {message.kind} at this moment, and asking twice "
            "costs twice. Run again when it has ended; its answer is used then."
        )


def record_answer(session: Session, sha256: str, answer: Answer, answered_at: datetime) -> None:
    """Keep the answer to the message with this hash."""
    with session.writing() as con:
        con.execute(
            f"UPDATE {_TABLE} SET state = ?, answered_at = ?, content = ?, thread_id = ?, "
            "message_id = ?, sources = ?, credits_used = ?, latency_ms = ? WHERE prompt_sha256 = ?",
            [State.ANSWERED.value, answered_at, *astuple(answer), sha256],
        )


def record_state(session: Session, sha256: str, state: State) -> None:
    """Write down how the attempt with this hash ended without an answer."""
    with session.writing() as con:
        con.execute(f"UPDATE {_TABLE} SET state = ? WHERE prompt_sha256 = ?", [state.value, sha256])
