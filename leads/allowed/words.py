"""Invariant: who says stop, in whatever words people use for it, is understood; who speaks of something else is not.

Every word of the message must belong to the wish: "stop it please" does, "stop the order" doesn't. Carriers' own words,
also of other languages, count when they stand alone.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final


class Said(StrEnum):
    STOP = "stop"
    START = "start"


def _plain(text: str) -> str:
    """In small letters, without accents, marks and signs."""
    folded = unicodedata.normalize("NFKD", text).casefold().replace("'", "").replace("\u2019", "")
    # What is left of an accent is a mark (M): dropped on both sides of every comparison.
    kept = "".join(letter for letter in folded if not unicodedata.category(letter).startswith("M"))
    return " ".join(re.findall(r"\w+", kept.replace("_", " ")))


def _set(words: str) -> frozenset[str]:
    return frozenset(_plain(word) for word in words.replace("\n", "|").split("|") if word.strip())


#: Alone in a message. The first line is what carriers honour in English.
_STOP_ALONE: Final = _set(
    """stop|stop all|stopall|unsubscribe|cancel|end|quit|opt out|optout|opt-out|revoke|unsub|remove|enough|s t o p|dnd
    do not disturb|stop promo|stop promos|stop ads
    stopp|abmelden|abbestellen|austragen|aufhören|halt|keine sms mehr|nicht mehr schreiben
    arret|arrêt|arrêter|arretez|désabonner|désinscrire|desinscription|désabonnement|stop sms
    alto|parar|pare|baja|darse de baja|dar de baja|cancelar|basta|detener|deten|no más|no mas mensajes
    sair|descadastrar|remover|cancelar inscrição|não quero mais
    ferma|fermare|annulla|cancella|disiscrivi|disiscrivimi|disdici
    afmelden|uitschrijven|stoppen|afmeld|stopzetten|avregistrera|sluta|avslutt|meld af|afmeld mig|lopeta
    rezygnuje|rezygnuję|wypisz|wypisz mnie|zrušit|odhlásit|odhlasit
    стоп|отписаться|отписка|отпишите|отмена|хватит|не пишите|стоп смс|відписатися
    iptal|iptal et|üyelikten çık|berhenti|henti|hentikan|batal|dừng|tu choi|từ chối
    बंद|बंद करो|बंद करें|बंद कर दो|रोको|रुको|band|band karo|band kar do|band kare|mat bhejo|मत भेजो|mat bhejo message
    message mat bhejo|message mat karo|mujhe message mat karo|mujhe message mat bhejo|sms mat bhejo
    msg mat bhejo|msg mat karo|roko|ruko
    توقف|إيقاف|ايقاف|الغاء|إلغاء|إلغاء الاشتراك|قف
    停止|退订|退訂|取消|取消订阅|取消訂閱|td|配信停止|解除|やめて|수신거부|중지|그만|취소|ยกเลิก|หยุด|בטל|הסר|עצור"""
)
_START_ALONE: Final = _set(
    """start|unstop|yes|start again|restart|resume|subscribe|resubscribe|opt in|optin|opt-in|opt back in|sign me up again
    anmelden|reprendre|commencer|iniciar|empezar|comenzar|alta|começar|inizia|iscrivi|начать|старт|подписаться
    shuru|shuru karo|शुरू|शुरू करो|başla|ابدأ|開始|开始|시작"""
)
#: Words that begin a wish to be left alone, when all the others are of `_AROUND`.
_STOP_VERBS: Final = _set("stop|stopp|unsubscribe|unsub|cease|quit|end|halt|optout|remove|delete")
_START_VERBS: Final = _set("start|restart|unstop|resume|resubscribe|subscribe")
_AROUND: Final = _set(
    """it|this|that|these|those|them|now|already|please|pls|plz|kindly|thanks|thank|you|thx|ty|ok|okay|hi|hello|hey|sir
    madam|team|everything|all|any|more|further|future|immediately|right|away|at|once|today|forever|just|and|or|the|a|your|ur
    u|me|my|us|number|phone|from|to|of|on|off|with|by|via|list|lists|here|again|anymore|ever|for|good|will|im|i
    am|not|interested|stop|unsubscribe|said|told|wrong
    sending|send|texting|text|texts|messaging|message|messages|msg|msgs|sms|smses|whatsapp|whatsapps|mail|mails|mailing
    email|emails|emailing|e|writing|contacting|contact|bothering|spamming|spam|notifications|notification|alerts|alert
    updates|marketing|promotions|promotional|promos|newsletter|newsletters|calling|calls|disturbing|annoying|harassing
    damn|fucking|fuck|bloody|shit|crap|idiot|idiots|jerk|jerks|assholes|asshole|guys|people|bot"""
)
_WISHES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:i )?(?:want|wish|would like|id like|need|like) to (?:unsubscribe|opt out|stop|be removed|be taken off)\b.*",
        r"(?:i )?(?:do not|dont|no longer) (?:want|wish|need)(?: to)?"
        r"(?: (?:any|more|any more|get|receive|hear|be|these|those|this|your|from|contacted|texted|messaged|further))*"
        r"(?: (?:sms|texts?|messages?|msgs?|e?mails?|e mails?|spam|from|you|us|anymore|any ?more|again|whatsapps?))+",
        r"(?:please |pls )?(?:do not|dont|never|stop) (?:ever )?(?:text|message|msg|sms|contact|write|write to|e?mail|send"
        r"|spam|bother|call)(?: (?:me|us|to|this|number|again|any ?more|ever|please|messages?|texts?|sms|e?mails?"
        r"|anything|more|pls))*",
        r"(?:please |pls )?(?:take|remove|delete|get) (?:me|my (?:phone )?(?:number|e?mail)|us|this number)"
        r"(?: (?:off|from|of|out|your|ur|the|this|that|all|any|mailing|sms|text|texting|e?mail|marketing|messag\w+|lists?"
        r"|database|system|please|now|contacts?))*",
        r"(?:please |pls )?(?:opt|sign|unsubscribe) (?:me |us )?(?:out|off)(?: (?:of|from|this|these|the|your|all|please"
        r"|now|messages?|texts?|sms|e?mails?))*",
        r"no more(?: (?:sms|texts?|messages?|msgs?|e?mails?|of|these|this|from|you|to|me|please|whatsapps?|spam))+",
        r"(?:please |pls )?(?:leave me|let me) (?:alone|be)(?: (?:please|now|already))*",
    )
)
#: "Don't stop", "I never said stop".
_NOT: Final = re.compile(
    r"\b(?:not|dont|never|didnt|wont|cant|cannot|without)\b(?! interested)(?: \w+){0,2} (?:stop|unsubscribe|cancel|end)"
)
#: "Could you please stop texting me?"
_ASKED: Final = re.compile(
    r"(?:can|could|would|will) (?:you|u) (?:please |pls |just )*(?=stop (?:text|messag|send|contact|spam|bother|email|writ))"
)
_CLAUSES: Final = re.compile(r"[.,;:!?\n\u2013\u2014\u0964]+")
#: What ends a message after other words of any kind: "I never asked for this, stop". "Cancel" there is about an order.
_LAST_WORDS: Final = _set(
    "stop|stop it|stop this|please stop|stop please|stop now|unsubscribe|unsubscribe me|opt out|opt me out"
)
_LONGEST: Final = 200


def word_said(text: str) -> Said | None:
    """Whether a message that somebody wrote asks for no more of them, or for them again. None: for neither."""
    if len(text) > _LONGEST:
        return None
    words = _ASKED.sub("", _plain(text), count=1)
    if not words:
        return None
    bare = _bare(words)
    if words in _STOP_ALONE or bare in _STOP_ALONE:
        return Said.STOP
    if words in _START_ALONE or bare in _START_ALONE:
        return Said.START
    if _NOT.search(words):
        return None
    said = words.split()
    around = all(word in _AROUND or word in _STOP_VERBS for word in said)
    if around and any(word in _STOP_VERBS for word in said):
        return Said.STOP
    if any(wish.fullmatch(form) for wish in _WISHES for form in (words, bare)):
        return Said.STOP
    clauses = [clause for clause in map(_plain, _CLAUSES.split(text)) if clause]
    if clauses and clauses[-1] in _LAST_WORDS:
        return Said.STOP
    if said[0] in _START_VERBS and all(word in _AROUND for word in said[1:]):
        return Said.START
    return None


_POLITE: Final = _set(
    "please|pls|plz|kindly|thanks|thank|you|thx|ok|okay|hi|hello|hey|now|bitte|por|favor|sil|vous|te|plait|per|favore|danke|merci|gracias"
)


def _bare(words: str) -> str:
    """Without what is said for politeness."""
    return " ".join(word for word in words.split() if word not in _POLITE)
