"""Invariant: callbacks are for those who work here, each role alike; others are told nothing, not even that there are any."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from leads.context import works_here
from leads.models import Callback
from leads.services import callback_call_now, callback_withdraw

_VIEWS: Final = {
    "open": ("To come", ("scheduled", "no_answer", "calling")),
    "trouble": ("In trouble", ("failed", "unknown")),
    "done": ("Done", ("done",)),
    "all": ("All", ()),
}
_CHANGES: Final = {
    "call": (callback_call_now, "It is called now, or as soon as the hours for calls allow it."),
    "cancel": (callback_withdraw, "Cancelled."),
}


@login_required
@require_safe
def callbacks(request: HttpRequest) -> HttpResponse:
    """Who is to be called when, and how that stands. ``?show=`` chooses, ``?page=`` turns the pages."""
    _role_check(request.user)
    show = request.GET.get("show", "open")
    if show not in _VIEWS:
        show = "open"
    rows = Callback.objects.select_related("lead").order_by("due_at", "id")
    if show != "open":
        rows = rows.order_by("-due_at", "-id")
    if _VIEWS[show][1]:
        rows = rows.filter(status__in=_VIEWS[show][1])
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("page")),
        "show": show,
        "views": [(name, label) for name, (label, _statuses) in _VIEWS.items()],
    }
    return render(request, "leads/callbacks/page.html", context)


@login_required
@require_POST
def callback_change(request: HttpRequest, callback_id: int) -> HttpResponse:
    """Call it now, or cancel it."""
    _role_check(request.user)
    change, words = _CHANGES.get(request.POST.get("do", ""), (None, ""))
    if change is not None and change(callback_id=callback_id):
        messages.success(request, words)
    else:
        messages.error(request, "It is being called, or was settled meanwhile: nothing was changed.")
    return redirect("leads:callbacks")


def _role_check(user: AbstractBaseUser | AnonymousUser) -> None:
    if not works_here(user):
        raise PermissionDenied
