"""A similarity is a probability: of the passages that score 0.9, about nine in ten answer the question.

Pure: no database, no model, no clock. A raw cosine can't be compared with a threshold (good matches of short questions
run from 0.35 to 0.65), so that a few robust features of question and passage go through a logistic map whose
parameters were fitted on labelled questions of several unlike companies (`manage.py knowledge_calibrate`). No feature
knows a company, a language's words or a document; signs are fixed beforehand, so that more evidence never lowers a score.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge import words

Vector = npt.NDArray[np.float32]

CALIBRATION_FILE = Path(__file__).with_name("calibration.json")
FEATURES = ("sentence", "passage", "coverage", "missing")
SIGNS = (1, 1, 1, -1)

BEST_SENTENCES = 3
BEST_WORDS = 45
# Of sentences that answer about equally well the earliest is taken: documents say the main thing first.
_NEAR_BROAD = 0.1
_NEAR_NARROW = 0.04
_PARTICULAR = frozenset({"how", "when", "where", "who", "whom", "which", "why"})
# Log-odds for the first passage of the document that a question names and asks nothing more of; later ones get less.
_OPENING = 2.5
_NUMBER_WEIGHT = 0.15
_COMMON_RANK = 200.0
_LAST_RANK = 28500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`weights` maps each stem of the question's content words to what its presence or absence is worth; `strange` are
    those of them that name something (no common word, or a code such as "v2.0") which the corpus never mentions."""

    text: str
    language: str
    weights: Mapping[str, float]
    strange: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One passage as ranking sees it. `sentence_cosines` are the sentences' with the question, in order."""

    chunk_id: int
    title: str
    headings: tuple[str, ...]
    ordinal: int
    sentences: tuple[str, ...]
    speakable: tuple[bool, ...]
    passage_cosine: float
    sentence_cosines: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The logistic map: probability = 1 / (1 + exp(-(bias + sum of weight x (feature - mean) / scale)))."""

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def probability(self, features: Mapping[str, float], more: float = 0.0) -> float:
        """0 to 1. `more` is added to the log-odds."""
        total = self.bias + more
        for name, mean, scale, weight in zip(FEATURES, self.means, self.scales, self.weights, strict=True):
            total += weight * (features[name] - mean) / scale
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One passage with its calibrated similarity, the features behind it and the sentences that answer best."""

    candidate: Candidate
    similarity: float
    features: Mapping[str, float]
    best: tuple[int, ...]


@lru_cache(maxsize=1)
def calibration_load(path: Path = CALIBRATION_FILE) -> Calibration:
    """The committed parameters. Raises OSError or KeyError when the file is missing or of another shape."""
    document = json.loads(path.read_text(encoding="utf-8"))
    by_name = document["features"]
    return Calibration(
        means=tuple(float(by_name[name]["mean"]) for name in FEATURES),
        scales=tuple(float(by_name[name]["scale"]) for name in FEATURES),
        weights=tuple(float(by_name[name]["weight"]) for name in FEATURES),
        bias=float(document["bias"]),
    )


def rarity(word: str, rank: int | None) -> float:
    """0 for the commonest English words, 1 for what is in no list of them: names, products, codes."""
    if rank is None or words.is_code(word):
        return 1.0
    return min(1.0, math.log1p(rank / _COMMON_RANK) / math.log1p(_LAST_RANK / _COMMON_RANK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words of one version of the corpus: how many passages there are, and how many of them have each stem."""

    passages: int
    frequency: Mapping[str, int]
    slots: Mapping[tuple[str, int], tuple[str, ...]]
    skeletons: Mapping[str, tuple[str, ...]]

    @classmethod
    def build(cls, passages: int, frequency: Mapping[str, int]) -> "Vocabulary":
        """Index the words by first letter and length, and by their consonants."""
        slots: dict[tuple[str, int], list[str]] = {}
        skeletons: dict[str, list[str]] = {}
        for stem in frequency:
            slots.setdefault((stem[:1], len(stem)), []).append(stem)
            if len(stem) >= 5 and stem.isalpha():
                skeletons.setdefault(words.skeleton(stem), []).append(stem)
        return cls(
            passages=passages,
            frequency=frequency,
            slots={key: tuple(value) for key, value in slots.items()},
            skeletons={key: tuple(value) for key, value in skeletons.items()},
        )

    def known(self, stem: str) -> bool:
        return stem in self.frequency

    def by_skeleton(self, skeleton: str) -> str | None:
        """The one word with these consonants."""
        found = self.skeletons.get(skeleton, ())
        return found[0] if len(found) == 1 else None

    def nearest(self, stem: str) -> str | None:
        """The one word that `stem` may be a slip of: one letter added, lost, changed or swapped with its neighbour."""
        if len(stem) < 5 or any(letter.isdigit() for letter in stem):
            return None
        found = [
            word
            for length in (len(stem) - 1, len(stem), len(stem) + 1)
            for word in self.slots.get((stem[:1], length), ())
            if _one_slip(stem, word)
        ]
        return found[0] if len(found) == 1 else None


def question_read(
    text: str, *, vocabulary: Vocabulary, rank: Callable[[str], int | None], language: str = "en"
) -> Question:
    """What a question asks for, with what was misheard or mistyped put right where the corpus leaves no doubt.

    `rank` is a word's place among English words, None for what is in no list of them.
    """
    stripped = words.misheard_repair(
        words.question_strip(text), vocabulary.known, vocabulary.by_skeleton, language
    )
    weights: dict[str, float] = {}
    strange: set[str] = set()
    for word in words.tokens(stripped):
        if not words.is_content(word):
            continue
        stem = words.stem(word, language)
        if not vocabulary.known(stem):
            stem = vocabulary.nearest(stem) or stem
        if stem in weights:
            continue
        unusual = rarity(word, rank(word))
        if word.isdigit():
            # "within 45 days" is answered by a passage on 30 days: a number that is missing says little.
            weights[stem] = _NUMBER_WEIGHT
            continue
        found = vocabulary.frequency.get(stem, 0)
        # 1 for a stem that no passage has, near 0 for one that all have, whatever the size of the corpus.
        inverse = math.log((vocabulary.passages + 1) / (found + 0.5)) / math.log(
            (vocabulary.passages + 1) / 0.5
        )
        weights[stem] = (0.15 + max(0.0, inverse)) * (0.3 + 0.7 * unusual)
        if not found and unusual == 1.0:
            strange.add(stem)
    return Question(text=stripped, language=language, weights=weights, strange=frozenset(strange))


@lru_cache(maxsize=50_000)
def text_terms(text: str, language: str) -> frozenset[str]:
    """Stems of a sentence or heading, remembered by its content."""
    return frozenset(words.terms(text, language))


def features_of(question: Question, candidate: Candidate) -> dict[str, float]:
    """What speaks for and against a passage, 0 to 1 each.

    sentence: the best cosine of one sentence; passage: the whole passage's cosine; coverage: which share of the
    question's words (by weight) the passage has, a half where the question has none; missing: 1 when the question names
    something that the corpus never mentions, or has a code or version that this passage lacks.
    """
    terms = set(_heading_terms(question, candidate))
    for sentence in candidate.sentences:
        terms |= text_terms(sentence, question.language)
    total = sum(question.weights.values())
    lacking = {stem: weight for stem, weight in question.weights.items() if stem not in terms}
    return {
        "sentence": float(candidate.sentence_cosines.max()) if len(candidate.sentence_cosines) else 0.0,
        "passage": candidate.passage_cosine,
        "coverage": (total - sum(lacking.values())) / total if total else 0.5,
        "missing": float(any(stem in question.strange or words.is_code(stem) for stem in lacking)),
    }


def rank_candidates(
    question: Question, candidates: Iterable[Candidate], calibration: Calibration, *, limit: int
) -> list[Ranked]:
    """The likeliest answers first. Equal ones stand in the order in which their documents tell things."""
    scored: list[tuple[float, Candidate, dict[str, float]]] = []
    for candidate in candidates:
        features = features_of(question, candidate)
        more = _OPENING / (1 + candidate.ordinal) if is_general(question, candidate) else 0.0
        scored.append((calibration.probability(features, more), candidate, features))
    scored.sort(key=lambda item: (-item[0], item[1].chunk_id))
    return [
        Ranked(
            candidate=candidate,
            similarity=similarity,
            features=features,
            best=best_sentences(question, candidate),
        )
        for similarity, candidate, features in scored[:limit]
    ]


def is_general(question: Question, candidate: Candidate) -> bool:
    """Does the question ask for nothing beyond what the document's title says? "How long" and "where" do."""
    if _PARTICULAR & set(words.tokens(question.text)):
        return False
    title = text_terms(candidate.title, question.language)
    return bool(question.weights) and all(stem in title for stem in question.weights)


def best_sentences(question: Question, candidate: Candidate) -> tuple[int, ...]:
    """Indexes of one to three speakable sentences that answer, in the document's order, about 45 words in all.

    A question for one thing gets the sentence that says it first, then what follows it if that is about it too; a
    question for a whole subject gets the passage from its beginning.
    """
    usable = [place for place, speakable in enumerate(candidate.speakable) if speakable]
    if not usable:
        return ()
    heading = _heading_terms(question, candidate)
    narrow = {stem: weight for stem, weight in question.weights.items() if stem not in heading}
    scores = {place: _sentence_score(question, candidate, place, narrow) for place in usable}
    first = usable[0]
    near = max(scores.values()) - (_NEAR_BROAD if not narrow else _NEAR_NARROW)
    start = first if is_general(question, candidate) else min(p for p in usable if scores[p] >= near)
    chosen = [start]
    size = _size(candidate, start)
    floor = scores[start] - (0.45 if start == first and not narrow else 0.25)
    for place in usable[usable.index(start) + 1 :]:
        if len(chosen) == BEST_SENTENCES or place != chosen[-1] + 1:
            break
        if size + _size(candidate, place) > BEST_WORDS or scores[place] < floor:
            break
        chosen.append(place)
        size += _size(candidate, place)
    return tuple(chosen)


def _sentence_score(
    question: Question, candidate: Candidate, place: int, narrow: Mapping[str, float]
) -> float:
    score = float(candidate.sentence_cosines[place])
    total = sum(narrow.values())
    if total:
        found = text_terms(candidate.sentences[place], question.language)
        score += 0.25 * sum(weight for stem, weight in narrow.items() if stem in found) / total
    return score


def _size(candidate: Candidate, place: int) -> int:
    return len(candidate.sentences[place].split())


def _heading_terms(question: Question, candidate: Candidate) -> frozenset[str]:
    return frozenset().union(
        text_terms(candidate.title, question.language),
        *(text_terms(heading, question.language) for heading in candidate.headings),
    )


def _one_slip(left: str, right: str) -> bool:
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    a, b = left[start:], right[start:]
    if len(left) == len(right):
        return a[1:] == b[1:] or (len(a) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:])
    return a[1:] == b if len(left) > len(right) else a == b[1:]


def fuse(rankings: Sequence[Sequence[int]], *, limit: int, k: int = 60) -> list[int]:
    """Reciprocal rank fusion: ids that stand high in any list, highest where several lists agree."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, identity in enumerate(ranking):
            scores[identity] = scores.get(identity, 0.0) + 1.0 / (k + place + 1)
    return sorted(scores, key=lambda identity: (-scores[identity], identity))[:limit]
