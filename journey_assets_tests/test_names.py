"""What an e-mail address is, and what is left of a name without it, in Python and in SQL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_assets.names import MASK, mail_address, masked, register_names
from journey_assets_tests.sql_functions import in_sql

#: Texts near to addresses: more telling than letters drawn at random.
_PARTS = st.sampled_from(
    (*"@＠.。é\u200b\u00ad\x07\"'<>/=:1 \u3000", "%40", "%2540", "&#64;", "(at)", "(a", "t)")
) | st.sampled_from(("\\u0040", "%2E", "ab", "e\u0301", "x" * 70))
_TEXTS = st.lists(_PARTS, max_size=12).map("".join) | st.text(max_size=30)


def _sql(expression: str, text: str) -> object:
    return in_sql(register_names, expression, text)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("ann@example.com", MASK),
        ("ANN.B+C@MAIL.EXAMPLE.CO.UK", MASK),
        ("Invited ann@example.com twice", f"Invited {MASK} twice"),
        ("/u/ann@example.com/edit?cc=bo@example.org&x=1", f"/u/{MASK}/edit?cc={MASK}&x=1"),
        ("ann%40example.com", MASK),
        ("ann%2540example%2Ecom", MASK),
        ("ann＠example。com", MASK),
        ("ann%EF%BC%A0example.com", MASK),
        ("a\u200bnn@exam\u00adple.\u2060com", MASK),
        ("ann%\u200b40example.com", MASK),
        ("ann\x07@example.com", MASK),
        ("ann&#64;example.com", MASK),
        ("ann\\u0040example.com", MASK),
        ("ann (at) example.com", MASK),
        ("анна@пример.рф", MASK),
        ('"ann b"@example.com', MASK),
        ("o'brien@example.com", MASK),
    ],
)
def test_an_address_in_a_name_is_masked_however_it_is_written(name: str, left: str) -> None:
    assert masked(name) == _sql("masked_name(?)", name) == left


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Page Viewed",
        "Deploy@home",
        "@mention",
        "pkg@1.2.3",
        "100%40",
        "a @ b.se",
        "(attach) b.se",
        "soft\u00adhyphen",
        "R&D",
        "Straße 40%",
    ],
)
def test_a_name_without_an_address_stays_as_it_is(name: str) -> None:
    assert masked(name) == _sql("masked_name(?)", name) == name


@pytest.mark.parametrize(
    "text",
    [
        "ann@example.com",
        " ANN@Example.com\n",
        "Ann B <ann@example.com>",
        "mailto:ann@example.com",
        "<mailto:ann@example.com?subject=x>",
        "'ann@example.com'.",
        "ann@example.com;",
        "\ufeffann@example.com",
        "ann＠example.com",
        "ann%40example.com",
        "“ann@example.com”",
        "ann@example。com",
        '["ann@example.com"]',
    ],
)
def test_an_address_is_the_same_however_it_is_written(text: str) -> None:
    assert mail_address(text) == _sql("mail_address(?)", text) == "ann@example.com"


def test_an_address_is_compared_in_one_form_of_unicode() -> None:
    assert mail_address("rene\u0301@example.com") == mail_address("REN\u00c9@example.com")


@given(_TEXTS)
def test_python_and_sql_mask_alike(text: str) -> None:
    assert _sql("masked_name(?)", text) == masked(text)


@given(_TEXTS)
def test_python_and_sql_read_the_same_address(text: str) -> None:
    assert _sql("mail_address(?)", text) == mail_address(text)


@given(_TEXTS)
def test_nothing_is_left_to_mask_in_a_masked_name(text: str) -> None:
    assert masked(masked(text)) == masked(text)


@given(_TEXTS)
def test_an_address_is_its_own_normal_form(text: str) -> None:
    address = mail_address(text)
    assert address is None or mail_address(address) in (address, None)


@pytest.mark.parametrize("sign", ["a", "a@", "a@b.", '"', "%25", "&amp;", "\\", " (", "'"])
def test_a_long_text_is_read_once(sign: str) -> None:
    """Where patterns are tried from every letter this takes minutes, which no run of the tests survives."""
    assert MASK not in masked(sign * (300_000 // len(sign)))
