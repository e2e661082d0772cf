"""Invariant: a message says only what its text, the company's settings and its documents say; a caller's words are
data in it and never markup, a header, or a text of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from knowledge.selectors import document_file
from leads.brand import Brand, brand_now
from leads.media import MEDIA_LIFETIME, media_url
from leads.models import Channel, Lead, MessageTemplate
from leads.recipients import header_clean
from leads.shipped import Words, kinds
from leads.status import Failure
from leads.summary import document_summary
from leads.windows import content_approved
from leads.wording import mail_html, mail_text, plain

#: Characters of one value: longer than anything that can be sent, so that what is too long is refused as such.
VALUE_LIMIT: Final = 20_000
PREHEADER_LIMIT: Final = 110
_POINTS: Final = 3


class RenderError(ValueError):
    """The message cannot be written; the text says why, `failure` says it to programs."""

    def __init__(self, why: str, failure: Failure = Failure.REFUSED) -> None:
        super().__init__(why)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPart:
    """A document as a message sees it. `points` are pairs of a heading and what stands first under it."""

    document_id: int
    title: str
    kind: str
    intro: str
    points: tuple[tuple[str, str], ...]
    file_name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A message's words. `html` is empty but for mail; `content` is the approved text that stands for it where
    WhatsApp takes no other, if there is one."""

    subject: str
    text: str
    html: str
    documents: tuple[DocumentPart, ...]
    content: Mapping[str, Any] = field(default_factory=dict)


def message_render(
    *,
    message_id: UUID,
    channel: Channel,
    template: str,
    context: Mapping[str, Any],
    lead: Lead | None,
    document_ids: Sequence[int] = (),
    unsubscribe_url: str = "",
) -> Rendered:
    """Write a message. Raises RenderError when a document is gone, ValueError when there is no such message, or none
    on this channel."""
    if template not in kinds():
        raise ValueError(f"no message template is called {template!r}")
    documents = tuple(_document_part(document_id, message_id=message_id) for document_id in document_ids)
    if template == "document" and not documents:
        raise RenderError("no document to send", Failure.NO_DOCUMENT)
    brand = brand_now()
    name, words_channel = _where(template, channel, documents)
    values = values_of(context, brand=brand, name=lead.name if lead else "", documents=documents)
    subject = header_clean(plain(kinds()[template].label, values))
    words = words_now(name, words_channel)
    content = content_approved(template=template, values=values) if channel is Channel.WHATSAPP else {}
    if channel is not Channel.EMAIL:
        text = tidy(plain(words.body, values))
        return Rendered(subject=subject, text=text, html="", documents=documents, content=content)
    return mail_compose(words, values, brand=brand, documents=documents, unsubscribe_url=unsubscribe_url)


def mail_compose(
    words: Words,
    values: Mapping[str, str],
    *,
    brand: Brand,
    documents: tuple[DocumentPart, ...] = (),
    unsubscribe_url: str = "",
) -> Rendered:
    """A mail of these words, in the company's look."""
    subject = header_clean(plain(words.subject, values))
    order = {**values, "brand": brand}
    shown = {"documents": documents, "brand": brand}
    html_blocks = {
        "documents": render_to_string("mail/documents.html", shown) if documents else "",
        "order": render_to_string("mail/order.html", order) if values.get("order_id") else "",
    }
    text_blocks = {
        "documents": render_to_string("mail/documents.txt", shown) if documents else "",
        "order": render_to_string("mail/order.txt", order) if values.get("order_id") else "",
    }
    footer = plain(words.footer, values)
    frame = {
        "brand": brand,
        "subject": subject,
        "preheader": _shortened(header_clean(plain(words.preheader, values), limit=1000)),
        # Escaped by `wording`, piece by piece.
        "body": mark_safe(mail_html(words.body, values, html_blocks, brand.look)),
        "footer": footer,
        "unsubscribe_url": unsubscribe_url,
    }
    parts = [mail_text(words.body, values, text_blocks), "", "--", footer, brand.address_line]
    if unsubscribe_url:
        parts.append(f"No more mails of this kind: {unsubscribe_url}")
    return Rendered(
        subject=subject,
        text=tidy("\n".join(parts)),
        html=render_to_string("mail/frame.html", frame),
        documents=documents,
    )


def words_now(name: str, channel: str) -> Words:
    """How a message reads now: an admin's words, or the shipped ones."""
    shipped = kinds()[name].words[channel]
    row = MessageTemplate.objects.filter(name=name, channel=channel, edited=True).first()
    if row is None:
        return shipped
    return Words(
        body=row.body, subject=row.subject, preheader=row.preheader, footer=row.footer, must=shipped.must
    )


def values_of(
    context: Mapping[str, Any], *, brand: Brand, name: str, documents: Sequence[DocumentPart] = ()
) -> dict[str, str]:
    """What fills a message's variables: each one line, without tricks of direction."""
    values = {key: header_clean(str(value), limit=VALUE_LIMIT) for key, value in context.items()}
    # A link in a mail is clicked: it may lead to a page and nowhere else.
    if not values.get("url", "").startswith(("https://", "http://")):
        values["url"] = ""
    values["status"] = values.get("status", "").lower()
    values["eta"] = _capital(values.get("eta", "").replace(" at", ""))
    values |= {"company": brand.name, "name": header_clean(name, limit=60), "days": str(MEDIA_LIFETIME.days)}
    if documents:
        first = documents[0]
        titles = [header_clean(part.title) for part in documents]
        values |= {
            "document": " and ".join(titles),
            "document_small": " and ".join(titles).lower(),
            "headline": _headline(brand.name, titles),
            "intro": header_clean(first.intro or first.title, limit=1000),
            "url": first.url,
            "media_path": urlsplit(first.url).path.lstrip("/"),
            "points": "\n".join(_point(*point) for point in first.points[:_POINTS]),
        }
    return values


def tidy(text: str) -> str:
    """Pieces that were left out leave empty lines behind: never more than one in a row, none at the ends."""
    lines: list[str] = []
    for line in text.replace("\x00", "").splitlines():
        stripped = line.rstrip()
        if stripped or (lines and lines[-1]):
            lines.append(stripped)
    return "\n".join(lines).strip() + "\n"


def _where(template: str, channel: Channel, documents: Sequence[DocumentPart]) -> tuple[str, str]:
    """(message, channel) whose words count: those for the document's kind first; what reads the same as a text and in
    WhatsApp is written once."""
    names = [f"{template}_{documents[0].kind}", template] if documents else [template]
    channels = [channel, Channel.SMS] if channel is Channel.WHATSAPP else [channel]
    for place in channels:
        for name in names:
            if name in kinds() and place in kinds()[name].words:
                return name, place
    raise ValueError(f"no {template!r} template for {channel.label}")


def _document_part(document_id: int, *, message_id: UUID) -> DocumentPart:
    try:
        summary = document_summary(document_id=document_id)
        file = document_file(document_id=document_id)
    except (ObjectDoesNotExist, OSError) as error:
        raise RenderError("the document is no longer there", Failure.NO_DOCUMENT) from error
    return DocumentPart(
        document_id=document_id,
        title=summary.title,
        kind=summary.kind,
        intro=summary.intro,
        points=summary.points,
        file_name=header_clean(file.file_name),
        url=media_url(document_id=document_id, message_id=message_id),
    )


def _headline(company: str, titles: Sequence[str]) -> str:
    """ "Acme Refund Policy", without the company's name twice."""
    title = titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} more"
    return title if title.casefold().startswith(company.casefold()) else f"{company} {title}".strip()


def _point(heading: str, sentence: str) -> str:
    return header_clean(f"• {heading}: {sentence}" if heading else f"• {sentence}", limit=400)


def _shortened(text: str) -> str:
    return text if len(text) <= PREHEADER_LIMIT else text[: PREHEADER_LIMIT - 1].rsplit(" ", 1)[0] + "…"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
