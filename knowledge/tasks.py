"""Doorbells: each names a document and leaves everything else to the services."""

from celery import shared_task

from knowledge import services


@shared_task(name="knowledge.tasks.document_index", queue="indexing", soft_time_limit=1500, time_limit=1560)
def document_index(document_id: int, generation: int) -> bool:
    """Index one generation of a document."""
    return services.document_index(document_id=document_id, generation=generation)


@shared_task(name="knowledge.tasks.documents_sweep", queue="indexing")
def documents_sweep() -> int:
    """Ring again for documents that nobody works on."""
    return services.documents_sweep()
