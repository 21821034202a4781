"""The message of the day: what it says, and that it comes once."""

from pathlib import Path

from journey_assets.delivery.summary import LONGEST, post_summary, summary_text
from journey_assets.settings import Settings
from journey_assets_tests.loopback import Answer, Loopback, Received
from journey_assets_tests.report_rows import DAY, database_at, fill, rows


def _row(what: str, value: str, detail: str = "", change: str = "") -> dict[str, str]:
    return {"what": what, "value": value, "detail": detail, "change": change}


def test_a_figure_is_a_line_and_the_report_is_named() -> None:
    text = summary_text(
        "Customer journeys",
        ["Sample data"],
        [_row("Conversion rate", "12%", "3 of 25")],
        Path("r.html"),
    )
    assert text == (
        "Customer journeys\nSample data\n\n• Conversion rate: 12% · 3 of 25\n\nReport: r.html"
    )


def test_a_long_message_is_cut_and_still_names_the_report() -> None:
    text = summary_text("t", [], [_row("x", "y" * 9000)], Path("r.html"))
    assert len(text) < LONGEST + 50
    assert text.endswith("…\n\nReport: r.html")


def test_a_day_is_posted_once_and_again_where_nobody_took_it(tmp_path: Path) -> None:
    database = database_at(tmp_path)
    fill(database, rows(DAY))
    statuses, bodies, log = [500, 200], list[Received](), list[str]()

    def hook(request: Received) -> Answer:
        bodies.append(request)
        return Answer(statuses[len(bodies) - 1], b"ok")

    with Loopback(hook) as server, database.session() as session:
        settings = Settings.checked(
            {"database": str(database.path), "summary_webhook_url": f"{server.url}/secret"}
        )
        told = [post_summary(session, [DAY], settings, log.append) for _ in range(3)]
    assert told == ["not delivered", "posted", "posted before"]
    assert bodies[1].json()["text"].startswith("Customer journeys, 20 November 2026")
    assert len(log) == 1
    assert "secret" not in log[0]


def test_without_an_address_nothing_is_posted(tmp_path: Path) -> None:
    database = database_at(tmp_path)
    with database.session() as session:
        settings = Settings.checked({"database": str(database.path)})
        assert post_summary(session, [DAY], settings, print) == "no SUMMARY_WEBHOOK_URL"
