"""Foreign markdown as it is shown in Dagster's UI: no image, no HTML, nothing unseen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from journey_assets.analyses.safe_markdown import as_code, safe_markdown

_FRAGMENTS = st.sampled_from(
    [
        *(
            "![a](http://x/i.png)",
            "!",
            "[",
            "]",
            "(",
            ")",
            "\\",
            "`",
            "```\n",
            "<img src=http://x/i>",
        ),
        *(
            "[a]: http://x/i.png\n",
            "![a]",
            "[a](javascript:alert(1))",
            "&#33;",
            "|",
            "\n",
            "\n\n",
            "> ",
        ),
        *(
            "&lt;",
            "- ",
            "1. ",
            "<!--",
            "-->",
            "<b",
            "  \n",
            "\u202e",
            "\u200b",
            "**",
            "data:",
            "http://x",
        ),
    ]
)


def _rendered(text: str) -> str:
    """As a renderer shows it that hides nothing: HTML as it is, every link and image."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.validateLink = lambda _: True  # type: ignore[method-assign,assignment]
    return str(markdown.render(text))


@pytest.mark.parametrize(
    "text",
    [
        "# Findings\n\n- 12 % of **343** users (T1)\n- `code`\n\n1. one\n2. two\n",
        "| a | b |\n|---|---|\n| 1 | <5 min |\n",
        "[source](https://example.org/a?b=c) and ~~not~~ this; 3 < 4 > 2\n",
        "```sql\nSELECT 1\n```\n\n> quoted\n\n---\n",
        "Größe: 5 €, 日本語, 😀\n",
    ],
)
def test_what_an_answer_usually_is_stays_as_it_is(text: str) -> None:
    assert safe_markdown(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "![alt](https://tracker.example/pixel.png)",
        "![alt][ref]\n\n[ref]: https://tracker.example/pixel.png",
        "![ref]\n\n[ref]: https://tracker.example/pixel.png",
        "!![a](https://tracker.example/x)",
        "\\\\![a](https://tracker.example/x)",
        "!\u200b[a](https://tracker.example/x)",
        "[![a](https://tracker.example/x)](https://example.org)",
        "<img src='https://tracker.example/x'>",
        "<svg onload=alert(1)><style>@import 'https://tracker.example'</style>",
        "<!-- --><iframe src=//tracker.example>",
    ],
)
def test_nothing_is_loaded_when_an_answer_is_shown(text: str) -> None:
    shown = _rendered(safe_markdown(text))
    assert "<img" not in shown
    assert "<svg" not in shown
    assert "<iframe" not in shown
    assert "src=" not in shown.replace("&lt;img src=", "").replace("&lt;iframe src=", "")


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JaVaScRiPt:x", "java&#115;cript:x", "data:text/html,x", "//x.y"],
)
def test_an_answer_with_a_link_of_another_kind_is_shown_as_code(target: str) -> None:
    shown = safe_markdown(f"see [here]({target})")
    assert "<a " not in _rendered(shown)
    assert shown.startswith("```")


def test_signs_that_are_not_seen_or_turn_the_text_are_gone() -> None:
    assert safe_markdown("a\u202eb\u200b\u2066c\x00\x1b[31md\ufeff\U000e0041") == "abc[31md"


@given(st.lists(_FRAGMENTS | st.text(max_size=3), max_size=12).map("".join))
def test_no_text_becomes_an_image_or_html(text: str) -> None:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(safe_markdown(text))
    inner = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in [*tokens, *inner]}
    assert not kinds & {"image", "html_block", "html_inline"}
    hrefs = [str(t.attrs["href"]) for t in inner if t.type == "link_open"]
    assert all(
        href.startswith(("http://", "https://", "mailto:", "#")) for href in map(str.lower, hrefs)
    )


@given(st.text())
def test_code_shows_any_text_and_nothing_else(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(as_code(text))
    assert [token.type for token in tokens] == ["fence"]
