"""Which sentences that a language model wrote may be said aloud: those that the company's passages bear out, and plain
politeness.

Invariant: no figure, name, condition or negation leaves here that the passages found for the caller's words don't hold; no
promise, no question and nothing that isn't speech leaves here at all. When in doubt a sentence is left out: the documents' own
words and the policy's phrases take its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from calls.core.decision import CHANNEL_OF, Passage, Proposal
from calls.core.grounding_words import COMPARED, GLUE, NEGATORS, NUMBERS, SAME, UNITS, WEIGHTY
from calls.core.politeness import Tone, tone_of
from calls.core.sentences import split

LONGEST: Final = 320  # characters; what is longer was not written to be heard
SCOPE: Final = 3  # content words behind a "not" that it is taken to negate
UPSET: Final = -0.3  # sentiment from which on sympathy is not out of place

_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)*")
_FIGURE: Final = re.compile(r"\d+(?:[.,:/]\d+)*")
_RANGE: Final = re.compile(r"(\d[\d.,]*)\s*(?:-|–|—|to|bis)\s*(\d[\d.,]*)")
_CODE: Final = re.compile(r"\b(?=[\w.-]*\d)(?=[\w.-]*[^\W\d_])[\w][\w.-]*\w\b")
_ONES: Final = "one|two|three|four|five|six|seven|eight|nine"
_TENS: Final = re.compile(rf"\b(twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-]({_ONES}))?\b")
_SMALL: Final = re.compile(
    rf"\b(zero|{_ONES}|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|hundred|thousand)\b"
)
_NOT_SPEECH: Final = re.compile(
    r"[{}\[\]<>|\\`*#~^=_\"“”]|https?:|www\.|\bjson\b"
    r"|^\W*(?:caller|customer|user|assistant|agent|system|human|ai|bot|model|passages?|note)\s*:",
    re.IGNORECASE,
)
_OF_ONESELF: Final = re.compile(r"\b(?:i|me|my|mine|myself|let us)\b", re.IGNORECASE)
# What we have done or will do is a promise, unless a document says it in these words.
_DOING: Final = re.compile(
    r"\b(?:we (?:will|have|are|can|could|would|shall|had)|(?:has|have|had) (?:\w+ )?been|was|were|(?:is|are) being|already|now"
    r"|right away|immediately|today|tomorrow|tonight|soon|shortly)\b"
)
_SHORT: Final = (
    (re.compile(r"\b(can|won|shan)'?t\b"), r"\1 not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\b(it|that|there|here|what|let)'s\b"), r"\1 is"),
)
_YES_NO: Final = re.compile(
    r"^(?:yes|yeah|yep|no|nope|absolutely|certainly|definitely|sure|of course|correct|right)\s*[,;:–—-]\s*(?:\w+,\s*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one or more sentences assert, in comparable parts."""

    content: frozenset[str]
    figures: frozenset[tuple[str, str]]
    codes: frozenset[str]
    names: frozenset[str]
    negated: frozenset[str]
    negations: int
    weighty: frozenset[str]
    compared: frozenset[str]
    doing: frozenset[str]


def said(sentences: Iterable[str], *, proposal: Proposal, words: str) -> tuple[str, ...]:
    """What of ``sentences`` may be said in answer to the caller's ``words``; ``proposal`` brings passages and mood."""
    kept = (sentence_fit(sentence, proposal=proposal, words=words) for sentence in sentences)
    return tuple(dict.fromkeys(sentence for sentence in kept if sentence))


def sentence_fit(sentence: str, *, proposal: Proposal, words: str) -> str:
    """``sentence`` as it may be said, without a "yes" or "no" that nothing vouches for; empty if it may not be."""
    text = " ".join(sentence.split())
    if proposal.language or not text:
        return ""
    tone = tone_of(text)
    if tone is not None:
        return text if _in_place(tone, proposal) else ""
    text = _YES_NO.sub("", text)
    text = text[:1].upper() + text[1:]
    return text if is_supported(text, passages=proposal.passages, words=words) else ""


def is_supported(sentence: str, *, passages: Sequence[Passage], words: str = "") -> bool:
    """Do the passages that clear the threshold bear out ``sentence``, wholly?"""
    text = " ".join(sentence.split())
    clearing = [passage for passage in passages if passage.clears]
    if not clearing or not _is_statement(text):
        return False
    windows = [(passage, window) for passage in clearing for window in _windows(passage)]
    if any(_plain(window) == _plain(text) for _, window in windows):
        return True
    claim = claim_of(text)
    if len(claim.content) < 2 or _OF_ONESELF.search(text):
        return False
    asked = frozenset(_stems(words))
    return any(_bears(window, claim, asked, passage, words) for passage, window in windows)


def claim_of(text: str) -> Claim:
    lowered = _written_out(text)
    tokens = _WORD.findall(lowered)
    stems = tuple(_stem(token) for token in tokens)
    content = frozenset(stem for token, stem in zip(tokens, stems, strict=True) if _is_content(token, stem))
    scope: set[str] = set()
    negators = [place for place, token in enumerate(tokens) if token in NEGATORS]
    for place in negators:
        scope |= set([stem for stem in stems[place + 1 :] if stem in content][:SCOPE])
    return Claim(
        content=content,
        figures=_figures(text),
        codes=_codes(text),
        names=_names(text),
        negated=frozenset(scope),
        negations=len(negators),
        weighty=_groups(lowered, WEIGHTY),
        compared=_groups(lowered, COMPARED),
        doing=frozenset(_DOING.findall(lowered)),
    )


# --- does a window of a passage bear it out? -----------------------------------------------------------------------------


def _bears(window: str, claim: Claim, asked: frozenset[str], passage: Passage, words: str) -> bool:
    source = claim_of(window)
    around = source.content | frozenset(_stems(f"{passage.document} {passage.heading}"))
    shared = claim.content & source.content
    missing = {
        stem
        for stem in claim.content - around - asked
        if stem not in GLUE and not _same(stem, around | asked)
    }
    if missing or len(shared) * 2 < len(claim.content - GLUE):
        return False
    if not claim.figures <= source.figures or not claim.codes <= source.codes | _codes(words):
        return False
    spoken_of = f"{passage.text} {passage.document} {passage.heading} {words}".lower()
    if not all(_has(spoken_of, name) for name in claim.names):
        return False
    if (claim.negations > 0) != (source.negations > 0):
        return False
    if {stem for stem in shared if (stem in claim.negated) != (stem in source.negated)}:
        return False
    if not claim.compared <= source.compared or not claim.doing <= source.doing:
        return False
    if not claim.weighty - {"condition"} <= source.weighty:
        return False
    # A condition, an exception or a limit may be put in other words, but neither lost on the way nor made up.
    return _is_limited(claim) == _is_limited(source)


def _is_limited(claim: Claim) -> bool:
    return "condition" in claim.weighty or bool(claim.compared)


def _windows(passage: Passage) -> list[str]:
    """The sentences of a passage. One at a time: of two, one could lend its subject to what the other says."""
    return [sentence for line in passage.text.splitlines() for sentence in split(line)] or [*passage.answer]


# --- small parts -----------------------------------------------------------------------------------------------------------


def _in_place(tone: Tone, proposal: Proposal) -> bool:
    """Is this politeness right here? Agreement with what won't be done would be a promise."""
    if tone is Tone.SORRY:
        return proposal.intent == "complaint" or proposal.sentiment <= UPSET
    if tone is Tone.GREETING:
        return proposal.intent == "small_talk"
    return bool(proposal.answer) and proposal.intent not in CHANNEL_OF


def _is_statement(text: str) -> bool:
    return (
        len(text.split()) >= 3
        and len(text) <= LONGEST
        and not text.endswith(("?", ":", ",", "…", "..."))
        and not _NOT_SPEECH.search(text)
    )


def _is_content(token: str, stem: str) -> bool:
    return (
        len(token) > 1
        and not token.isdigit()
        and not {token, stem} & GLUE
        and not {token, stem} & UNITS.keys()
        and token not in NUMBERS
        and token not in NEGATORS
    )


def _groups(lowered: str, groups: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(name for name, members in groups.items() if any(_has(lowered, one) for one in members))


def _written_out(text: str) -> str:
    """Lower-case, with "isn't" as "is not"."""
    lowered = text.lower().replace("’", "'")
    for short, long in _SHORT:
        lowered = short.sub(long, lowered)
    return lowered


def _stems(text: str) -> list[str]:
    return [_stem(token) for token in _WORD.findall(_written_out(text))]


_ENDINGS: Final = (
    ("ations", ""), ("ation", ""), ("ments", ""), ("ment", ""), ("ings", ""), ("ing", ""), ("ies", ""), ("ied", ""),
    ("eds", ""), ("ed", ""), ("es", ""), ("ly", ""), ("s", ""), ("y", ""), ("e", ""),
)  # fmt: skip


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]  # shipped: shipp, ship
    return SAME.get(word, word)


def _same(stem: str, others: frozenset[str]) -> bool:
    """An inflection that the endings above don't reach: a shared beginning of six letters."""
    return len(stem) >= 6 and any(other[:6] == stem[:6] for other in others)


def _figures(text: str) -> frozenset[tuple[str, str]]:
    """Numbers with what they count: ``("30", "day")``, ``("5-7", "day")``; a number alone has an empty unit."""
    spelled = _digits_for_words(text.lower())
    found: set[tuple[str, str]] = set()
    taken: list[tuple[int, int]] = []
    for hit in _RANGE.finditer(spelled):
        found.add((f"{_number(hit[1])}-{_number(hit[2])}", _unit(spelled, hit.start(), hit.end())))
        taken.append(hit.span())
    for hit in _FIGURE.finditer(spelled):
        if not any(start <= hit.start() < end for start, end in taken):
            found.add((_number(hit[0]), _unit(spelled, hit.start(), hit.end())))
    return frozenset(found)


def _number(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.rstrip(".,:/")).removesuffix(".00")


def _unit(text: str, start: int, end: int) -> str:
    sign = re.search(r"([$€£₹]|\brs\.?|\binr|\busd|\beur)\s*$", text[:start])
    if sign:
        return UNITS.get(sign[1].strip("."), sign[1].strip("."))
    for word in re.findall(r"%|[$€£₹]|[^\W\d_]+(?:\.m\.?)?", text[end : end + 40])[:2]:
        unit = UNITS.get(word) or UNITS.get(_stem(word))
        if unit:
            return unit
    return ""


def _digits_for_words(text: str) -> str:
    """ "thirty days" as "30 days"; "one" only where it counts something ("one of them" doesn't)."""
    text = _TENS.sub(lambda hit: str(NUMBERS[hit[1]] + (NUMBERS[hit[2]] if hit[2] else 0)), text)

    def small(hit: re.Match[str]) -> str:
        after = _WORD.match(text, hit.end() + 1)
        return (
            hit[0] if hit[0] == "one" and not (after and _stem(after[0]) in UNITS) else str(NUMBERS[hit[0]])
        )

    return _SMALL.sub(small, text)


def _names(text: str) -> frozenset[str]:
    """Words written as names: capitals that don't begin the sentence."""
    found = set()
    for sentence in split(text):
        for place, word in enumerate(_WORD.findall(sentence)):
            if place and word[:1].isupper() and word not in {"I", "I'm", "I'll", "I've", "I'd", "OK"}:
                found.add(word.lower().replace("’", "'").removesuffix("'s"))
    return frozenset(found)


def _codes(text: str) -> frozenset[str]:
    return frozenset(code.lower() for code in _CODE.findall(text))


def _has(lowered: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", lowered) is not None


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(_written_out(text)))
