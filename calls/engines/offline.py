"""The engine without a language model: what an utterance means from examples, slots and the company's
documents.

Invariant: no side effects, no memory of a call; the answer's words are the documents' own, or there are none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import structlog

from calls.core.completeness import completeness
from calls.core.decision import CHANNEL_OF, Proposal
from calls.engines import plainly, wishes, wording
from calls.engines.acts import AGAINST, INTENT_OF, belies, by_act, is_doubtful, parted
from calls.engines.answering import (
    Answer,
    DocumentFor,
    Search,
    answer_find,
    document_find,
    nearness,
    with_kind,
)
from calls.engines.base import Request
from calls.engines.classifier import Guess
from calls.engines.languages import language_wished
from calls.engines.learning import Examples, Learner
from calls.engines.meaning import (
    INTENT_OF_CHANNEL,
    QUESTIONS,
    SEND,
    Heard,
    Meaning,
    actions_of,
    entities_of,
    hear,
    settled,
    supposes,
    weighed,
    without_values,
    worth_searching,
)
from calls.engines.pairs import beside_each_other, both_stand, other_channel
from calls.engines.rules import CORRECTS_TIME, REFUSES, by_rule
from calls.engines.surface import surface
from calls.engines.vectors import Embed, KeptVectors
from calls.sentiment import sentiment_score, sentiment_with

logger = structlog.get_logger()


T = TypeVar("T")
DOUBTFUL = 0.75
_DEEDS = frozenset({*CHANNEL_OF, *QUESTIONS, "human_request", "order_status"})


class OfflineEngine:
    """Proposes from embeddings, slots and retrieval.

    ``examples`` gives a version and the utterances of each intent; the engine learns anew when the version
    changes. ``embed`` maps n texts to (n, d) float32 rows of length 1. ``search`` and ``document_for`` are
    the knowledge base's. ``threshold`` is the least probability at which an intent is called that.
    ``vectors_path`` keeps the examples' embeddings between starts, so that a start embeds only what is new. ``patience`` is
    how many seconds a caller waits for changed examples to be learnt.
    """

    name = "offline"

    def __init__(
        self,
        *,
        examples: Examples,
        embed: Embed,
        search: Search,
        document_for: DocumentFor,
        threshold: float = 0.3,
        order_prefix: str = "",
        vectors_path: Path | None = None,
        patience: float = 1.0,
    ) -> None:
        self._embed = embed
        self._search = search
        self._document_for = document_for
        self._threshold = threshold
        self._order_prefix = order_prefix
        self._learner = Learner(
            examples=examples, embedded=KeptVectors(embed, vectors_path), patience=patience
        )

    def warm_up(self) -> None:
        """Embed the examples and train. Raises ValueError when there are examples of fewer than two
        intents."""
        self._learner.learnt()
        self._embed(["warm up"])

    @property
    def left_out_accuracy(self) -> float:
        """Accuracy (0..1) on the examples, each judged by a model that hadn't seen it."""
        return self._learner.learnt().intents.left_out_accuracy(INTENT_OF)

    def sentiment_of(self, text: str) -> float:
        """-1 … 1: how an utterance sounds, by its words and as a whole."""
        return sentiment_with(
            sentiment_score(text), self._learner.learnt().moods.of(self._embed([wording.bare(text)])[0])
        )

    def propose(self, request: Request) -> Proposal:
        """What the utterance means. Timings are in milliseconds: ``retrieval_ms`` and ``decision_ms`` (the
        rest)."""
        started = time.perf_counter()
        timer = _Timer()
        proposal = self._proposed(request, timer)
        whole = (time.perf_counter() - started) * 1000
        timings = {"retrieval_ms": round(timer.ms, 2), "decision_ms": round(whole - timer.ms, 2)}
        return replace(proposal, timings=MappingProxyType(timings))

    def _proposed(self, request: Request, timer: _Timer) -> Proposal:
        back = wishes.taken_back(request.text)
        if back is None or wording.gives_orders(request.text):
            return self._two(request, timer) or self._one(request, timer)
        changes = wishes.callback_change(request.text)
        if changes == "move":
            return self._one(request, timer)
        if back.rest:
            # "Never mind, just call me tomorrow": what is wished instead is read as if it had been said alone.
            instead = self._proposed(replace(request, text=back.rest, asked=""), timer)
            if not changes or (instead.intent in _DEEDS and instead.confidence >= DOUBTFUL):
                said = instead.words or (back.rest if back.rest in request.text else "")
                return replace(instead, cancel=True, words=said)
        heard = hear(request, self._order_prefix)
        meaning = (
            Meaning(intent="callback_request", confidence=0.9)
            if changes
            else Meaning(intent="small_talk", confidence=0.85, note="takes a wish back")
        )
        return replace(self._proposal(heard, meaning), cancel=True, reply="no")

    def _one(self, request: Request, timer: _Timer) -> Proposal:
        heard = hear(request, self._order_prefix)
        meaning = by_rule(heard) or self._naming(heard, timer)
        if meaning is not None and is_doubtful(heard, meaning):
            guess, acts = self._sounding(without_values(heard), request.asked)
            if belies(replace(heard, acts=acts), guess):
                meaning, heard = None, replace(heard, reply=replace(heard.reply, value=""))
        if meaning is None:
            words = without_values(heard)
            guess, acts = self._sounding(words, request.asked)
            mood = self._learner.learnt().moods.of(self._embed([wording.bare(words)])[0])
            heard = replace(heard, sentiment=sentiment_with(heard.sentiment, mood), acts=acts)
            meaning = by_act(heard) or self._by_likeness(heard, guess, timer)
        proposal = self._proposal(heard, meaning)
        other = other_channel(heard.text, proposal.intent)
        if other:
            second = replace(proposal, intent=INTENT_OF_CHANNEL[other], actions=(f"send_{other}",), answer=())
            entities = {**proposal.entities, "channel": other}
            return replace(proposal, also=replace(second, entities=MappingProxyType(entities)))
        return proposal

    def _two(self, request: Request, timer: _Timer) -> Proposal | None:
        """Two wishes in one utterance; None when it holds one."""
        for first, second in wishes.halves(wishes.unannounced(request.text), asked=request.asked):
            glances = (
                self._glance(replace(request, text=first)),
                self._glance(replace(request, text=second, asked="")),
            )
            if not beside_each_other(*glances, asked=request.asked):
                continue
            if request.asked == "offer" and self._refused(request):
                return None  # "Oh please, I'd hate to trouble anybody": a refusal, in two parts
            one = self._one(replace(request, text=first), timer)
            other = self._one(
                replace(request, text=second, asked="", document=one.document or request.document), timer
            )
            if one.intent in CHANNEL_OF and one.document is None and wording.channel_of(second):
                continue  # "An e-mail is better. Cancel the call and mail me the catalog": what is sent comes later
            if both_stand(one, other, second):
                heard = hear(request, self._order_prefix)
                return replace(
                    one,
                    words=first,
                    also=replace(other, words=second),
                    sentiment=min(heard.sentiment, one.sentiment, other.sentiment),
                    complete=other.complete,
                )
        return None

    def _refused(self, request: Request) -> bool:
        _, acts = self._sounding(request.text, request.asked)
        return acts.get("refuse", 0.0) >= AGAINST

    def _glance(self, request: Request) -> tuple[Heard, str, float]:
        """What a part would mean, without asking the documents."""
        heard = hear(request, self._order_prefix)
        ruled = by_rule(heard)
        if ruled is not None:
            return heard, ruled.intent, ruled.confidence
        guess, _ = self._sounding(without_values(heard), request.asked)
        return heard, *weighed(guess, heard, self._threshold)

    def _sounding(self, words: str, asked: str) -> tuple[Guess, Mapping[str, float]]:
        """What ``words`` are like among the examples, once ``asked`` was asked: intents, and acts."""
        text = wording.bare(words)
        guess = self._learner.learnt().intents.guess(self._embed([text])[0], surface(text))
        return parted(guess, text, asked)

    def _naming(self, heard: Heard, timer: _Timer) -> Meaning | None:
        """The answer to "which document?": a few words that name one."""
        if (
            heard.request.asked != "document"
            or heard.question
            or len(heard.text.split()) > 8
            or heard.reply.value
        ):
            return None
        document = timer.run(lambda: document_find(heard.text, context=None, document_for=self._document_for))
        if document is None:
            return None
        return Meaning(intent="small_talk", confidence=0.5, document=document, note="answers the question")

    def _by_likeness(self, heard: Heard, guess: Guess, timer: _Timer) -> Meaning:
        intent, confidence = weighed(guess, heard, self._threshold)
        if intent == SEND and not (heard.question and not heard.channel):
            return self._sending(heard, confidence, timer)
        if not worth_searching(intent, confidence, guess, heard):
            return Meaning(intent=intent, confidence=confidence)
        answer = timer.run(lambda: self._answer(heard, wording.bare(heard.text)))
        meaning = settled(intent, confidence, guess, answer, supposes=supposes(heard))
        if meaning.intent == "small_talk" and heard.question and meaning.confidence < DOUBTFUL:
            # "Do you take …?" is a question about the business, though the documents don't know the answer.
            meaning = Meaning(
                intent="product_query", confidence=meaning.confidence, answer=Answer(passages=answer.passages)
            )
        # "Do you share my data?" has a word of sending and is a question; without an answer it is the wish
        # it looks like.
        return self._sending(heard, confidence, timer) if meaning.intent == SEND else meaning

    def _sending(self, heard: Heard, confidence: float, timer: _Timer) -> Meaning:
        question = wording.question_part(heard.text)
        answer = timer.run(lambda: self._answer(heard, question)) if question else Answer()
        context = answer.document or heard.request.document
        document = timer.run(
            lambda: document_find(without_values(heard), context=context, document_for=self._document_for)
        )
        corrected = wording.correction_part(heard.text)
        if corrected:
            meant = timer.run(lambda: document_find(corrected, context=None, document_for=self._document_for))
            document = meant or document
        intent = INTENT_OF_CHANNEL[heard.channel or "email"]
        return Meaning(intent=intent, confidence=confidence, answer=answer, document=document)

    def _answer(self, heard: Heard, query: str) -> Answer:
        before = [
            line.text
            for line in heard.request.history
            if line.role == "customer" and wording.is_question(line.text)
        ]
        document = heard.request.document
        found = [
            answer_find(
                words,
                search=self._search,
                document_for=self._document_for,
                context=document.title if document else "",
                last_question=wording.bare(before[-1]) if before else "",
                follow_up=wording.is_follow_up(heard.text),
            )
            # As it was asked, and in words that documents use: the nearer one answers.
            for words in dict.fromkeys((plainly.asked_plainly(query), plainly.in_documents_words(query)))
        ]
        return with_kind(max(found, key=nearness), self._document_for)

    def _proposal(self, heard: Heard, meaning: Meaning) -> Proposal:
        request = heard.request
        return Proposal(
            intent=meaning.intent,
            confidence=round(min(meaning.confidence, 1.0), 4),
            engine=self.name,
            entities=MappingProxyType(entities_of(heard, meaning)),
            answer=meaning.answer.sentences,
            passages=meaning.answer.passages,
            document=meaning.document or meaning.answer.document,
            actions=actions_of(meaning),
            acts=heard.acts,
            cancel=meaning.cancel,
            reply=_reply(heard, meaning),
            correction=heard.reply.correction or meaning.note == CORRECTS_TIME,
            repeat=meaning.note == "repeat",
            language=heard.language or _language_wished(meaning, heard),
            is_question=heard.question or bool(meaning.answer.sentences),
            thanks=wording.has_thanks(heard.text) and heard.reply.value != "no",
            complete=_complete(request, heard, meaning),
            sentiment=heard.sentiment,
            note=meaning.note,
        )


def _reply(heard: Heard, meaning: Meaning) -> str:
    if meaning.note == REFUSES:
        return "no"
    return meaning.reply or (heard.reply.value if heard.reply.value in ("yes", "no") else "")


def _language_wished(meaning: Meaning, heard: Heard) -> str:
    return language_wished(heard.text) if meaning.note == "asks for another language" else ""


def _complete(request: Request, heard: Heard, meaning: Meaning) -> float:
    """How finished the words are, once it is known what they mean. A certain meaning never mends words
    that dangle."""
    words = completeness(request.asked, request.text, region=request.region)
    if words < 0.4:
        return round(words, 3)
    if meaning.answer.sentences:
        return round(max(words, 0.8), 3)
    if meaning.confidence >= 0.75 and meaning.intent not in ("small_talk", "out_of_scope"):
        return round(max(words, 0.75 if heard.question or meaning.intent in CHANNEL_OF else 0.65), 3)
    return round(words, 3)


class _Timer:
    """Adds up the milliseconds spent in what it runs."""

    def __init__(self) -> None:
        self.ms = 0.0

    def run(self, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return work()
        finally:
            self.ms += (time.perf_counter() - started) * 1000
