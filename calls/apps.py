from __future__ import annotations

from collections.abc import Iterable

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"

    def ready(self) -> None:
        from knowledge.kinds import kinds_from  # models can't be imported before the apps are ready

        kinds_from(_document_kinds)


def _document_kinds() -> Iterable[str]:
    """Kinds of documents that an admin added."""
    from calls.models import DocumentType

    return DocumentType.objects.order_by("kind").values_list("kind", flat=True).distinct()
