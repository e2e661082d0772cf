"""A caller's name out of speech. Invariant: a name is words that the caller said after saying that it is a
name, or the whole of a short answer to "what is your name?"."""

from __future__ import annotations

import re
from typing import Final

from calls.core.slots.reading import NOTHING, Reading
from calls.core.wordlist import word_set

_WORD: Final = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?"
_INTRO: Final = re.compile(
    r"\b(?:my (?:full |first |last )?name(?:'s| is)|(?:the )?name is|(?:you can |please )?call me"
    r"|i am called|this is|i'm|i am|it's|it is)\s+"
    rf"((?:{_WORD})(?:[\s\-]+(?:{_WORD})){{0,5}})",
    re.IGNORECASE,
)
_OUTRO: Final = re.compile(
    rf"^(?:hi|hello|hey)?[,\s]*((?:{_WORD})(?:\s+{_WORD}){{0,2}})\s+(?:here"
    rf"|speaking)\b",
    re.IGNORECASE,
)
_CUES: Final = ("name", "call me", "called")
_NOT_NAMES: Final = word_set(
    "a an the not so very really just here there calling looking trying having interested sorry happy",
    "angry upset unhappy going waiting about because fine good okay ok great done ready sure afraid",
    "frustrated tired busy from in on at with it's it is what who how why when where yes no yeah",
    "please thanks thank you your my our their his her that this unacceptable ridiculous terrible",
    "urgent regarding concerning driving still always still also asking wondering new speaking",
    "talking calling late broken wrong right correct taking getting using and or but for to of as i",
    "me we they hello hi hey um uh well actually only too all been disappointed satisfied confused",
    "lost already hoping able unable important possible impossible number email order phone address",
    "account back later tomorrow today tonight now again soon after before when whenever once anytime sometime",
    "monday tuesday wednesday thursday friday saturday sunday morning afternoon evening noon next half right",
    "zero one two three four five six seven eight nine ten eleven twelve ten first directly immediately asap",
)
_ENDERS: Final = word_set(
    "and i from calling here speaking but at with my on for about of is the can could so because to",
    "please sir",
)


def _cleaned(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        bare = word.strip(".,!?").replace("’", "'")
        if bare.lower() in _ENDERS:
            break
        kept.append(bare)
        if len(kept) == 4 or (word.endswith((",", "!", "?"))):
            break
        if word.endswith(".") and len(bare) > 2:
            break
    return kept


def _spelled(text: str) -> str:
    """ "J-A-N-E" or "J A N E" as a word; empty when it isn't spelled."""
    letters = re.findall(r"[^\W\d_]+", text)
    return "".join(letters) if len(letters) >= 3 and all(len(letter) == 1 for letter in letters) else ""


def _titled(words: list[str]) -> str:
    return " ".join(
        word if not word.islower() and not word.isupper() else word[:1].upper() + word[1:].lower()
        for word in words
    )


def name_read(text: str, *, asked: bool = False) -> Reading:
    """The caller's name in ``text``, each word capitalised. ``asked`` lets a bare "Jane Doe" be one."""
    for hit in _INTRO.finditer(text):
        named = any(cue in hit.group(0).lower().split(hit.group(1).lower())[0] for cue in _CUES)
        spelled = _spelled(hit.group(1)) if named or asked else ""
        words = [spelled] if spelled else _cleaned(hit.group(1).split())
        if not words or words[0].lower() in _NOT_NAMES:
            continue
        # "I'm" and "this is" begin many sentences: without a capital or the question they don't introduce
        # anybody.
        if named or asked or (words[0][:1].isupper() and len(words) <= 3 and not words[0].isupper()):
            kept = [word for word in words if word.lower() not in _NOT_NAMES][:4]
            value = _titled(kept)
            return Reading(value=value, display=value, confidence=0.9 if named else 0.7)
    outro = _OUTRO.search(text)
    if outro and outro.group(1).split()[0].lower() not in _NOT_NAMES:
        value = _titled(outro.group(1).split())
        return Reading(value=value, display=value, confidence=0.8)
    if asked:
        bare = re.sub(
            r"^(?:yes|yeah|sure|okay|ok|um|uh|well|so|it'?s)[,.\s]+", "", text.strip(), flags=re.IGNORECASE
        )
        spelled = _spelled(bare)
        words = [spelled] if spelled else _cleaned(bare.split())
        legit = words and all(re.fullmatch(_WORD, word) and word.lower() not in _NOT_NAMES for word in words)
        if legit and len(bare.split()) <= 5:
            value = _titled(words)
            return Reading(value=value, display=value, confidence=0.75)
    return NOTHING
