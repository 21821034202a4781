"""What can be wrong with an answer: the catalogue of faults, for every vendor and endpoint.

Belongs here: endpoints, faults of the wire, of bodies, of records and of archives, by name. Does not
belong here: the runs that meet them, and what must hold afterwards (``hostile_world.py``).
"""

import gzip
import io
import json
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from journey_assets.simulator.faults import Fault
from journey_assets.simulator.wire import Answer

#: Private words that faults bring along; nothing outside ``raw`` may hold them.
PLANTED = ("planted.person@private.example", "planted-private-words")
_PLANTED_TEXT = " ".join(PLANTED)

_JSON = {"Content-Type": "application/json"}
#: Share of cases that meet a database with the days stored already.
_OVER_STORED = 0.6
_DEEP = 200_000
_HUGE = 20 * 2**20
_BOMB = 200 * 2**20

Json = Any
Change = Callable[[Answer], Answer]


@dataclass(frozen=True)
class Endpoint:
    """One call of a scenario. glob: of its path. records: where its list stands in the JSON.

    scenario: the run of ``hostile_world`` that calls it. once: not called again over stored days.
    """

    name: str
    scenario: str
    vendor: str
    glob: str
    records: tuple[str, ...] | None = None
    once: bool = False


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("export", "export", "amplitude", "/api/2/export"),
    Endpoint("usersearch", "activity", "amplitude", "/api/2/usersearch", ("matches",), once=True),
    Endpoint("useractivity", "activity", "amplitude", "/api/2/useractivity", ("events",)),
    Endpoint("cohort request", "cohorts", "amplitude", "/api/5/cohorts/request/conv*"),
    Endpoint("cohort status", "cohorts", "amplitude", "/api/5/cohorts/request-status/*"),
    Endpoint("cohort file", "cohorts", "amplitude", "/api/5/cohorts/request/*/file"),
    Endpoint("cohort file's host", "cohorts", "other_host", "/cohorts/*"),
    Endpoint("listing", "listing", "segment", "/spaces/*", ("data", "profiles")),
    Endpoint("traits", "profiles", "segment", "*/traits"),
    Endpoint("external_ids", "profiles", "segment", "*/external_ids", ("data",)),
    Endpoint("conversations", "conversations", "mavenoid", "/v1/assistant-conversations.json", ()),
    Endpoint("sessions", "sessions", "mavenoid", "/v1/live-support-sessions.json", ()),
    Endpoint("availabilities", "availabilities", "mavenoid", "/v1/agent-availabilities.json", ()),
    Endpoint("chat", "mave", "mavera", "*/mave/chat"),
    Endpoint("threads", "lost", "mavera", "*/mave/threads", ("data",)),
    Endpoint("thread", "lost", "mavera", "*/mave/threads/*", ("messages",)),
)


@dataclass(frozen=True)
class Case:
    """A fault at an endpoint. times: how often, None for good. filled: over stored days."""

    endpoint: Endpoint
    name: str
    fault: Fault
    times: int | None
    filled: bool

    def __str__(self) -> str:
        often = "for good" if self.times is None else f"{self.times} x"
        over = "stored days" if self.filled else "an empty database"
        return f"{self.endpoint.vendor} {self.endpoint.name}: {self.name}, {often}, over {over}"


def cases(seed: int, number: int | None = None) -> list[Case]:
    """Every endpoint with every fault once, how often and over what drawn by ``seed``.

    number: so many of them; each fault comes once at some endpoint before any comes twice.
    """
    chance = random.Random(seed)
    drawn = [
        Case(
            endpoint,
            name,
            fault,
            times=chance.choice((1, 2, None)),
            filled=chance.random() < _OVER_STORED and not endpoint.once,
        )
        for endpoint in ENDPOINTS
        for name, fault in faults_of(endpoint).items()
    ]
    chance.shuffle(drawn)
    # Every fault once, then every fault a second time …
    seen: Counter[str] = Counter()
    rounds: dict[int, int] = {}
    for case in drawn:
        rounds[id(case)] = seen[case.name]
        seen[case.name] += 1
    return sorted(drawn, key=lambda case: rounds[id(case)])[:number]


@cache
def faults_of(endpoint: Endpoint) -> Mapping[str, Fault]:
    """The faults that make sense at an endpoint, by name."""
    changes = dict(_bodies())
    if endpoint.records is not None:
        changes |= dict(_records(endpoint.records))
    if endpoint.name == "export":
        changes |= dict(_archives())
    return dict(_wire()) | {name: Fault.changed(change) for name, change in changes.items()}


# The wire ----------------------------------------------------------------------------------------

_STATUSES = (
    *(204, 206, 304, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 418, 422, 425, 429),
    *(431, 451, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 524, 529, 599),
)
_RETRY_AFTER = (
    *("0", "1", "2.5", "-5", "", "soon", "NaN", "inf", "1e9", "9" * 40, "0x10", "1, 2"),
    *("Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 31 Feb 2026 99:99:99 GMT", "2026-11-28T00:00:00Z"),
)
_NOISE = {
    "nothing at all": "",
    "no HTTP": "220 mail.example ESMTP\r\n",
    "a length that is no number": "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
    "two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "a chunk of no size": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "chunks without an end": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n",
    "a head without an end": "HTTP/1.1 200 OK\r\nContent-Type: applic",
    "a line of 80 KB": f"HTTP/1.1 200 OK\r\nX-Long: {'x' * 80_000}\r\n\r\n{{}}",
    "300 header lines": "HTTP/1.1 200 OK\r\n"
    + "X-Many: x\r\n" * 300
    + "Content-Length: 2\r\n\r\n{}",
    "a status of 4 digits": "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}",
}


def _wire() -> Iterator[tuple[str, Fault]]:
    for status in _STATUSES:
        body = json.dumps({"error": {"message": f"{PLANTED[0]} is to blame", "code": "x"}})
        yield f"status {status}", Fault.of_status(status, body=body)
    for header in _RETRY_AFTER:
        yield f"429, Retry-After {header[:30]!r}", Fault.of_status(429, retry_after=header)
    yield "503, Retry-After '2'", Fault.of_status(503, retry_after="2")
    for status in (500, 502, 503, 504):
        carried_out = Fault.of_status(status, after_processing=True)
        yield f"status {status}, carried out all the same", carried_out
    yield "reset", Fault.reset()
    yield "answer lost", Fault.lost_answer()
    yield "truncated", Fault.truncated()
    yield "a sign-in page", Fault.html()
    yield "dripping", Fault.drip(0.01)
    yield "slow", Fault.slow(0.2)
    yield "too slow", Fault.slow(3.0)
    for surplus in (1, -1, 1000, -(10**9)):
        yield f"length off by {surplus}", Fault.wrong_length(surplus)
    for name, text in _NOISE.items():
        yield name, Fault.noise(text)


# Bodies ------------------------------------------------------------------------------------------


def _body(body: bytes, headers: Mapping[str, str] | None = None, status: int = 200) -> Change:
    return lambda _: Answer(status, body, _JSON if headers is None else headers)


def _redirect(status: int, target: str) -> Change:
    return lambda _: Answer(status, b"", {"Location": target} if target else {})


@cache
def _bomb() -> bytes:
    return gzip.compress(b"[" + b"0," * (_BOMB // 2) + b"0]", 9)


_JSON_TEXTS = {
    "nothing": "",
    "blanks": " \n ",
    "null": "null",
    "true": "true",
    "a number": "3",
    "a text": '"text"',
    "an empty list": "[]",
    "an empty object": "{}",
    "a list of numbers": "[1,2]",
    "a list of lists": "[[],[]]",
    "a list of nulls": "[null,null]",
    "a list of texts": '["a","b"]',
    "data is null": '{"data": null, "events": null, "matches": null, "messages": null}',
    "data is a text": '{"data": "x", "events": "x", "matches": "x", "messages": "x"}',
    "data is a number": '{"data": 1, "events": 1, "matches": 1, "traits": 1, "id": 1}',
    "an error with 200": '{"error": "over capacity"}',
    "an error of another shape": '{"errors": [{"detail": {"x": 1}}]}',
    "half a JSON": '{"data": [1, 2',
    "rest behind the JSON": '{"data": []} {"data": []}',
    "NaN": '{"data": NaN, "events": [NaN]}',
    "single quotes": "{'data': []}",
    "deeply nested": "[" * _DEEP + "]" * _DEEP,
    "deeply nested objects": '{"data":' * _DEEP + "1" + "}" * _DEEP,
    "a number of 100,000 digits": '{"data": ' + "9" * 100_000 + "}",
    "private words": json.dumps({"message": _PLANTED_TEXT}),
    "a list of private words": json.dumps([{"email": PLANTED[0], "comment": PLANTED[1]}]),
    "private words, no JSON": _PLANTED_TEXT,
}


def _bodies() -> Iterator[tuple[str, Change]]:
    for name, text in _JSON_TEXTS.items():
        yield f"body: {name}", _body(text.encode())
    yield "body: UTF-16", lambda a: replace(a, body=_text(a).encode("utf-16"))
    yield "body: with a byte order mark", lambda a: replace(a, body=b"\xef\xbb\xbf" + a.body)
    yield "body: a byte of Latin-1", lambda a: replace(a, body=a.body.replace(b"e", b"\xe9", 1))
    yield "body: a NUL", lambda a: replace(a, body=a.body.replace(b":", b":\x00", 1))
    yield "body: cut, with the right length", lambda a: replace(a, body=a.body[: len(a.body) // 2])
    yield "body: twice", lambda a: replace(a, body=a.body * 2)
    yield "body: 20 MB of blanks before it", lambda a: replace(a, body=b" " * _HUGE + a.body)
    yield "body: 20 MB of one text", _body(b'{"data": "' + b"x" * _HUGE + b'"}')
    yield "body: compressed", _compressed
    yield "body: compressed, cut", lambda a: _cut(_compressed(a))
    yield (
        "body: compressed, 200 MB of it",
        lambda _: Answer(200, _bomb(), _JSON | {"Content-Encoding": "gzip"}),
    )
    for coding in ("gzip", "deflate", "br", "zstd", "unheard-of", "gzip, gzip"):
        yield f"body: said to be {coding}", _said({"Content-Encoding": coding})
    for kind in ("text/plain", "application/xml", "application/json; charset=utf-16", ";;"):
        yield f"body: said to be {kind}", _said({"Content-Type": kind})
    yield (
        "a sign-in page, after the call",
        _body(b"<!DOCTYPE html>x", {"Content-Type": "text/html"}),
    )
    for status, target in (
        *((302, ""), (302, "http://127.0.0.1:9/"), (302, "file:///etc/passwd"), (303, "http://[x")),
        *((301, "ftp://127.0.0.1/"), (307, "//"), (308, "?again"), (302, "javascript:alert(1)")),
    ):
        yield f"redirect {status} to {target or 'nowhere'!r}", _redirect(status, target)


def _text(answer: Answer) -> str:
    return answer.body.decode("utf-8", "replace")


def _compressed(answer: Answer) -> Answer:
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return replace(answer, body=gzip.compress(answer.body), headers=headers)


def _cut(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[:-9])


def _said(headers: Mapping[str, str]) -> Change:
    return lambda answer: replace(answer, headers={**answer.headers, **headers})


# Records -----------------------------------------------------------------------------------------

_VALUES: Mapping[str, Json] = {
    "null": None,
    "a number": 7,
    "a negative number": -1,
    "a huge number": 10**30,
    "a list": [1, [2]],
    "an object": {"a": {"b": None}},
    "true": True,
    "an empty text": "",
    "blanks": "   ",
    "a long text": "x" * 200_000,
    "year 1": "0001-01-01T00:00:00+14:00",
    "year 9999": "9999-12-31T23:59:59-14:00",
    "no time": "not a time",
    "February 30": "2026-02-30T00:00:00Z",
    "half an emoji": "\ud83d",
    "a NUL": "a\x00b",
    "control characters": "a\x1b[31m\x07\r\nb",
    "marks that turn text around": "a\u202eb\u2066c",
    "an address": PLANTED[0],
    "markup": "<script>alert(1)</script><img src=//x>",
    "SQL": "'; DROP SCHEMA raw CASCADE; --",
}


_ODD: Mapping[str, Json] = {"null": None, "a text": "x", "a list": [1], "empty": {}}


def _records(where: tuple[str, ...]) -> Iterator[tuple[str, Change]]:
    def listed(change: Callable[[list[Json]], list[Json]]) -> Change:
        return lambda answer: _with_list(answer, where, change)

    for name, value in _VALUES.items():
        yield f"records: every field of one is {name}", listed(_all_fields(value))
        yield f"records: a field of each is {name}", listed(_one_field(value))
    for name, odd in _ODD.items():
        yield f"records: one is {name}", listed(_with(odd))
    yield "records: none", listed(lambda _: [])
    yield "records: half of them", listed(lambda rows: rows[: len(rows) // 2])
    yield "records: one of them", listed(lambda rows: rows[:1])
    yield "records: all twice", listed(lambda rows: rows * 2)
    yield "records: backwards", listed(lambda rows: rows[::-1])
    yield "records: unknown fields", listed(_each({"new_field": PLANTED[1], "": {"x": [1]}}))
    yield (
        "records: keys in capitals",
        listed(lambda rows: [{k.upper(): v for k, v in _object(row).items()} for row in rows]),
    )
    yield "records: fields twice", _fields_twice
    yield "records: of other years", listed(lambda rows: [_years_ago(row) for row in rows])


def _with_list(
    answer: Answer, where: tuple[str, ...], change: Callable[[list[Json]], list[Json]]
) -> Answer:
    """The answer with its list of records changed; others, such as errors and sums, as they are."""
    try:
        whole = json.loads(answer.body)
    except ValueError:
        return answer
    holder: Json = {"": whole}
    key = ""
    for following in where:
        holder, key = holder[key], following
        if not isinstance(holder, dict) or key not in holder:
            return answer
    if not isinstance(holder[key], list):
        return answer
    holder[key] = change(holder[key])
    top = whole if where else holder[key]
    return replace(answer, body=json.dumps(top).encode())


def _with(row: Json) -> Callable[[list[Json]], list[Json]]:
    return lambda rows: [row, *rows]


def _object(row: Json) -> dict[str, Json]:
    return row if isinstance(row, dict) else {}


def _all_fields(value: Json) -> Callable[[list[Json]], list[Json]]:
    return lambda rows: [*rows, dict.fromkeys(_object(rows[0]), value)] if rows else rows


def _one_field(value: Json) -> Callable[[list[Json]], list[Json]]:
    """Another field of every record, one after the other."""

    def change(rows: list[Json]) -> list[Json]:
        changed = []
        for number, row in enumerate(rows):
            keys = sorted(_object(row))
            changed.append(row | {keys[number % len(keys)]: value} if keys else row)
        return changed

    return change


def _each(more: Mapping[str, Json]) -> Callable[[list[Json]], list[Json]]:
    return lambda rows: [{**_object(row), **more} for row in rows]


def _fields_twice(answer: Answer) -> Answer:
    return replace(answer, body=answer.body.replace(b'{"', b'{"id":"x","id":"y","', 1))


def _years_ago(row: Json) -> Json:
    return json.loads(json.dumps(row).replace('"2026-', '"2019-'))


# Archives ----------------------------------------------------------------------------------------

Member = tuple[str, bytes]


def _archives() -> Iterator[tuple[str, Change]]:
    for name, members in _MEMBERS.items():
        yield f"archive: {name}", _packed(members)
    for name, line in _LINES.items():
        yield f"archive: a line of {name}", _packed(_with_line(line))
    yield "archive: no archive", _body(b"PK but no archive", {"Content-Type": "application/zip"})
    yield "archive: cut", lambda a: replace(a, body=a.body[: len(a.body) // 2])
    yield "archive: a byte turned over", _turned
    yield "archive: encrypted members", _encrypted
    yield (
        "archive: members compressed by LZMA",
        lambda a: _zipped(a, lambda members: members, zipfile.ZIP_LZMA),
    )
    yield "archive: 500 MB of zeros in it", lambda a: _zipped(
        a, lambda members: [*members, ("9/9_2026-01-01_0#9.json", bytes(500 * 2**20))],
        zipfile.ZIP_DEFLATED,
    )  # fmt: skip


def _packed(change: Callable[[list[Member]], list[Member]]) -> Change:
    return lambda answer: _zipped(answer, change)


def _zipped(
    answer: Answer,
    change: Callable[[list[Member]], list[Member]],
    compression: int = zipfile.ZIP_STORED,
) -> Answer:
    if answer.status != 200:
        return answer
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in change(members):
            archive.writestr(name, content)
    return replace(answer, body=buffer.getvalue())


def _renamed(name: Callable[[str], str]) -> Callable[[list[Member]], list[Member]]:
    return lambda members: [(name(old), content) for old, content in members]


def _first(change: Callable[[bytes], bytes]) -> Callable[[list[Member]], list[Member]]:
    return lambda members: [(members[0][0], change(members[0][1])), *members[1:]]


def _with_line(line: bytes) -> Callable[[list[Member]], list[Member]]:
    return _first(lambda content: gzip.compress(line + b"\n" + gzip.decompress(content)))


def _plain(members: list[Member]) -> list[Member]:
    return [(n.removesuffix(".gz"), gzip.decompress(content)) for n, content in members]


_MEMBERS: Mapping[str, Callable[[list[Member]], list[Member]]] = {
    "without members": lambda _: [],
    "holds HTML": lambda _: [("index.html", b"<!doctype html>" + _PLANTED_TEXT.encode())],
    "empty members": lambda members: [(name, b"") for name, _ in members],
    "members of no lines": lambda members: [(name, gzip.compress(b"")) for name, _ in members],
    "half of the members": lambda members: members[: len(members) // 2],
    "one member": lambda members: members[:1],
    "members twice": lambda members: [*members, *members[:3]],
    "plain members": _plain,
    "packed twice": lambda members: [(name, gzip.compress(content)) for name, content in members],
    "in nested folders": _renamed(lambda name: f"a/b/c/{name}"),
    "names that climb": _renamed(lambda name: f"../../../../tmp/{name}"),
    "absolute names": _renamed(lambda name: f"/etc/{name}"),
    "names of no meaning": _renamed(lambda name: f"{hash(name):x}.bin"),
    "a day of 2026-13-45": lambda m: [*m, ("9/9_2026-13-45_0#0.json.gz", gzip.compress(b"{}\n"))],
    "a day of year 1": lambda m: [*m, ("9/9_0001-01-01_0#0.json.gz", gzip.compress(b"{}\n"))],
    "re-zipped on a Mac": lambda members: [
        *members,
        *((f"__MACOSX/._{name.rpartition('/')[2]}", b"\x00\x05\x16\x07") for name, _ in members),
    ],
    "a folder": lambda members: [("9/", b""), *members],
    "an archive in it": lambda members: [*members, ("inner.zip", b"PK\x03\x04")],
    "a wrong checksum inside": _first(lambda content: content[:-8] + b"\0\0\0\0" + content[-4:]),
    "a member cut": _first(lambda content: content[: len(content) // 2]),
    "a member of HTML": _first(lambda _: gzip.compress(b"<html>\n<body>\n")),
    "only other days": lambda members: [
        (name, gzip.compress(gzip.decompress(content).replace(b'"2026-', b'"2025-')))
        for name, content in members
    ],
    "lines ended as on Windows": _first(
        lambda content: gzip.compress(gzip.decompress(content).replace(b"\n", b"\r\n"))
    ),
    "one line for all": _first(
        lambda c: gzip.compress(b"[" + b",".join(gzip.decompress(c).splitlines()) + b"]\n")
    ),
    "UTF-16": _first(lambda c: gzip.compress(gzip.decompress(c).decode().encode("utf-16"))),
}

_LINES: Mapping[str, bytes] = {
    "Latin-1": '{"event_type": "café"}'.encode("latin-1"),
    "HTML": b"<br>",
    "no object": b"[1, 2]",
    "null": b"null",
    "an empty object": b"{}",
    "blanks": b"   ",
    "half an object": b'{"event_type": "x", "user_id": "' + PLANTED[0].encode(),
    "control characters": b'{"event_type": "a\x01b", "uuid": "\x1b"}',
    "a NUL": b'{"event_type": "a\x00b"}',
    "half an emoji": b'{"event_type": "\\ud83d", "uuid": "half"}',
    "deep nesting": b'{"event_properties": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
    "20 MB": b'{"event_type": "' + b"x" * _HUGE + b'"}',
    "year 1": b'{"event_type": "x", "event_time": "0001-01-01T00:00:00+14:00", "amplitude_id": 1}',
    "a huge id": b'{"event_type": "x", "amplitude_id": 1' + b"0" * 40 + b"}",
    "fields twice": b'{"event_type": "x", "event_type": "y", "amplitude_id": 1, "amplitude_id": 2}',
}


def _turned(answer: Answer) -> Answer:
    middle = len(answer.body) // 2
    turned = bytes([answer.body[middle] ^ 0xFF]) if answer.body else b""
    return replace(answer, body=answer.body[:middle] + turned + answer.body[middle + 1 :])


def _encrypted(answer: Answer) -> Answer:
    """The bit that says "encrypted" set in every head of a member."""
    body = bytearray(answer.body)
    for head, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = body.find(head)
        while at >= 0:
            body[at + offset] |= 1
            at = body.find(head, at + 4)
    return replace(answer, body=bytes(body))
