"""Jane, who is real enough to be sent to, Demo, who is not, a policy document; bells nobody hears, and a mail provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from knowledge.models import Chunk, Document
from leads import doorbell
from leads.models import Lead, Message
from leads.services import message_queue
from tests.contracts.standins import API_KEY, SendgridStandIn, running

POLICY = """# Refund Policy

We want you to be happy with what you bought.

## Money-back guarantee

We offer a 30-day money-back guarantee. Contact us within 30 days for a full refund.

## Processing time

Refunds are processed within 5-7 business days.
"""


@pytest.fixture
def jane(db: None) -> Lead:
    return Lead.objects.create(id="jane_1", name="Jane Doe", phone="+919876543210", email="jane@example.com")


@pytest.fixture
def demo(db: None) -> Lead:
    return Lead.objects.create(
        id="demo_1", name="Demo Person", phone="+919876543211", email="demo@example.com", is_demo=True
    )


@pytest.fixture
def policy(db: None) -> Document:
    document = Document.objects.create(
        title="Refund Policy",
        slug="refund-policy",
        kind=Document.Kind.POLICY,
        text=POLICY,
        status=Document.Status.READY,
        indexed_generation=1,
    )
    sections = [
        ("Refund Policy", ["We want you to be happy with what you bought."]),
        (
            "Refund Policy › Money-back guarantee",
            ["We offer a 30-day money-back guarantee.", "Contact us within 30 days for a full refund."],
        ),
        ("Refund Policy › Processing time", ["Refunds are processed within 5-7 business days."]),
    ]
    for ordinal, (heading, sentences) in enumerate(sections):
        Chunk.objects.create(
            document=document,
            generation=1,
            ordinal=ordinal,
            heading=heading,
            text=" ".join(sentences),
            sentences=[{"text": sentence, "speakable": sentence} for sentence in sentences],
            embedding=[1.0] + [0.0] * 383,
            sentence_vectors=b"",
        )
    return document


@pytest.fixture
def queue(jane: Lead, policy: Document) -> Callable[..., Message]:
    """Ask for the policy by mail to Jane; anything can be said otherwise."""

    def ask(**other: Any) -> Message:
        asked: dict[str, Any] = {
            "key": "call-1:send_email",
            "lead_id": jane.id,
            "call_id": None,
            "channel": "email",
            "to": "jane@example.com",
            "template": "document",
            "context": {},
            "document_ids": [policy.id],
            "asked": True,  # else the outcome would hang on the time of day at which the tests run
        }
        return message_queue(**{**asked, **other})

    return ask


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Which bells were rung, in order; no worker hears them."""
    rung: list[tuple[str, str]] = []

    def ring(task: str, message_id: Any) -> bool:
        rung.append((task, str(message_id)))
        return True

    monkeypatch.setattr(doorbell, "ring", ring)
    return rung


@pytest.fixture
def mailer(settings: Any) -> Iterator[SendgridStandIn]:
    with running(SendgridStandIn()) as standin:
        settings.SENDGRID_API_KEY = API_KEY
        settings.SENDGRID_API_BASE_URL = standin.url
        settings.EMAIL_FROM = "support@example.com"
        yield standin
