"""Invariant: a message says only what its template, the company's settings and its documents say; a
caller's words are data in it and never markup, a header, or a template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string, select_template

from knowledge.selectors import document_file
from leads.media import MEDIA_LIFETIME, media_url
from leads.models import Channel, Lead
from leads.recipients import header_clean
from leads.summary import document_summary

#: The templates that exist, each with its subject: the headline of a mail, and what a screen calls a text. A name
#: from outside never becomes a path. The documents' titles are the subject of what carries them.
SUBJECTS: Final = MappingProxyType(
    {
        "document": "",
        "callback": "Callback confirmation",
        "callback_moved": "Callback moved",
        "callback_cancelled": "Callback cancelled",
        "tracking": "Tracking of order {order_id}",
        "order_update": "Your Order #{order_id} - Delivery Update",
        "ticket_opened": "Your ticket #{ticket}",
        "code": "One-time code",
    }
)
#: What reads the same as a text and in WhatsApp is written once.
TEXT_CHANNELS: Final = MappingProxyType({Channel.SMS: ("sms",), Channel.WHATSAPP: ("whatsapp", "sms")})


class RenderError(ValueError):
    """The message cannot be written; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPart:
    """A document as a template sees it. `points` are pairs of a heading and what stands first under it."""

    document_id: int
    title: str
    kind: str
    intro: str
    points: tuple[tuple[str, str], ...]
    file_name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message's words. `html` is empty but for mail."""

    subject: str
    text: str
    html: str
    documents: tuple[DocumentPart, ...]


def message_render(
    *,
    message_id: UUID,
    channel: Channel,
    template: str,
    context: Mapping[str, Any],
    lead: Lead | None,
    document_ids: Sequence[int] = (),
) -> Rendered:
    """Write a message. Raises RenderError when a document is gone, ValueError when there is no such
    template."""
    if template not in SUBJECTS:
        raise ValueError(f"no message template is called {template!r}")
    documents = tuple(_document_part(document_id, message_id=message_id) for document_id in document_ids)
    if template == "document" and not documents:
        raise RenderError("no document to send")
    values = {
        **{name: str(value).replace("\x00", "") for name, value in context.items()},
        "company_name": settings.COMPANY_NAME,
        "lead_name": header_clean(lead.name if lead else "", limit=60),
        "documents": documents,
        "document": documents[0] if documents else None,
        "lifetime_days": MEDIA_LIFETIME.days,
    }
    # A link in a mail is clicked: it may lead to a page and nowhere else.
    if not str(values.get("url", "")).startswith(("https://", "http://")):
        values["url"] = ""
    values["subject"] = subject = header_clean(_subject(template, values))
    try:
        if channel is not Channel.EMAIL:
            places = [f"leads/{place}/{template}.txt" for place in TEXT_CHANNELS[channel]]
            text = select_template(places).render(values)
            return Rendered(subject=subject, text=_tidy(text), html="", documents=documents)
        return Rendered(
            subject=subject,
            text=_tidy(render_to_string(f"mail/{template}.txt", values)),
            html=render_to_string(f"mail/{template}.html", values),
            documents=documents,
        )
    except TemplateDoesNotExist as error:
        raise ValueError(f"no {template!r} template for {channel.label}") from error


def _document_part(document_id: int, *, message_id: UUID) -> DocumentPart:
    try:
        summary = document_summary(document_id=document_id)
        file = document_file(document_id=document_id)
    except (ObjectDoesNotExist, OSError) as error:
        raise RenderError("the document is no longer there") from error
    return DocumentPart(
        document_id=document_id,
        title=summary.title,
        kind=summary.kind,
        intro=summary.intro,
        points=summary.points,
        file_name=header_clean(file.file_name),
        url=media_url(document_id=document_id, message_id=message_id),
    )


def _subject(template: str, values: Mapping[str, Any]) -> str:
    """ "Acme Refund Policy", without the company's name twice; what is no document has a subject of its own."""
    if template != "document":
        return SUBJECTS[template].format_map(_Blank(values))
    company = str(values["company_name"])
    titles = [part.title for part in values["documents"]]
    title = titles[0] if titles else ""
    if len(titles) > 1:
        title = f"{title} and {len(titles) - 1} more"
    return title if title.casefold().startswith(company.casefold()) else f"{company} {title}".strip()


class _Blank(dict[str, Any]):
    """What nobody said is left out."""

    def __missing__(self, name: str) -> str:
        return ""


def _tidy(text: str) -> str:
    """Template tags leave empty lines behind: never more than one in a row, none at the ends."""
    lines: list[str] = []
    for line in text.replace("\x00", "").splitlines():
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines).strip() + "\n"
