"""The transport against real servers on loopback: retries, errors, redirects, bodies."""

import gzip
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.names import MASK
from journey_assets.vendors import watching
from journey_assets.vendors.errors import (
    LONGEST_MESSAGE,
    RETRYABLE_STATUSES,
    AnswerLost,
    CredentialsRefused,
    NotFound,
    RequestRefused,
    UnexpectedAnswer,
    VendorError,
    VendorUnavailable,
    plain,
    vendor_code,
    vendor_message,
)
from journey_assets.vendors.quota import Limit
from journey_assets.vendors.transport import MOST_REDIRECTS, RetryPolicy, Transport
from journey_assets.vendors.watching import Watch
from journey_assets_tests.loopback import (
    Answer,
    FakeClock,
    Loopback,
    Received,
    answer,
    html,
    redirect,
    reset,
    slow,
    truncated,
)

KEY = "mvra_live_s3cret/key+1"
LIMIT = Limit("test", ((100, 60.0),), 4)
NOBODY = "http://127.0.0.1:1"

Factory = Callable[..., Transport]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def transport(tmp_path: Path, clock: FakeClock, lines: list[str]) -> Factory:
    def make(url: str, **options: Any) -> Transport:
        options = {"vendor": "Mavera", "auth": KEY, "timeouts": (2.0, 2.0)} | options
        return Transport(
            base_url=url,
            quota_directory=tmp_path / "quota",
            log=lines.append,
            clock=clock,
            **options,
        )

    return make


def test_the_order_of_parameters_is_kept(transport: Factory) -> None:
    with Loopback([answer({})]) as server:
        transport(server.url).get_json("reading", "/v1/x.json", params=[("b", "2"), ("days", "1")])

    assert server.received[0].params == (("b", "2"), ("days", "1"))


def test_an_encoded_path_arrives_as_it_was_encoded(transport: Factory) -> None:
    with Loopback([answer({})]) as server:
        transport(f"{server.url}/api/").get_json("reading", "/profiles/email:a%2Bb%40x.org/traits")

    assert server.received[0].path == "/api/profiles/email:a%2Bb%40x.org/traits"


def test_a_token_goes_as_bearer_and_a_pair_as_basic(transport: Factory) -> None:
    with Loopback([answer({}), answer({})]) as server:
        transport(server.url).get_json("reading", "/")
        transport(server.url, auth=("user", "")).get_json("reading", "/")

    sent = [request.headers["authorization"] for request in server.received]
    assert sent == [f"Bearer {KEY}", "Basic dXNlcjo="]


@pytest.mark.parametrize("status", sorted({408, 425, 429, 500, 502, 503, 504, 520}))
def test_a_retryable_status_is_tried_again(transport: Factory, status: int) -> None:
    with Loopback([answer({}, status), answer({}, status), answer({"fine": True})]) as server:
        got = transport(server.url).get_json("reading", "/", limit=LIMIT)

    assert (got, len(server.received)) == ({"fine": True}, 3)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 422, 501, 505, 511])
def test_a_final_status_is_not_tried_again(transport: Factory, status: int) -> None:
    with Loopback([answer({}, status)]) as server, pytest.raises(VendorError) as raised:
        transport(server.url).get_json("reading", "/")

    assert (raised.value.status, len(server.received)) == (status, 1)


def test_every_5xx_is_on_the_one_list() -> None:
    assert {408, 425, 429, 500, 599} <= RETRYABLE_STATUSES
    assert not RETRYABLE_STATUSES & {400, 401, 403, 404, 405}


@pytest.mark.parametrize(
    "fault",
    [reset(), truncated({"rows": ["x" * 500]}), answer([1], content_length="9")],
    ids=["reset", "truncated", "two lengths"],
)
def test_a_broken_connection_is_tried_again(transport: Factory, fault: Answer) -> None:
    with Loopback([fault, fault, answer([1])]) as server:
        assert transport(server.url).get_json("reading", "/") == [1]


def test_an_answer_that_does_not_come_is_tried_again(transport: Factory) -> None:
    with Loopback([slow(), answer([1])]) as server:
        assert transport(server.url, timeouts=(2.0, 0.1)).get_json("reading", "/") == [1]


def test_attempts_are_bounded(transport: Factory, clock: FakeClock) -> None:
    with (
        Loopback(lambda _: answer({"error": {"message": "down"}}, 503)) as server,
        pytest.raises(VendorUnavailable) as raised,
    ):
        transport(server.url, retry=RetryPolicy(attempts=4)).get_json("reading", "/")

    assert len(server.received) == 4
    assert len(clock.slept) == 3
    assert str(raised.value) == (
        "Mavera: reading: no usable answer after 4 attempts (HTTP 503: down). "
        "Run again later; if it stays so, check the network and MAVERA_BASE_URL."
    )


def test_pauses_grow_exponentially_and_stay_bounded() -> None:
    policy = RetryPolicy(first_pause=1, longest_pause=8)
    longest = [max(policy.pause(attempt, None) for _ in range(300)) for attempt in range(1, 7)]

    assert all(pause <= bound for pause, bound in zip(longest, (1, 2, 4, 8, 8, 8), strict=True))
    assert longest[3] > 4  # 300 draws from 0–8 that all stay under 4: one in 2^300


def test_retry_after_in_seconds_is_waited_for(transport: Factory, clock: FakeClock) -> None:
    with Loopback([answer({}, 429, retry_after="37"), answer([1])]) as server:
        transport(server.url).get_json("reading", "/")

    assert clock.slept == [37.0]


def test_retry_after_as_a_date_is_waited_for(transport: Factory, clock: FakeClock) -> None:
    date = datetime.fromtimestamp(clock.now(), UTC) + timedelta(seconds=90)
    header = format_datetime(date, usegmt=True)
    with Loopback([answer({}, 503, retry_after=header), answer([1])]) as server:
        transport(server.url).get_json("reading", "/")

    assert clock.slept == [pytest.approx(90, abs=1)]


@pytest.mark.parametrize("header", ["soon", "-5", "", "٣٧", "Mon, 99 Foo 2026", "1e9", "nan"])
def test_an_unreadable_retry_after_is_ignored(
    transport: Factory, clock: FakeClock, header: str
) -> None:
    encoded = header.encode().decode("latin-1")
    with Loopback([answer({}, 503, retry_after=encoded), answer([1])]) as server:
        transport(server.url).get_json("reading", "/")

    assert sum(clock.slept) <= RetryPolicy().first_pause


def test_a_retry_after_beyond_the_bound_ends_the_attempts_and_says_when(
    transport: Factory, clock: FakeClock
) -> None:
    with (
        Loopback([answer({}, 429, retry_after="5000")]) as server,
        pytest.raises(VendorUnavailable, match="run again in 5000 s"),
    ):
        transport(server.url).get_json("reading", "/", limit=LIMIT)

    assert clock.slept == []


def test_a_retry_after_of_absurd_length_is_an_error_as_any(transport: Factory) -> None:
    with (
        Loopback([answer({}, 503, retry_after="9" * 400)]) as server,
        pytest.raises(VendorUnavailable),
    ):
        transport(server.url).get_json("reading", "/")


def test_a_429_stops_every_transport_of_the_account(
    transport: Factory, clock: FakeClock, lines: list[str]
) -> None:
    with Loopback([answer({}, 429, retry_after="40"), *[answer({}, 503)] * 9]) as server:
        with pytest.raises(VendorUnavailable):
            transport(server.url, retry=RetryPolicy(attempts=2)).get_json("a", "/", limit=LIMIT)
        blocked_at = clock.now()
        clock.pass_time(-30)  # as another process sees it, 30 s earlier
        with pytest.raises(VendorUnavailable):
            transport(server.url, retry=RetryPolicy(attempts=1)).get_json("b", "/", limit=LIMIT)

    assert clock.now() == pytest.approx(blocked_at)
    assert "next call in about 30 s" in lines[-1]


def test_a_log_line_says_what_is_tried_again(transport: Factory, lines: list[str]) -> None:
    with Loopback([answer({}, 429, retry_after="3"), answer([1])]) as server:
        transport(server.url).get_json("listing", "/")

    assert lines == [
        "Mavera: listing: too many requests (HTTP 429); trying again in 3.0 s (2 of 6)."
    ]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (404, NotFound),
        (400, RequestRefused),
        (402, RequestRefused),
    ],
)
def test_a_status_has_its_error(transport: Factory, status: int, kind: type[VendorError]) -> None:
    with Loopback([answer({}, status)]) as server, pytest.raises(kind) as raised:
        transport(server.url).get_json("reading", "/")

    assert (raised.value.vendor, raised.value.operation) == ("Mavera", "reading")


def test_an_expected_status_is_an_answer(transport: Factory) -> None:
    with Loopback([answer({"async_status": "JOB INPROGRESS"}, 202), answer({}, 404)]) as server:
        client = transport(server.url)
        assert client.get_json("polling", "/", expect=(200, 202))["async_status"]
        assert client.get("reading", "/", expect=(200, 404)).status_code == 404


def test_an_error_names_who_what_why_and_how_to_mend_it(transport: Factory) -> None:
    body = {"error": {"http_code": 403, "type": "invalid", "message": "Bad\r\nkeys\x1b[31m"}}
    with Loopback([answer(body, 403)]) as server, pytest.raises(CredentialsRefused) as raised:
        transport(server.url, vendor="Amplitude", auth=("a" * 9, "b" * 9)).get_json(
            "user search", "/"
        )

    assert str(raised.value) == (
        "Amplitude: user search: the credentials were refused (HTTP 403: invalid: Bad keys [31m). "
        "Check AMPLITUDE_API_KEY and AMPLITUDE_SECRET_KEY, their permissions and region "
        "(AMPLITUDE_BASE_URL)."
    )
    assert raised.value.code == "invalid"


def test_a_client_may_know_a_better_remedy(transport: Factory) -> None:
    with Loopback([answer({}, 404)]) as server, pytest.raises(NotFound, match="Set SEGMENT_API"):
        transport(server.url, remedies={404: "Set SEGMENT_API."}).get_json("listing", "/")


@pytest.mark.parametrize(
    "echo",
    [KEY, "mvra_live_s3cret%2Fkey%2B1", f"Bearer {KEY}!"],
    ids=["plain", "encoded", "bearer"],
)
def test_a_key_that_the_vendor_echoes_is_not_shown(transport: Factory, echo: str) -> None:
    body = {"error": {"message": f"unknown key {echo}", "code": KEY}}
    with Loopback([answer(body, 401)]) as server, pytest.raises(CredentialsRefused) as raised:
        transport(server.url).get_json("reading", "/")

    assert "s3cret" not in str(raised.value)
    assert "unknown key" in str(raised.value)
    assert "s3cret" not in str(raised.value.code)


def test_the_basic_header_of_a_pair_is_not_shown(transport: Factory) -> None:
    def echo(received: Received) -> Answer:
        return answer({"error": received.headers["authorization"]}, 400)

    with Loopback(echo) as server, pytest.raises(RequestRefused) as raised:
        transport(server.url, auth=("user-name", "pass-word")).get_json("reading", "/")

    assert "Basic [secret]" in str(raised.value)


def test_html_where_json_is_due_is_told_as_that(transport: Factory) -> None:
    with Loopback([html()]) as server, pytest.raises(UnexpectedAnswer, match="an HTML page"):
        transport(server.url).get_json("reading", "/")

    assert len(server.received) == 1


def test_a_page_of_html_does_not_enter_the_error(transport: Factory) -> None:
    with Loopback([html(400)]) as server, pytest.raises(RequestRefused) as raised:
        transport(server.url).get_json("reading", "/")

    assert "(HTTP 400: an HTML page)" in str(raised.value)


@pytest.mark.parametrize("body", [b"", b'{"a": 1', b"\xff\xfe\x00"])
def test_an_answer_that_is_no_json_is_an_error(transport: Factory, body: bytes) -> None:
    with (
        Loopback([Answer(200, body)] * 2) as server,
        pytest.raises(UnexpectedAnswer, match="not whole JSON after 2 attempts"),
    ):
        transport(server.url).get_json("reading", "/")


def test_json_that_was_cut_is_asked_for_once_more(transport: Factory) -> None:
    cut = Answer(200, b'{"rows": [1, 2', {"Content-Type": "application/json"})
    with Loopback([cut, answer({"rows": []}), cut, answer({})]) as server:
        client = transport(server.url)
        assert client.get_json("reading", "/") == {"rows": []}
        assert client.get("reading", "/").json() == {}


@pytest.mark.parametrize("fault", ["drip", "drip_head"])
def test_an_answer_that_drips_ends_at_the_deadline(
    transport: Factory, fault: Literal["drip", "drip_head"]
) -> None:
    with Loopback(lambda _: Answer(body=b"{}", fault=fault)) as server:
        client = transport(server.url, longest=0.2)
        with pytest.raises(VendorUnavailable, match="no whole answer within 0 s after 2 attempts"):
            client.get_json("reading", "/")
        assert len(server.received) == 2


def test_a_post_that_drips_is_lost_and_not_sent_again(transport: Factory) -> None:
    with Loopback(lambda _: Answer(fault="drip")) as server:
        client = transport(server.url, timeouts=(0.1, 2.0))
        with pytest.raises(AnswerLost, match="not sent again"):
            client.post_json("chat", "/", payload={}, timeout=0.1)
        assert len(server.received) == 1


def test_a_body_that_comes_at_a_modest_pace_may_take_its_time() -> None:
    looked = threading.Event()

    def read() -> int:
        looked.set()
        return 1 << 30

    with Watch(0.01, lambda *_: None) as watch:
        watch.answered(read)
        assert looked.wait(5)
    assert not watch.expired


def test_what_is_waited_for_is_told(
    transport: Factory, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TOLD_EVERY", 0.05)
    with Loopback(lambda _: Answer(fault="drip")) as server, pytest.raises(VendorUnavailable):
        transport(server.url, longest=0.3).get_json("export", "/")
    assert "Mavera: export: waiting for the answer, 0 s so far." in lines


@pytest.mark.parametrize("url", ["", "http://vendor.example", "https://u:p@x.org"])
def test_a_base_url_that_is_none_says_which_setting_to_mend(transport: Factory, url: str) -> None:
    with pytest.raises(UnexpectedAnswer, match="MAVERA_BASE_URL"):
        transport(url)


def test_a_certificate_that_is_not_trusted_is_told_as_that_and_not_tried_again(
    transport: Factory, tmp_path: Path, lines: list[str]
) -> None:
    made = tmp_path / "made.pem"
    openssl = shutil.which("openssl") or pytest.skip("needs openssl")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-subj", "/CN=localhost", "-keyout", str(made), "-out", f"{made}.crt"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{made}.crt", made)
    with (
        Loopback(lambda _: answer({}), tls=context) as server,
        pytest.raises(VendorUnavailable) as raised,
    ):
        transport(server.url).get_json("reading", "/")
    assert "the host's TLS certificate is not trusted here." in str(raised.value)
    assert "REQUESTS_CA_BUNDLE" in str(raised.value)
    assert "later" not in str(raised.value)
    assert lines == []


@pytest.mark.parametrize("key", ["", "key\n", "“key”", "two words"])
def test_a_mispasted_key_is_refused_before_anything_is_sent(transport: Factory, key: str) -> None:
    with pytest.raises(CredentialsRefused, match="MAVERA_API_KEY") as raised:
        transport(NOBODY, auth=key)

    assert "two words" not in str(raised.value)


def test_a_host_that_refuses_connections_is_told_without_its_address(transport: Factory) -> None:
    with pytest.raises(VendorUnavailable, match="the connection was refused after 6") as raised:
        transport(NOBODY).get_json("reading", "/secret-path", params=[("user", "a@x.org")])

    assert "a@x.org" not in str(raised.value)
    assert raised.value.status is None


def test_a_redirect_to_another_host_carries_no_credentials(transport: Factory) -> None:
    with Loopback([answer({"file": 1})]) as other:
        away = redirect(other.url.replace("127.0.0.1", "localhost"))
        with Loopback([away, away]) as server:
            assert transport(server.url).get_json("reading", "/") == {"file": 1}

    assert "authorization" not in other.received[0].headers


def test_a_redirect_on_the_same_host_keeps_the_credentials(transport: Factory) -> None:
    with Loopback([redirect("/elsewhere"), answer({})]) as server:
        transport(server.url).get_json("reading", "/")

    assert server.received[1].headers["authorization"] == f"Bearer {KEY}"


def test_netrc_gives_credentials_to_nobody(
    transport: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login me password mine\ndefault login me password mine\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Loopback([answer({})]) as other:
        away = redirect(other.url.replace("127.0.0.1", "localhost"))
        with Loopback([away]) as server:
            transport(server.url).get_json("reading", "/")

    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in other.received[0].headers


def test_an_expected_redirect_is_handed_over(transport: Factory) -> None:
    with Loopback([redirect("https://files.example.org/x.csv")]) as server:
        got = transport(server.url).get("file", "/", expect=(200, 302))

    assert got.headers["Location"] == "https://files.example.org/x.csv"


def test_redirects_are_bounded_and_each_counts_against_the_quota(transport: Factory) -> None:
    with Loopback(lambda _: redirect("/again")) as server:
        client = transport(server.url)
        with pytest.raises(UnexpectedAnswer, match="redirects more than 5 times"):
            client.get_json("reading", "/", limit=LIMIT)
        assert len(server.received) == MOST_REDIRECTS + 1
        # 100 calls a minute: so many are left before one has to wait.
        assert client.seconds_for(100 - MOST_REDIRECTS - 1, LIMIT) == 0
        assert client.seconds_for(100 - MOST_REDIRECTS, LIMIT) > 0


@pytest.mark.parametrize(
    "location", ["", "http://files.example.org/x", "ftp://x", "https://", "https://a:b:c/", "//[x"]
)
def test_a_redirect_that_is_not_https_or_leads_nowhere_is_not_followed(
    transport: Factory, location: str
) -> None:
    with (
        Loopback([redirect(location)]) as server,
        pytest.raises(UnexpectedAnswer, match="redirects to nowhere"),
    ):
        transport(server.url).get_json("reading", "/")


def test_another_port_of_the_same_host_gets_no_credentials(transport: Factory) -> None:
    with Loopback([answer({})]) as other, Loopback([redirect(other.url)]) as server:
        transport(server.url).get_json("reading", "/")

    assert "authorization" not in other.received[0].headers


def test_a_redirects_own_query_is_kept_and_ours_is_not_added(transport: Factory) -> None:
    with Loopback([redirect("/signed?key=a%2Fb&x=1"), answer({})]) as server:
        transport(server.url).get_json("reading", "/", params=[("days", "1")])

    assert server.received[1].params == (("key", "a/b"), ("x", "1"))


def test_a_download_is_whole_even_when_it_broke_off_first(
    transport: Factory, tmp_path: Path
) -> None:
    body = gzip.compress(bytes(range(256)) * 8000, mtime=0)
    broken = Answer(200, body, fault="truncated")
    with Loopback([broken, broken, Answer(200, body)]) as server:
        transport(server.url).download("export", "/", to=tmp_path / "day.zip", limit=LIMIT)

    assert (tmp_path / "day.zip").read_bytes() == body
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day.zip", "quota"]


def test_a_download_that_fails_leaves_no_file(transport: Factory, tmp_path: Path) -> None:
    with (
        Loopback(lambda _: Answer(200, b"x" * 4000, fault="truncated")) as server,
        pytest.raises(VendorUnavailable, match="the connection broke off after 6 attempts"),
    ):
        transport(server.url).download("export", "/", to=tmp_path / "day.zip")

    assert list(tmp_path.iterdir()) == []


def test_a_download_tells_an_error_from_a_body(transport: Factory, tmp_path: Path) -> None:
    with Loopback([answer({}, 404)]) as server, pytest.raises(NotFound):
        transport(server.url).download("export", "/", to=tmp_path / "day.zip")

    assert list(tmp_path.iterdir()) == []


def test_a_download_does_not_repeat_a_status_that_is_final_for_it(
    transport: Factory, tmp_path: Path
) -> None:
    with Loopback([answer({}, 504)]) as server, pytest.raises(VendorUnavailable) as raised:
        transport(server.url).download("export", "/", to=tmp_path / "day.zip", final=(504,))

    assert (raised.value.status, len(server.received)) == (504, 1)


def test_a_download_follows_a_redirect_to_another_host_without_credentials(
    transport: Factory, tmp_path: Path
) -> None:
    with Loopback([Answer(200, b"amplitude_id,user_id\n")]) as other:
        away = redirect(other.url.replace("127.0.0.1", "localhost"))
        with Loopback([away]) as server:
            transport(server.url).download("file", "/", to=tmp_path / "cohort.csv")

    assert (tmp_path / "cohort.csv").read_bytes() == b"amplitude_id,user_id\n"
    assert "authorization" not in other.received[0].headers


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_post_is_sent_again_after_an_answer_that_says_nothing_was_done(
    transport: Factory, status: int
) -> None:
    with Loopback([answer({}, status), answer({"id": "m"})]) as server:
        got = transport(server.url).post_json("chat", "/", payload={"a": "é"}, timeout=2)

    assert got == {"id": "m"}
    assert [request.json() for request in server.received] == [{"a": "é"}] * 2


@pytest.mark.parametrize(
    "lost",
    [reset(), truncated({"id": "m" * 99}), answer({}, 502), answer({}, 504), Answer(200, b'{"i')],
    ids=["reset", "truncated", "502", "504", "half"],
)
def test_a_post_whose_answer_was_lost_is_not_sent_again(transport: Factory, lost: Answer) -> None:
    with Loopback([lost]) as server, pytest.raises(AnswerLost, match="not sent again"):
        transport(server.url).post_json("chat", "/", payload={}, timeout=2)

    assert len(server.received) == 1


def test_a_post_that_is_not_answered_in_time_is_not_sent_again(transport: Factory) -> None:
    with Loopback([slow()]) as server, pytest.raises(AnswerLost, match="no answer in time"):
        transport(server.url).post_json("chat", "/", payload={}, timeout=0.2)

    assert len(server.received) == 1


def test_a_post_that_never_left_is_tried_again(transport: Factory, clock: FakeClock) -> None:
    with pytest.raises(VendorUnavailable, match="the connection was refused after 6 attempts"):
        transport(NOBODY).post_json("chat", "/", payload={}, timeout=2)

    assert len(clock.slept) == 5


def test_a_post_does_not_follow_redirects(transport: Factory) -> None:
    with (
        Loopback([redirect("/login"), answer({})]) as server,
        pytest.raises(UnexpectedAnswer, match="MAVERA_BASE_URL"),
    ):
        transport(server.url).post_json("chat", "/", payload={}, timeout=2)

    assert len(server.received) == 1


def test_the_quota_folder_does_not_hold_the_key(transport: Factory, tmp_path: Path) -> None:
    with Loopback([answer({})]) as server:
        transport(server.url).get_json("reading", "/", limit=LIMIT)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(b"s3cret" in path.read_bytes() for path in files)


@pytest.mark.parametrize(
    "echo",
    [
        "no user ann.lee+x@example.com here",
        "GET /users?user=ann.lee%40example.com failed",
        "<ann.lee@example.com>",
        "ann.lee@example.com,bob@example.com",
    ],
)
def test_an_address_that_the_vendor_echoes_is_not_shown(echo: str) -> None:
    assert MASK in plain(echo)
    assert "example.com" not in plain(echo)


@pytest.mark.parametrize("body", [b"where is my refund, asks Ann", b"[" * 100_000, b"\xff"])
def test_a_text_without_form_does_not_enter_the_error(transport: Factory, body: bytes) -> None:
    with Loopback([Answer(400, body)]) as server, pytest.raises(RequestRefused) as raised:
        transport(server.url).get_json("reading", "/")

    assert "(HTTP 400: no JSON)" in str(raised.value)


@given(st.text(max_size=2000))
def test_a_foreign_text_becomes_one_bounded_printable_line(text: str) -> None:
    line = plain(text)

    assert len(line) <= LONGEST_MESSAGE
    assert len(line.splitlines()) <= 1
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in line)


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_secret_never_passes(before: str, after: str) -> None:
    assert KEY not in plain(f"{before}{KEY}{after}", [KEY])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "metadata", "code", "x"]), inner)
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_may_stand_in_an_error_answer(body: object) -> None:
    assert isinstance(vendor_message(body), str | None)
    assert isinstance(vendor_code(body), str | None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "m", "metadata": {"details": "d"}}}, "m; d"),
        (
            {"error": {"code": "not_found", "message": "Profile was not found."}},
            "Profile was not found.",
        ),
        ({"error": "plain"}, "plain"),
        ({"message": "top"}, "top"),
        ([1], None),
    ],
)
def test_each_vendors_error_is_read(body: object, words: str | None) -> None:
    assert vendor_message(body) == words
