"""Every version of the rules: who changed what, and the way back."""

from __future__ import annotations

import difflib
import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from calls.admin.editing import announce
from calls.models import PlaybookVersion
from calls.rules.entries import entries_read, entries_restored
from calls.rules.versions import RulesRefused, latest_number, version_restore
from calls.rules.wording import Change, changes_between, value_say

SHOWN = 60


@admin.register(PlaybookVersion)
class PlaybookVersionAdmin(admin.ModelAdmin):
    change_form_template = "admin/calls/playbookversion/change_form.html"
    change_list_template = "admin/calls/rules/change_list.html"
    list_display = ("version", "what", "who", "at")
    list_display_links = ("version", "what")
    search_fields = ("what", "by")
    date_hierarchy = "at"
    list_per_page = 50

    class Media:
        css = {"all": ("rules/rules.css",)}  # noqa: RUF012

    @admin.display(description="Version", ordering="number")
    def version(self, row: PlaybookVersion) -> str:
        return f"{row.number}, in force" if row.number == self._newest else str(row.number)

    @admin.display(description="By", ordering="by")
    def who(self, row: PlaybookVersion) -> str:
        return row.by or "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def may_restore(self, request: HttpRequest) -> bool:
        return request.user.has_perm("calls.restore_playbookversion")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        self._newest = latest_number()
        intro = format_html(
            "<p>{}</p>",
            "Each change of a phrase, of hours, of what is allowed and so on is a version. The newest is in force in "
            "every call from its next turn. Open a version to see what changed and to go back to it.",
        )
        return super().changelist_view(
            request, {"title": "Versions of the rules", "intro": intro, **(extra_context or {})}
        )

    _newest = 0

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        version = PlaybookVersion.objects.filter(number=object_id if object_id.isdigit() else 0).first()
        context: dict[str, Any] = {"title": f"Version {object_id} of the rules"}
        if version is not None and self.has_view_permission(request, version):
            back = changes_between(entries_read(), entries_restored(version.snapshot))
            context |= {
                "version": version,
                "in_force": version.number == latest_number(),
                "changes": [_row(Change(**change)) for change in version.diff[:SHOWN]],
                "more": max(0, len(version.diff) - SHOWN),
                "back": [change.words for change in back if change.words][:SHOWN],
                "may_restore": self.may_restore(request),
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        restore = path(
            "<int:number>/restore/",
            self.admin_site.admin_view(self.restore),
            name="calls_playbookversion_restore",
        )
        return [restore, *super().get_urls()]

    def restore(self, request: HttpRequest, number: int) -> HttpResponse:
        if request.method != "POST" or not self.may_restore(request):
            raise PermissionDenied
        get_object_or_404(PlaybookVersion, number=number)
        try:
            made = version_restore(number=number, by=request.user.get_username())
        except RulesRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:calls_playbookversion_change", args=[number]))
        if made is None:
            self.message_user(request, f"The rules are as in version {number} already.", messages.INFO)
        else:
            self.message_user(request, f"The rules are as in version {number} again.", messages.SUCCESS)
            announce(request, made)
        return HttpResponseRedirect(reverse("admin:calls_playbookversion_changelist"))


def _row(change: Change) -> dict[str, Any]:
    before, after = value_say(change.section, change.before), value_say(change.section, change.after)
    whole = change.section in {"action", "holiday", "example"}
    label = change.words if whole else change.words.partition(": ")[0]
    old, new = marked(before, after)
    return {"label": label or change.key.rpartition("/")[2], "before": old, "after": new}


def marked(before: str, after: str) -> tuple[SafeString, SafeString]:
    """Both texts, with the words that went and came marked."""
    old, new = (re.findall(r"\s+|\S+", text) for text in (before, after))
    gone: list[tuple[bool, str]] = []
    come: list[tuple[bool, str]] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone.append((what != "equal", "".join(old[a:b])))
        come.append((what != "equal", "".join(new[c:d])))
    return _tagged(gone, "del") if before else mark_safe(""), _tagged(come, "ins") if after else mark_safe("")


def _tagged(parts: list[tuple[bool, str]], tag: str) -> SafeString:
    shown = [(tag, text, tag) if changed else ("span", text, "span") for changed, text in parts if text]
    return format_html_join("", "<{}>{}</{}>", shown)
