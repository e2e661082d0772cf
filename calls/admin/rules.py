"""What the agent may do, what callers call documents, who is asked when a person is needed, and the company's own rules."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from calls.admin.editing import RuleAdmin, RuleForm, text_input
from calls.core.decision import ACTIONS, INTENTS
from calls.core.slots import ISSUES
from calls.models import ActionRule, CompanyRules, DocumentType, EscalationRule
from calls.playbooks import playbook_load
from calls.rules import checks
from calls.rules.services import COMPANY_CHECKS
from calls.rules.shipped import action_label, action_notes
from escalations.models import Agent
from leads.models import Order


def _checked(form: forms.ModelForm, problem: str, value: Any) -> Any:
    if problem:
        raise forms.ValidationError(problem)
    return value


# --- actions ---------------------------------------------------------------------------------------------------------------


class ActionForm(RuleForm):
    section = "action"

    class Meta:
        model = ActionRule
        fields = ("allowed",)

    def key(self) -> str:
        return str(self.instance.action)


def instead_say(action: str) -> str:
    """What callers hear when the agent is not allowed to do ``action``."""
    note = action_notes().get(action)
    if note is None:
        return ""
    if note.then:
        return note.then
    playbook = playbook_load()
    return f"The agent says: “{' '.join(playbook.say(name) for name in note.instead)}”"


@admin.register(ActionRule)
class ActionRuleAdmin(RuleAdmin):
    section = "action"
    form = ActionForm
    fields = ("allowed", "instead", "seen")
    readonly_fields = ("instead",)
    list_display = ("label", "allowed", "instead")
    list_display_links = None
    list_editable = ("allowed",)
    sortable_by = ()
    actions = None

    def intro(self, request: HttpRequest) -> SafeString:
        return format_html(
            "<p>{}</p>",
            "What the agent may do for a caller. An action that isn't allowed happens in no call, whatever the caller "
            "or a language model says; the last column says what happens instead.",
        )

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        order = [When(action=action, then=Value(at)) for at, action in enumerate(ACTIONS)]
        return (Case(*order, output_field=IntegerField()).asc(),)

    @admin.display(description="Action")
    def label(self, row: ActionRule) -> str:
        return action_label(row.action)

    @admin.display(description="When it isn't allowed")
    def instead(self, row: ActionRule) -> str:
        return instead_say(row.action)

    def save_model(self, request: HttpRequest, obj: ActionRule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "allowed" in form.changed_data and not obj.allowed:
            words = f"“{action_label(obj.action)}” is no longer allowed. {instead_say(obj.action)}"
            self.message_user(request, words, messages.WARNING)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


# --- kinds of documents ----------------------------------------------------------------------------------------------------


class DocumentTypeForm(RuleForm):
    section = "document_type"
    names = SimpleArrayField(
        forms.CharField(),
        label="Callers call it",
        help_text="Every name, separated by commas: policy, terms, conditions.",
        widget=text_input("48rem"),
        error_messages={"item_invalid": "There is an empty name between two commas."},
    )

    class Meta:
        model = DocumentType
        fields = ("kind", "language", "names")
        widgets: ClassVar = {
            "kind": text_input("14rem"),
            "language": forms.TextInput(attrs={"size": 4, "maxlength": 3}),
        }

    def key(self) -> str:
        before = self.initial
        return f"{before.get('language', self.instance.language)}/{before.get('kind', self.instance.kind)}"

    def clean_kind(self) -> str:
        kind = str(self.cleaned_data["kind"]).strip()
        return str(_checked(self, checks.kind_problem(kind), kind))

    def clean_language(self) -> str:
        language = str(self.cleaned_data["language"]).strip().lower()
        return str(_checked(self, checks.language_problem(language), language))

    def clean_names(self) -> list[str]:
        names = list(dict.fromkeys(" ".join(name.split()) for name in self.cleaned_data["names"]))
        return list(_checked(self, checks.names_problem(names), names))


@admin.register(DocumentType)
class DocumentTypeAdmin(RuleAdmin):
    section = "document_type"
    form = DocumentTypeForm
    fields = ("kind", "language", "names", "seen")
    list_display = ("kind", "language", "called")
    list_filter = ("language",)

    def intro(self, request: HttpRequest) -> SafeString:
        return format_html(
            "<p>Kinds of documents, and what callers call them: “send me your <em>brochure</em>”. A single document’s own "
            'names are kept with <a href="{}">the document</a>.</p>',
            reverse("admin:knowledge_document_changelist"),
        )

    @admin.display(description="Callers call it")
    def called(self, row: DocumentType) -> str:
        return ", ".join(row.names)


# --- who is asked ----------------------------------------------------------------------------------------------------------


def _skills() -> dict[str, list[str]]:
    """Skill -> names of the people who have it."""
    found: dict[str, list[str]] = {}
    for name, expertise in Agent.objects.values_list("name", "expertise"):
        for skill in expertise.split(","):
            if skill.strip():
                found.setdefault(skill.strip().casefold(), []).append(name)
    return found


class EscalationForm(RuleForm):
    section = "escalation"

    class Meta:
        model = EscalationRule
        fields = ("topic", "skill")
        widgets: ClassVar = {"skill": text_input("14rem")}
        help_texts: ClassVar = {"skill": "One of the skills that agents have."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "topic" in self.fields:
            topics = dict.fromkeys(("", *INTENTS, *ISSUES, self.instance.topic or ""))
            self.fields["topic"] = forms.ChoiceField(
                label="What it is about",
                required=False,
                choices=[
                    (topic, topic.replace("_", " ").capitalize() or "Anything else") for topic in topics
                ],
            )

    def key(self) -> str:
        return str(self.initial.get("topic", self.instance.topic))

    def clean_skill(self) -> str:
        skill = str(self.cleaned_data["skill"]).strip().lower()
        return str(_checked(self, checks.skill_problem(skill), skill))


@admin.register(EscalationRule)
class EscalationRuleAdmin(RuleAdmin):
    section = "escalation"
    form = EscalationForm
    fields = ("topic", "skill", "seen")
    list_display = ("about", "skill", "people")

    def intro(self, request: HttpRequest) -> SafeString:
        rules = CompanyRules.objects.first()
        return format_html(
            '<p>Which skill is looked for among your <a href="{}">agents</a> when a caller is handed over. If nobody with that '
            "skill is free, somebody with “general” is asked, then anybody.</p>"
            '<p>A person is also offered after {} angry sentences in a call. <a href="{}">Change that</a></p>',
            reverse("admin:escalations_agent_changelist"),
            rules.angry_turns if rules else 2,
            reverse("admin:calls_companyrules_changelist"),
        )

    @admin.display(description="What it is about", ordering="topic")
    def about(self, row: EscalationRule) -> str:
        return str(row).capitalize()

    @admin.display(description="Who has that skill")
    def people(self, row: EscalationRule) -> str:
        return ", ".join(_skills().get(row.skill.casefold(), ())) or "Nobody yet"


# --- the company's own -----------------------------------------------------------------------------------------------------


class CompanyForm(RuleForm):
    section = "company"

    class Meta:
        model = CompanyRules
        fields = ("order_prefix", "order_pattern", "tracking_url", "compensation", "angry_turns")
        labels: ClassVar = {
            "order_prefix": "Order numbers begin with",
            "order_pattern": "Pattern of order numbers",
            "angry_turns": "Angry sentences",
        }
        widgets: ClassVar = {
            "order_prefix": text_input("8rem"),
            "order_pattern": text_input("20rem"),
            "tracking_url": text_input("34rem"),
            "compensation": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField rules-phrase"}),
        }
        help_texts: ClassVar = {
            "order_prefix": "The letters that order numbers begin with, such as ORD. Empty if there are none.",
            "order_pattern": r"A regular expression for the whole number, such as ORD\d{5}. Empty for the usual shapes.",
            "tracking_url": "Goes out in messages, with the parcel's number in place of {tracking_id}: "
            "https://track.example.com/{tracking_id}. Empty: no link is sent.",
            "compensation": "What is offered when a delivery is late, in whole sentences. Empty: nothing is offered.",
            "angry_turns": "After so many angry sentences in one call a person is offered, 1 to 10.",
        }

    def key(self) -> None:
        return None

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for name, problem_of in COMPANY_CHECKS.items():
            if name not in data or data[name] is None:
                continue
            if isinstance(data[name], str):
                data[name] = data[name].strip()
            problem = problem_of(data[name])
            if problem:
                self.add_error(name, problem)
        return data


@admin.register(CompanyRules)
class CompanyRulesAdmin(RuleAdmin):
    section = "company"
    form = CompanyForm
    fieldsets = (
        ("Orders", {"fields": ("order_prefix", "order_pattern", "tracking_url")}),
        ("Late deliveries", {"fields": ("compensation",)}),
        ("Angry callers", {"fields": ("angry_turns", "seen")}),
    )

    def heading(self, request: HttpRequest, object_id: str | None) -> str:
        return "Company rules"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one: straight to it."""
        if not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        return HttpResponseRedirect(reverse("admin:calls_companyrules_change", args=[1]))

    def save_model(self, request: HttpRequest, obj: CompanyRules, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if {"order_pattern", "order_prefix"} & set(form.changed_data):
            strange = orders_unlike(obj)
            if strange:
                words = f"Orders that don't look like that: {', '.join(strange)}. The agent will not recognise their numbers."
                self.message_user(request, words, messages.WARNING)


def orders_unlike(rules: CompanyRules) -> list[str]:
    """A few of the newest orders whose numbers don't fit the rules."""
    pattern = rules.order_pattern or playbook_load().order_pattern
    newest = Order.objects.order_by("-placed_at").values_list("order_id", flat=True)[:200]
    strange = [
        number
        for number in newest
        if not checks.fits(pattern, number) or not number.upper().startswith(rules.order_prefix.upper())
    ]
    return strange[:3]
