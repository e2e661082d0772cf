"""The company's documents go in through the door that every document uses, so that the demo proves that door.

Indexing runs in this process: when loading ends, questions can be answered.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import F

from contactcenter.demo.company import Company, DemoDocument, documents_read
from contactcenter.demo.services import load_locked
from knowledge.models import Document
from knowledge.services import document_create, document_delete, document_index

Progress = Callable[[str], None]

WORKER_SECONDS = 120.0


def _create(document: DemoDocument, content: bytes) -> int:
    return document_create(
        title=document.title,
        slug=document.slug,
        kind=document.kind,
        file_name=document.file_name,
        content=content,
        aliases=document.aliases,
    ).pk


def _index(documents: list[tuple[int, str]], progress: Progress) -> None:
    """Index what is listed. A worker that was quicker to take one is waited for."""
    for number, (document_id, title) in enumerate(documents, start=1):
        progress(f"reading documents: {number} of {len(documents)}, {title}")
        document_index(document_id=document_id)
    deadline = time.monotonic() + WORKER_SECONDS
    waiting = Document.objects.filter(pk__in=[document_id for document_id, _title in documents])
    unfinished = waiting.filter(indexed_generation__lt=F("generation")).exclude(status=Document.Status.FAILED)
    while unfinished.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    for title, error in waiting.filter(status=Document.Status.FAILED).values_list("title", "error"):
        progress(f"{title} could not be read: {error}")


def documents_load(*, company: Company, progress: Progress) -> int:
    """Put in the documents that no load has put in before, and index what is not indexed; returns how many were indexed.

    ``progress`` gets one line of plain words for each document.
    """
    documents = documents_read(company.directory)
    with transaction.atomic():
        load = load_locked(company)
        done = set(load.put.get("documents", []))
        present = set(Document.objects.values_list("slug", flat=True))
        for document in documents:
            if document.slug not in done | present:
                _create(document, document.path.read_bytes())
            done.add(document.slug)
        load.put["documents"] = sorted(done)
        load.save()
    # A load that was cut off has rows without passages.
    waiting = Document.objects.filter(
        slug__in=[document.slug for document in documents], indexed_generation=0
    ).exclude(status=Document.Status.FAILED)
    todo = list(waiting.order_by("pk").values_list("pk", "title"))
    _index(todo, progress)
    return len(todo)


def _differs(row: Document, document: DemoDocument, content: bytes) -> bool:
    file_there = not row.file or row.file.storage.exists(row.file.name or "")
    same = (
        file_there
        and row.sha256 == hashlib.sha256(content).hexdigest()
        and row.indexed_generation == row.generation
        and (row.title, row.kind, list(row.aliases))
        == (document.title, document.kind, list(document.aliases))
    )
    return not same


def documents_restore(*, company: Company, progress: Progress) -> list[str]:
    """Put back the company's documents that were changed or deleted; returns their slugs. Other documents stay."""
    missing: list[tuple[DemoDocument, bytes]] = []
    with transaction.atomic():
        load_locked(company)
        for document in documents_read(company.directory):
            content = document.path.read_bytes()
            row = Document.objects.filter(slug=document.slug).first()
            if row is not None and not _differs(row, document, content):
                continue
            if row is not None:
                document_delete(document_id=row.pk)
            missing.append((document, content))
    # Not in the same transaction: a file is removed after it, and the new one is to have its name.
    with transaction.atomic():
        load = load_locked(company)
        restored = [(_create(document, content), document.title) for document, content in missing]
        slugs = [document.slug for document, _content in missing]
        load.put["documents"] = sorted({*load.put.get("documents", []), *slugs})
        load.save()
    _index(restored, progress)
    return slugs
