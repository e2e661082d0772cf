"""Reads of the knowledge base. Nothing here writes, and nothing here is stale: what is remembered is kept by the
corpus's version, which every change of a document changes."""

import math
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from types import MappingProxyType

import markdown
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from knowledge import corpus, embedder, ranking, search, words
from knowledge.models import Chunk, Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One passage found for a question.

    `similarity` is calibrated: the probability, 0 to 1, that the passage answers the question. `clears` says whether it
    reaches KNOWLEDGE_THRESHOLD. `best` are the indexes into `sentences` that answer best, in the document's order; it is
    empty when the passage has nothing that can be spoken. `raw` holds the features behind `similarity`, for records and
    for people who ask why.
    """

    chunk_id: int
    document_id: int
    document_title: str
    document_slug: str
    heading: str
    text: str
    similarity: float
    clears: bool
    sentences: tuple[str, ...]
    best: tuple[int, ...]
    raw: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRef:
    """Which document a caller means."""

    document_id: int
    slug: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFile:
    """A document as an attachment: `content` is the original upload, or the text as an HTML page."""

    file_name: str
    mime: str
    content: bytes


_ANSWERS = 256
_answers: OrderedDict[tuple[object, ...], list[Passage]] = OrderedDict()
_answers_lock = threading.Lock()

# What is said of sending and of documents in general, beside the name of one.
_DELIVERY_WORDS = frozenset(
    """send sent sending email mail mailing whatsapp sms text message pdf copy document documents file full complete whole
    entire share forward link attachment version latest current read show written paper post""".split()
)
_NAME_CLEAR = 0.6
_NO_KINDS: Mapping[str, Sequence[str]] = MappingProxyType({})
_PRODUCT = re.compile(r"\b(?:[A-Z][a-z]+[A-Z]\w*|[A-Z]\w*\d\w*)(?:\s(?:[A-Z]\w*|\d{1,4}\b))*")


def passages_search(*, query: str, limit: int = 3) -> list[Passage]:
    """The passages that answer `query` best, most similar first; none for a query without words.

    Raises WeightError when the model's files are damaged, and database errors as they are.
    """
    query = query.strip()[:1000]
    if not words.tokens(query) or limit < 1:
        return []
    version = corpus.version_read()
    threshold = float(settings.KNOWLEDGE_THRESHOLD)
    key = (settings.DATABASES["default"]["NAME"], version, threshold, limit, query)
    with _answers_lock:
        if key in _answers:
            _answers.move_to_end(key)
            return list(_answers[key])
    passages = _search(query, version, threshold, limit)
    with _answers_lock:
        _answers[key] = passages
        while len(_answers) > _ANSWERS:
            _answers.popitem(last=False)
    return list(passages)


def _search(query: str, version: str, threshold: float, limit: int) -> list[Passage]:
    vocabulary = corpus.vocabulary_read(version)
    if not vocabulary.passages:
        return []
    question = ranking.question_read(query, vocabulary=vocabulary, rank=embedder.word_rank)
    vector = embedder.embed([question.text])[0]
    found = {item.chunk_id: item for item in search.candidates_find(question, vector, vocabulary)}
    ranked = ranking.rank_candidates(
        question, [item.candidate for item in found.values()], ranking.calibration_load(), limit=limit
    )
    return [_passage(found[item.candidate.chunk_id], item, threshold) for item in ranked]


def _passage(found: search.Found, ranked: ranking.Ranked, threshold: float) -> Passage:
    similarity = round(ranked.similarity, 4)
    return Passage(
        chunk_id=found.chunk_id,
        document_id=found.document_id,
        document_title=found.title,
        document_slug=found.slug,
        heading=found.heading,
        text=found.text,
        similarity=similarity,
        clears=similarity >= threshold,
        sentences=ranked.candidate.sentences,
        best=ranked.best,
        raw={name: round(value, 4) for name, value in ranked.features.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    ref: DocumentRef
    stems: frozenset[str]


def document_for(*, query: str, kinds: Mapping[str, Sequence[str]] = _NO_KINDS) -> DocumentRef | None:
    """The document that "the full refund policy" or "your brochure" means: by its title or another of its names, by its
    kind where there is one of that kind, else the one whose passage answers. None when nothing fits.

    ``kinds`` maps a kind to what else callers call it.
    """
    said = {
        words.stem(word)
        for word in words.tokens(words.question_strip(query))
        if words.is_content(word) and word not in _DELIVERY_WORDS
    }
    if not said:
        return None
    names = corpus.remembered("names", corpus.version_read(), _names_read)
    spread = Counter(
        stem for _, stem in {(name.ref.document_id, stem) for name in names for stem in name.stems}
    )
    best: tuple[float, _Name] | None = None
    for name in names:
        if not name.stems:
            continue
        worth = {stem: 1.0 / math.sqrt(spread[stem]) for stem in name.stems}
        shared = sum(worth[stem] for stem in name.stems & said)
        asked = sum(1.0 / math.sqrt(spread.get(stem, 1)) for stem in said)
        score = 0.6 * shared / sum(worth.values()) + 0.4 * shared / asked
        if best is None or score > best[0]:
            best = (score, name)
    if best is not None and best[0] >= _NAME_CLEAR:
        return best[1].ref
    refs = {name.ref for name in names}
    of_kind = [ref for ref in refs if _is_kind(said, ref.kind, kinds.get(ref.kind, ()))]
    if len(of_kind) == 1:
        return of_kind[0]
    found = passages_search(query=query, limit=1)
    if found and found[0].clears:
        return next((ref for ref in refs if ref.document_id == found[0].document_id), None)
    return None


def _is_kind(said: set[str], kind: str, names: Sequence[str]) -> bool:
    """Whether the words say the kind and nothing else: "the pet policy" is not just any policy."""
    return said == {words.stem(kind)} or any(
        said == set(words.terms(name)) for name in (kind.replace("_", " "), *names)
    )


def _names_read() -> list[_Name]:
    names: list[_Name] = []
    for document in Document.objects.filter(indexed_generation__gt=0).order_by("id"):
        ref = DocumentRef(
            document_id=document.pk, slug=document.slug, title=document.title, kind=document.kind
        )
        for name in dict.fromkeys([document.title, *document.aliases]):
            names.append(_Name(ref=ref, stems=frozenset(words.terms(name))))
    return names


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Names that callers use: products and other coined names, most frequent first; titles, those asked for by name first."""

    names: tuple[str, ...]
    titles: tuple[str, ...]


def document_vocabulary(*, limit: int = 60) -> Vocabulary:
    """What a speech recogniser should expect to hear, at most ``limit`` of each; it may have room for a few only.

    Policies and catalogues come before guides, and short titles before long ones: that is how they are asked for.
    """

    def make() -> Vocabulary:
        coined: Counter[str] = Counter()
        documents = Document.objects.filter(indexed_generation__gt=0).values_list("kind", "title")
        for heading, text in Chunk.objects.values_list("heading", "text")[:5000]:
            coined.update(_PRODUCT.findall(f"{heading}. {text}"))
        named = sorted(
            documents, key=lambda one: (one[0] not in ("policy", "catalog"), len(one[1].split()), one[1])
        )
        return Vocabulary(
            names=tuple(name for name, count in coined.most_common(limit) if count > 1),
            titles=tuple(title for _kind, title in named)[:limit],
        )

    return corpus.remembered(f"vocabulary/{limit}", corpus.version_read(), make)


def document_file(*, document_id: int) -> DocumentFile:
    """The document as an e-mail attachment. Raises Document.DoesNotExist, and OSError when the upload is gone."""
    document = Document.objects.get(pk=document_id)
    if document.file:
        with document.file.open("rb") as file:
            return DocumentFile(
                file_name=PurePath(document.file.name or "").name, mime=document.mime, content=file.read()
            )
    body = _text_html(document)
    context = {"document": document, "body": mark_safe(body), "titled": body.startswith("<h1>")}
    page = render_to_string("knowledge/document.html", context)
    return DocumentFile(
        file_name=f"{document.slug.replace('-', '_')}.html", mime="text/html", content=page.encode()
    )


def _text_html(document: Document) -> str:
    """HTML of a text document, without raw HTML: what an editor pasted can't run on a customer's machine."""
    renderer = markdown.Markdown(extensions=["tables", "sane_lists"])
    renderer.preprocessors.deregister("html_block")
    renderer.inlinePatterns.deregister("html")
    return renderer.convert(document.text)
