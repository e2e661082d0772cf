"""What did not arrive, why, and "send again". Invariant: nothing is sent twice but by somebody who was told that it may be."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from leads.models import Delivery, Undelivered
from leads.services.failures import (
    SendAgainRefusedError,
    SurelyNotTwiceError,
    failure_words,
    message_send_again,
)
from leads.status import Status

_STATES = {Status.FAILED: "Failed", Status.UNKNOWN: "May have arrived"}


class News(admin.TabularInline):
    model = Delivery
    extra = 0
    can_delete = False
    fields = readonly_fields = ("at", "status", "detail", "simulated")

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, words) for status, words in _STATES.items()]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(status=self.value()) if self.value() in {*_STATES} else rows


@admin.register(Undelivered)
class UndeliveredAdmin(admin.ModelAdmin):
    """Read, and sent again; never edited."""

    list_display = ("to", "why", "state", "subject", "updated_at", "channel", "attempts", "lead")
    list_filter = (StateFilter, "failure", "channel", "provider", "template")
    search_fields = ("to", "subject", "provider_id", "lead__name", "lead__id", "call_id")
    list_select_related = ("lead",)
    ordering = ("-updated_at",)
    actions = ("send_again",)
    inlines: ClassVar = [News]
    change_form_template = "admin/leads/undelivered/change_form.html"
    fields = readonly_fields = (
        "lead",
        "channel",
        "to",
        "subject",
        "state",
        "why",
        "error",
        "provider",
        "attempts",
        "told_at",
        "call_id",
        "created_at",
        "updated_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Undelivered]:
        return super().get_queryset(request).filter(status__in=[status.value for status in _STATES])

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": "What did not arrive", **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    @admin.display(description="state", ordering="status")
    def state(self, row: Undelivered) -> str:
        return _STATES.get(Status(row.status), row.status)

    @admin.display(description="why")
    def why(self, row: Undelivered) -> str:
        words = failure_words(row)
        return words[:1].upper() + words[1:]

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description="Send again", permissions=["change"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Undelivered]) -> HttpResponse | None:
        maybe = request.POST.get("maybe_twice") == "yes"
        doubtful = [row for row in chosen if row.status == Status.UNKNOWN]
        if doubtful and not maybe and "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Some of these may have arrived",
                "chosen": list(chosen),
                "doubtful": doubtful,
                "opts": self.model._meta,
                "action_name": "send_again",
            }
            return TemplateResponse(request, "admin/leads/undelivered/confirm.html", context)
        sent, refused, left = 0, [], 0
        for row in chosen:
            try:
                message_send_again(message_id=row.id, maybe_twice=maybe, by=str(request.user.pk))
                sent += 1
            except SurelyNotTwiceError:
                left += 1
            except SendAgainRefusedError as error:
                refused.append(f"{row.get_channel_display()} to {row.to}: {error}.")
        if sent:
            plural = "s are" if sent > 1 else " is"
            self.message_user(request, f"{sent} message{plural} on the way again.", messages.SUCCESS)
        for words in refused[:10]:
            self.message_user(request, f"Not sent again. {words}", messages.WARNING)
        if len(refused) > 10:
            self.message_user(request, f"And {len(refused) - 10} more.", messages.WARNING)
        if left:
            self.message_user(request, f"{left} left alone, since they may have arrived.", messages.INFO)
        return None

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.send_one))
        return [path("<uuid:message_id>/again/", view, name="leads_undelivered_again"), *super().get_urls()]

    def send_one(self, request: HttpRequest, message_id: Any) -> HttpResponse:
        """The button of one message."""
        chosen = self.get_queryset(request).filter(pk=message_id)
        if not self.has_change_permission(request):
            return HttpResponse(status=403)
        answer = self.send_again(request, chosen)
        return answer or HttpResponseRedirect(reverse("admin:leads_undelivered_changelist"))
