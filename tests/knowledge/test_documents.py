"""A document's life: uploaded, indexed, asked, changed, broken, deleted; with real rows, vectors and files."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from knowledge import selectors, services
from knowledge.models import Chunk, Document
from knowledge.readers import DocumentUnreadable
from tests.knowledge import files

pytestmark = pytest.mark.django_db

MOORING = """# Mooring Rules
## Staying overnight
Visiting boats may stay for fourteen nights. After that the harbour master gives the place to somebody else.
## Fees
A night costs 12 crowns for boats of up to 8 metres. Pay at the office before you leave.
"""
FERRY = """# Ferry
## Timetable
The ferry to the island leaves every two hours from pier three. The last one sails at nine in the evening.
## Bicycles
Bicycles travel free of charge on every ferry.
"""


@pytest.fixture(autouse=True)
def own_media(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    settings.KNOWLEDGE_THRESHOLD = 0.7
    yield


@pytest.fixture
def mooring() -> Document:
    document = services.document_text_create(
        title="Mooring Rules", text=MOORING, kind="policy", aliases=["harbour rules"]
    )
    assert services.document_index(document_id=document.pk)
    return document


@pytest.fixture
def ferry() -> Document:
    document = services.document_text_create(title="Ferry", text=FERRY, kind="guide")
    assert services.document_index(document_id=document.pk)
    return document


def answer(query: str) -> str:
    top = selectors.passages_search(query=query)[0]
    return " ".join(top.sentences[place] for place in top.best)


def test_a_question_is_answered_in_the_documents_own_words(mooring: Document, ferry: Document) -> None:
    top = selectors.passages_search(query="hi, how many nights may a visiting boat stay?")[0]
    assert top.document_slug == "mooring-rules"
    assert top.clears
    assert answer("hi, how many nights may a visiting boat stay?").startswith(
        "Visiting boats may stay for fourteen nights."
    )


def test_what_no_document_says_does_not_clear(mooring: Document, ferry: Document) -> None:
    for query in ("Do you have integration with Salesforce API v2.0?", "what is the capital of Mongolia"):
        assert not any(passage.clears for passage in selectors.passages_search(query=query))


def test_an_empty_question_and_an_empty_knowledge_base_find_nothing() -> None:
    assert selectors.passages_search(query="anything at all") == []
    assert selectors.passages_search(query="  ?! ") == []
    assert selectors.document_for(query="the catalog") is None


def test_the_answer_changes_at_once_when_its_document_does(mooring: Document) -> None:
    assert "fourteen" in answer("how many nights may I stay")
    services.document_text_update(document_id=mooring.pk, text=MOORING.replace("fourteen", "three"))
    services.document_index(document_id=mooring.pk)
    assert "three nights" in answer("how many nights may I stay")
    assert "fourteen" not in answer("how many nights may I stay")


def test_a_deleted_document_is_neither_found_nor_left_on_disk(
    tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    document = services.document_create(title="Rules", file_name="rules.pdf", content=files.pdf_make())
    services.document_index(document_id=document.pk)
    assert selectors.passages_search(query="where is diesel sold")[0].clears
    with django_capture_on_commit_callbacks(execute=True):
        services.document_delete(document_id=document.pk)
    assert selectors.passages_search(query="where is diesel sold") == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_failed_new_version_leaves_the_ready_one_in_place(mooring: Document) -> None:
    # Uploads are checked at the door; this one breaks only when it is read.
    services.document_update(document_id=mooring.pk, file_name="scan.pdf", content=files.pdf_blank())
    assert services.document_index(document_id=mooring.pk) is False
    mooring.refresh_from_db()
    assert (mooring.status, mooring.indexed_generation, mooring.generation) == ("failed", 1, 2)
    assert "scan" in mooring.error
    assert "fourteen" in answer("how many nights may I stay")


def test_a_stale_job_writes_nothing(mooring: Document) -> None:
    services.document_text_update(document_id=mooring.pk, text=MOORING.replace("fourteen", "five"))
    services.document_text_update(document_id=mooring.pk, text=MOORING.replace("fourteen", "six"))
    assert services.document_index(document_id=mooring.pk, generation=2) is False
    assert set(Chunk.objects.values_list("generation", flat=True)) == {1}
    assert services.document_index(document_id=mooring.pk, generation=3)
    assert services.document_index(document_id=mooring.pk, generation=3) is False
    assert set(Chunk.objects.values_list("generation", flat=True)) == {3}
    assert "six nights" in answer("how many nights may I stay")


def test_a_job_overtaken_while_it_was_reading_writes_nothing(
    mooring: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.document_text_update(document_id=mooring.pk, text=MOORING.replace("fourteen", "five"))
    read = services.file_blocks

    def overtaken(**arguments: Any) -> Any:
        blocks = read(**arguments)
        services.document_text_update(document_id=mooring.pk, text=MOORING.replace("fourteen", "six"))
        return blocks

    monkeypatch.setattr(services, "file_blocks", overtaken)
    assert services.document_index(document_id=mooring.pk, generation=2) is False
    monkeypatch.undo()
    mooring.refresh_from_db()
    assert (mooring.generation, mooring.indexed_generation, mooring.status) == (3, 1, "queued")
    assert services.document_index(document_id=mooring.pk, generation=3)
    assert "six nights" in answer("how many nights may I stay")


def test_a_document_that_is_being_indexed_is_not_taken_twice(mooring: Document) -> None:
    services.document_reindex(document_id=mooring.pk)
    later = timezone.now() + timedelta(minutes=1)
    Document.objects.filter(pk=mooring.pk).update(status="indexing", claimed_until=later)
    assert services.document_index(document_id=mooring.pk) is False
    Document.objects.filter(pk=mooring.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert services.document_index(document_id=mooring.pk)


def test_the_sweep_rings_for_lost_rings_and_dead_workers_alone(
    mooring: Document, ferry: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(services, "document_ring", lambda **call: rung.append(call["document_id"]))
    assert services.documents_sweep() == 0
    past = timezone.now() - timedelta(minutes=1)
    Document.objects.filter(pk=mooring.pk).update(generation=2, status="queued", updated_at=past)
    Document.objects.filter(pk=ferry.pk).update(generation=2, status="indexing", claimed_until=past)
    assert services.documents_sweep() == 2
    assert sorted(rung) == sorted([mooring.pk, ferry.pk])
    Document.objects.filter(pk=ferry.pk).update(attempts=services.MAX_ATTEMPTS)
    assert services.documents_sweep() == 1
    ferry.refresh_from_db()
    assert ferry.status == "failed"


def test_a_save_rings_after_commit_and_only_when_the_search_changes(
    mooring: Document, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(services, "document_ring", lambda **call: rung.append(call["generation"]))
    with django_capture_on_commit_callbacks(execute=True):
        services.document_update(document_id=mooring.pk, aliases=["berths"])
    assert rung == []
    assert selectors.document_for(query="send me the berths document") is not None
    with django_capture_on_commit_callbacks(execute=True):
        services.document_update(document_id=mooring.pk, title="Berths")
    assert rung == [2]


def test_names_aliases_kinds_and_contents_say_which_document_is_meant(
    mooring: Document, ferry: Document
) -> None:
    def slug(query: str) -> str | None:
        found = selectors.document_for(query=query)
        return found.slug if found else None

    assert slug("can you email me the full mooring rules") == "mooring-rules"
    assert slug("send the harbour rules on WhatsApp") == "mooring-rules"
    assert slug("the policy please") == "mooring-rules"
    assert slug("send me something on travelling with bicycles on the ferry") == "ferry"
    assert slug("send me the recipe for pancakes") is None


def test_an_attachment_is_the_original_file_or_a_page_without_anything_that_runs(mooring: Document) -> None:
    content = files.pdf_make()
    pdf = services.document_create(title="Rules", file_name="Mooring rules.pdf", content=content)
    attached = selectors.document_file(document_id=pdf.pk)
    assert (attached.file_name, attached.mime, attached.content) == (
        "Mooring_rules.pdf",
        "application/pdf",
        content,
    )
    services.document_text_update(document_id=mooring.pk, text=MOORING + "\n<script>alert(1)</script>\n")
    page = selectors.document_file(document_id=mooring.pk)
    assert (page.file_name, page.mime) == ("mooring_rules.html", "text/html")
    assert b"<h2>Staying overnight</h2>" in page.content
    assert b"<script" not in page.content


def test_uploads_are_refused_at_the_door(settings: Any) -> None:
    settings.KNOWLEDGE_UPLOAD_MAX_BYTES = 1000
    with pytest.raises(DocumentUnreadable, match="limit"):
        services.document_create(title="Big", file_name="big.txt", content=b"word " * 300)
    with pytest.raises(DocumentUnreadable, match="not a PDF"):
        services.document_create(title="Fake", file_name="fake.pdf", content=b"no pdf")
    assert Document.objects.count() == 0


def test_the_search_uses_the_index_of_vectors(mooring: Document) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM knowledge_chunks ORDER BY embedding <=> "
            "(SELECT embedding FROM knowledge_chunks LIMIT 1) LIMIT 5"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "knowledge_chunk_embedding" in plan


def test_the_command_prints_one_json_document(mooring: Document, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("knowledge_search", "how much is a night", "--json")
    document = json.loads(capsys.readouterr().out)
    assert document["clears"] is True
    assert document["passages"][0]["document"] == "mooring-rules"
    assert document["passages"][0]["answer"].startswith("A night costs 12 crowns")
    assert document["passages"][0]["similarity"] >= document["threshold"]
