"""What a person in the admin sees and can do, through the real pages."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from knowledge import services
from knowledge.models import Document
from tests.knowledge import files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    # Static files are not collected in a test.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def form(**values: Any) -> dict[str, Any]:
    given = {
        "title": "Mooring Rules",
        "slug": "mooring-rules",
        "kind": "policy",
        "language": "en",
        "text": "",
    }
    return {**given, "aliases": "berths, harbour rules", **values}


def test_an_upload_is_kept_indexed_and_shown(admin_client: Client) -> None:
    content = files.pdf_make()
    upload = SimpleUploadedFile("rules.pdf", content)
    answer = admin_client.post(reverse("admin:knowledge_document_add"), form(upload=upload))
    assert answer.status_code == 302
    document = Document.objects.get()
    assert (document.status, document.aliases) == ("queued", ["berths", "harbour rules"])
    panel = reverse("admin:knowledge_document_state", args=[document.pk])
    assert "Waiting for a worker" in admin_client.get(panel).content.decode()
    assert services.document_index(document_id=document.pk)
    page = admin_client.get(panel).content.decode()
    assert "Ready since" in page
    assert "Diesel is sold at the eastern pier." in page
    assert (
        "Mooring Rules" in admin_client.get(reverse("admin:knowledge_document_changelist")).content.decode()
    )
    change = admin_client.get(reverse("admin:knowledge_document_change", args=[document.pk]))
    assert "Re-index" in change.content.decode()
    sent = admin_client.get(reverse("admin:knowledge_document_file", args=[document.pk]))
    assert b"".join(sent.streaming_content) == content  # type: ignore[attr-defined]
    assert sent.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Choose a file, or write the text below."),
        ({"upload": SimpleUploadedFile("rules.pdf", b"not one")}, "not a PDF"),
        ({"upload": SimpleUploadedFile("rules.docx", files.docx_bomb())}, "not safe to open"),
    ],
)
def test_what_can_not_be_kept_is_refused_beside_its_field(
    admin_client: Client, values: dict[str, Any], words: str
) -> None:
    answer = admin_client.post(reverse("admin:knowledge_document_add"), form(**values))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert Document.objects.count() == 0


def test_text_is_edited_and_indexed_again_and_a_failure_is_told_in_words(admin_client: Client) -> None:
    admin_client.post(reverse("admin:knowledge_document_add"), form(text="# Rules\nBoats stay three nights."))
    document = Document.objects.get()
    services.document_index(document_id=document.pk)
    change = reverse("admin:knowledge_document_change", args=[document.pk])
    admin_client.post(change, form(text="# Rules\nBoats stay nine nights."))
    services.document_index(document_id=document.pk)
    document.refresh_from_db()
    assert (document.generation, document.indexed_generation) == (2, 2)
    assert [chunk.text for chunk in document.chunks.all()] == ["Boats stay nine nights."]
    admin_client.post(change, form(upload=SimpleUploadedFile("scan.pdf", files.pdf_blank())))
    services.document_index(document_id=document.pk)
    page = admin_client.get(reverse("admin:knowledge_document_changelist")).content.decode()
    assert "probably a scan" in page
    assert "The earlier version stays in use." in page


def test_re_indexing_is_asked_for_by_post_alone(admin_client: Client, client: Client) -> None:
    document = services.document_text_create(title="Rules", text="Boats stay three nights.")
    address = reverse("admin:knowledge_document_reindex", args=[document.pk])
    assert admin_client.get(address).status_code == 403
    assert client.post(address).status_code == 302
    document.refresh_from_db()
    assert document.generation == 1
    assert admin_client.post(address).status_code == 302
    document.refresh_from_db()
    assert document.generation == 2


def test_deleting_in_the_list_deletes_the_files_too(
    admin_client: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    document = services.document_create(title="Rules", file_name="rules.pdf", content=files.pdf_make())
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(
            reverse("admin:knowledge_document_changelist"),
            {"action": "delete_selected", "_selected_action": [document.pk], "post": "yes"},
        )
    assert Document.objects.count() == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
