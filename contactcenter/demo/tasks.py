"""A demo that runs for days still has an order that arrives today."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from contactcenter.demo.services import company_current, orders_redate


@shared_task(name="contactcenter.demo.tasks.demo_orders_redate")
def demo_orders_redate() -> int:
    """Re-date the demo company's orders; returns how many moved. Harmless to repeat, nothing in public."""
    if settings.PUBLIC_BASE_URL:
        return 0
    return orders_redate(company=company_current())
