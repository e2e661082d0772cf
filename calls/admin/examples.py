"""How callers say things: what the agent learns intents from."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.admin.editing import RuleAdmin, RuleForm, text_input
from calls.core.decision import INTENTS
from calls.models import ExampleUtterance
from calls.rules.checks import example_problem, language_problem


class ExampleForm(RuleForm):
    section = "example"
    intent = forms.ChoiceField(choices=[(name, name.replace("_", " ").capitalize()) for name in INTENTS])

    class Meta:
        model = ExampleUtterance
        fields = ("intent", "language", "text", "active")
        widgets: ClassVar = {
            "text": text_input(),
            "language": forms.TextInput(attrs={"size": 4, "maxlength": 3}),
        }
        help_texts: ClassVar = {
            "text": "One sentence, as a caller would say it.",
            "active": "What isn't active is kept here and not learnt from.",
        }

    def key(self) -> str:
        before = {name: self.initial.get(name, "") for name in ("language", "intent", "text")}
        return "/".join(map(str, before.values()))

    def clean_text(self) -> str:
        text = " ".join(str(self.cleaned_data["text"]).split())
        problem = example_problem(text)
        if problem:
            raise forms.ValidationError(problem)
        return text

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"]).strip().lower()
        problem = language_problem(language)
        if problem:
            raise forms.ValidationError(problem)
        return language


@admin.register(ExampleUtterance)
class ExampleUtteranceAdmin(RuleAdmin):
    """Examples that the agent learns intents from; a change takes effect on the next turn."""

    section = "example"
    form = ExampleForm
    fields = ("intent", "language", "text", "active", "seen")
    list_display = ("text", "intent", "language", "active")
    list_filter = ("intent", "active", "language")
    list_editable = ("active",)
    search_fields = ("text",)
    list_per_page = 100

    def intro(self, request: HttpRequest) -> SafeString:
        return format_html(
            "<p>{}</p>",
            "What callers say, by what they mean by it. The agent learns from these: when it misunderstood somebody, add "
            "their words here with the right intent. Ten unlike examples are worth more than fifty that are nearly the same.",
        )
