"""A correction says two values and means one."""

from __future__ import annotations

import pytest

from calls.core.slots.instead import kept_of


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("hmm, eleven, not ten", "eleven"),
        ("not ten, eleven", "eleven"),
        ("I said eleven", "eleven"),
        ("oops sorry, eleven not ten", "eleven"),
        ("4 PM instead of 10 a.m.", "4 PM"),
        ("no, make it half past four rather than at noon", "half past four"),
        ("not at all", "not at all"),
        ("ten", "ten"),
        ("no", "no"),
    ],
)
def test_the_denied_hour_goes_and_the_other_stays(said: str, kept: str) -> None:
    assert kept_of(said) == kept
