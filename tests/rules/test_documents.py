"""What callers call documents: edited in one place, understood in the next turn."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from calls.loading import _document_meant
from calls.rules import services
from knowledge.models import Document
from knowledge.services import document_text_create

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules")]


@pytest.fixture
def catalog() -> Document:
    """Two documents that can be found, without embedding anything."""
    for title, kind in (
        ("Product Catalog", "catalog"),
        ("Mooring Policy", "policy"),
        ("Berth Policy", "policy"),
    ):
        made = document_text_create(title=title, text=f"# {title}\n\nBoats stay three nights.", kind=kind)
        Document.objects.filter(pk=made.pk).update(indexed_generation=1)
    return Document.objects.get(kind="catalog")


@pytest.fixture(autouse=True)
def nothing_found(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> None:
    """No passages: only names and kinds decide here."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("knowledge.selectors.passages_search", lambda **_: [])


def test_a_kind_is_known_by_every_name_that_an_admin_gives_it(catalog: Document) -> None:
    assert _document_meant(query="send me your leaflet") is not None
    assert _document_meant(query="send me your lookbook") is None
    services.document_type_set(kind="catalog", names=["catalog", "lookbook"], by="ann")
    found = _document_meant(query="send me your lookbook")
    assert found is not None
    assert found.document_id == catalog.pk
    assert _document_meant(query="send me your leaflet") is None


def test_a_name_in_another_language_is_a_name_too(catalog: Document) -> None:
    services.document_type_set(kind="catalog", names=["Prospekt"], language="de", by="ann")
    found = _document_meant(query="Prospekt")
    assert found is not None
    assert found.document_id == catalog.pk


def test_a_kind_with_several_documents_means_none_of_them(catalog: Document) -> None:
    assert _document_meant(query="send me the terms") is None


def test_a_kind_that_an_admin_adds_can_be_chosen_for_a_document(
    admin_client: Client, catalog: Document
) -> None:
    services.document_type_set(kind="price_list", names=["tariff"], by="ann")
    page = reverse("admin:knowledge_document_change", args=[catalog.pk])
    assert '<option value="price_list">Price list</option>' in admin_client.get(page).content.decode()
    form = {
        "title": "Prices",
        "kind": "price_list",
        "language": "en",
        "aliases": "",
        "text": "# Prices\nTen a night.",
    }
    assert admin_client.post(page, form).status_code == 302
    Document.objects.filter(pk=catalog.pk).update(indexed_generation=1)
    found = _document_meant(query="send me the tariff")
    assert found is not None
    assert (found.kind, found.document_id) == ("price_list", catalog.pk)
    listed = admin_client.get(reverse("admin:knowledge_document_changelist")).content.decode()
    assert "Price list" in listed
