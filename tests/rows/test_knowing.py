"""What is read while the caller waits: little, quickly, and only what is theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.engines.base import Request
from calls.knowing import known_read
from escalations.models import Agent
from leads.models import Lead, Message, Order
from tests.rows.conftest import Talking, codes_see_to, order, tomorrow

pytestmark = pytest.mark.django_db
Begin = Callable[..., Talking]


def test_a_proven_caller_is_known_with_orders_and_callbacks_in_the_companys_time(
    begin: Begin, jane: Lead, laptop: Order, agents: dict[str, Agent]
) -> None:
    talk = begin(jane)
    talk.exchange("Tomorrow", order("schedule_callback", to=jane.phone, due=tomorrow().isoformat()))
    known = known_read(call_id=talk.id, request=Request(text="Where is my order?"))
    zone = ZoneInfo(settings.TIME_ZONE)
    assert known.now.tzinfo == zone
    assert [(one.order_id, one.status, one.tracking_id) for one in known.orders] == [
        ("ORD98765", "Out for Delivery", "TRK123456")
    ]
    assert known.orders[0].due == laptop.estimated_delivery
    assert known.orders[0].due.tzinfo == zone
    assert [one.due.tzinfo for one in known.callbacks] == [zone]
    assert known.person_free
    assert known.code == ""


def test_a_claim_reveals_nothing(begin: Begin, jane: Lead, laptop: Order) -> None:
    talk = begin(None, name="Jane Doe", phone=jane.phone, email=jane.email)
    known = known_read(call_id=talk.id, request=Request(text="123456", asked="code"))
    assert (known.orders, known.callbacks, known.proven, known.proven_orders) == ((), (), None, ())


def test_digits_are_a_code_only_where_one_was_asked_for(begin: Begin, jane: Lead, laptop: Order) -> None:
    talk = begin()
    talk.exchange("Mine", order("send_code", order_id="ORD98765"))
    codes_see_to()
    digits = Message.objects.get().body_text[:6]
    spoken = " ".join(digits)
    assert known_read(call_id=talk.id, request=Request(text=spoken)).code == ""
    assert known_read(call_id=talk.id, request=Request(text="I have none", asked="code")).code == ""
    assert known_read(call_id=talk.id, request=Request(text=spoken, asked="code")).code == "right"


def test_a_callback_that_has_been_is_not_coming(begin: Begin, jane: Lead) -> None:
    talk = begin(jane)
    talk.exchange("Tomorrow", order("schedule_callback", to=jane.phone, due=tomorrow().isoformat()))
    jane.callbacks.update(due_at=tomorrow() - dt.timedelta(days=3))
    assert known_read(call_id=talk.id, request=Request(text="")).callbacks == ()


@pytest.mark.parametrize("who", ["proven", "claiming", "with the right code"])
def test_it_takes_four_queries_at_most(begin: Begin, jane: Lead, laptop: Order, who: str) -> None:
    talk = begin(jane) if who == "proven" else begin(None, name="Jane")
    talk.exchange("Mine", order("send_code", order_id="ORD98765"))
    codes_see_to()
    said = Message.objects.get().body_text[:6]
    request = Request(text=said, asked="code" if who == "with the right code" else "")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        known = known_read(call_id=talk.id, request=request)
    assert bool(known.proven) == (who == "with the right code")
    assert len(queries) <= 4
