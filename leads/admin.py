"""Leads and orders are edited here; what was said and sent is only read."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from leads.models import (
    Conversation,
    Delivery,
    Lead,
    Message,
    Order,
    VerificationCode,
)


class ReadOnly:
    """A record of what happened is not edited."""

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


class OrderInline(admin.StackedInline):
    """One below the other: a row of seven fields, two of them times, is wider than a screen."""

    model = Order
    extra = 0


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    list_display = ("name", "id", "company", "phone", "email", "lead_status", "verified", "last_contacted_at")
    list_filter = ("lead_status", "verified", "is_demo", "preferred_channel")
    search_fields = ("id", "name", "company", "phone", "email")
    readonly_fields = ("external_id", "created_at")
    inlines: ClassVar = [OrderInline]
    change_form_template = "admin/leads/lead/change_form.html"


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ("order_id", "lead", "product", "status", "estimated_delivery", "tracking_id")
    list_filter = ("status",)
    search_fields = ("order_id", "tracking_id", "product", "lead__name", "lead__id")
    list_select_related = ("lead",)
    autocomplete_fields = ("lead",)


@admin.register(Conversation)
class ConversationAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("timestamp", "role", "channel", "intent", "lead", "message_start")
    list_filter = ("role", "channel", "intent")
    search_fields = ("message", "lead__name", "lead__id", "call_id")
    list_select_related = ("lead",)
    date_hierarchy = "timestamp"

    @admin.display(description="message")
    def message_start(self, row: Conversation) -> str:
        return row.message[:80]


class DeliveryInline(ReadOnly, admin.TabularInline):
    model = Delivery
    extra = 0
    fields = ("at", "status", "detail", "simulated", "event_id")


@admin.register(Message)
class MessageAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("created_at", "channel", "to", "subject", "status", "provider", "simulated", "attempts")
    list_filter = ("status", "channel", "provider", "simulated", "template")
    search_fields = ("to", "subject", "key", "provider_id", "lead__name", "lead__id", "call_id")
    list_select_related = ("lead",)
    date_hierarchy = "created_at"
    inlines: ClassVar = [DeliveryInline]
    fieldsets: ClassVar = [
        (None, {"fields": ("lead", "channel", "to", "subject", "status", "error", "simulated")}),
        ("Text", {"fields": ("preview", "words", "attachments")}),
        (
            "Delivery",
            {"fields": ("provider", "provider_id", "attempts", "not_before", "next_attempt_at", "sent_at")},
        ),
        (
            "Record",
            {"fields": ("id", "key", "call_id", "template", "claimed_at", "created_at", "updated_at")},
        ),
    ]
    readonly_fields = ("preview", "words")

    @admin.display(description="body text")
    def words(self, row: Message) -> str:
        # A code is between the caller and the telephone on file; whoever may read it here could pass for the caller.
        return "A one-time code; its text is not shown." if row.template == "code" else row.body_text

    @admin.display(description="as it looks")
    def preview(self, row: Message) -> str:
        if not row.body_html:
            return "Plain text only."
        # A frame that can run nothing: the text of a mail may come from anywhere.
        return format_html(
            '<iframe sandbox="" title="The mail" srcdoc="{}" width="640" height="480"></iframe>',
            row.body_html,
        )


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "message", "status", "detail", "simulated")
    list_filter = ("status", "simulated")
    search_fields = ("message__provider_id", "message__key", "event_id")


@admin.register(VerificationCode)
class VerificationCodeAdmin(ReadOnly, admin.ModelAdmin):
    """That a code was asked for and how often it was tried; neither the digits nor what is kept of them."""

    list_display = ("created_at", "lead", "call_id", "tries", "expires_at", "used_at")
    list_select_related = ("lead",)
    search_fields = ("lead__id", "call_id")
    fields = ("call_id", "lead", "tries", "expires_at", "used_at", "created_at")


from leads import admin_allowed, admin_callbacks, admin_failures, admin_jobs, admin_templates  # noqa: E402, F401
