"""Nobody is disturbed at night by their own clock, also when that clock is put forward or back."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leads.allowed.numbers import number_allow, number_range, number_zones
from leads.allowed.quiet import QuietHours, is_quiet, quiet_until
from leads.allowed.verdict import Refusal

NIGHT = QuietHours(begins=time(21), ends=time(8))
INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
ZONES = [
    *("Asia/Kolkata", "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"),
    *("Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"),
]  # fmt: skip

moments = st.datetimes(
    min_value=datetime(2019, 1, 1), max_value=datetime(2030, 12, 31), timezones=st.just(UTC)
)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
nights = st.builds(QuietHours, begins=times, ends=times)
places = st.sampled_from(ZONES).map(ZoneInfo)


@given(moment=moments, hours=nights, zones=st.lists(places, min_size=1, max_size=4, unique=True))
def test_what_waits_for_the_morning_comes_when_it_is_day_and_is_still_to_come(
    moment: datetime, hours: QuietHours, zones: list[ZoneInfo]
) -> None:
    until = quiet_until(moment, zones=zones, hours=hours)
    if until is None:
        # Day everywhere; or so spread out that it never is, and then day in the middle one.
        assert any(not is_quiet(moment, zone=zone, hours=hours) for zone in zones)
    else:
        assert until > moment
        assert any(not is_quiet(until, zone=zone, hours=hours) for zone in zones)


@given(moment=moments, hours=nights, zone=places)
def test_a_night_is_neither_cut_short_nor_drawn_out(
    moment: datetime, hours: QuietHours, zone: ZoneInfo
) -> None:
    until = quiet_until(moment, zones=[zone], hours=hours)
    if until is None:
        assert not is_quiet(moment, zone=zone, hours=hours)
        return
    assert not is_quiet(until, zone=zone, hours=hours)
    # A clock that jumps over the end of a night may draw it out by its jump (a whole day, once, in Samoa).
    jump = abs(
        (until.astimezone(zone).utcoffset() or timedelta())
        - (moment.astimezone(zone).utcoffset() or timedelta())
    )
    at = moment
    while at < until - jump - timedelta(minutes=1):
        assert is_quiet(at, zone=zone, hours=hours)
        at += timedelta(minutes=29)


@given(moment=moments, hours=nights)
def test_with_several_zones_it_is_day_in_all_of_them_where_that_can_be(
    moment: datetime, hours: QuietHours
) -> None:
    length = (datetime.combine(moment, hours.ends) - datetime.combine(moment, hours.begins)) % timedelta(1)
    assume(length < timedelta(hours=12))
    zones = [ZoneInfo(name) for name in ("America/New_York", "America/Chicago", "America/Los_Angeles")]
    until = quiet_until(moment, zones=zones, hours=hours)
    at = until or moment
    assert not any(is_quiet(at, zone=zone, hours=hours) for zone in zones)


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-03-28 23:00", "2026-03-29 06:00"),  # the night that is an hour short
        ("2026-10-24 23:00", "2026-10-25 07:00"),  # and the one that is an hour long
        ("2026-07-01 20:59", None),
        ("2026-07-01 21:00", "2026-07-02 06:00"),
        ("2026-07-01 07:59", "2026-07-01 06:00"),
        ("2026-07-01 08:00", None),
    ],
)
def test_the_nights_on_which_clocks_change_end_at_eight_like_any_other(local: str, until: str | None) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=BERLIN)
    expected = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert quiet_until(moment, zones=[BERLIN], hours=NIGHT) == expected


def test_an_end_that_the_clock_jumps_over_or_shows_twice_is_found() -> None:
    early = QuietHours(begins=time(21), ends=time(2, 30))
    spring = quiet_until(datetime(2026, 3, 29, 0, 30, tzinfo=BERLIN), zones=[BERLIN], hours=early)
    assert spring == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # shown as 03:30, the clock never says 02:30
    again = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)  # the second 02:10
    assert quiet_until(again, zones=[BERLIN], hours=early) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_no_hours_are_quiet_when_they_end_where_they_begin() -> None:
    never = QuietHours(begins=time(9), ends=time(9))
    assert quiet_until(datetime(2026, 7, 1, 9, tzinfo=INDIA), zones=[INDIA], hours=never) is None


def test_a_number_says_where_its_clock_is_and_an_address_does_not() -> None:
    assert [zone.key for zone in number_zones("+12125550100", otherwise=INDIA)] == ["America/New_York"]
    assert len(number_zones("+61412345678", otherwise=INDIA)) > 3
    assert number_zones("jane@example.com", otherwise=INDIA) == (INDIA,)
    assert number_zones("+881612345678", otherwise=INDIA) == (INDIA,)


@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        ("+919876543210", None),
        ("+911126123456", None),
        ("+14155550100", Refusal.COUNTRY),
        ("+18765550100", Refusal.COUNTRY),  # Jamaica has the country code of the United States
        ("+447012345678", Refusal.KIND),  # forwards at the other's price
        ("+449012345678", Refusal.KIND),
        ("+19005550199", Refusal.KIND),
        ("+19002345678", Refusal.KIND),
        ("+18005550199", Refusal.KIND),
        ("+911800123456", Refusal.KIND),
        ("+491801123456", Refusal.KIND),  # shared cost
        ("+881612345678", Refusal.KIND),  # satellite
        ("+883510012345", Refusal.KIND),
        ("+9112", Refusal.NOT_A_NUMBER),
        ("121", Refusal.NOT_A_NUMBER),  # a short code
        ("", Refusal.NOT_A_NUMBER),
    ],
)
def test_numbers_that_earn_by_being_reached_are_refused_whatever_the_country(
    number: str, refusal: Refusal | None
) -> None:
    assert number_allow(number, countries={"IN"}).refusal is refusal
    if refusal in {Refusal.KIND, Refusal.NOT_A_NUMBER}:
        assert number_allow(number, countries={"*"}).refusal is refusal
    else:
        assert number_allow(number, countries={"*"}).allowed


def test_numbers_of_one_block_have_their_range_in_common() -> None:
    assert number_range("+919876543210") == number_range("+919876549999") != number_range("+919876553210")
