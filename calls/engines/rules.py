"""What needs no likeness: the caller's handling of the talk itself. Invariant: pure; a rule that can't be sure says nothing.

Answers to the open question, the end of the call, "what did you say?", "hold on", greetings, abuse, and orders to the agent,
which are never obeyed.
"""

from __future__ import annotations

import re
from typing import Final

from calls.core.wordlist import word_set
from calls.engines import topics, wishes, wording
from calls.engines.answering import content_words
from calls.engines.languages import language_wished
from calls.engines.meaning import PHONE_ASKED, Heard, Meaning, without_values

_I: Final = re.IGNORECASE
REFUSES: Final = "keeps it private"
CORRECTS_TIME: Final = "corrects a time"
_VALUES: Final = frozenset({*PHONE_ASKED, "email", "order_id", "code", "name", "callback_time"})
_HOLDS_VALUE: Final = frozenset({"email", "phone", "order_id", "code", "partial"})
_CARRIERS: Final = word_set(
    "it's number mail name email yes yeah sure id order use here code received got says phone mobile"
    " whatsapp reach call",
    "zero oh one two three four five six seven eight nine ten hundred thousand double triple dot"
    " underscore dash hyphen plus",
)
# What stands around a time that is offered: "would tomorrow at ten work for you?"
_AROUND_TIMES: Final = word_set(
    "ok okay fine work works possible good suit suits suitable make best better free available prefer"
    " works would do call ring",
    "back maybe perhaps say around about time sounds perfect great then ideal convenient sharp exactly"
    " anytime please tomorrow",
    "how if let's mine time me that'd that'll happy wait actually no eleven twelve",
)
_ABUSE: Final = re.compile(
    r"^(?:(?:you(?:'?re)?|f you|eff you|f|eff|oh|what|the|a|an|this|is|are|your|are|go|to|just|fucking"
    r"|bloody|damn|stupid|and|so|such"
    r"|off|up|piece|of|me|it|man|god|total"
    r"|fuck|fucker|motherfucker|shit|bullshit|bitch|bastard|asshole|arsehole|idiots?|moron|hell|crap|screw"
    r"|shut|suck|sucks|wtf|dumb|useless"
    r"|trash|garbage|loser|bot|robot|machine)\b[\s,.!?]*)+$",
    _I,
)
_CURSE: Final = re.compile(
    r"\b(?:(?:f|eff) (?:you|off)|fuck\w*|motherfuck\w*|shit|bullshit|bitch|bastards?|ass?holes?|arseholes?"
    r"|idiots?|morons?|go to"
    r" hell|crap|screw you|shut up|wtf"
    r"|sucks?|damn|loser|stupid|dumb)\b",
    _I,
)
_HOLD: Final = re.compile(
    r"^(?:(?:uh|um|okay|ok|yes|yeah|please|sorry|oh|hmm|well|can you|could you|just|no|alright"
    r"|right)\b[\s,.]*)*"
    r"(?:(?:hold|hang) on(?: (?:a|one) (?:second|sec|moment|minute|bit))?|wait(?: (?:a|one|just a|for a)"
    r" (?:second|sec|moment|minute|bit|while))?"
    r"|(?:just )?(?:one|a|1) (?:second|sec|moment|minute|min)|(?:just )?give me (?:a|one|just a) (?:second"
    r"|sec|moment|minute)|bear with me|hold(?: the line)?"
    r"|let me (?:just )?(?:find|get|check|look|grab|fetch|see|think|open|search)(?: (?:it|that|for it|up"
    r"|my .{2,25}|the .{2,25}|it up|a pen))?"
    r"|i(?:'m| am) (?:just )?(?:looking|checking|searching|getting)(?: (?:it|that|for (?:it|that|my"
    r" .{2,20}|the (?:order|number|id|code|e-?mail|paper)\b.{0,12})|my .{2,20}))?(?: up)?)"
    r"(?:[\s,.!]+(?:please|hold on|wait|let me .{2,30}|i(?:'m| am) .{2,30}|okay|ok|sorry|i need to .{2,30}"
    r"|while i .{2,30}|a (?:second|moment)))*[\s,.!]*$",
    _I,
)
_GREETING: Final = re.compile(
    r"^(?:(?:hi+|hello|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|there|sir|ma'?am|madam"
    r"|namaste|yes|yeah|oh|and|to|you|everyone"
    r"|again)\b[\s,.!]*)+$",
    _I,
)
_GREETS: Final = re.compile(
    r"\b(?:hi+|hello|hey|hiya|greetings|namaste|good (?:morning|afternoon|evening|day))\b", _I
)
_LACKS: Final = re.compile(
    r"\b(?:(?:i |we )?(?:don'?t|do not|didn'?t|did not|can'?t|cannot|couldn'?t|never) (?:actually |really "
    r"|currently |even )?"
    r"(?:have|know|remember|recall|find|got|get|see|keep|receive|received)\b|no idea|no clue|not sure|i"
    r" forgot|i'?ve forgotten|i lost|i'?ve lost"
    r"|i have no\b|haven'?t (?:got|received)|without (?:it|the))",
    _I,
)


_ENOUGH: Final = re.compile(
    r"^(?:(?:oh|sorry|ok(?:ay)?|al+ ?right|right|great|perfect|lovely|cool|fine|good|well|super"
    r"|brilliant)[\s,.]*)+(?:then[\s,.]*)?"
    r"(?:(?:thanks?|cheers|thank you|ta)\b[\s,.!]*(?:so much|a lot|very much|then|again|for (?:that|your"
    r" help|the help|everything))?[\s.!]*)+$"
    r"|^(?:no[\s,]+)?(?:thanks?|thank you)[\s.!]*$"
    r"|^(?:thanks?|cheers|thank you)(?: (?:so much|a lot|very much|again|then|for (?:that|your help|the"
    r" help|everything)))+[\s.!]*$",
    _I,
)
_REFUSES: Final = re.compile(
    r"\b(?:that|it|this)(?:'s| is) (?:private|personal|confidential|secret|none of your (?:business"
    r"|concern))"
    r"|\b(?:i'?d|i would) rather not (?:say|tell|give|share)|\bnone of your business"
    r"|\bi (?:don'?t|do not|won'?t|will not|am not going to|'m not going to)(?: want to| wanna| like to)?"
    r" ?(?:give|giving|share|sharing|tell|telling|say|hand)\b",
    _I,
)
_REALLY: Final = re.compile(
    r"^(?:(?:oh|ok(?:ay)?|and|but|so|hm+|well)[\s,]*)*(?:(?:do )?you promise|promise(?:d)?|are you"
    r" (?:really |quite )?(?:sure|certain)|you sure"
    r"|is (?:that|it) (?:certain|sure|for sure|guaranteed|definite|really so)|for sure|really|seriously"
    r"|can i (?:rely|count) on (?:that|it|this)|sure about that)\??$",
    _I,
)
_DELIVERIES: Final = re.compile(r"\b(?:order|deliver\w*|parcel|package|courier|shipped|shipping)\b", _I)
_CALLS: Final = re.compile(r"\b(?:call[\s-]?back|call(?:ing)? you|ring you|schedul\w*)\b", _I)
_INSTEAD: Final = re.compile(
    r"\b(?:not|instead|rather|better|actually|i said|i meant|oops|wrong|sorry|no|make (?:it|that)|hmm+|wait|prefer|suits?)\b",
    _I,
)
_RESEND: Final = re.compile(
    r"\b(?:re-?send|send (?:it|me|the code|that|another|a new|one)\b.{0,20}(?:again|once more|code|one"
    r"|new)?|(?:new|another|fresh) (?:code|one)"
    r"|(?:didn'?t|did not|haven'?t|have not|never|not) (?:yet )?(?:get|got(?:ten)?|receive[d]?|arrived?"
    r"|come|came)\b|once more|try again)",
    _I,
)
_WHICH_ORDER: Final = re.compile(
    r"\b(?:the|my|an?) .{2,40}\b(?:i |we |that |which )(?:ordered|bought|purchased|got)\b"
    r"|\b(?:last|latest|most recent|newest|only|previous|first|second|other) (?:one|order|purchase)\b"
    r"|^(?:(?:um|uh|well|oh|yes|no|okay|sorry)\b[\s,]*)*(?:it(?:'s| is| was)|that(?:'s| is)|i mean)?"
    r" ?(?:for |about )?(?:the|my|an?) "
    r"(?!(?:order|person|human|manager|agent|number|id)\b)[a-z\-]{3,}(?: [a-z0-9\-]{2,}){0,2}(?:,?"
    r" please)?[\s.!]*$",
    _I,
)


def beside(heard: Heard) -> tuple[str, ...]:
    """The telling words said beside the value that was asked for."""
    rest = without_values(heard)
    carriers = _CARRIERS
    if heard.request.asked == "callback_time":
        rest, carriers = topics.without_times(rest), _CARRIERS | _AROUND_TIMES
    return tuple(
        word for word in content_words(rest) if word not in carriers and word.isalpha() and len(word) > 2
    )


def answers(heard: Heard) -> bool:
    """Is it the value that was asked for, and nothing else of weight?"""
    if not heard.slot_given:
        return False
    others = beside(heard)
    if heard.request.asked == "callback_time":
        elsewhere = heard.channel or wording.wants_person(heard.text) or wording.is_wronged(heard.text)
        return not elsewhere and len(others) <= (0 if heard.question else 2)
    return not heard.question and len(others) <= 3


def is_over(heard: Heard) -> bool:
    """Is the call really over: a farewell or "that's all", with no wish beside it?"""
    text, reply = heard.text, heard.reply
    busy = (
        heard.channel
        or heard.question
        or re.search(r"\b(?:but|before|wait|one more|also|another)\b", text, _I)
    )
    if busy or wording.is_wronged(text) or _CURSE.search(text):
        return False
    if wording.has_bye(text):
        return len(text.split()) <= 14 and not wording.has_wish(text)
    asked_more = heard.request.asked == "anything_else"
    if asked_more and _ENOUGH.match(text):
        return True
    if reply.closing and (asked_more or reply.value in ("no", "mixed")):
        # "I'm good, thanks" answers "anything else?"; after "how are you?" it would not.
        only_well = re.search(r"\bi'?m (?:good|fine|okay|ok)\b|\ball good\b", text, _I)
        return bool(asked_more or not only_well) and len(reply.rest.split()) <= 5
    return asked_more and reply.value == "no" and len(reply.rest.split()) <= 2


def by_rule(heard: Heard) -> Meaning | None:
    """The meaning that a rule settles; None when it takes likeness."""
    text, reply, asked = heard.text, heard.reply, heard.request.asked
    if not any(char.isalnum() for char in text):
        return Meaning(intent="small_talk", confidence=0.1, note="nothing was said")
    if wording.gives_orders(text):
        return Meaning(intent="out_of_scope", confidence=0.97, note="instructions to the agent")
    if heard.language:
        if heard.slot_given:
            return Meaning(intent="small_talk", confidence=0.4, note="answers the question")
        return Meaning(intent="out_of_scope", confidence=0.9, note="another language")
    if wording.wants_repeat(text):
        return Meaning(intent="small_talk", confidence=0.9, note="repeat")
    if wording.asks_who(text):
        return Meaning(intent="small_talk", confidence=0.9, note="asks who speaks")
    if asked in _VALUES and _REFUSES.search(text) and not _HOLDS_VALUE.intersection(heard.slots):
        return Meaning(intent="small_talk", confidence=0.7, note=REFUSES)
    if answers(heard):
        return Meaning(intent="small_talk", confidence=0.4, note="answers the question")
    if _corrects_time(heard):
        return Meaning(intent="callback_request", confidence=0.7, note=CORRECTS_TIME)
    if reply.correction and ("email" in heard.slots or "phone" in heard.slots) and not heard.question:
        return Meaning(intent="small_talk", confidence=0.5, note="corrects a value")
    if wishes.callback_change(text):
        return Meaning(intent="callback_request", confidence=0.9, note="changes a callback")
    if asked == "code" and _RESEND.search(text):
        return Meaning(intent="small_talk", confidence=0.8, note="wants the code again")
    if asked == "order_id" and _WHICH_ORDER.search(text) and not heard.question:
        return Meaning(intent="small_talk", confidence=0.5, note="says which order")
    if language_wished(text) and not wording.wants_person(text) and not heard.channel:
        return Meaning(intent="out_of_scope", confidence=0.9, note="asks for another language")
    agent = [line.text for line in heard.request.history if line.role == "agent"]
    if _REALLY.match(text) and agent and _DELIVERIES.search(agent[-1]):
        return Meaning(intent="order_status", confidence=0.7, note="asks whether that is certain")
    return _manners(heard) or _lacks(heard) or _reply(heard)


def _corrects_time(heard: Heard) -> bool:
    """ "Actually eleven would be better", once a call was spoken of."""
    agent = [line.text for line in heard.request.history if line.role == "agent"]
    if heard.request.asked not in ("", "anything_else") or not agent or not _CALLS.search(agent[-1]):
        return False
    text = heard.text
    if heard.channel or heard.question or not (heard.reply.correction or _INSTEAD.search(text)):
        return False
    return bool(heard.slots.get("time_said") or topics.has_number(text)) and len(text.split()) <= 12


def _manners(heard: Heard) -> Meaning | None:
    text = heard.text
    if _HOLD.match(text):
        return Meaning(intent="small_talk", confidence=0.9, note="hold")
    if _GREETING.match(text) and _GREETS.search(text):
        return Meaning(intent="small_talk", confidence=0.9, note="greeting")
    if _CURSE.search(text) and _ABUSE.match(text):
        return Meaning(intent="small_talk", confidence=0.8, note="abuse")
    return None


def _reply(heard: Heard) -> Meaning | None:
    text, reply, asked = heard.text, heard.reply, heard.request.asked
    if is_over(heard):
        return Meaning(intent="goodbye", confidence=0.95)
    if reply.value and not heard.channel and not reply.closing:
        alone = len(reply.rest.split()) <= (1 if asked in ("offer", "anything_else") else 0)
        if alone and not (wording.has_thanks(text) and asked not in ("offer", "anything_else")):
            return Meaning(intent="small_talk", confidence=0.85, note="answers the question")
    return None


def _lacks(heard: Heard) -> Meaning | None:
    """ "I don't have it with me" to "what is your order id?"."""
    if heard.request.asked not in _VALUES or heard.question or heard.channel:
        return None
    if _LACKS.search(heard.text) and len(heard.text.split()) <= 14 and not wording.wants_person(heard.text):
        return Meaning(intent="small_talk", confidence=0.6, note="doesn't have it")
    return None
