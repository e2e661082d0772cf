"""What a voice is given for what is written."""

from __future__ import annotations

import pytest

from calls.core.speakable import digits_grouped, speakable

CASES = [
    ("We offer a 30-day money-back guarantee.", "We offer a 30-day money-back guarantee."),
    ("processed in 5-7 business days.", "processed in 5 to 7 business days."),
    ("within 3–5 days", "within 3 to 5 days"),
    ("It costs ₹1,299.", "It costs 1,299 rupees."),
    ("Rs. 500/-", "500 rupees"),
    ("only $4.99 each", "only 4 dollars and 99 cents each"),
    ("$1", "1 dollar"),
    ("$100-$200", "100 to 200 dollars"),
    ("the price is 1,299.00 USD", "the price is 1,299 US dollars"),
    ("€0.50", "50 cents"),
    ("20% off", "20 percent off"),
    ("2-3% more", "2 to 3 percent more"),
    ("Call +91 98765 43210 now", "Call plus 9 1, 9 8 7 6 5, 4 3 2 1 0 now"),
    ("9876543210", "9 8 7 6 5, 4 3 2 1 0"),
    ("Write to jane@example.com.", "Write to jane at example dot com."),
    ("john.smith_99@mail.co.uk", "john dot smith underscore 9 9 at mail dot co dot uk"),
    ("Visit https://www.example.com/returns?x=1.", "Visit example dot com slash returns."),
    ("Order ORD98765 is here", "Order O R D 9 8 7 6 5 is here"),
    ("order #QX4411", "order Q X 4 4 1 1"),
    ("e.g. laptops", "for example, laptops"),
    ("Tomorrow at 10 AM", "Tomorrow at 10 AM"),
    ("tomorrow at 10:00 a.m. please", "tomorrow at 10 AM please"),
    ("at 18:00", "at 6 PM"),
    ("at 09:30", "at 9:30 AM"),
    ("at 12:00", "at noon"),
    ("9 AM - 5 PM", "9 AM to 5 PM"),
    ("Mon-Fri 9:00–20:00", "Monday to Friday 9 AM to 8 PM"),
    ("on 2026-10-05", "on October 5th, 2026"),
    ("on 5 Oct 2026", "on October 5th, 2026"),
    ("Oct. 3", "October 3rd"),
    ("16 GB RAM, 1.1 kg, 5 GHz", "16 gigabytes RAM, 1.1 kilograms, 5 gigahertz"),
    ("1 km", "1 kilometer"),
    ("Hi! 👋 Explore **our** `range`", "Hi! Explore our range"),
    ("# Refunds\nWe refund.", "Refunds. We refund."),
    ("see [our terms](https://example.com/t)", "see our terms"),
    ("Free returns & exchanges", "Free returns and exchanges"),
    ("a 2-year warranty", "a 2-year warranty"),
    ("v2.0 API", "v2.0 API"),
]


@pytest.mark.parametrize(("written", "said"), CASES)
def test_figures_and_signs_are_said_as_people_say_them(written: str, said: str) -> None:
    assert speakable(written) == said


@pytest.mark.parametrize("written", ["", "👍", "...", "***", "---", "  \n "])
def test_nothing_to_say_is_empty(written: str) -> None:
    assert speakable(written) == ""


@pytest.mark.parametrize("written", [written for written, _ in CASES])
def test_what_is_speakable_stays_as_it_is(written: str) -> None:
    assert speakable(speakable(written)) == speakable(written)


@pytest.mark.parametrize(
    ("digits", "said"), [("1234567", "1 2 3, 4 5 6 7"), ("12345678", "1 2 3 4, 5 6 7 8")]
)
def test_digits_come_in_groups(digits: str, said: str) -> None:
    assert digits_grouped(digits) == said
