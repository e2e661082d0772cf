"""What the agent says: edited with a preview, and heard before it is saved."""

from __future__ import annotations

import io
import json
import threading
import wave
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from calls.admin.editing import RuleAdmin, RuleForm, announce
from calls.core.playbook import Playbook
from calls.core.speakable import speakable
from calls.models import Phrase
from calls.rules.checks import language_problem, phrase_problem
from calls.rules.shipped import (
    DEFAULT_LANGUAGE,
    note_of,
    notes,
    phrases_shipped,
    samples,
    variables_allowed,
)
from calls.rules.versions import rules_changing
from calls.runtime import RUNTIME
from calls.speech.executor import Busy, Priority

LISTEN_S = 20.0
_listening = threading.Lock()


class PhraseForm(RuleForm):
    section = "phrase"

    class Meta:
        model = Phrase
        fields = ("name", "language", "text")
        widgets: ClassVar = {
            "text": forms.Textarea(
                attrs={"rows": 3, "class": "vLargeTextField rules-phrase", "maxlength": 400}
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"] = forms.ChoiceField(
                choices=_names, help_text="Which of the agent's phrases, and how it is said in English."
            )
        if "language" in self.fields:
            self.fields["language"].widget = forms.TextInput(attrs={"size": 4, "maxlength": 3})

    def key(self) -> str:
        return f"{self.instance.language}/{self.instance.name}"

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"]).strip().lower()
        problem = language_problem(language)
        if problem:
            raise forms.ValidationError(problem)
        return language

    def clean_text(self) -> str:
        text = " ".join(str(self.cleaned_data["text"]).split())
        problem = phrase_problem(self.cleaned_data.get("name") or self.instance.name, text)
        if problem:
            raise forms.ValidationError(problem)
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        taken = Phrase.objects.filter(name=data.get("name", ""), language=data.get("language", ""))
        if "name" in self.fields and taken.exists():
            self.add_error("language", "The agent has this phrase in that language already; change it there.")
        return data


def _names() -> list[tuple[str, str]]:
    return [(name, f"{name}: {_short(text, 70)}") for name, text in phrases_shipped().items()]


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


class GroupFilter(admin.SimpleListFilter):
    title = "where it is said"
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(group, group) for group in dict.fromkeys(note.group for note in notes().values())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Phrase]) -> QuerySet[Phrase]:
        if self.value() is None:
            return queryset
        names = [name for name, note in notes().items() if note.group == self.value()]
        return queryset.filter(name__in=names)


class StateFilter(admin.SimpleListFilter):
    title = "whose words"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("edited", "Your own"), ("shipped", "As shipped")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Phrase]) -> QuerySet[Phrase]:
        same = Q(text=F("shipped"))
        return {"edited": queryset.exclude(same), "shipped": queryset.filter(same)}.get(
            self.value() or "", queryset
        )


@admin.register(Phrase)
class PhraseAdmin(RuleAdmin):
    section = "phrase"
    form = PhraseForm
    change_form_template = "admin/calls/phrase/change_form.html"
    list_display = ("says", "used", "language", "state")
    sortable_by = ()
    list_filter = (GroupFilter, StateFilter, "language")
    search_fields = ("text", "name")
    search_help_text = "Words that the agent says, or a phrase's name."
    actions = ("reset_selected",)

    class Media:
        js = ("rules/phrase.js",)

    def intro(self, request: HttpRequest) -> SafeString:
        return mark_safe(
            "<p>Everything the agent says in its own words; answers come from your documents. Open a phrase to change it, to "
            "see it with its variables filled in and to hear it. What you leave alone follows later releases.</p>"
        )

    # --- the list -------------------------------------------------------------------------------------------------------

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """As the notes have them, which is about the order of a call."""
        order = [When(name=name, then=Value(note.position)) for name, note in notes().items()]
        position = Case(*order, default=Value(len(order)), output_field=IntegerField())
        return (position.asc(), "name", "language")

    @admin.display(description="The agent says")
    def says(self, row: Phrase) -> str:
        return row.text

    @admin.display(description="When")
    def used(self, row: Phrase) -> SafeString:
        return format_html("{} <code>{}</code>", when_said(row), row.name)

    @admin.display(description="Whose words")
    def state(self, row: Phrase) -> str:
        if not row.edited:
            return "As shipped"
        return "Your own" if row.shipped or row.language != DEFAULT_LANGUAGE else "Your own, no longer used"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        found.pop("delete_selected", None)  # an English phrase can't go; a translation is deleted on its page
        return found

    @admin.action(description="Back to the shipped words", permissions=["change"])
    def reset_selected(self, request: HttpRequest, queryset: QuerySet[Phrase]) -> None:
        edited = [row for row in queryset if row.edited and row.shipped]
        for row in edited:
            row.text = row.shipped
            row.save()
        level = messages.SUCCESS if edited else messages.INFO
        self.message_user(request, f"{len(edited)} of the selected phrases are as shipped again.", level)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"language": "", **super().get_changeform_initial_data(request)}  # English is there already

    # --- one phrase -----------------------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Phrase | None = None) -> bool:
        shipped = obj is not None and obj.language == DEFAULT_LANGUAGE and obj.name in phrases_shipped()
        return not shipped and super().has_delete_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Phrase | None = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("name", "language", "text", "preview", "seen")}),)
        about = ("when", "text", "preview", "variables", "as_shipped", "languages", "seen")
        return ((None, {"fields": about}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Phrase | None = None) -> tuple[str, ...]:
        return ("preview",) if obj is None else ("when", "preview", "variables", "as_shipped", "languages")

    @admin.display(description="When it is said")
    def when(self, row: Phrase) -> str:
        return when_said(row)

    @admin.display(description="With variables filled in")
    def preview(self, row: Phrase | None) -> SafeString:
        phrases = {
            name: {"text": text, "voiced": not note_of(name).screen}
            for name, text in phrases_shipped().items()
        }
        return format_html(
            '<output class="rules-preview" for="id_text" data-company="{}" data-samples="{}" data-phrases="{}">{}</output>'
            '<p class="rules-listen" hidden><button type="button" class="button" data-url="{}">Listen</button> '
            '<span role="status"></span></p>',
            settings.COMPANY_NAME,
            json.dumps(dict(samples())),
            json.dumps(phrases if row is None or row.pk is None else {row.name: phrases.get(row.name, {})}),
            filled(row.text) if row is not None and row.pk else "",
            reverse("admin:calls_phrase_listen"),
        )

    @admin.display(description="Variables")
    def variables(self, row: Phrase) -> SafeString:
        must = note_of(row.name).must
        return format_html_join(
            " ",
            "<span class='rules-variable'><code>{{{}}}</code>{}</span>",
            ((name, " must be there" if name in must else "") for name in variables_allowed(row.name)),
        )

    @admin.display(description="As shipped")
    def as_shipped(self, row: Phrase) -> str:
        return row.shipped or phrases_shipped().get(row.name, "–")

    @admin.display(description="Other languages")
    def languages(self, row: Phrase) -> SafeString:
        others = Phrase.objects.filter(name=row.name).exclude(pk=row.pk).order_by("language")
        links = format_html_join(
            "",
            '<li><a href="{}">{}</a>: {}</li>',
            (
                (reverse("admin:calls_phrase_change", args=[one.pk]), one.language, _short(one.text, 90))
                for one in others
            ),
        )
        add = f"{reverse('admin:calls_phrase_add')}?name={row.name}&language="
        return format_html(
            '<ul class="rules-languages">{}<li><a href="{}">Say it in another language</a></li></ul>',
            links,
            add,
        )

    # --- buttons --------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("listen/", self.admin_site.admin_view(self.listen), name="calls_phrase_listen"),
            path("<int:phrase_id>/reset/", self.admin_site.admin_view(self.reset), name="calls_phrase_reset"),
        ]
        return [*own, *super().get_urls()]

    def reset(self, request: HttpRequest, phrase_id: int) -> HttpResponse:
        """Back to the shipped words."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Phrase, pk=phrase_id)
        with rules_changing(by=request.user.get_username()) as changing:
            if row.shipped:
                row.text = row.shipped
                row.save()
        announce(request, changing.number)
        return HttpResponseRedirect(reverse("admin:calls_phrase_change", args=[phrase_id]))

    def listen(self, request: HttpRequest) -> HttpResponse:
        """The words of ``text`` in the agent's voice, as a WAV. What couldn't be saved can't be heard either."""
        if request.method != "POST" or not self.has_view_or_change_permission(request):
            raise PermissionDenied
        text = " ".join(request.POST.get("text", "").split())
        problem = phrase_problem(request.POST.get("name", ""), text)
        if problem:
            return JsonResponse({"error": problem}, status=400)
        models, executor = RUNTIME.models, RUNTIME.executor
        if models is None or executor is None:
            return JsonResponse({"error": "The voice isn't loaded yet. Try again in a moment."}, status=503)
        if not _listening.acquire(blocking=False):
            return JsonResponse(
                {"error": "The voice is speaking already. Try again in a moment."}, status=429
            )
        try:
            words = speakable(filled(text))
            said = executor.submit(
                lambda: b"".join(models.voice.synthesise(words)), priority=Priority.SPECULATIVE
            )
            pcm = said.result(timeout=LISTEN_S)
        except (Busy, TimeoutError):
            return JsonResponse(
                {"error": "Calls need the voice just now. Try again in a moment."}, status=503
            )
        finally:
            _listening.release()
        answer = HttpResponse(wav(pcm, models.voice.sample_rate), content_type="audio/wav")
        answer["Cache-Control"] = "no-store"
        return answer


def when_said(row: Phrase) -> str:
    return note_of(row.name).where if row.name in phrases_shipped() else "No longer used by the agent."


def filled(text: str) -> str:
    """``text`` with sample variables; what isn't one stays as it is written."""
    try:
        playbook = Playbook(company=settings.COMPANY_NAME, phrases={"it": text})
        return playbook.say("it", **samples())
    except (ValueError, KeyError):
        return text


def wav(pcm: bytes, rate: int) -> bytes:
    """Signed 16-bit mono PCM as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(pcm)
    return file.getvalue()
