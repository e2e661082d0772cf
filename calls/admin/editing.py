"""What the pages of all rules share.

Invariant: every POST that may change a rule runs inside ``rules_changing``, whichever of Django's ways it takes (a form, a
list that is edited in place, an action, a deletion), so that one submission is one version. Nobody overwrites what
somebody else changed while the page was open without having seen it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import structlog
from django import forms
from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.safestring import SafeString

from calls.models import PlaybookVersion
from calls.rules.versions import RulesRefused, changed_since, latest_number, rules_changing
from calls.runtime import RUNTIME

log = structlog.get_logger(__name__)

SEEN = "seen"


class RuleForm(forms.ModelForm):
    """A rule's form. ``seen`` is the version that the page showed."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    section = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEEN].initial = latest_number()

    def key(self) -> str | None:
        """The rule's key among the entries of its section; None when it is all of them."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        seen = data.get(SEEN)
        if seen and self.instance.pk is not None and not self.instance._state.adding:
            newer = changed_since(number=seen, section=self.section, key=self.key())
            if newer is not None:
                self.add_error(None, conflict_say(newer, section=self.section, key=self.key()))
                # Who has read that may save again.
                self.data = {**dict(self.data.items()), self.add_prefix(SEEN): str(latest_number())}
        return data


def conflict_say(version: PlaybookVersion, *, section: str, key: str | None = None) -> str:
    """Who changed what meanwhile, and what to do about it."""
    theirs = [
        change["words"]
        for change in version.diff
        if change["section"] == section and (key is None or change["key"] == key) and change["words"]
    ]
    at = timezone.localtime(version.at)
    what = f" {'; '.join(theirs[:3])}." if theirs else ""
    return (
        f"{version.by or 'Somebody'} changed this at {at:%H:%M} while you had it open.{what} "
        "Save again to have it your way, or open the page anew to keep theirs."
    )


class RuleAdmin(admin.ModelAdmin):
    """A kind of rule. ``section`` is its section among the entries; ``intro`` is what its list says above."""

    section: ClassVar[str] = ""
    change_list_template = "admin/calls/rules/change_list.html"
    change_form_template = "admin/calls/rules/change_form.html"
    list_per_page = 200
    actions_on_top = True

    class Media:
        css: ClassVar = {"all": ("rules/rules.css",)}

    def intro(self, request: HttpRequest) -> SafeString | str:
        return ""

    def heading(self, request: HttpRequest, object_id: str | None) -> str:
        """The title of one rule's page."""
        kind = str(self.opts.verbose_name)
        row = self.get_object(request, object_id) if object_id else None
        return f"{kind.capitalize()}: {row}" if row is not None else f"Add {kind}"

    # --- one submission, one version ------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        view = super().changeform_view
        context = {"title": self.heading(request, object_id), **(extra_context or {})}
        return self._versioned(request, lambda: view(request, object_id, form_url, context))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = super().delete_view
        return self._versioned(request, lambda: view(request, object_id, extra_context))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = super().changelist_view
        title = str(self.opts.verbose_name_plural).capitalize()
        context = {
            "title": title,
            "seen": latest_number(),
            "intro": self.intro(request),
            **(extra_context or {}),
        }
        return self._versioned(request, lambda: self._unless_stale(request, lambda: view(request, context)))

    def _unless_stale(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        """A list that is saved whole must not put back what somebody else changed since it was shown."""
        seen = request.POST.get(SEEN, "")
        saving = request.method == "POST" and "_save" in request.POST
        if saving and seen.isdigit() and self.has_change_permission(request):
            newer = changed_since(number=int(seen), section=self.section)
            if newer is not None:
                words = conflict_say(newer, section=self.section).partition(" Save again")[0]
                self.message_user(
                    request, f"{words} Nothing was saved; here is how it is now.", messages.ERROR
                )
                return HttpResponseRedirect(request.get_full_path())
        return view()

    def _versioned(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        if request.method != "POST":
            return view()
        try:
            with rules_changing(by=request.user.get_username()) as changing:
                response = view()
        except RulesRefused as refused:
            messages_forget(request)
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        announce(request, changing.number)
        return response


def announce(request: HttpRequest, number: int | None) -> None:
    """Say which version is in force now, and have new sentences voiced before a caller waits for them."""
    if number is None:
        return
    messages.info(request, f"Version {number} of the rules is in force from the next turn of every call.")
    transaction.on_commit(_take_up)


def _take_up() -> None:
    if RUNTIME.models is None:
        return
    try:
        RUNTIME.playbook_now()
    except Exception as error:  # noqa: BLE001 - a turn will notice as well; the edit itself is saved
        log.warning("playbook_not_taken_up", error=type(error).__name__)


def messages_forget(request: HttpRequest) -> None:
    """Nothing was done after all: what was already announced is not true."""
    for _ in messages.get_messages(request):
        pass


def text_input(width: str = "40rem") -> forms.TextInput:
    return forms.TextInput(attrs={"class": "vTextField rules-input", "style": f"max-width: {width}"})


SHORT_TEXT: dict[type[models.Field], dict[str, Any]] = {models.TextField: {"widget": text_input()}}
