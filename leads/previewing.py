"""What a text would look like, with samples for its variables: for the page where it is edited."""

from __future__ import annotations

from dataclasses import dataclass, replace

from leads.allowed.money import is_gsm, sms_parts
from leads.brand import Brand, brand_now
from leads.models import Channel
from leads.recipients import header_clean
from leads.rendering import DocumentPart, Rendered, mail_compose, tidy
from leads.shipped import Words, kinds, variables
from leads.windows import content_approved
from leads.wording import plain, problems

#: Twilio refuses a longer body; what a variable brings comes on top, so that a text of this length is no good idea.
TEXT_LIMIT = 1600
_DOCUMENT = DocumentPart(
    document_id=0,
    title="Refund Policy",
    kind="policy",
    intro="We want you to be happy with what you bought.",
    points=(
        ("Money-back guarantee", "We offer a 30-day money-back guarantee."),
        ("Processing time", "Refunds are processed within 5-7 business days."),
    ),
    file_name="refund-policy.pdf",
    url="https://example.com/media/d/abc",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A message as it would look; `parts` is how many SMS it is billed as, `plainly` whether the telephone's own
    alphabet has all of it."""

    subject: str
    text: str
    html: str
    parts: int
    plainly: bool


def words_problems(*, name: str, channel: str, words: Words) -> dict[str, list[str]]:
    """What is wrong with each field of a message, in words for whoever wrote it."""
    kind = kinds().get(name)
    if kind is None or channel not in kind.words:
        return {"body": ["No message is called that any more."]}
    mail = channel == Channel.EMAIL
    must = kind.words[channel].must
    found = {"body": problems(words.body, allowed=kind.variables, must=must, mail=mail)}
    if not words.body.strip():
        found["body"].append("A message has a text.")
    if not mail and len(words.body) > TEXT_LIMIT:
        found["body"].append(f"A text has {TEXT_LIMIT} characters at most.")
    if mail:
        for field in ("subject", "preheader", "footer"):
            found[field] = problems(getattr(words, field), allowed=kind.variables)
        if not words.subject.strip():
            found["subject"].append("A mail has a subject.")
        if header_clean(words.subject) != words.subject.strip():
            found["subject"].append("A subject is one line, without control characters.")
    return {field: said for field, said in found.items() if said}


def words_written(
    *, name: str, channel: str, words: Words, brand: Brand | None = None, unsubscribe_url: str = ""
) -> Rendered:
    """The message with samples, as it would be sent. Only for words without problems."""
    brand = brand or brand_now()
    values = _samples(name, brand)
    if channel == Channel.EMAIL:
        documents = (_DOCUMENT,) if "documents" in kinds()[name].variables else ()
        mail = mail_compose(words, values, brand=brand, documents=documents, unsubscribe_url=unsubscribe_url)
        return replace(mail, documents=())  # the sample is no file that could go with it
    content = content_approved(template=name, values=values) if channel == Channel.WHATSAPP else {}
    text = tidy(plain(words.body, values)).rstrip("\n")
    return Rendered(subject="", text=text, html="", documents=(), content=content)


def words_preview(*, name: str, channel: str, words: Words, brand: Brand | None = None) -> Preview:
    """The message with samples. Only for words without problems."""
    written = words_written(name=name, channel=channel, words=words, brand=brand)
    text = written.text
    if channel == Channel.EMAIL:
        return Preview(subject=written.subject, text=text, html=written.html, parts=0, plainly=True)
    return Preview(subject="", text=text, html="", parts=sms_parts(text), plainly=is_gsm(text))


def _samples(name: str, brand: Brand) -> dict[str, str]:
    values = {key: variable.sample for key, variable in variables().items() if key in kinds()[name].variables}
    values |= {"company": brand.name, "headline": f"{brand.name} {_DOCUMENT.title}"}
    if "points" in values:
        values["points"] = "\n".join(f"• {heading}: {sentence}" for heading, sentence in _DOCUMENT.points)
    return values


def words_same(one: Words, other: Words) -> bool:
    """Whether two read the same, whatever line ends and spaces a browser put round them."""
    return _bare(one) == _bare(other)


def _bare(words: Words) -> Words:
    return replace(
        words,
        body=words.body.replace("\r\n", "\n").strip(),
        subject=words.subject.strip(),
        preheader=words.preheader.strip(),
        footer=words.footer.replace("\r\n", "\n").strip(),
        must=(),
    )
