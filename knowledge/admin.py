"""The admin never changes a document past the services, and says in plain words how its indexing went."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import slugify
from django.views.decorators.clickjacking import xframe_options_sameorigin

from knowledge import readers, services
from knowledge.kinds import kind_choices, kind_label
from knowledge.models import Document

_BUSY = (Document.Status.QUEUED, Document.Status.INDEXING)


class DocumentForm(forms.ModelForm):
    """A document is an upload or a text, never both."""

    kind = forms.ChoiceField(choices=kind_choices, initial=Document.Kind.OTHER)
    upload = forms.FileField(
        required=False,
        label="File",
        help_text="PDF, DOCX, HTML, Markdown or TXT. Markdown and TXT become text that you can edit here.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(readers.MIME_BY_SUFFIX)}),
    )

    class Meta:
        model = Document
        fields = ("title", "slug", "kind", "language", "aliases", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 24, "cols": 100, "class": "vLargeTextField"})}  # noqa: RUF012

    def clean_slug(self) -> str:
        return self.cleaned_data.get("slug") or slugify(self.cleaned_data.get("title", ""))[:100]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        upload: UploadedFile | None = data.get("upload")
        text: str = data.get("text") or ""
        if upload is not None:
            if (upload.size or 0) > services.upload_max_bytes():
                limit = services.upload_max_bytes() / 1048576
                self.add_error("upload", f"The file is too large: the limit is {limit:g} MB.")
                return data
            content = upload.read()
            try:
                services.upload_check(file_name=upload.name or "", content=content)
            except readers.DocumentUnreadable as error:
                self.add_error("upload", str(error))
            data["content"] = content
        elif not self.instance.file and not text.strip():
            self.add_error("upload", "Choose a file, or write the text below.")
        return data


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    form = DocumentForm
    change_form_template = "admin/knowledge/document/change_form.html"
    change_list_template = "admin/knowledge/document/change_list.html"
    list_display = ("title", "kind_shown", "language", "state", "passages", "kilobytes", "updated_at")
    list_filter = ("status", "kind", "language")
    search_fields = ("title", "slug", "text")
    prepopulated_fields = {"slug": ("title",)}  # noqa: RUF012
    actions = ("reindex_selected",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return super().get_queryset(request).annotate(chunk_count=Count("chunks"))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Document | None = None) -> dict[str, Any]:
        return {} if obj else dict(self.prepopulated_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Document | None = None) -> Any:
        content = ("upload",) if obj and obj.file else ("upload", "text")
        return (
            (None, {"fields": ("title", "slug", "kind", "language", "aliases")}),
            ("Content", {"fields": content}),
        )

    @admin.display(description="Kind", ordering="kind")
    def kind_shown(self, document: Document) -> str:
        return kind_label(document.kind)

    @admin.display(description="State", ordering="status")
    def state(self, document: Document) -> str:
        if document.status in _BUSY:
            return format_html(
                '{} <progress max="100" value="{}">{} %</progress>',
                document.get_status_display(), document.progress, document.progress,
            )  # fmt: skip
        if document.status == Document.Status.FAILED:
            kept = " The earlier version stays in use." if document.indexed_generation else ""
            return format_html("<strong>Failed</strong>: {}{}", document.error, kept)
        return document.get_status_display()

    @admin.display(description="Passages", ordering="chunk_count")
    def passages(self, document: Document) -> int:
        return int(getattr(document, "chunk_count", 0))

    @admin.display(description="Size", ordering="bytes")
    def kilobytes(self, document: Document) -> str:
        return f"{max(1, round(document.bytes / 1024)):,} kB"

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        data = form.cleaned_data
        upload: UploadedFile | None = data.get("upload")
        content: bytes | None = data.get("content")
        name = (upload.name if upload is not None else "") or ""
        if change:
            saved = services.document_update(
                document_id=obj.pk, title=data["title"], kind=data["kind"], language=data["language"],
                aliases=data["aliases"], text=None if obj.file else data.get("text"), file_name=name, content=content,
            )  # fmt: skip
        else:
            if content is None:
                name, content = f"{data['slug']}.md", data["text"].encode()
            saved = services.document_create(
                title=data["title"], slug=data["slug"], kind=data["kind"], language=data["language"],
                aliases=data["aliases"], file_name=name, content=content,
            )  # fmt: skip
        obj.__dict__.update(saved.__dict__)

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        services.document_delete(document_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document_id in queryset.values_list("pk", flat=True):
            services.document_delete(document_id=document_id)

    @admin.action(description="Re-index selected documents", permissions=["change"])
    def reindex_selected(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        for document_id in queryset.values_list("pk", flat=True):
            services.document_reindex(document_id=document_id)
        self.message_user(request, "Indexing was started.", messages.SUCCESS)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:document_id>/reindex/",
                self.admin_site.admin_view(self.reindex),
                name="knowledge_document_reindex",
            ),
            path(
                "<int:document_id>/file/",
                self.admin_site.admin_view(self.file),
                name="knowledge_document_file",
            ),
            path(
                "<int:document_id>/state/",
                xframe_options_sameorigin(self.admin_site.admin_view(self.panel)),
                name="knowledge_document_state",
            ),
        ]
        return [*own, *super().get_urls()]

    def reindex(self, request: HttpRequest, document_id: int) -> HttpResponse:
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        services.document_reindex(document_id=get_object_or_404(Document, pk=document_id).pk)
        self.message_user(request, "Indexing was started.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:knowledge_document_change", args=[document_id]))

    def file(self, request: HttpRequest, document_id: int) -> FileResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        document = get_object_or_404(Document, pk=document_id)
        if not document.file:
            raise Http404
        # Always a download: an uploaded page must not run as one of ours.
        return FileResponse(
            document.file.open("rb"), as_attachment=True, content_type="application/octet-stream"
        )

    def panel(self, request: HttpRequest, document_id: int) -> HttpResponse:
        """State and first passages, in a frame that reloads itself while a job runs (so that edits aren't lost)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        document = get_object_or_404(Document, pk=document_id)
        context = {
            "document": document,
            "busy": document.status in _BUSY,
            "chunks": document.chunks.all()[:30],
            "count": document.chunks.count(),
        }
        return render(request, "admin/knowledge/document/state.html", context)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        busy = Document.objects.filter(status__in=_BUSY).exists()
        return super().changelist_view(request, {**(extra_context or {}), "documents_busy": busy})
