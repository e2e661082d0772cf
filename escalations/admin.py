"""Agents and tickets are edited here; an escalation is the record of what happened in a call."""

from __future__ import annotations

import json

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from escalations.models import Agent, Escalation, Ticket


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):
    list_display = ("id", "name", "status", "expertise", "idle_since")
    list_filter = ("status",)
    search_fields = ("id", "name", "expertise")


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin):
    list_display = ("id", "issue_type", "priority", "status", "lead", "order_id", "created_at", "resolved_at")
    list_filter = ("status", "priority", "issue_type")
    search_fields = ("id", "issue_type", "order_id", "lead__id", "lead__name")
    raw_id_fields = ("lead",)
    readonly_fields = ("key", "call_id", "resolved_at", "created_at", "updated_at")


@admin.register(Escalation)
class EscalationAdmin(admin.ModelAdmin):
    list_display = ("created_at", "status", "agent", "skill", "reason", "lead", "ended_at")
    list_filter = ("status", "skill", "agent")
    search_fields = ("id", "reason", "query", "lead__id", "lead__name", "call_id")
    list_select_related = ("agent", "lead")
    date_hierarchy = "created_at"
    fields = (
        "call_id",
        "lead",
        "status",
        "agent",
        "reason",
        "query",
        "skill",
        "package",
        "created_at",
        "ended_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    @admin.display(description="handoff")
    def package(self, row: Escalation) -> str:
        return format_html("<pre>{}</pre>", json.dumps(row.handoff, indent=2, ensure_ascii=False))
