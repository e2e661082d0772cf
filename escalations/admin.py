from __future__ import annotations

from django.contrib import admin

from escalations.models import Agent, Ticket


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):
    list_display = ("id", "name", "status", "expertise")
    list_filter = ("status",)
    search_fields = ("id", "name", "expertise")


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin):
    list_display = ("id", "issue_type", "priority", "status", "lead", "created_at")
    list_filter = ("status", "priority", "issue_type")
    search_fields = ("id", "issue_type", "lead__id", "lead__name")
    raw_id_fields = ("lead",)
    readonly_fields = ("key", "call_id", "created_at", "updated_at")
