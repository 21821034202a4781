"""Mave's markdown in a report: safe, and every number marked where it stands."""

import pytest

from journey_assets.reports.markdown import MarkedNumber, References, answer_html

ROWS = References("journey_map", ("C1", "S1"))


def marked(text: str, *numbers: tuple[str, str, tuple[str, ...]]) -> str:
    """The HTML of ``text`` with marks at the first place of each number after the one before."""
    marks = []
    position = 0
    for number, status, rows in numbers:
        start = text.index(number, position)
        position = start + len(number)
        marks.append(MarkedNumber(start, position, status, rows))
    return str(answer_html(text, marks, ROWS))


def test_a_grounded_number_leads_to_its_row() -> None:
    html = marked("It is 15.4% of all.", ("15.4%", "grounded", ("C1",)))
    assert (
        html == '<p>It is <a class="number grounded" href="#journey_map-C1" title="grounded: C1">'
        "15.4%</a> of all.</p>\n"
    )


def test_a_number_that_was_not_found_is_marked_and_leads_nowhere() -> None:
    html = marked("Some 57 more.", ("57", "not_found", ()))
    assert html == '<p>Some <span class="number not-found">57</span> more.</p>\n'


def test_a_derived_number_names_its_rows() -> None:
    html = marked("The gap is 3.2x.", ("3.2x", "derived", ("C1", "S1")))
    assert 'class="number derived" href="#journey_map-C1" title="derived: C1, S1"' in html


def test_a_row_that_the_page_does_not_have_is_no_link() -> None:
    html = marked("It is 12 [Z9].", ("12", "grounded", ("Z9",)))
    assert html == '<p>It is <span class="number grounded">12</span> [Z9].</p>\n'


def test_cited_rows_are_links() -> None:
    html = marked("As in [C1, S1] and Q1.")
    assert '[<a class="row" href="#journey_map-C1">C1</a>, ' in html
    assert html.count("<a ") == 2


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("**15%** more", "<strong><span"),
        ("*15%* more", "<em><span"),
        ("| a |\n|---|\n| 15% |", "<td><span"),
        ("- 15% more", "<li><span"),
        ("# Of 15%", "<h4>Of <span"),
        ("`15%` more", "<code><span"),
    ],
)
def test_marks_stand_wherever_markdown_puts_the_number(text: str, around: str) -> None:
    assert f'{around} class="number not-found">15%</span>' in marked(text, ("15%", "not_found", ()))


def test_many_marks_keep_their_order() -> None:
    text = " ".join(f"{n}." for n in range(100, 125))
    numbers = [(str(n), "grounded" if n % 2 else "not_found", ()) for n in range(100, 125)]
    html = marked(text, *numbers)
    for n in range(100, 125):
        assert f'number {"grounded" if n % 2 else "not-found"}">{n}</span>' in html


def test_a_number_within_a_link_is_marked_without_a_link_in_a_link() -> None:
    html = marked("[all 15%](https://example.org/x)", ("15%", "grounded", ("C1",)))
    assert '<a href="https://example.org/x" rel="noopener noreferrer nofollow">all <span' in html
    assert html.count("<a ") == 1


def test_a_mark_in_an_address_leaves_the_address_alone() -> None:
    html = marked("[here](https://example.org/15/x)", ("15", "not_found", ()))
    assert 'href="https://example.org/15/x"' in html


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<style>*{display:none}</style>",
        "<a href='javascript:alert(1)'>x</a>",
        '<iframe src="https://example.org"></iframe>',
    ],
)
def test_html_is_shown_as_text(hostile: str) -> None:
    html = marked(hostile)
    assert "<script" not in html
    assert "<img" not in html
    assert "<style" not in html
    assert "<a " not in html
    assert "<iframe" not in html
    assert "&lt;" in html


@pytest.mark.parametrize(
    "hostile",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "<javascript:alert(1)>",
        "[x]\n\n[x]: javascript:alert(1)",
    ],
)
def test_links_that_run_something_are_dropped(hostile: str) -> None:
    assert "href" not in marked(hostile)


def test_pictures_are_dropped_since_they_would_be_loaded() -> None:
    html = marked("![a pixel](https://example.org/pixel.png)")
    assert "example.org" not in html


def test_signs_of_direction_and_private_use_are_dropped() -> None:
    html = marked("a\u202eb \ue000\ue0105\ue001 c\u2066d")
    assert html == "<p>ab   5  cd</p>\n"


def test_headings_continue_those_of_the_page_without_a_gap() -> None:
    html = marked("# One\n\n### Two\n\n###### Three\n\n# Four")
    assert [part[:2] for part in html.split("<h")[1:]] == ["4>", "5>", "6>", "4>"]


def test_a_table_can_be_scrolled_by_keyboard() -> None:
    html = marked("| a |\n|---|\n| 1 |")
    assert html.startswith('<div class="scroll" role="region" tabindex="0" aria-label=')
    assert "style=" not in html
