"""What is known of a message only grows, in whatever order the news comes."""

from hypothesis import given
from hypothesis import strategies as st

from leads.status import FINAL, News, Status, status_advance, status_rank

statuses = st.sampled_from(Status)
news = st.sampled_from(News)


@given(statuses, news)
def test_the_same_news_twice_changes_nothing_more(current: Status, incoming: News) -> None:
    once = status_advance(current, incoming)
    assert status_advance(once, incoming) is once


@given(statuses, st.lists(news, max_size=12))
def test_no_order_of_news_moves_a_message_back(current: Status, told: list[News]) -> None:
    for incoming in told:
        after = status_advance(current, incoming)
        if current is not Status.CANCELLED:
            assert status_rank(after) >= status_rank(current)
        current = after


@given(st.permutations([News.SENT, News.NOTED, News.SENT, News.DELIVERED, News.NOTED]))
def test_a_delivered_message_ends_delivered_in_any_order(told: list[News]) -> None:
    status = Status.SENDING
    for incoming in told:
        status = status_advance(status, incoming)
    assert status is Status.DELIVERED


@given(st.permutations([News.SENT, News.DELIVERED, News.BOUNCED, News.DELIVERED, News.SENT]))
def test_a_bounce_wins_over_the_delivery_it_takes_back_in_any_order(told: list[News]) -> None:
    status = Status.SENDING
    for incoming in told:
        status = status_advance(status, incoming)
    assert status is Status.FAILED


def test_a_stale_failure_does_not_undo_a_delivery() -> None:
    assert status_advance(Status.DELIVERED, News.FAILED) is Status.DELIVERED


def test_news_makes_certain_what_was_unknown() -> None:
    assert status_advance(Status.UNKNOWN, News.SENT) is Status.SENT
    assert status_advance(Status.UNKNOWN, News.FAILED) is Status.FAILED


@given(news)
def test_nothing_ever_ends_in_a_state_that_asks_for_sending(incoming: News) -> None:
    for current in FINAL:
        assert status_advance(current, incoming) in FINAL | {Status.SENT}
