import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import pgvector.django
import pgvector.django.halfvec
import pgvector.django.indexes
from django.db import migrations, models

import knowledge.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        pgvector.django.VectorExtension(),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("slug", models.SlugField(max_length=100, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("policy", "Policy"),
                            ("catalog", "Catalog"),
                            ("faq", "Questions and answers"),
                            ("guide", "Guide or manual"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=20,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        default="en", help_text="Two letters, such as en, de or hi.", max_length=8
                    ),
                ),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        help_text="Other names that callers use for this document, separated by commas.",
                        size=None,
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        blank=True, max_length=300, upload_to=knowledge.models.document_upload_path
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        blank=True, help_text="Markdown. Only for documents that are written here."
                    ),
                ),
                ("mime", models.CharField(blank=True, max_length=100)),
                ("bytes", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("indexing", "Indexing"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "progress",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Per cent.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "error",
                    models.TextField(
                        blank=True, help_text="What went wrong with the newest version, in plain words."
                    ),
                ),
                ("generation", models.PositiveIntegerField(default=1)),
                (
                    "indexed_generation",
                    models.PositiveIntegerField(default=0, help_text="0 until it can be searched."),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("indexed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "db_table": "knowledge_documents",
                "ordering": ["title"],
            },
        ),
        migrations.CreateModel(
            name="Chunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("generation", models.PositiveIntegerField()),
                ("ordinal", models.PositiveIntegerField(help_text="Place in the document, from 0.")),
                (
                    "heading",
                    models.TextField(blank=True, help_text="The headings it stands under, joined by ' › '."),
                ),
                ("text", models.TextField()),
                ("sentences", models.JSONField(default=list, help_text="List of {text, speakable}.")),
                ("words", models.PositiveIntegerField(default=0)),
                (
                    "terms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, help_text="Stems, each once.", size=None
                    ),
                ),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("terms"),
                            function="array_to_tsvector",
                            output_field=django.contrib.postgres.search.SearchVectorField(),
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                ("embedding", pgvector.django.halfvec.HalfVectorField(dimensions=384)),
                (
                    "sentence_vectors",
                    models.BinaryField(help_text="2 x len(sentences) x 384 little-endian float16: with their headings, then without."),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="knowledge.document",
                    ),
                ),
            ],
            options={
                "db_table": "knowledge_chunks",
                "ordering": ["document_id", "ordinal"],
                "indexes": [
                    pgvector.django.indexes.HnswIndex(
                        ef_construction=64,
                        fields=["embedding"],
                        m=16,
                        name="knowledge_chunk_embedding",
                        opclasses=["halfvec_cosine_ops"],
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search"], name="knowledge_chunk_search"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("document", "generation", "ordinal"), name="knowledge_chunk_place_unique"
                    )
                ],
            },
        ),
        # Half-precision vectors don't compress; trying costs time at every write.
        migrations.RunSQL(
            "ALTER TABLE knowledge_chunks ALTER COLUMN sentence_vectors SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
