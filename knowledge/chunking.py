"""A chunk is whole sentences of one section, under the headings they stand under.

Pure: blocks in, chunks out, the same for the same input. No sentence is cut, lost or said twice; no chunk crosses a
heading. Lists and tables become sentences that can be spoken: an item ends in a full stop, a short list is said with
the line that introduces it, a table row names its columns.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pysbd

from knowledge.blocks import Block

TARGET_WORDS = 100
MAX_WORDS = 120
MIN_WORDS = 30
MAX_LIST_WORDS = 40
MAX_SENTENCE_WORDS = 70
HEADING_JOINT = " › "

_SPACE = re.compile(r"\s+")
# An e-mail address can be said ("at", "dot"); a link can't.
_URL = re.compile(r"https?://|www\.", re.IGNORECASE)
_END = re.compile(r"[.!?…:;。।]['\")\]”’]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """`speakable` is false for what makes no sense to a listener: bare links, rows of figures, fragments of layout."""

    text: str
    speakable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One chunk to be: `headings` from the outermost in, `sentences` in the document's order."""

    headings: tuple[str, ...]
    sentences: tuple[Sentence, ...]

    @property
    def heading(self) -> str:
        return HEADING_JOINT.join(self.headings)

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def words(self) -> int:
        return sum(_words(sentence.text) for sentence in self.sentences)


def chunk_blocks(blocks: Iterable[Block], *, language: str = "en") -> list[Piece]:
    """Cut a document into pieces of about 40 to 120 words; a short section is a short piece of its own."""
    pieces: list[Piece] = []
    path: list[tuple[int, str]] = []
    section: list[list[Sentence]] = []

    def flush() -> None:
        headings = tuple(text for _, text in path)
        pieces.extend(Piece(headings=headings, sentences=tuple(group)) for group in _pack(section))
        section.clear()

    waiting: list[Block] = []
    for block in [*blocks, Block(kind="heading", level=0)]:
        if block.kind == "item":
            waiting.append(block)
            continue
        if waiting:
            _list_add(section, waiting, language)
            waiting = []
        if block.kind == "heading":
            flush()
            text = clean(block.text)
            if block.level and text:
                while path and path[-1][0] >= block.level:
                    path.pop()
                path.append((block.level, text))
        elif block.kind == "table":
            section.extend([sentence] for sentence in table_sentences(block.rows))
        else:
            sentences = sentences_of(block.text, language=language)
            if sentences:
                section.append(sentences)
    return pieces


def clean(text: str) -> str:
    """White space to single spaces, soft hyphens and zero-width marks gone."""
    return _SPACE.sub(" ", text.replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "")).strip()


def sentences_of(text: str, *, language: str = "en") -> list[Sentence]:
    """Sentences of one paragraph. Joined by single spaces they are the cleaned paragraph again."""
    cleaned = clean(text)
    if not cleaned:
        return []
    parts = _rejoined([part.strip() for part in _segmenter(language).segment(cleaned) if part.strip()])
    if (
        clean(" ".join(parts)) != cleaned
    ):  # A segmenter that loses a character is not to be trusted with the rest.
        parts = re.split(r"(?<=[.!?])\s+(?=\S)", cleaned)
    return [Sentence(text=part, speakable=is_speakable(part)) for part in parts]


def _rejoined(parts: Sequence[str]) -> list[str]:
    """A number that ends a sentence ("… the model 13. It …") is no list's number: it goes back where it stood."""
    joined: list[str] = []
    for part in parts:
        number = re.match(r"(\d+[.)])\s+(?=\S)", part)
        if joined and number and not _END.search(joined[-1]):
            joined[-1] = f"{joined[-1]} {number.group(1)}"
            joined.append(part[number.end() :])
        else:
            joined.append(part)
    return joined


def is_speakable(text: str) -> bool:
    """Can it be said to a caller as it stands?"""
    words = text.split()
    letters = sum(letter.isalpha() for letter in text)
    return (
        len(words) >= 2
        and len(words) <= MAX_SENTENCE_WORDS
        and letters >= 0.5 * len(text.replace(" ", ""))
        and not _URL.search(text)
        and not text.endswith(":")
    )


def table_sentences(rows: Sequence[Sequence[str]]) -> list[Sentence]:
    """A table with a head becomes a sentence a row: "Standard: delivery time 3-5 days, cost free." """
    table = [[clean(cell) for cell in row] for row in rows]
    table = [row for row in table if any(row)]
    if not table:
        return []
    if len(table) == 1:
        return [_row_sentence([cell for cell in table[0] if cell], [])]
    head, *body = table
    if len(head) == 2 and all(len(row) == 2 for row in body) and not _is_head(head, body):
        body, head = table, []
    return [_row_sentence(row, head) for row in body]


def _is_head(head: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Two columns may be a list of names and values without a head: then the first row looks like the others."""
    digits = [any(letter.isdigit() for letter in row[1]) for row in body]
    if any(letter.isdigit() for letter in head[1]):
        return False
    lengths = sorted(len(row[1]) for row in body)
    return any(digits) or len(head[1]) <= max(12, lengths[len(lengths) // 2] // 2)


def _row_sentence(row: Sequence[str], head: Sequence[str]) -> Sentence:
    first, *rest = row if row else [""]
    said: list[str] = []
    for place, cell in enumerate(rest, start=1):
        if not cell or cell in {"-", "–", "—"}:
            continue
        name = head[place] if place < len(head) else ""
        said.append(f"{_lower_first(name)} {cell.rstrip('.')}" if name else cell.rstrip("."))
    text = f"{first}: {', '.join(said)}." if first and said else f"{first or ', '.join(said)}."
    text = clean(text.replace("..", "."))
    return Sentence(text=text, speakable=len(text.split()) >= 3 and is_speakable(text))


def _lower_first(text: str) -> str:
    """ "Delivery time" -> "delivery time", but "GST rate" as it is."""
    first = text.split(" ", 1)[0]
    return text if first.isupper() or not first[:1].isupper() else text[:1].lower() + text[1:]


def _list_add(section: list[list[Sentence]], items: Sequence[Block], language: str) -> None:
    texts = [clean(item.text) for item in items if clean(item.text)]
    if not texts:
        return
    intro = section[-1][-1].text if section and section[-1][-1].text.endswith(":") else ""
    short = all(len(sentences_of(text, language=language)) == 1 for text in texts)
    total = _words(intro) + sum(_words(text) for text in texts)
    if intro and short and len(texts) > 1 and total <= MAX_LIST_WORDS:
        said = [text.rstrip(" .;,") for text in texts]
        joined = f"{intro} {', '.join(_lower_word(text) for text in said[:-1])} and {_lower_word(said[-1])}."
        section[-1][-1] = Sentence(text=joined, speakable=is_speakable(joined))
        return
    group: list[Sentence] = []
    for item, text in zip([item for item in items if clean(item.text)], texts, strict=True):
        sentences = sentences_of(text if _END.search(text) else f"{text}.", language=language)
        if item.ordered and sentences and sentences[0].speakable:
            # A step keeps its place when it is heard alone.
            sentences[0] = Sentence(text=f"Step {item.ordered}: {sentences[0].text}", speakable=True)
        group.extend(sentences)
    if intro:
        section[-1].extend(group)
    else:
        section.append(group)


def _lower_word(text: str) -> str:
    """An item inside a sentence starts small, unless its first word is a name or an abbreviation to all appearance."""
    first, _, rest = text.partition(" ")
    if first == "A" or (first[1:].islower() and first[:1].isupper() and not rest[:1].isupper()):
        return text[:1].lower() + text[1:]
    return text


def _pack(groups: Sequence[Sequence[Sentence]]) -> list[list[Sentence]]:
    """Paragraphs together up to the target; a paragraph beyond it is divided between its sentences."""
    packed: list[list[Sentence]] = []
    current: list[Sentence] = []
    size = 0
    for group in groups:
        group_size = sum(_words(sentence.text) for sentence in group)
        if current and size + group_size > MAX_WORDS and size >= MIN_WORDS:
            packed.append(current)
            current, size = [], 0
        for sentence in group:
            words = _words(sentence.text)
            if current and size + words > MAX_WORDS:
                packed.append(current)
                current, size = [], 0
            current.append(sentence)
            size += words
        if size >= TARGET_WORDS:
            packed.append(current)
            current, size = [], 0
    if current:
        if (
            packed
            and size < MIN_WORDS
            and size + sum(_words(s.text) for s in packed[-1]) <= MAX_WORDS + MIN_WORDS
        ):
            packed[-1].extend(current)
        else:
            packed.append(current)
    return packed


def _words(text: str) -> int:
    return len(text.split())


@lru_cache(maxsize=8)
def _segmenter(language: str) -> pysbd.Segmenter:
    known = {"en", "hi", "mr", "zh", "es", "am", "ar", "hy", "bg", "ur", "ru", "pl", "fa", "nl", "da", "fr", "my",
             "el", "it", "ja", "de", "kk", "sk"}  # fmt: skip
    return pysbd.Segmenter(language=language if language in known else "en", clean=False)
