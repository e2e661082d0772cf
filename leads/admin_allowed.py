"""Limits are edited here, with what was there before on record; who agreed to what is only read, but a stop can be noted."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from leads.models import OptOut
from leads.models_allowed import Consent, Limits, Price, Tally
from leads.recipients import RecipientError, recipient_normalise
from leads.selectors import used_today
from leads.services import start_note, stop_note

_QUIET: Final = "By the recipient's clock. Calls, and SMS and WhatsApp messages not asked for in a call, wait for the end."


class _Recorded:
    """What happened is not edited."""

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(Limits)
class LimitsAdmin(admin.ModelAdmin):
    """One row, so the list leads to it at once. It counts from the next message on."""

    fieldsets: ClassVar = [
        (None, {"fields": ("today",)}),
        ("Money", {"fields": ("spend_day",), "description": "What each costs is under Prices."}),
        ("How many", {"fields": ("per_call", "per_caller_day", "per_number_day", "per_prefix_hour", "per_hour", "per_day")}),
        ("Where", {"fields": ("countries",)}),
        ("Quiet hours", {"fields": (("quiet_from", "quiet_until"),), "description": _QUIET}),
        ("Trying it out", {"fields": ("outbox_factor",)}),
    ]  # fmt: skip
    readonly_fields = ("today",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Limits | None = None) -> bool:
        return False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Limits | None:
        if object_id == str(Limits.ONLY):
            Limits.objects.get_or_create(id=Limits.ONLY)
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:leads_limits_change", args=[Limits.ONLY]))

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """The history says what it was and what it is."""
        return ", ".join(
            f"{name}: {form.initial.get(name)} → {form.cleaned_data[name]}" for name in form.changed_data
        )

    @admin.display(description="today, so far")
    def today(self, _limits: Limits) -> str:
        used = used_today(now=timezone.now(), time_zone=settings.TIME_ZONE)
        kept = f", and {used.kept} kept in the outbox" if used.kept else ""
        return f"{used.messages} sent, {used.money:.2f} spent{kept}; {used.hour} in this hour."


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin):
    list_display = ("channel", "country_name", "price")
    list_editable = ("price",)
    list_filter = ("channel",)

    @admin.display(description="country", ordering="country")
    def country_name(self, row: Price) -> str:
        return row.country or "any other"


@admin.register(Tally)
class TallyAdmin(_Recorded, admin.ModelAdmin):
    list_display = ("scope", "subject", "begins", "used", "most")
    list_filter = ("scope",)
    search_fields = ("subject",)


@admin.register(Consent)
class ConsentAdmin(_Recorded, admin.ModelAdmin):
    list_display = ("at", "given", "channel", "address", "how", "source", "lead", "call_id", "turn")
    list_filter = ("channel", "given", "how")
    search_fields = ("address", "lead__id", "lead__name", "call_id")
    list_select_related = ("lead",)
    date_hierarchy = "at"


class OptOutForm(forms.ModelForm):
    class Meta:
        model = OptOut
        fields = ("channel", "address")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        channel, address = cleaned.get("channel"), cleaned.get("address")
        if channel and address:
            try:
                cleaned["address"] = recipient_normalise(
                    address, channel=channel, region=settings.DEFAULT_PHONE_REGION
                )
            except RecipientError as error:
                self.add_error("address", f"{str(error).capitalize()}.")
        return cleaned


@admin.register(OptOut)
class OptOutAdmin(admin.ModelAdmin):
    """Adding one stops messages there at once; taking one away lets them go again. Both are on record as staff's word."""

    form = OptOutForm
    list_display = ("address", "channel", "at", "source")
    list_filter = ("channel",)
    search_fields = ("address",)

    def has_change_permission(self, request: HttpRequest, obj: OptOut | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: OptOut, form: Any, change: bool) -> None:
        source = request.user.get_username()
        stop_note(channel=obj.channel, address=obj.address, how=Consent.How.STAFF, source=source)
        row = OptOut.objects.get(channel=obj.channel, address__iexact=obj.address)
        obj.pk, obj.at, obj.source = row.pk, row.at, row.source

    def delete_model(self, request: HttpRequest, obj: OptOut) -> None:
        source = request.user.get_username()
        start_note(channel=obj.channel, address=obj.address, how=Consent.How.STAFF, source=source)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OptOut]) -> None:
        for row in queryset:
            self.delete_model(request, row)


__all__ = ["ConsentAdmin", "LimitsAdmin", "OptOutAdmin", "PriceAdmin", "TallyAdmin"]
