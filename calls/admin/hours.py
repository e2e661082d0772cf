"""When somebody is there: a week on one page, and days off."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.admin.editing import SHORT_TEXT, RuleAdmin, RuleForm
from calls.models import BusinessHours, Holiday
from calls.rules.checks import spans_parse, spans_read, spans_say, spans_stored


class SpansField(forms.CharField):
    """Hours as people write them; the value is as stored."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(
            attrs={"class": "rules-hours", "placeholder": "closed", "autocomplete": "off"}
        )
        super().__init__(required=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return spans_say(spans_read(value))
        return value

    def to_python(self, value: Any) -> Any:
        try:
            return spans_stored(spans_parse(super().to_python(value) or ""))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except forms.ValidationError:
            return True


class HoursForm(RuleForm):
    section = "hours"
    spans = SpansField(
        label="Open", help_text="Such as 09:00–18:00, or 09:00–13:00, 14:00–18:00. Empty is closed."
    )

    class Meta:
        model = BusinessHours
        fields = ("spans",)

    def key(self) -> str:
        return str(self.instance.weekday)


class HoursRowForm(forms.ModelForm):
    """One row of the week's list."""

    spans = SpansField()

    class Meta:
        model = BusinessHours
        fields = ("spans",)


@admin.register(BusinessHours)
class BusinessHoursAdmin(RuleAdmin):
    section = "hours"
    form = HoursForm
    fields = ("spans", "seen")
    list_display = ("day", "spans")
    list_display_links = None
    list_editable = ("spans",)
    actions = None

    def intro(self, request: HttpRequest) -> SafeString:
        days = [str(day) for day in Holiday.objects.filter(date__gte=timezone.localdate())[:3]]
        return format_html(
            "<p>When somebody can call back or take over, in local time of {}. Write 09:00–18:00, or "
            "09:00–13:00, 14:00–18:00; an empty day is closed. Callbacks are arranged within these hours only.</p>"
            '<p>{} <a href="{}">Change days off</a></p>',
            settings.TIME_ZONE.replace("_", " "),
            f"Next days off: {', '.join(days)}." if days else "There are no days off ahead.",
            reverse("admin:calls_holiday_changelist"),
        )

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        return HoursRowForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.display(description="Day")
    def day(self, row: BusinessHours) -> str:
        return str(row)


class HolidayForm(RuleForm):
    section = "holiday"

    class Meta:
        model = Holiday
        fields = ("date", "name")

    def key(self) -> str:
        return str(self.initial.get("date") or self.instance.date)


@admin.register(Holiday)
class HolidayAdmin(RuleAdmin):
    section = "holiday"
    form = HolidayForm
    fields = ("date", "name", "seen")
    list_display = ("date", "name")
    date_hierarchy = "date"
    formfield_overrides = SHORT_TEXT

    def intro(self, request: HttpRequest) -> str:
        return format_html("<p>{}</p>", "Dates on which nobody is there, whatever the weekday.")
