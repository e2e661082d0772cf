"""The company's documents go in through the door that every document uses, so that the demo proves that door.

Indexing runs in this process: when loading ends, questions can be answered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from contactcenter.demo.company import Company, DemoDocument, documents_read
from contactcenter.demo.services import load_locked
from knowledge.models import Document
from knowledge.services import document_create, document_index

Progress = Callable[[str], None]


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
    for number, (document_id, title) in enumerate(documents, start=1):
        progress(f"reading documents: {number} of {len(documents)}, {title}")
        document_index(document_id=document_id)


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
    same = (
        row.sha256 == hashlib.sha256(content).hexdigest()
        and bool(row.file)
        and (Path(settings.MEDIA_ROOT) / row.file.name).is_file()
        and row.indexed_generation > 0
        and (row.title, row.kind, list(row.aliases)) == (document.title, document.kind, list(document.aliases))
    )
    return not same


def documents_restore(*, company: Company, progress: Progress) -> list[str]:
    """Put back the company's documents that were changed or deleted; returns their slugs. Other documents stay."""
    restored: list[tuple[int, str]] = []
    slugs = []
    with transaction.atomic():
        load = load_locked(company)
        for document in documents_read(company.directory):
            content = document.path.read_bytes()
            row = Document.objects.filter(slug=document.slug).first()
            if row is not None and not _differs(row, document, content):
                continue
            if row is not None:
                row.delete()
            restored.append((_create(document, content), document.title))
            slugs.append(document.slug)
        load.put["documents"] = sorted({*load.put.get("documents", []), *slugs})
        load.save()
    _index(restored, progress)
    return slugs
