"""What can be searched is always one whole, ready generation of a document.

`Document.generation` counts what was asked for (every save that changes the content asks for one more);
`Document.indexed_generation` says which of them the chunks hold. Chunks are replaced inside one transaction, so a
search sees the old generation or the new one and never a mixture, and a failed re-index leaves the old one in place.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func
from pgvector.django import HalfVectorField, HnswIndex

EMBEDDING_DIMENSIONS = 384


def document_upload_path(document: "Document", file_name: str) -> str:
    """Where an upload is kept, relative to MEDIA_ROOT. The caller's file name is already reduced to a safe one."""
    return f"documents/{document.slug}/{file_name}"


class Document(models.Model):
    """One document as the company knows it: an uploaded file, or text that is edited in the admin."""

    class Kind(models.TextChoices):
        POLICY = "policy", "Policy"
        CATALOG = "catalog", "Catalog"
        FAQ = "faq", "Questions and answers"
        GUIDE = "guide", "Guide or manual"
        OTHER = "other", "Other"

    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        INDEXING = "indexing", "Indexing"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, unique=True)
    kind = models.CharField(max_length=20, default=Kind.OTHER)  # one of knowledge.kinds.kind_choices()
    language = models.CharField(max_length=8, default="en", help_text="Two letters, such as en, de or hi.")
    aliases = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        help_text="Other names that callers use for this document, separated by commas.",
    )
    file = models.FileField(upload_to=document_upload_path, max_length=300, blank=True)
    text = models.TextField(blank=True, help_text="Markdown. Only for documents that are written here.")
    mime = models.CharField(max_length=100, blank=True)
    bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    progress = models.PositiveSmallIntegerField(
        default=0, validators=[MinValueValidator(0), MaxValueValidator(100)], help_text="Per cent."
    )
    error = models.TextField(blank=True, help_text="What went wrong with the newest version, in plain words.")
    generation = models.PositiveIntegerField(default=1)
    indexed_generation = models.PositiveIntegerField(default=0, help_text="0 until it can be searched.")
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    indexed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "knowledge_documents"
        ordering: ClassVar = ["title"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_text(self) -> bool:
        """True for a document that is written in the admin, false for one that is an uploaded file."""
        return not self.file


class Chunk(models.Model):
    """One passage: what a search finds and what an answer is taken from. Written by the indexing job alone."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="chunks")
    generation = models.PositiveIntegerField()
    ordinal = models.PositiveIntegerField(help_text="Place in the document, from 0.")
    heading = models.TextField(blank=True, help_text="The headings it stands under, joined by ' › '.")
    text = models.TextField()
    sentences = models.JSONField(default=list, help_text="List of {text, speakable}.")
    words = models.PositiveIntegerField(default=0)
    terms = ArrayField(models.TextField(), default=list, help_text="Stems, each once.")
    search = models.GeneratedField(
        expression=Func(F("terms"), function="array_to_tsvector", output_field=SearchVectorField()),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    embedding = HalfVectorField(dimensions=EMBEDDING_DIMENSIONS)
    sentence_vectors = models.BinaryField(
        help_text="2 x len(sentences) x 384 little-endian float16: with their headings, then without."
    )

    class Meta:
        db_table = "knowledge_chunks"
        ordering: ClassVar = ["document_id", "ordinal"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["document", "generation", "ordinal"], name="knowledge_chunk_place_unique"
            )
        ]
        indexes: ClassVar = [
            HnswIndex(
                name="knowledge_chunk_embedding",
                fields=["embedding"],
                m=16,
                ef_construction=64,
                opclasses=["halfvec_cosine_ops"],
            ),
            GinIndex(name="knowledge_chunk_search", fields=["search"]),
        ]

    def __str__(self) -> str:
        return f"{self.heading} #{self.ordinal}"
