"""From passages to an answer in the documents' own sentences. Invariant: nothing is said that no clearing
passage says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from calls.core.decision import DocumentRef, Passage
from calls.core.wordlist import word_set
from calls.engines import wording

WORDS: Final = 45  # what a listener keeps of one answer
SENTENCES: Final = 3
_KINDS: Final = {
    "catalog": "product_catalog",
    "product_catalog": "product_catalog",
    "policy": "policy",
    "terms": "policy",
}

# A question about a point, not about the whole: "how long …?", "do you ship …?"
_PARTICULAR: Final = re.compile(
    r"\b(?:how|when|where|which|who|whom|why)\b|^(?:do|does|did|can|could|may|will|would|is|are|has|have|must|should)\b",
    re.IGNORECASE,
)
_POINT: Final = re.compile(
    r"\b(?:costs?|prices?|priced|free|fees?|charges?|times?|hours|days|dates?)\b", re.IGNORECASE
)
# "… your refund policy", asked about by its name; the rest may narrow it ("for tablets") or not ("before I buy").
_WHOLE: Final = re.compile(
    r"(?:\b(?:what(?:'s| is| are)|how (?:does|do|is)|about|explain|describe|know|understand|go over|through)\s+|^)"
    r"(?:me\s+)?(?:about\s+)?(?:your|the|this|that)\s+(?P<name>(?:[\w&-]+\s+){1,3}?(?:policy|policies|terms|rules))\b"
    r"(?P<rest>[^.?!]*)[.?!]*\s*$",
    re.IGNORECASE,
)
_NO_POINT: Final = word_set(
    "work works working look like exactly before after order buy buying purchase purchasing here generally basically first",
    "anything something decide commit actually again quickly then call called state states run",
)
_OWN_DOCUMENT: Final = 0.15  # at most: when the whole title is among the words asked with
# What an answer must hold for the question to be answered by it at all.
_NUMBER: Final = r"(?:\d[\d,.]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half)"
_HOLDS: Final = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(held, re.IGNORECASE))
    for asked, held in (
        (
            r"\bhow (?:long|many (?:days|weeks|months|years|hours)|much time|soon|fast|quickly)\b|\bwithin how many\b",
            rf"\b{_NUMBER}(?: to {_NUMBER}|[ -]{_NUMBER})?[ -]?(?:business |working |calendar )?"
            r"(?:minute|hour|day|week|month|year)|\b(?:same|next) day\b|\bat once\b|\bimmediately\b",
        ),
        (
            r"\bhow much\b(?! time)|\bwhat (?:does|do|is|are) .{0,40}(?:cost|price)",
            r"\d|\bfree\b|\bno (?:charge|fee|cost)",
        ),
    )
)
_BESIDE_THE_POINT: Final = 0.1
# A sentence that means nothing without the one before it.
_LEANS: Final = re.compile(
    r"(?:they|it|this|these|those|both|its|their|otherwise|then|instead)\b", re.IGNORECASE
)
# Words that name a document or the wish for one, never what it is about.
_GENERIC: Final = word_set(
    "a an the my your our this that these those it its them is are was be do does did have has i me",
    "we you they what what's whats which how who when where why can could would will should may",
    "please tell about of for on in at to by via over with from and or send sent get give share",
    "forward mail email e-mail emailed mailed text texted sms whatsapp message inbox pdf copy file",
    "attachment document documents doc full whole complete entire detailed details detail information",
    "info policy policies terms rules conditions explain describe summarize summary overview know",
    "need want like okay ok so all everything more some any just also there page link one quickly",
    "again kindly as soon possible address number id i'd i'm let us thing things written writing",
    "version guys company",
)


# The words around the name of a document in a wish to have it.
_WISHING: Final = word_set(
    "send sent share forward get give email emailed mail mailed text texted sms whatsapp message me us can could would you",
    "your my our please kindly on by via over through in to it and also the a an inbox address number",
)


class FoundPassage(Protocol):
    """What a search gives: the fields that are used of ``knowledge.selectors.Passage``."""

    @property
    def document_id(self) -> int: ...
    @property
    def document_title(self) -> str: ...
    @property
    def heading(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def similarity(self) -> float: ...
    @property
    def clears(self) -> bool: ...
    @property
    def sentences(self) -> tuple[str, ...]: ...
    @property
    def best(self) -> tuple[int, ...]: ...


class FoundDocument(Protocol):
    """The fields that are used of ``knowledge.selectors.DocumentRef``."""

    @property
    def document_id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Search(Protocol):
    def __call__(self, *, query: str, limit: int = 3) -> Sequence[FoundPassage]: ...


class DocumentFor(Protocol):
    def __call__(self, *, query: str) -> FoundDocument | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``sentences`` is empty when nothing clears; ``passages`` are those of the search that counted, best
    first."""

    sentences: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    document: DocumentRef | None = None
    query: str = ""


NO_ANSWER: Final = Answer()


def nearness(answer: Answer) -> tuple[bool, float]:
    """Orders answers: one that says something before one that doesn't, then by how near its passage is."""
    nearest = max((passage.similarity for passage in answer.passages), default=0.0)
    return bool(answer.sentences), nearest


def details_kind(kind: str) -> str:
    """A stored document kind as callers call it: ``policy``, ``product_catalog`` or ``guide``."""
    return _KINDS.get(kind, "guide")


def document_ref(found: FoundDocument) -> DocumentRef:
    return DocumentRef(document_id=str(found.document_id), title=found.title, kind=details_kind(found.kind))


def _kind_of(found: FoundPassage) -> str:
    """The document's kind as callers call it; empty when the search doesn't tell."""
    kind = getattr(found, "document_kind", "")
    return details_kind(str(kind)) if kind else ""


def with_kind(answer: Answer, document_for: DocumentFor) -> Answer:
    """``answer`` with the kind of its document looked up by title, where the search didn't tell."""
    document = answer.document
    if document is None or document.kind:
        return answer
    found = document_for(query=document.title)
    known = found is not None and str(found.document_id) == document.document_id
    kind = details_kind(found.kind) if found is not None and known else ""
    passages = tuple(
        replace(passage, kind=kind) if passage.document_id == document.document_id else passage
        for passage in answer.passages
    )
    return replace(answer, document=replace(document, kind=kind), passages=passages)


def passage_of(found: FoundPassage) -> Passage:
    return Passage(
        document_id=str(found.document_id),
        document=found.document_title,
        heading=found.heading,
        text=found.text,
        similarity=round(float(found.similarity), 4),
        clears=found.clears,
        kind=_kind_of(found),
        answer=tuple(found.sentences[index] for index in found.best if 0 <= index < len(found.sentences)),
    )


def content_words(text: str) -> tuple[str, ...]:
    """The words of ``text`` that say what it is about, lower-case."""
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text.lower())
    return tuple(word for word in words if word not in _GENERIC and len(word) > 1)


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def the_whole(query: str) -> str:
    """The question about a document as a whole in its shortest form, whatever stands around it: "if I hate it, what's your
    refund policy?" asks what the refund policy is. ``query`` itself where it asks for a point."""
    hit = _WHOLE.search(query)
    if hit is None or set(content_words(hit.group("rest"))) - _NO_POINT:
        return query
    return f"What is your {hit.group('name')}?"


def is_general(query: str, title: str) -> bool:
    """Is the question about the document as a whole ("what is your refund policy?") and not about a point in it?"""
    named = {_stem(word) for word in re.findall(r"\w+", title.lower())}
    about = {_stem(word) for word in content_words(query)}
    return bool(named) and about <= named and len(query.split()) <= 9


def _standing(query: str, found: FoundPassage) -> float:
    """How near a passage is; nearer when its document is named after what is asked about ("is delivery free?" is for the page
    on delivery to say, not the one on bulk orders), less near when it can't be the answer ("how many days?" without a time)."""
    named = {_stem(word) for word in re.findall(r"\w+", found.document_title.lower())}
    named -= {_stem(word) for word in (*_GENERIC, "order", "product")}
    own = len(named & {_stem(word) for word in content_words(query)}) / max(len(named), 1)
    said = " ".join(specific([found]))
    misses = any(asked.search(query) and not held.search(said) for asked, held in _HOLDS)
    return found.similarity + _OWN_DOCUMENT * own - (_BESIDE_THE_POINT if misses else 0.0)


def _is_other_name(query: str, named: FoundDocument | None, document_id: int) -> bool:
    """Is the document asked for as a whole, by another name of its ("tell me about your return policy")?"""
    if named is None or named.document_id != document_id:
        return False
    return len(content_words(query)) <= 2 and not (_PARTICULAR.search(query) or _POINT.search(query))


def _tidy(sentence: str) -> str:
    text = re.sub(r"^\s*(?:[-*•–]|\d+[.)])\s+", "", sentence).strip()
    return text if not text or text[-1] in ".!?" else text.rstrip(":;,") + "."


def _speakable_sentences(sentences: Sequence[str]) -> list[str]:
    """Sentences that can be said: no questions (an FAQ's own), no headings or table scraps of one or two
    words."""
    kept = []
    for sentence in sentences:
        text = _tidy(sentence)
        if not text.endswith("?") and len(text.split()) >= 3 and "|" not in text:
            kept.append(text)
    return kept


def within_budget(sentences: Sequence[str]) -> tuple[str, ...]:
    """The first sentences, each once, up to three and about 45 words; the first always, however long."""
    kept: list[str] = []
    count = 0
    for sentence in sentences:
        words = len(sentence.split())
        if sentence in kept:
            continue
        if kept and (count + words > WORDS or len(kept) == SENTENCES):
            break
        kept.append(sentence)
        count += words
    return tuple(kept)


def specific(found: Sequence[FoundPassage]) -> tuple[str, ...]:
    """The sentences of the best passage that answer; the rest of the passage only when none stands out."""
    top = found[0]
    indexes = [index for index in top.best if 0 <= index < len(top.sentences)]
    if indexes and indexes[0] and _LEANS.match(top.sentences[indexes[0]]):
        indexes.insert(0, indexes[0] - 1)  # "They are open …": who?
    chosen = [top.sentences[index] for index in indexes]
    usable = _speakable_sentences(chosen)
    if not usable:
        # The sentence found was a question of an FAQ or a heading: what follows it is the answer.
        start = top.best[0] if top.best else 0
        usable = _speakable_sentences(top.sentences[start:])[:2]
    return within_budget(usable)


def overview(found: Sequence[FoundPassage]) -> tuple[str, ...]:
    """A document in a few words: how the best passage begins and, if that is short, what the others say first."""
    top = found[0]
    sentences = _speakable_sentences(top.sentences)[:SENTENCES]
    for other in found[1:]:
        if other.document_id == top.document_id:
            marked = [other.sentences[index] for index in other.best if 0 <= index < len(other.sentences)]
            sentences.extend(_speakable_sentences(marked or other.sentences)[:1])
    return within_budget(sentences)


def _answered(query: str, search: Search, document_for: DocumentFor | None = None) -> Answer:
    query = the_whole(query)
    found = search(query=query, limit=3)
    passages = tuple(passage_of(item) for item in found)
    clearing = sorted((item for item in found if item.clears), key=lambda item: -_standing(query, item))
    if not clearing:
        return Answer(passages=passages, query=query)
    top = clearing[0]
    same = [item for item in found if item.document_id == top.document_id]
    if is_general(query, top.document_title):
        # A passage that falls short may still widen an overview: the question named the document.
        sentences = overview(same)
    elif document_for is not None and _is_other_name(query, document_for(query=query), top.document_id):
        # How the document begins: its own title finds that better than somebody's other word for it.
        opening = search(query=top.document_title, limit=3)
        sentences = overview([*(item for item in opening if item.document_id == top.document_id), *same])
    else:
        sentences = next((said for said in (specific([item]) for item in clearing) if said), ())
    document = DocumentRef(document_id=str(top.document_id), title=top.document_title, kind=_kind_of(top))
    return Answer(
        sentences=sentences, passages=passages, document=document if sentences else None, query=query
    )


def answer_find(
    query: str,
    *,
    search: Search,
    document_for: DocumentFor,
    context: str = "",
    last_question: str = "",
    follow_up: bool = False,
) -> Answer:
    """Search for ``query`` alone; if nothing clears and it leans on what was said before, again with that
    added."""
    first = _answered(query, search, None if follow_up else document_for)
    if first.sentences or not follow_up:
        return first
    topic = " ".join(content_words(query))
    for extended in _extended(query, topic, context, last_question):
        again = _answered(extended, search)
        if again.sentences:
            return again
    return first


def _extended(query: str, topic: str, context: str, last_question: str) -> tuple[str, ...]:
    core = re.sub(r"^(?:and|also|but|so|or|then|what about|how about)\s+", "", query, flags=re.IGNORECASE)
    options = []
    if context:
        options.append(f"{context}: {core}")
    if last_question and content_words(last_question):
        options.append(f"{last_question.rstrip('?.! ')} {topic or core}")
    return tuple(options)


def document_find(text: str, *, context: DocumentRef | None, document_for: DocumentFor) -> DocumentRef | None:
    """Which document a wish means: one that the words name, else what the talk is about."""
    about = content_words(text)
    kind_named = _named_kind(text)
    if context is not None and not about and (not kind_named or kind_named == context.kind):
        return context
    if not about and not kind_named:
        return None
    found = document_for(query=_naming(text))
    return document_ref(found) if found is not None else context


def _naming(text: str) -> str:
    """The words of a wish that can name a document: without the sending, the channel and the other spelling."""
    words = re.sub(r"\b(catalog|dialog)ue(s?)\b", r"\1\2", wording.bare(text), flags=re.IGNORECASE)
    kept = [word for word in words.split() if re.sub(r"\W", "", word).lower() not in _WISHING]
    return " ".join(kept).strip(" ,.?!") or words


def _named_kind(text: str) -> str:
    lowered = text.lower()
    if re.search(r"\b(?:catalog(?:ue)?s?|brochures?|price lists?|product lists?)\b", lowered):
        return "product_catalog"
    if re.search(r"\bpolic(?:y|ies)\b", lowered):
        return "policy"
    return "guide" if re.search(r"\b(?:guide|manual|faq)s?\b", lowered) else ""
