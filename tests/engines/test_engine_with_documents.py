"""The engine over the product's own knowledge base: real search, real calibration, documents in PostgreSQL."""

from __future__ import annotations

import pytest

from calls.engines.base import Request
from calls.engines.offline import OfflineEngine
from knowledge.embedder import embed
from knowledge.models import Document
from knowledge.selectors import document_for, passages_search
from knowledge.services import document_index, document_text_create
from tests.engines.library import DOCUMENTS

pytestmark = [pytest.mark.models, pytest.mark.django_db]


@pytest.fixture
def real(examples: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> OfflineEngine:
    for (title, kind), parts in DOCUMENTS.items():
        text = "\n\n".join(f"## {heading}\n\n{words}" for heading, words in parts.items())
        document = document_text_create(title=title, text=f"# {title}\n\n{text}", kind=Document.Kind(kind))
        document_index(document_id=document.pk)
    return OfflineEngine(
        examples=lambda: (1, examples),
        embed=embed,
        search=passages_search,
        document_for=document_for,
        vectors_path=tmp_path_factory.getbasetemp() / "vectors.npz",
    )


def test_the_first_scenario_is_understood(real: OfflineEngine) -> None:
    first = real.propose(Request(text="What is your refund policy?"))
    assert first.intent == "policy_query"
    assert "30-day money-back guarantee" in first.answer[0]
    assert first.document is not None
    assert (first.document.title, first.document.kind) == ("Refund Policy", "policy")
    second = real.propose(
        Request(text="Okay, can you send me the full policy on email?", document=first.document)
    )
    assert second.intent == "send_details_email"
    assert second.document == first.document
    assert second.entities["details_type"] == "policy"
    last = real.propose(Request(text="No, that's all. Thank you!", asked="anything_else"))
    assert last.intent == "goodbye"


def test_an_answer_changes_with_its_document(real: OfflineEngine) -> None:
    asked = Request(text="How many days does standard delivery take?")
    assert "3 to 5 business days" in " ".join(real.propose(asked).answer)
    document = Document.objects.get(title="Shipping and Delivery")
    document_new = document.text.replace("3 to 5 business days", "eight days at most")
    Document.objects.filter(pk=document.pk).update(text=document_new, generation=document.generation + 1)
    document_index(document_id=document.pk)
    assert "eight days at most" in " ".join(real.propose(asked).answer)


def test_what_the_documents_do_not_say_is_not_answered(real: OfflineEngine) -> None:
    proposal = real.propose(Request(text="Do you have integration with Salesforce API v2.0?"))
    assert (proposal.intent, proposal.answer) == ("product_query", ())


@pytest.mark.parametrize(
    "words",
    [
        "Send me your product catalog on WhatsApp",
        "Send me your product catalogue on WhatsApp",
        "Can you WhatsApp me the catalog, please?",
    ],
)
def test_a_catalog_is_found_by_what_callers_call_it(real: OfflineEngine, words: str) -> None:
    proposal = real.propose(Request(text=words))
    assert proposal.document is not None
    assert proposal.document.kind == "product_catalog"
