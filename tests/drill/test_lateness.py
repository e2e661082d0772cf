"""How late a callback was is counted against the product, but for the seconds in which nobody could have called."""

from __future__ import annotations

import pytest

from contactcenter.drill.lateness import Rung, lateness_said, overlap, rungs_of, spread


@pytest.mark.parametrize(
    ("start", "end", "seconds"), [(0, 5, 0), (0, 12, 2), (11, 14, 3), (0, 28, 15), (22, 40, 13), (26, 29, 0)]
)
def test_only_the_part_of_a_span_that_lies_between_counts(start: float, end: float, seconds: float) -> None:
    assert overlap([(10, 20), (20, 25), (30, float("inf"))], start, end) == seconds


def test_what_passed_while_everything_was_up_is_the_products_own() -> None:
    rung = [Rung(due=100, asked=110, made=112), Rung(due=100, asked=103, made=103)]
    lines = lateness_said(rung, down=[(101, 108)])
    assert lines[0].endswith("p50 12.0 s, p95 12.0 s, max 12.0 s")
    assert lines[1].endswith("p50 10.0 s, p95 10.0 s, max 10.0 s")
    assert lines[2].endswith("p50 3.0 s, p95 3.0 s, max 3.0 s")
    assert lines[-1].endswith("p50 2.0 s, p95 2.0 s, max 2.0 s")
    assert lateness_said([], down=[]) == []


def test_the_first_request_counts_also_when_it_was_refused() -> None:
    [one] = rungs_of({"+1": 10.0}, [(15.0, "+1"), (12.0, "+1")], {"+1": 16.0, "+2": 1.0}, {"+1": 3})
    assert (one.due, one.asked, one.made, one.cut_off) == (10.0, 12.0, 16.0, True)
    [one] = rungs_of({"+1": 10.0}, [(15.0, "+1")], {"+1": 16.0}, {"+1": 1})
    assert not one.cut_off


def test_a_spread_is_that_of_its_values_in_any_order() -> None:
    assert spread([3.0, 1.0, 2.0]) == "p50 2.0 s, p95 3.0 s, max 3.0 s"
    assert spread([float(n) for n in range(100)]) == "p50 50.0 s, p95 95.0 s, max 99.0 s"
