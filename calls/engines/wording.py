"""What the words alone show, by rule: channels, politeness, questions, follow-ups, attempts to give orders.

Invariant: pure, and only closed classes of words are named here; what a company sells or writes is never
among them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_I: Final = re.IGNORECASE
# What recognisers write for the messenger's name. "What's up" alone is a greeting, so it needs a
# preposition or a verb.
_WHATSAPP: Final = re.compile(
    r"\bwhats[\s\-]?app(?:ed|ing|s)?\b|\bwhat'?s[\s\-]app\b|\bwatts?[\s\-]?app\b"
    r"|(?:\b(?:on|by|via|over|through|to|my|your|a|use)\s+(?:my |your )?)(?:what'?s[\s\-]?(?:up|at)"
    r"|what sap|watsap)\b"
    r"|^(?:please |can you |could you )?what'?s[\s\-]?(?:up|at) me\b",
    _I,
)
_SMS: Final = re.compile(
    r"\bsms(?:ed|es)?\b|\bs\.? ?m\.? ?s\b|\btext(?:ed|ing)?\b(?! ?book)|\btxt\b|\bmessage (?:it|that|me"
    r"|this|them|the)\b.{0,40}\b(?:phone|mobile|cell)\b",
    _I,
)
_EMAIL: Final = re.compile(
    r"\be[\s\-]?mail(?:s|ed|ing)?\b|\bmail(?:ed|ing|box)?\b|\b(?:in|e-?mail)box\b|\bgmail\b"
    r"|\bin writing\b",
    _I,
)
_NOT_CHANNEL: Final = re.compile(
    r"\b(?:not|instead of|rather than|don'?t(?: \w+)?)\s+(?:by |via |on |over |an? |to )*(e[\s\-]?mail"
    r"|mail|whats[\s\-]?app|text(?: message)?|sms)\b",
    _I,
)
_SEND: Final = re.compile(
    r"\b(?:send|forward|share|shoot|drop|ping|deliver me|get me|put (?:it|that|this) in|mail|email|e-mail"
    r"|text|sms|whats ?app"
    r"|message|receive|have (?:it|that|this) (?:in|on|by)|pass (?:it|that) on)\b",
    _I,
)
_POLITE: Final = re.compile(
    r"^(?:(?:okay|ok|alright|all right|right|so|well|um+|uh+|er+m?|hmm+|hi|hello|hey|there|oh|ah|yes|yeah"
    r"|yep|no|nope|sure|great|perfect|good"
    r"|cool|thanks|thank you|thank you very much|please|sorry|excuse me|actually|look|listen|you know|and"
    r"|but|also|then|now|good morning"
    r"|good afternoon|good evening|sir|ma'?am|madam|i mean|just|quick question|one (?:more |last |quick "
    r"|other )?(?:thing|question)(?: before(?: that)?)?"
    r"|another question|by the way|before (?:that|i do(?: that)?|we do(?: that)?|we go on|i (?:tell|give)"
    r" you(?: (?:it|that|my \w+))?)(?=[,\s])|wait"
    r"|hold on|hang on|first(?:ly)?|two things|real quick)\b[\s,.!:\-]*)+",
    _I,
)
_LEAD_IN: Final = re.compile(
    r"^(?:(?:can|could|would|will|may) (?:you|i|we) (?:please |kindly |just |maybe |perhaps "
    r"|possibly )?(?:tell me|explain|let me know|ask(?: you)?|know|find out)"
    r"|(?:i(?:'d| would) (?:like|love|want) to (?:know|ask|find out|understand)|i (?:want|need"
    r"|wanted) to (?:know|ask|find out|understand)"
    r"|i was (?:just )?wondering|i'?m wondering|do you know|(?:please )?tell me(?= (?:about|what|how|if"
    r"|whether|when|where|which|who|why|more|your|the)\b)|let me know"
    r"|i have a question(?: about)?))\s*(?:about |if |whether )?",
    _I,
)
_TAIL: Final = re.compile(
    r"[\s,]*\b(?:please|thanks|thank you|if you (?:can|could|don'?t mind)|for me|first|before that"
    r"|then)\b[.!?]*$",
    _I,
)
_QUESTION: Final = re.compile(
    r"^(?:what|what's|whats|when|where|where's|why|who|who's|how|how's|which|can|could|do|does|did|is|are"
    r"|will|would|may|should|was|were|am|(?:has|have)(?! (?:a|an|fun)\b))\b",
    _I,
)
_FOLLOW_UP: Final = re.compile(
    r"^(?:and|what about|how about|also|but|then|so|what if|ok(?:ay)? and|or)\b|\b(?:it|that|this|those"
    r"|these|they|them|one|there)\b",
    _I,
)
_REPEAT: Final = re.compile(
    r"\b(?:what (?:did|have) you (?:just )?(?:say|said)|say (?:that|it) (?:again|once more)|(?:repeat"
    r"|rephrase) (?:that|it|please|yourself|the (?:last|answer)|what you)"
    r"|(?:can|could|would|please) (?:you )?(?:please )?repeat|come again|i (?:didn'?t|did not|couldn'?t"
    r"|could not|can'?t) (?:quite )?(?:hear|catch|get|understand) (?:you|that|it|what you)"
    r"|what was that|pardon(?: me)?|i beg your pardon|one more time please|once again please"
    r"|you said what|sorry,? what|say (?:that )?again|(?:can|could|would) you say (?:that|it)|(?:were|are"
    r"|was) breaking up|i missed (?:that|it|what you))(?!\w)"
    r"|^(?:(?:repeat|again|what|sorry|huh|eh|hm+)[\s.,?!]*)+\?$|^(?:repeat|again)[\s.!]*$"
    r"|^once more(?:,? please)?[.!?]*$",
    _I,
)
_INJECTION: Final = re.compile(
    r"\b(?:ignore|forget|disregard|override|bypass|drop|skip|break) (?:all |any |of |about |everything "
    r"|your |the |my |these |those |previous |prior |earlier |above )*"
    r"(?:rules?|instructions?|prompts?|guidelines?|restrictions?|programming|training|policies and|safety"
    r"|said before|you were told)"
    r"|\b(?:system|hidden|initial|secret) (?:prompt|instructions?|message)\b|\bdeveloper mode\b"
    r"|\bjailbreak\b|\bpretend (?:to be|you are|you'?re|that you)\b"
    r"|\b(?:act|behave) as (?:if|my|a|an|though)\b|\byou are now\b|\broleplay\b"
    r"|\b(?:all|other|another|every|list of)(?: of)?(?: your| the)? (?:customers?|clients?|users?"
    r"|callers?|leads?|people)(?:'s|s')?\b.{0,30}\b(?:list|data(?:base)?|names?|numbers?|e-?mails?"
    r"|address(?:es)?|details|orders?|info)"
    r"|\b(?:phone|number|address|e-?mails?|details|orders?|data|info(?:rmation)?|history|account|names?)"
    r" (?:of|for|from) (?:all|every|each|another"
    r"|other|any other|someone else|somebody else|a different|everybody|everyone"
    r"|your)\b.{0,12}\b(?:customers?|clients?|users?|callers?|leads?|else"
    r"|person|everybody|everyone)\b"
    r"|\b(?:everybody|everyone|someone else|somebody else|another (?:customer|client|caller))'?s (?:\w+"
    r" )?(?:details|orders?|data|info(?:rmation)?|number"
    r"|numbers|address(?:es)?|e-?mails?|names?|accounts?)\b"
    r"|\ball (?:of )?(?:your|the) (?:leads|customers|clients|users|callers)\b|\bobey\b|\b(?:words|text"
    r"|message) above\b|\badmin mode\b"
    r"|\b(?:customer|client|user|lead)s? (?:list|database|records|data)\b|\badmin (?:password|access"
    r"|login)\b|\b(?:drop|delete|select) .{0,20}\b(?:table|database)\b",
    _I,
)
_THANKS: Final = re.compile(
    r"\b(?:thanks?|thank you|thx|cheers|much appreciated|appreciate (?:it|that"
    r"|your)|grateful)\b",
    _I,
)
_CALLBACK: Final = re.compile(
    r"\b(?:call|phone|ring|buzz)(?:ing)?(?: (?:me|us))?(?: again)? (?:back|later|tomorrow|again|at|on|in"
    r"|after|when|this|next|tonight|today)\b|\bcall[\s\-]?backs?\b"
    r"|\b(?:call|phone|ring) (?:me|us)\b|\bgive (?:me|us) a (?:call|ring|buzz|bell|shout|tinkle)\b|\bcall"
    r" me\b",
    _I,
)
_HUMAN: Final = re.compile(
    r"\b(?:human|real person|live (?:person|agent)|(?:an?|the|your|live|human|another) (?:agent|operator"
    r"|representative|manager|supervisor|colleague|specialist|expert)"
    r"|representative|operator|someone (?:real|else|from)|actual (?:person|human|employee)|put me through"
    r"|transfer me|connect me|speak (?:to|with)|talk (?:to|with) (?:an?|some|your|the))\b",
    _I,
)
_WRONGED: Final = re.compile(
    r"\b(?:broken|damaged|cracked|defective|faulty|scratch(?:ed|es)?|missing|wrong|unacceptable"
    r"|ridiculous|terrible|awful|horrible|disappointed|frustrated|angry|upset"
    r"|unhappy|fed up|complain(?:t|ing)?|rude|worst|charged twice|overcharged|never (?:came|arrived)"
    r"|(?:hasn'?t|haven'?t|didn'?t|not) (?:received|arrive|arrived|come|work|got)"
    r"|(?:doesn'?t|does not|stopped|won'?t) (?:work|turn|start)|should have (?:been (?:here|delivered)"
    r"|come|arrived|reached)"
    r"|(?:isn'?t|is not|not) here(?: yet)?|where on earth|waiting (?:for )?(?:days|weeks|ages"
    r"|\w+ (?:days|weeks|months))|where the hell|crash(?:es|ed|ing)?|nobody|no one|useless|junk)\b",
    _I,
)
_ORDER: Final = re.compile(
    r"\b(?:my|the|an|our) (?:order|parcel|package|shipment|delivery|purchase"
    r"|tracking)\b|\btrack(?:ing)?\b",
    _I,
)
_OURS: Final = re.compile(
    r"\b(?:about|of|with|in) your \w+|\b(?:integrat\w+|connect|sync|compatible)\b.{0,30}\b(?:with|to)\b", _I
)
# The caller's own things: "where's my laptop", "when does my phone come". Money isn't fetched by a courier.
_WHERE_MINE: Final = re.compile(
    r"\b(?:where|when|how far)(?:'s| is| are| was| does| do| will| can i expect)? (?:the (?:hell|heck"
    r"|fuck) )?(?:is )?(?:my|our)"
    r" (?!(?:refunds?|money|invoices?|account|passwords?|codes?|receipts?|e-?mails?|agent|call|callback"
    r"|warranty|guarantee|data)\b)\w+"
    r"|\b(?:is|are|has|have|did) my (?!(?:refunds?|money|data|account|card|warranty|purchase (?:covered"
    r"|refund))\b)[\w ]{2,25}?"
    r" (?:on (?:its|the|their) way|coming|here yet|arriv\w+|come|dispatched|shipped|sent out|out for"
    r" delivery|delivered)\b",
    _I,
)
_PERSONAL: Final = re.compile(r"\b(?:my|mine|i|me|we|our)\b", _I)
_BYE: Final = re.compile(
    r"\b(?:bye+|goodbye|see you|hang up|end the call|have a (?:nice|good|great"
    r"|lovely) (?:day|one|evening|weekend|night|time))\b",
    _I,
)
_IDENTITY: Final = re.compile(
    r"^(?:are you|is (?:this|that|it)|am i (?:talking|speaking)(?: to| with)?|who (?:are you|is this"
    r"|am i)|what are you)\b"
    r"(?=.*\b(?:robot|bot|human|person|machine|computer|recording|ai|real|talking|speaking|who)\b).{0,60}$",
    _I,
)
CUES: Final = (
    _SEND,
    _WHATSAPP,
    _SMS,
    _EMAIL,
    _CALLBACK,
    _HUMAN,
    _WRONGED,
    _ORDER,
    _PERSONAL,
    _QUESTION,
    _BYE,
    _THANKS,
)
CUE_WEIGHT: Final = 0.3


# What recognisers write for the words that callers say most here. Each is no phrase of its own.
_MISHEARD: Final = tuple(
    (re.compile(pattern, _I), right)
    for pattern, right in (
        (r"\b(?:cal|col|caw|kal|cold|coal) ?back\b|\bcall (?:bag|bach|bac|pack)\b|\bcallbag\b", "callback"),
        (r"\b(?:reef|ree|re) (?:and|fund|und)\b(?= polic)|\bre fund\b", "refund"),
        (r"\b(?:cattle|cat a|catta|kata) ?log(?:ue)?\b", "catalog"),
        (r"\b(?:he|hee|ee) mail\b", "email"),
        (r"\bwhat'?s[\s\-]app\b|\bw(?:h)?at+s?[\s\-]?ap+\b", "WhatsApp"),
        (r"\bwar and tee\b|\bwarren tea?\b", "warranty"),
    )
)


def mended(text: str) -> str:
    """``text`` with the commonest mishearings put right."""
    for pattern, right in _MISHEARD:
        text = pattern.sub(right, text)
    return text


# A wish of the caller's own, wherever in the sentence it stands.
_WISH: Final = re.compile(
    r"\b(?:i (?:want|need|wish|would like|would love)|i'd (?:like|love)|we need)\b(?! to (?:go|leave|hang"
    r"|run|end|stop|quit|get off))"
    r"|\b(?:can|could|would|will) (?:you|i|we|someone|somebody)\b|\bcall[\s\-]?backs?\b|\b(?:call|ring"
    r"|phone) me\b"
    r"|\b(?:send|email|text|whatsapp|connect|transfer|schedule|book|track|check|cancel) (?:me|my|it|the|a"
    r"|an|that|us)\b",
    _I,
)


def has_wish(text: str) -> bool:
    return bool(_WISH.search(text))


def channel_of(text: str) -> str:
    """``email``, ``whatsapp``, ``sms`` or empty: where the caller wants something sent, refusals left out."""
    wanted = _NOT_CHANNEL.sub(" ", text)
    hits = [
        (pattern.search(wanted), name)
        for pattern, name in ((_WHATSAPP, "whatsapp"), (_SMS, "sms"), (_EMAIL, "email"))
    ]
    found = [(hit.start(), name) for hit, name in hits if hit is not None]
    # "on WhatsApp, here is my e-mail too" is rare; "a text message to my WhatsApp" isn't: the messenger wins.
    names = [name for _, name in sorted(found)]
    return "whatsapp" if "whatsapp" in names else names[0] if names else ""


@lru_cache(maxsize=8192)  # the examples', so that an admin's new one is learnt within a turn
def cues(text: str) -> NDArray[np.float32]:
    """Word cues as a small vector beside the embedding. Shared: nobody may write into it."""
    found = np.array([CUE_WEIGHT if pattern.search(text) else 0.0 for pattern in CUES], dtype=np.float32)
    found.flags.writeable = False
    return found


def bare(text: str) -> str:
    """The words without the politeness around them: "Okay, can you tell me what …, please?" gives "what
    …?"."""
    spoken = " ".join(text.replace("’", "'").split())
    core = _POLITE.sub("", spoken).strip()
    core = _LEAD_IN.sub("", core).strip()
    core = _TAIL.sub(lambda hit: "?" if hit.group().endswith("?") else "", core).strip(" ,")
    return core if any(char.isalnum() for char in core) else spoken


_RHETORICAL: Final = re.compile(
    r"^(?:are you|you) (?:deaf|stupid|dumb|kidding|joking|serious|blind|an idiot|out of your mind|crazy"
    r"|insane)\b|^what the (?:hell|fuck|heck)[\s!.?]*$"
    r"|^how dare\b",
    _I,
)


def is_question(text: str) -> bool:
    """Does it ask something? "Can you send …?" is a wish in the form of a question: not counted."""
    core = _POLITE.sub("", text.replace("’", "'")).strip() or text
    if _RHETORICAL.match(core):
        return False
    if re.match(
        r"^(?:can|could|would|will) (?:you|i|we|someone|somebody) (?:please |kindly |just )?"
        r"(?!get (?:a|my|the) (?:refund|money)|return|tell|explain|pay|cancel|still|ship|deliver"
        r"|integrate|support|use|try|exchange|change|keep)\w+",
        core,
        _I,
    ):
        return bool(re.search(r"\b(?:what|how|when|where|which)(?:'s)?\b.*\band\b", core, _I))
    return text.rstrip().endswith("?") or bool(_QUESTION.match(core)) or bool(_LEAD_IN.match(core))


def is_follow_up(text: str) -> bool:
    """Does it need what was said before to be understood?"""
    trimmed = re.sub(
        r"^(?:okay|ok|um+|uh+|well|so|great|thanks|thank you|i see|alright)[\s,.!]+",
        "",
        text.strip(),
        flags=_I,
    )
    return bool(_FOLLOW_UP.search(trimmed)) or len(trimmed.split()) <= 4


def wants_repeat(text: str) -> bool:
    """ "What did you just say?" and its kin."""
    return len(text.split()) <= 12 and bool(_REPEAT.search(text.strip()))


_CORRECTS: Final = re.compile(
    r"(?:[,.;!?…\-—]+|\b(?:sorry|oops|oh))\s*(?:(?:oh|no|sorry|wait|well|um+|uh+|oops)[\s,]+)*"
    r"(?:(?:not|no,?) (?:the |that )?[\w ]{1,25},\s*|correction\b[\s,:]*|i mean(?:t)?\b\s*|(?:or )?rather\b[\s,]*"
    r"|actually\b[\s,]*|make (?:that|it)\b\s*|scratch that\b[\s,]*|no\b[\s,]+(?:wait[\s,]+)?)",
    _I,
)


def correction_part(text: str) -> str:
    """What somebody who corrects themselves in the same breath says instead ("the catalog, sorry, I mean the warranty");
    empty when they don't."""
    hits = list(_CORRECTS.finditer(text.replace("’", "'")))
    return text[hits[-1].end() :].strip(" .!") if hits and hits[-1].start() > 0 else ""


def gives_orders(text: str) -> bool:
    """Words that try to make the agent leave its job: never obeyed, never an action."""
    return bool(_INJECTION.search(text.replace("’", "'")))


def asks_of_us(text: str) -> bool:
    """Is it about the business, whatever else it is about ("tell me about your …", "integrate it with …")?"""
    return bool(_OURS.search(text))


def asks_for_own(text: str) -> bool:
    """ "Where's my laptop?" """
    return bool(_WHERE_MINE.search(text.replace("’", "'")))


def wants_person(text: str) -> bool:
    return bool(_HUMAN.search(text))


def asks_who(text: str) -> bool:
    """ "Is this a real person?" asks who is speaking; it asks for nobody."""
    return bool(_IDENTITY.search(_POLITE.sub("", text.replace("’", "'"))))


def has_thanks(text: str) -> bool:
    return bool(_THANKS.search(text))


def has_bye(text: str) -> bool:
    return bool(_BYE.search(text))


def has_send(text: str) -> bool:
    return bool(_SEND.search(text))


def is_wronged(text: str) -> bool:
    return bool(_WRONGED.search(text))


_WISH_CLAUSE: Final = re.compile(
    r"(?:\s*[,;.?!]|\s+(?:and|also|then|but)\b)[,\s]*(?:and |also |then |but )*(?:can|could|would"
    r"|will)? ?(?:you )?(?:please |kindly |also )*"
    r"(?:\b(?:send|forward|share|shoot|drop|mail|e-?mail|text|sms|whats ?app|message)\b"
    r"|(?:(?:can|could|may) )?i (?:also |please )*(?:have|get|receive) (?:it|that|this|them|(?:the|a copy)"
    r" .{2,30}?) (?:by|via|on|over|in|through|to my)\b"
    r").*$",
    _I,
)


def question_part(text: str) -> str:
    """The question in "what's the return policy, and can you mail it to me?"; empty when there is only the
    wish."""
    core = bare(text)
    clause = _WISH_CLAUSE.search(core)
    if clause is None or clause.start() == 0:
        return ""
    head = core[: clause.start()].strip(" ,.;?!")
    asks = bool(_QUESTION.match(head)) or bool(_LEAD_IN.match(_POLITE.sub("", text)))
    return head + "?" if len(head.split()) >= 3 and asks else ""
