"""A lead's data on request, from the admin. Invariant: nothing goes before somebody who may delete it has said so twice."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from calls.retention import DELETE, over, rows_count
from calls.services import EraseRefusedError, lead_erase
from leads.models import Lead


def lead_erase_page(request: HttpRequest, lead_id: str) -> HttpResponse:
    """What would go, and the button."""
    if not request.user.has_perm("leads.delete_lead"):
        raise PermissionDenied
    lead = get_object_or_404(Lead, pk=lead_id)
    refused = ""
    if request.method == "POST" and request.POST.get("sure") == "yes":
        try:
            counts = lead_erase(lead_id=lead_id, by=str(request.user.pk))
        except EraseRefusedError as error:
            refused = str(error)
        else:
            messages.success(request, f"The lead and {sum(counts.values()) - 1} rows about it are gone.")
            return redirect("admin:leads_lead_changelist")
    counts = rows_count(over(whose=Q(lead=lead), before=None), mode=DELETE)
    context = {
        **admin.site.each_context(request),
        "title": "Erase a lead's data",
        "lead": lead,
        "counts": {kind: count for kind, count in counts.items() if count},
        "refused": refused,
    }
    return TemplateResponse(request, "admin/leads/lead/erase.html", context)
