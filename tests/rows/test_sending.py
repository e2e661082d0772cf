"""Documents to those who asked: whose number is learnt, when, and on whose row."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from calls.core.decision import DocumentRef
from knowledge.models import Document
from leads.models import Lead, Message
from tests.leads.conftest import policy  # noqa: F401
from tests.rows.conftest import Talking, order

pytestmark = pytest.mark.django_db
Begin = Callable[..., Talking]
NUMBER = "+919845067781"


def catalog(document: Document, channel: str, to: str, hold: bool = False):  # type: ignore[no-untyped-def]
    reference = DocumentRef(document_id=str(document.id), title="Catalog", kind="product_catalog")
    return order(f"send_{channel}", "send", channel=channel, to=to, hold=hold, document=reference)


@pytest.fixture
def document(policy: Document) -> Document:  # noqa: F811
    return policy


def test_whatsapp_becomes_the_preferred_channel_and_a_number_on_file_stays(
    begin: Begin, jane: Lead, document: Document
) -> None:
    begin(jane).exchange("On WhatsApp", catalog(document, "whatsapp", NUMBER))
    jane.refresh_from_db()
    assert (jane.preferred_channel, jane.phone) == ("whatsapp", "+919876543210")
    assert Message.objects.get().to == NUMBER


def test_a_number_nobody_had_is_learnt(begin: Begin, jane: Lead, document: Document) -> None:
    Lead.objects.filter(id=jane.id).update(phone="")
    begin(jane).exchange("It's 98450 67781", catalog(document, "whatsapp", NUMBER))
    jane.refresh_from_db()
    assert jane.phone == NUMBER


def test_a_number_is_learnt_only_once_the_caller_let_it_stand(
    begin: Begin, jane: Lead, document: Document
) -> None:
    Lead.objects.filter(id=jane.id).update(phone="")
    talk = begin(jane)
    talk.exchange("It's 98450 67781", catalog(document, "whatsapp", NUMBER, hold=True))
    jane.refresh_from_db()
    assert (jane.phone, jane.preferred_channel) == ("", "")
    talk.release("send")
    jane.refresh_from_db()
    assert (jane.phone, jane.preferred_channel) == (NUMBER, "whatsapp")


def test_a_number_that_was_corrected_is_not_learnt(begin: Begin, jane: Lead, document: Document) -> None:
    Lead.objects.filter(id=jane.id).update(phone="")
    talk = begin(jane)
    talk.exchange("It's 98450 67781", catalog(document, "whatsapp", NUMBER, hold=True))
    talk.revoke("send")
    talk.release("send")
    jane.refresh_from_db()
    assert (jane.phone, jane.preferred_channel) == ("", "")
    assert Message.objects.get().status == "cancelled"


def test_an_unknown_caller_whose_number_stands_is_a_lead_of_their_own(
    begin: Begin, jane: Lead, document: Document
) -> None:
    talk = begin()
    talk.exchange("It's 98450 67781", catalog(document, "whatsapp", NUMBER, hold=True))
    assert Lead.objects.count() == 1
    talk.release("send")
    own = talk.row.lead
    assert own is not None
    assert (own.phone, own.preferred_channel, own.verified) == (NUMBER, "whatsapp", False)
    assert Message.objects.get().lead_id == own.id
    assert own.last_contacted_at is not None


def test_a_confirmation_by_text_does_not_change_how_a_lead_likes_to_be_reached(
    begin: Begin, jane: Lead, document: Document
) -> None:
    begin(jane).exchange(
        "…",
        order(
            "send_sms", channel="sms", to=NUMBER, template="callback", context={"when": "tomorrow at 10 AM"}
        ),
    )
    jane.refresh_from_db()
    assert jane.preferred_channel == ""
