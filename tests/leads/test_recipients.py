"""What gets past is one address and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.recipients import (
    RecipientError,
    email_normalise,
    header_clean,
    phone_normalise,
    recipient_normalise,
)


@pytest.mark.parametrize(
    ("spoken", "number"),
    [
        ("9876543210", "+919876543210"),
        ("+91 98765 43210", "+919876543210"),
        ("098765-43210", "+919876543210"),
        ("+1 (415) 555-2671", "+14155552671"),
    ],
)
def test_a_number_becomes_e164_in_the_companys_region(spoken: str, number: str) -> None:
    assert phone_normalise(spoken, region="IN") == number


@pytest.mark.parametrize(
    "bad", ["", "12", "not a number", "+91987654321012345", "9876543210\n+919999999999", "9876543210 ext 5"]
)
def test_what_is_no_number_is_refused(bad: str) -> None:
    with pytest.raises(RecipientError):
        phone_normalise(bad, region="IN")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "jane",
        "jane@example",
        "jane@example.com\r\nBcc: everyone@example.com",
        "jane@example.com\x00",
        "Jane <jane@example.com>",
        "a@example.com,b@example.com",
        "jane\u202e@example.com",
        "a" * 5000 + "@example.com",
    ],
)
def test_what_is_more_or_less_than_one_address_is_refused(bad: str) -> None:
    with pytest.raises(RecipientError):
        email_normalise(bad)


def test_an_address_keeps_its_local_part_and_lowers_its_domain() -> None:
    assert email_normalise(" Jane.Doe@Example.COM ") == "Jane.Doe@example.com"


def test_a_whatsapp_address_is_a_telephone_number() -> None:
    assert recipient_normalise("whatsapp:+919876543210", channel="whatsapp", region="IN") == "+919876543210"


@given(st.text(max_size=400))
def test_a_cleaned_header_is_one_short_line(text: str) -> None:
    clean = header_clean(text, limit=80)
    assert len(clean) <= 80
    assert len(clean.splitlines()) <= 1
    assert not set(clean) & set("\r\n\x00\u2028\u2029\u202e")
