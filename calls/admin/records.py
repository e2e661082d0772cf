"""What happened in calls: to be read, never changed. And the sites that may call."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from calls.models import Action, Call, Site, Turn


class _Record(admin.ModelAdmin):
    """What happened can be read, not changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class TurnInline(admin.TabularInline):
    model = Turn
    fields = ("number", "role", "text", "heard", "interrupted", "timings")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ActionInline(admin.TabularInline):
    model = Action
    fields = ("turn", "kind", "status", "to", "label", "created_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Call)
class CallAdmin(_Record):
    list_display = ("id", "lead", "status", "end_reason", "channel", "started_at", "ended_at")
    list_filter = ("status", "end_reason", "channel")
    search_fields = ("id", "lead__id", "lead__name")
    date_hierarchy = "started_at"
    inlines = (TurnInline, ActionInline)


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):
    list_display = ("key", "name", "active")
