"""Callbacks in the admin: seen with all that became of them, moved, taken back, or called at once.

Nothing here writes a whole row: a worker may be at it, and what it notes meanwhile must not be overwritten.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from leads.models import Callback, CallbackEvent
from leads.services import callback_call_now, callback_rearrange, callback_withdraw


class CallbackEventInline(admin.TabularInline):
    model = CallbackEvent
    extra = 0
    fields = ("at", "attempt", "status", "detail", "simulated", "provider_id")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Callback)
class CallbackAdmin(admin.ModelAdmin):
    """A callback that waits can be moved here; who asked for it, and in which call, stays."""

    list_display = (
        "due_at",
        "status",
        "lead",
        "phone",
        "reason",
        "tries",
        "next_attempt_at",
        "stage",
        "simulated",
        "error",
    )
    list_filter = ("status", "simulated", "provider", "due_at")
    search_fields = ("phone", "reason", "lead__name", "lead__id", "call_id", "provider_id")
    list_select_related = ("lead",)
    date_hierarchy = "due_at"
    actions = ("call_now", "withdraw")
    inlines: ClassVar = [CallbackEventInline]
    fieldsets: ClassVar[list[Any]] = [
        (None, {"fields": ("lead", "phone", "due_at", "reason", "status", "error")}),
        (
            "Calling",
            {
                "fields": (
                    "stage",
                    "tries",
                    "next_attempt_at",
                    "answered_at",
                    "connected_at",
                    "finished_at",
                    "provider",
                    "provider_id",
                    "simulated",
                )
            },
        ),
        ("Record", {"fields": ("key", "call_id", "attempts", "failure", "claimed_at", "created_at")}),
    ]
    _editable = ("due_at", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Callback | None = None) -> list[str]:
        fields = [str(name) for _title, options in self.fieldsets for name in options["fields"]]
        return [name for name in fields if name not in self._editable]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Callback | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Callback, form: Any, change: bool) -> None:
        if not callback_rearrange(callback_id=obj.pk, due_at=obj.due_at, reason=obj.reason):
            messages.error(request, "It is being called, or was settled meanwhile: nothing was changed.")

    @admin.action(description="Call now", permissions=["change"])
    def call_now(self, request: HttpRequest, rows: QuerySet[Callback]) -> None:
        done = sum(callback_call_now(callback_id=row.pk) for row in rows)
        messages.info(
            request, f"{done} of {len(rows)} are called now, or as soon as the hours for calls allow it."
        )

    @admin.action(description="Cancel", permissions=["change"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Callback]) -> None:
        done = sum(callback_withdraw(callback_id=row.pk) for row in rows)
        messages.info(
            request, f"{done} of {len(rows)} cancelled; what is being called, or is over, stays as it is."
        )
