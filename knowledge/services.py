"""Every change of a document goes through here, in one transaction with the wish to index it.

A change of what is searched (content, title, language) makes a new generation, takes the document out of any running
job's hands, and rings for a new one after commit. A job writes only while the generation that it was started for is
still the newest: a late one writes nothing.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import PurePath

import structlog
from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import get_valid_filename, slugify
from kombu.exceptions import OperationalError

from contactcenter.weights import WeightError
from knowledge import readers
from knowledge.blocks import Block
from knowledge.models import Chunk, Document
from knowledge.parsing import file_blocks
from knowledge.passages import IndexedPassage, passages_make, vectors_pack
from knowledge.readers import DocumentUnreadable

log = structlog.get_logger()

CLAIM = timedelta(minutes=5)
MAX_ATTEMPTS = 5
_TEXT_MIME = "text/markdown"
_BATCH = 200


def upload_max_bytes() -> int:
    """Setting KNOWLEDGE_UPLOAD_MAX_BYTES, 25 MB unless set."""
    return int(getattr(settings, "KNOWLEDGE_UPLOAD_MAX_BYTES", 25 * 1024 * 1024))


def upload_check(*, file_name: str, content: bytes) -> str:
    """The MIME type of an upload that may be kept. Raises DocumentUnreadable."""
    limit = upload_max_bytes()
    if len(content) > limit:
        raise DocumentUnreadable(
            f"The file has {len(content) / 1048576:.1f} MB; the limit is {limit / 1048576:g} MB."
        )
    return readers.mime_for(file_name=file_name, content=content)


def document_create(
    *,
    title: str,
    slug: str = "",
    kind: str = Document.Kind.OTHER,
    file_name: str = "",
    content: bytes = b"",
    aliases: Sequence[str] = (),
    language: str = "en",
) -> Document:
    """Keep a new document and ask for its indexing. Markdown and plain text become editable text documents.

    Raises DocumentUnreadable for an upload that is refused, IntegrityError for a slug that is taken.
    """
    document = Document(
        title=title.strip(),
        slug=slug or slugify(title)[:100],
        kind=kind,
        aliases=list(aliases),
        language=language,
    )
    _content_set(document, file_name=file_name, content=content)
    with transaction.atomic():
        document.save()
        _ring(document)
    return document


def document_text_create(
    *,
    title: str,
    text: str,
    slug: str = "",
    kind: str = Document.Kind.OTHER,
    aliases: Sequence[str] = (),
    language: str = "en",
) -> Document:
    """A document that is written in the admin, as Markdown."""
    return document_create(
        title=title, slug=slug, kind=kind, aliases=aliases, language=language,
        file_name=f"{slug or slugify(title)}.md", content=text.encode(),
    )  # fmt: skip


def document_update(
    *,
    document_id: int,
    title: str | None = None,
    kind: str | None = None,
    language: str | None = None,
    aliases: Sequence[str] | None = None,
    text: str | None = None,
    file_name: str = "",
    content: bytes | None = None,
) -> Document:
    """Change what is given; index again when it changes what is searched. Raises DocumentUnreadable."""
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=document_id)
        before = (document.title, document.language, document.sha256)
        old_file = (document.file.name or "") if document.file else ""
        document.title = document.title if title is None else title.strip()
        document.kind = kind or document.kind
        document.language = language or document.language
        document.aliases = document.aliases if aliases is None else list(aliases)
        if content is not None:
            _content_set(document, file_name=file_name, content=content)
        elif text is not None:
            _content_set(document, file_name=f"{document.slug}.md", content=text.encode())
        if (document.title, document.language, document.sha256) != before:
            _generation_next(document)
        document.save()
        if document.status == Document.Status.QUEUED:
            _ring(document)
        if old_file and (not document.file or document.file.name != old_file):
            _file_drop(document.file.storage, old_file)
    return document


def document_text_update(*, document_id: int, text: str) -> Document:
    """Replace the text of a document. Raises DocumentUnreadable when nothing is left of it."""
    return document_update(document_id=document_id, text=text)


def document_reindex(*, document_id: int) -> Document:
    """Index again what has not changed: after a failure, or with a newer reader."""
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=document_id)
        _generation_next(document)
        document.save()
        _ring(document)
    return document


def document_delete(*, document_id: int) -> None:
    """Forget a document, its passages and its file."""
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=document_id)
        if document.file:
            _file_drop(document.file.storage, document.file.name or "")
        document.delete()


def _content_set(document: Document, *, file_name: str, content: bytes) -> None:
    mime = upload_check(file_name=file_name, content=content)
    if mime in readers.TEXT_MIMES:
        text = readers.text_of(content)
        if not text.strip():
            raise DocumentUnreadable("There is no text in the document.")
        document.text, document.mime = text, mime
        document.file = ""
    else:
        document.text, document.mime = "", mime
        name = get_valid_filename(PurePath(file_name).name)
        document.file.save(name, ContentFile(content), save=False)
    document.bytes = len(content)
    document.sha256 = hashlib.sha256(content).hexdigest()


def _generation_next(document: Document) -> None:
    document.generation += 1
    document.status = Document.Status.QUEUED
    document.progress = 0
    document.error = ""
    document.attempts = 0
    document.claimed_until = None


def _ring(document: Document) -> None:
    transaction.on_commit(lambda: document_ring(document_id=document.pk, generation=document.generation))


def document_ring(*, document_id: int, generation: int) -> None:
    """Tell a worker. A broker that is away costs half a minute, not the document: the sweep rings again."""
    try:
        current_app.send_task("knowledge.tasks.document_index", (document_id, generation), queue="indexing")
    except (OSError, OperationalError) as error:
        log.warning("document_ring_failed", document_id=document_id, error=type(error).__name__)


def _file_drop(storage: Storage, name: str) -> None:
    def drop() -> None:
        try:
            storage.delete(name)
        except OSError as error:
            log.warning("document_file_left_behind", error=type(error).__name__)

    transaction.on_commit(drop)


def document_index(*, document_id: int, generation: int | None = None) -> bool:
    """Read, chunk, embed and store one generation of a document. True when its passages were written.

    False for a stale or taken job, and for a document that can't be read: that is in its `error`, and what was indexed
    before stays. Other errors go up, after the document was queued again (five times at most).
    """
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        return False
    wanted = document.generation if generation is None else generation
    if not _claim(document_id, wanted):
        log.info("document_index_stale", document_id=document_id, generation=wanted)
        return False
    try:
        passages = _passages(document, wanted)
    except DocumentUnreadable as error:
        _fail(document_id, wanted, str(error))
        log.info("document_index_failed", document_id=document_id, generation=wanted)
        return False
    except (DatabaseError, OSError, WeightError, MemoryError) as error:
        _requeue(document_id, wanted, error)
        raise
    if passages is None:
        return False
    written = _replace(document_id, wanted, passages)
    log.info(
        "document_indexed", document_id=document_id, generation=wanted, chunks=len(passages), written=written
    )
    return written


def _mine(document_id: int, generation: int) -> Q:
    return Q(pk=document_id, generation=generation)


def _claim(document_id: int, generation: int) -> bool:
    now = timezone.now()
    return bool(
        Document.objects.filter(_mine(document_id, generation), indexed_generation__lt=generation)
        .exclude(status=Document.Status.FAILED)
        .filter(Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))
        .update(
            status=Document.Status.INDEXING,
            progress=1,
            error="",
            attempts=F("attempts") + 1,
            claimed_until=now + CLAIM,
        )
    )


def _progress(document_id: int, generation: int, percent: int) -> bool:
    """Show how far it is and keep the claim; False when another generation has been asked for meanwhile."""
    return bool(
        Document.objects.filter(_mine(document_id, generation)).update(
            progress=max(1, min(99, percent)), claimed_until=timezone.now() + CLAIM
        )
    )


class _Stale(Exception):
    """Another generation has been asked for."""


def _passages(document: Document, generation: int) -> list[IndexedPassage] | None:
    """None when the job has become stale on the way."""
    shown = 1

    def show(percent: int) -> None:
        nonlocal shown
        if percent < shown + 3:
            return
        shown = percent
        if not _progress(document.pk, generation, percent):
            raise _Stale

    try:
        blocks = _blocks(document, lambda percent: show(int(0.3 * percent)))
        show(30)
        passages = passages_make(
            blocks,
            title=document.title,
            language=document.language,
            progress=lambda done, total: show(30 + int(69 * done / total)),
        )
    except _Stale:
        return None
    if not passages:
        raise DocumentUnreadable("There is no text in the document.")
    return passages


def _blocks(document: Document, progress: Callable[[int], None]) -> list[Block]:
    content = document.text.encode()
    if document.file:
        try:
            with document.file.open("rb") as file:
                content = file.read()
        except FileNotFoundError as error:
            raise DocumentUnreadable("The uploaded file is gone. Upload it again.") from error
    return file_blocks(
        content=content,
        mime=document.mime or _TEXT_MIME,
        seconds=float(getattr(settings, "KNOWLEDGE_PARSE_SECONDS", 60)),
        memory_bytes=int(getattr(settings, "KNOWLEDGE_PARSE_MEMORY_BYTES", 1536 * 1024 * 1024)),
        progress=progress,
    )


def _replace(document_id: int, generation: int, passages: Sequence[IndexedPassage]) -> bool:
    rows = [
        Chunk(
            document_id=document_id,
            generation=generation,
            ordinal=passage.ordinal,
            heading=passage.heading,
            text=passage.text,
            sentences=[{"text": s.text, "speakable": s.speakable} for s in passage.sentences],
            words=passage.words,
            terms=list(passage.terms),
            embedding=passage.embedding,
            sentence_vectors=vectors_pack(passage.sentence_vectors),
        )
        for passage in passages
    ]
    with transaction.atomic():
        # The lock makes a save that comes meanwhile wait; one that came before has changed the generation.
        current = (
            Document.objects.select_for_update()
            .filter(_mine(document_id, generation), indexed_generation__lt=generation)
            .first()
        )
        if current is None:
            return False
        Chunk.objects.filter(document_id=document_id).delete()
        Chunk.objects.bulk_create(rows, batch_size=_BATCH)
        Document.objects.filter(pk=document_id).update(
            indexed_generation=generation,
            status=Document.Status.READY,
            progress=100,
            error="",
            claimed_until=None,
            indexed_at=timezone.now(),
        )
    return True


def _fail(document_id: int, generation: int, message: str) -> None:
    Document.objects.filter(_mine(document_id, generation)).update(
        status=Document.Status.FAILED, error=message, claimed_until=None
    )


def _requeue(document_id: int, generation: int, error: BaseException) -> None:
    log.error(
        "document_index_error", document_id=document_id, generation=generation, error=type(error).__name__
    )
    mine = Document.objects.filter(_mine(document_id, generation))
    mine.filter(attempts__lt=MAX_ATTEMPTS).update(status=Document.Status.QUEUED, claimed_until=None)
    mine.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=Document.Status.FAILED,
        error="Indexing stopped several times for a reason that is not in the document. "
        "See the server's log, then press Re-index.",
        claimed_until=None,
    )


def documents_sweep() -> int:
    """Ring again for what waits without a worker: a ring that was lost, or a worker that died. How many."""
    now = timezone.now()
    # A worker that dies takes no count with it: after five claims the document is at fault.
    worn_out = Document.objects.filter(
        status=Document.Status.INDEXING, claimed_until__lt=now, attempts__gte=MAX_ATTEMPTS
    )
    worn_out.update(
        status=Document.Status.FAILED,
        error="Indexing was broken off several times. The document may be too large; try a smaller one.",
        claimed_until=None,
    )
    waiting = Document.objects.filter(indexed_generation__lt=F("generation")).filter(
        Q(status=Document.Status.QUEUED, updated_at__lt=now - timedelta(seconds=20))
        | Q(status=Document.Status.INDEXING, claimed_until__lt=now)
    )
    found = list(waiting.values_list("pk", "generation")[:100])
    for document_id, generation in found:
        document_ring(document_id=document_id, generation=generation)
    return len(found)
