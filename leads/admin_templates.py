"""What messages say and how mails look: edited with a preview beside it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from leads.models import Branding, Channel, MessageTemplate, MessageTemplateVersion, WhatsAppTemplate
from leads.previewing import words_preview, words_problems
from leads.services.templates import template_change, template_test, templates_fill
from leads.shipped import Words, kinds, variables
from leads.status import Status
from leads.unsubscribing import address_masked
from leads.wording import BLOCKS

_FIELDS = ("subject", "preheader", "body", "footer")


def _words(data: Any) -> Words:
    body, subject, preheader, footer = (
        str(data.get(field) or "") for field in ("body", "subject", "preheader", "footer")
    )
    return Words(body=body, subject=subject, preheader=preheader, footer=footer)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def words_of(row: MessageTemplate) -> Words:
    """What a row says now: its own words or the shipped ones."""
    if row.edited:
        return Words(body=row.body, subject=row.subject, preheader=row.preheader, footer=row.footer)
    return kinds()[row.name].words[row.channel]


class MessageTemplateForm(forms.ModelForm):
    class Meta:
        model = MessageTemplate
        fields = _FIELDS
        widgets: ClassVar = {
            "body": forms.Textarea(
                attrs={"rows": 16, "class": "vLargeTextField template-body", "maxlength": 10_000}
            ),
            "footer": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField", "maxlength": 1000}),
            "subject": forms.TextInput(attrs={"class": "vTextField"}),
            "preheader": forms.TextInput(attrs={"class": "vTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.name in kinds():
            now = words_of(self.instance)
            self.initial = {**self.initial, **{field: getattr(now, field) for field in _FIELDS}}
        if self.instance.channel != Channel.EMAIL:
            self.fields["body"].widget.attrs["rows"] = 8

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        found = words_problems(name=self.instance.name, channel=self.instance.channel, words=_words(data))
        for field, said in found.items():
            for words in said:
                self.add_error(field if field in self.fields else None, words)
        return data


@admin.register(MessageTemplate)
class MessageTemplateAdmin(admin.ModelAdmin):
    """There is a row for each text of the product: none is added or deleted."""

    form = MessageTemplateForm
    list_display = ("title", "channel", "where", "state")
    list_display_links = ("title",)
    list_filter = ("channel", "edited")
    list_per_page = 100
    actions = None
    change_form_template = "admin/leads/messagetemplate/change_form.html"

    class Media:
        css: ClassVar = {"all": ("leads/template.css",)}
        js = ("leads/template.js",)

    @admin.display(description="message", ordering="name")
    def title(self, row: MessageTemplate) -> str:
        return _title(row.name)

    @admin.display(description="when it is sent")
    def where(self, row: MessageTemplate) -> str:
        return kinds()[row.name].where if row.name in kinds() else "Not sent any more."

    @admin.display(description="words", ordering="edited")
    def state(self, row: MessageTemplate) -> str:
        return "Your own" if row.edited else "As shipped"

    @admin.display(description="variables")
    def variables(self, row: MessageTemplate) -> SafeString:
        known = variables()
        rows = ((f"{{{name}}}", known[name].meaning) for name in kinds()[row.name].variables)
        return format_html(
            '<ul class="template-variables">{}</ul><p class="template-note">{}</p>',
            format_html_join("", "<li><code>{}</code> {}</li>", rows),
            "[[ words {variable}]] is left out when the variable has no value; [[variable? words]] is there only when "
            "it has one."
            + (
                " In a mail: # Heading, - point, **bold**, [Words of a button]({url})."
                if row.channel == Channel.EMAIL
                else ""
            ),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MessageTemplate | None = None) -> bool:
        return False

    def get_readonly_fields(
        self, request: HttpRequest, obj: MessageTemplate | None = None
    ) -> tuple[str, ...]:
        return ("where", "state", "variables")

    def get_fieldsets(self, request: HttpRequest, obj: MessageTemplate | None = None) -> Any:
        mail = obj is not None and obj.channel == Channel.EMAIL
        words = ("subject", "preheader", "body", "footer") if mail else ("body",)
        return [(None, {"fields": ("where", "state", *words, "variables")})]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(name__in=list(kinds()))

    def get_urls(self) -> list[URLPattern]:
        def guarded(view: Any) -> Any:
            return self.admin_site.admin_view(require_POST(view))

        return [
            path("<int:pk>/preview/", guarded(self.preview), name="leads_messagetemplate_preview"),
            path("<int:pk>/test/", guarded(self.test), name="leads_messagetemplate_test"),
            path("<int:pk>/shipped/", guarded(self.shipped), name="leads_messagetemplate_shipped"),
            path(
                "<int:pk>/version/<int:version>/", guarded(self.version), name="leads_messagetemplate_version"
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        templates_fill()
        return super().changelist_view(request, {"title": "What messages say", **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            context["title"] = str(row)
            context["versions"] = row.versions.all()[1:11]
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: MessageTemplate, form: Any, change: bool) -> None:
        template_change(template_id=obj.pk, words=_words(form.cleaned_data), by=request.user.get_username())

    # --- what the page asks for -------------------------------------------------------------------------------------

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the words of the form would look like, or what is wrong with them."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        words = _words(request.POST)
        found = words_problems(name=row.name, channel=row.channel, words=words)
        if found:
            return JsonResponse({"problems": [said for field in found.values() for said in field]})
        seen = words_preview(name=row.name, channel=row.channel, words=words)
        return JsonResponse(
            {
                "subject": seen.subject,
                "html": seen.html,
                "text": seen.text,
                "count": _count_words(row.channel, seen.text, seen.parts, seen.plainly),
            }
        )

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The words of the form, as they look, to whoever is logged in: a mail to their own address, a text to a number that
        they type."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        words = _words(request.POST)
        found = words_problems(name=row.name, channel=row.channel, words=words)
        if found:
            said = " ".join(said for field in found.values() for said in field)
            return JsonResponse({"refused": f"Nothing was sent. {said}"})
        mail = row.channel == Channel.EMAIL
        own = str(getattr(request.user, "email", "") or "")
        to = (own if mail else str(request.POST.get("to") or "")).strip()
        if not to:
            why = (
                "Your account has no e-mail address. It is put in under Users, by whoever may change them."
                if mail
                else "Type your own number first."
            )
            return JsonResponse({"refused": f"Nothing was sent. {why}"})
        message = template_test(template_id=row.pk, words=words, to=to)
        if message.status == Status.FAILED:
            self.log_change(request, row, f"A test was refused: message {message.id}.")
            return JsonResponse({"refused": f"Nothing was sent: {message.error}."})
        self.log_change(request, row, f"Sent as a test to themselves: message {message.id}.")
        shown = reverse("admin:leads_message_change", args=[message.pk])
        return JsonResponse({"sent": f"On its way to {address_masked(message.to)}.", "url": shown})

    def shipped(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Back to the shipped words."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        return self._changed(request, row, kinds()[row.name].words[row.channel])

    def version(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """Back to words that counted before, if they can still be used."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        old = get_object_or_404(MessageTemplateVersion, pk=version, template=row)
        return self._changed(request, row, _words({field: getattr(old, field) for field in _FIELDS}))

    def _changed(self, request: HttpRequest, row: MessageTemplate, words: Words) -> HttpResponse:
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        found = words_problems(name=row.name, channel=row.channel, words=words)
        if found:
            said = " ".join(said for field in found.values() for said in field)
            self.message_user(request, f"Nothing was changed. {said}", messages.ERROR)
        else:
            template_change(template_id=row.pk, words=words, by=request.user.get_username())
            self.log_change(request, row, "Earlier words brought back.")
            self.message_user(request, "These words count from now on.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:leads_messagetemplate_change", args=[row.pk]))


def _count_words(channel: str, text: str, parts: int, plainly: bool) -> str:
    if channel == Channel.EMAIL:
        return ""
    size = f"{len(text)} characters"
    if channel != Channel.SMS:
        return size
    many = "1 SMS" if parts == 1 else f"{parts} SMS"
    why = (
        ""
        if plainly
        else "; a letter that is not in the telephone's own alphabet makes an SMS hold 70 instead of 160"
    )
    return f"{size}, billed as {many}{why}"


class BrandingForm(forms.ModelForm):
    class Meta:
        model = Branding
        fields = ("name", "logo_text", "colour", "address_line")
        widgets: ClassVar = {"colour": forms.TextInput(attrs={"type": "color", "class": "template-colour"})}


@admin.register(Branding)
class BrandingAdmin(admin.ModelAdmin):
    """One row: the company has one look."""

    form = BrandingForm

    class Media:
        css: ClassVar = {"all": ("leads/template.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Branding.objects.exists()

    def save_model(self, request: HttpRequest, obj: Branding, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)


class WhatsAppTemplateForm(forms.ModelForm):
    class Meta:
        model = WhatsAppTemplate
        fields = ("name", "language", "content_sid", "variables", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            named = [
                (kind.name, _title(kind.name))
                for kind in kinds().values()
                if set(kind.words) & {"sms", "whatsapp"}
            ]
            self.fields["name"] = forms.ChoiceField(choices=named, label="Message")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind, mapping = kinds().get(str(data.get("name"))), data.get("variables")
        if kind is None or mapping is None:
            return data
        allowed = [name for name in kind.variables if name not in BLOCKS | {"points"}]
        if not isinstance(mapping, dict) or not all(isinstance(value, str) for value in mapping.values()):
            self.add_error("variables", 'This looks like {"1": "name", "2": "document"}.')
            return data
        for name in sorted({*mapping.values()} - set(allowed)):
            there = ", ".join(allowed)
            self.add_error("variables", f"This message has no variable {name[:40]!r}. There are: {there}.")
        return data


@admin.register(WhatsAppTemplate)
class WhatsAppTemplateAdmin(admin.ModelAdmin):
    form = WhatsAppTemplateForm
    list_display = ("name", "language", "content_sid")
    list_filter = ("language",)
