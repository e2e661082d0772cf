"""The words of a dictated address: signs, letters, digits, and what is none of it.

Invariant: every word keeps its order; only what says how to write ("capital", "all one word") is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from calls.core.slots.digits import REPEATS, TEENS, TENS, UNITS
from calls.core.wordlist import word_set

SIGNS: Final = {
    "dot": ".",
    "period": ".",
    "point": ".",
    ".": ".",
    "underscore": "_",
    "_": "_",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "-": "-",
    "plus": "+",
    "+": "+",
}
STOP: Final = word_set(
    "is it it's its that's email e-mail mail address id to me my mine use on please send at's okay ok",
    "yes no yeah sure so um uh er well and the a an be will or can you could i i'm this here was with",
    "by via would it'd that also hi hello actually wait sorry mean not would're email's gonna going",
    "spelled spell spelt ok so then name at of for from into about in your our his her their reads ready who which",
    "that'll it'll are am under now but just right as if when",
)
# What callers say around an address. Before one that is spelled or joined by signs they are no part of it; alone, or right
# before a sign ("sales dash india"), they are.
ORDINARY: Final = word_set(
    "letter letters digit digits number numbers word words character characters reads read ready begins starts spells",
    "first second third last next following part bit piece half username user account inbox mailbox login handle",
    "policy policies refund refunds return returns warranty guarantee catalog catalogue brochure manual guide list",
    "prices pricelist invoice receipt document documents copy form file pdf details information quote quotation terms",
    "conditions statement report order orders product products request want need like get got give take try write type",
    "reach contact forward share drop shoot ping put enter note pen paper noted listen hear say says said call called",
    "callback message whatsapp text sms phone mobile personal work office home private business company new old other",
    "another same correct current proper one here's there there's let's have has had should must might shall we they",
    "he she him them us what what's how where's why yep yup nope aye alright fine great perfect good thanks thank cheers",
    "carefully slowly again once more only exactly basically simply all lower upper case capital capitals small caps",
    "lowercase uppercase everything looked bought ordered found saw seen met arrived arriving delivered paid waiting stopped",
    "uses made done sent sending asked using used works working shop store site website online full whole too",
    "destination recipient addressee goes going towards course obviously certainly naturally",
)
_ANNOUNCING: Final = word_set("letter letters digit digits number numbers reads ready spells begins starts")
_HOW: Final = re.compile(
    r"\b(?:(?:and |with |all |it's |its )*(?:(?:an?|the|all|in|is|as) )*"
    r"(?:(?:small|capital|upper ?case|lower ?case|uppercase|lowercase|big|block)(?: case)? (?:letters?|caps|case)|all small"
    r"|lower-?case|lower case|upper-?case|upper case|all caps|in caps|in capitals)"
    r"|(?:all )?(?:as |in )?one word|(?:with )?no (?:spaces?|gaps?)(?: (?:in )?between)?|without (?:any )?(?:spaces?|gaps?)"
    r"|all (?:joined )?together|the letters?|the (?:numbers?|digits?|figures?)"
    r"|(?:letter|digit|figure)s?(?= [a-z0-9](?![a-z0-9]))"
    r"|as a (?:number|digit|numeral|letter|word))\b",
    re.IGNORECASE,
)
# "With a capital K" after the word tells how it is written; "capital K" alone says the letter.
_CAPITAL_OF: Final = re.compile(
    r"\b(?:and |but )?with an? (?:capital|big|small|upper ?case|lower ?case) [a-z]\b", re.IGNORECASE
)
_CAPITAL: Final = re.compile(
    r"\b(?:an? )?(?:capital|big|small|block|upper ?case|lower ?case)[ ,]+(?=[a-z](?![a-z'])|[a-z]-[a-z]\b)"
    r"(?:(?P<letter>[a-z])[ ,]+(?=(?P=letter)[a-z]{3}))?",
    re.IGNORECASE,
)
_PART_BEFORE: Final = re.compile(
    r"\b(?:the )?(?:part|bit|what'?s|piece|stuff|name)?\s*before (?:the )?(?:at|@)(?: sign| symbol)?(?:'s| is|,)?(?= )",
    re.IGNORECASE,
)
_THEN_AT: Final = re.compile(
    r"[,.]?\s*\b(?:and )?(?:then|after|followed by)(?: comes)?(?: the| an)? at(?: sign| symbol)?(?:'s| is| it's)?(?=[ ,.])",
    re.IGNORECASE,
)
_AT: Final = re.compile(
    r"\bat the rate(?: of)?(?: sign| symbol)?\b|\s@\s?|\s?@\s|(?<=\w)@(?=\w)|\bat (?:sign|symbol)\b|\bat the domain\b",
    re.IGNORECASE,
)
_LETTER_AS: Final = re.compile(
    r"\b([a-z])[,]?\s+(?:as in|for|like in|like|as|from|in|is for)\s+\1[a-z]+\b[,]?", re.IGNORECASE
)
_NATO: Final = {
    name: name[0]
    for name in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa "
        "quebec romeo sierra tango uniform victor whiskey whisky xray yankee zulu"
    ).split()
}
_LETTER_NAMES: Final = {
    "zed": "z",
    "zee": "z",
    "aitch": "h",
    "haitch": "h",
    "jay": "j",
    "kay": "k",
    "cue": "q",
    "double-u": "w",
}
_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9._+\-]*")
_LINKS: Final = frozenset({"then", "and"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an address. ``letter``: said as one letter or as digits; ``sign``: a dot, a dash."""

    text: str
    sign: bool = False
    letter: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a dictation, and before which of them a sentence ended (``ends``) or a comma stood (``commas``)."""

    words: list[str]
    ends: frozenset[int]
    commas: frozenset[int]


def said_of(text: str) -> Said:
    lowered = text.lower().replace("’", "'")
    lowered = _LETTER_AS.sub(r"\1 ", lowered)
    lowered = _CAPITAL_OF.sub(" ", lowered)
    lowered = _CAPITAL.sub(" ", lowered)
    lowered = _HOW.sub(" ", lowered)
    lowered = _PART_BEFORE.sub(" the ", lowered)
    lowered = _THEN_AT.sub(" at", lowered)
    lowered = _AT.sub(" at ", lowered)
    words: list[str] = []
    ends: set[int] = set()
    commas: set[int] = set()
    for raw in lowered.split():
        word = raw.strip(',;:!?"()<>')
        if len(word) > 1:
            word = word.rstrip(".") or "."
        if re.fullmatch(r"[od]'[a-z]{3,}", word):
            word = word.replace("'", "")  # O'Brien
        if re.fullmatch(r"[a-z0-9](?:[-.][a-z0-9])+", word) and "-" in word:
            # "j-a-n-e": one spells with dashes, Whisper writes them
            words.extend(word.replace(".", "-").split("-"))
        elif re.fullmatch(r"\.[a-z][a-z.]*", word):
            words.extend(["dot", word[1:]])
        elif word:
            words.append(word)
        tail = raw[len(raw.rstrip(',;:!?."()…')) :]
        if any(sign in tail for sign in "!?;:") or ("." in tail and len(word) > 1):
            ends.add(len(words))
        elif "," in tail:
            commas.add(len(words))
    return _linked(Said(_lettered(words), frozenset(ends), frozenset(commas)))


def _lettered(words: list[str]) -> list[str]:
    """Names of letters as letters, where letters are being spelled; "oh" as what it stands for there."""
    done: list[str] = []
    for at, word in enumerate(words):
        near = [words[index] for index in (at - 1, at + 1) if 0 <= index < len(words)]
        if word in _NATO and any(one in _NATO for one in near):
            done.append(_NATO[word])
        elif word in _LETTER_NAMES and any(len(one) == 1 or one in _LETTER_NAMES for one in near):
            done.append(_LETTER_NAMES[word])
        elif word in ("oh", "o") and near and _zero(words, at):
            done.append("zero")
        elif word == "oh" and any(len(one) == 1 or one in SIGNS for one in near):
            done.append("o")
        else:
            done.append(word)
    return done


def _digit(word: str) -> bool:
    return word in UNITS and word not in ("o", "oh")


def _zero(words: list[str], at: int) -> bool:
    """ "Two oh one": a zero between digits; beside one digit "oh" is, and the letter is called "o"."""
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    if words[at] == "o":
        return _digit(before) and _digit(after)
    return _digit(before) or _digit(after)


def _linked(said: Said) -> Said:
    """Without the "then" and "and" between spelled letters ("b, then o, then b")."""
    kept: list[int] = []
    for at, word in enumerate(said.words):
        around = [said.words[index] for index in (at - 1, at + 1) if 0 <= index < len(said.words)]
        if word in _LINKS and len(around) == 2 and all(_spelled(one) or one in _LINKS for one in around):
            continue
        kept.append(at)
    place = {old: new for new, old in enumerate(kept)}
    return Said(
        [said.words[at] for at in kept],
        frozenset(place[at] for at in said.ends if at in place),
        frozenset(place[at] for at in said.commas if at in place),
    )


def _spelled(word: str) -> bool:
    return (len(word) == 1 and word.isalnum()) or word in SIGNS or word in UNITS or word in REPEATS


def wordy(word: str) -> bool:
    """May ``word`` stand in an address at all?"""
    return word in SIGNS or _PLAIN.fullmatch(word) is not None


def announces(word: str) -> bool:
    """Does it only announce what is spelled next ("letters J dash P")?"""
    return word in _ANNOUNCING


def _repeated(words: list[str], at: int) -> tuple[str, int] | None:
    if words[at] in REPEATS and at + 1 < len(words):
        following = words[at + 1]
        unit = str(UNITS[following]) if following in UNITS and following != "o" else following
        if len(unit) == 1 and unit.isalnum():
            return unit * REPEATS[words[at]], at + 2
        if words[at] == "double" and following in ("you", "u"):
            return "w", at + 2
    return None


def _number(words: list[str], at: int) -> tuple[str, int] | None:
    word = words[at]
    if word in UNITS and word not in ("o", "oh", "tree", "nil"):
        return str(UNITS[word]), at + 1
    if word in TEENS:
        return str(TEENS[word]), at + 1
    if word in TENS:
        following = words[at + 1] if at + 1 < len(words) else ""
        unit = UNITS.get(following, 0)
        return (str(TENS[word] + unit), at + 2) if unit else (str(TENS[word]), at + 1)
    return None


def pieces_of(words: list[str]) -> list[tuple[Piece, int]]:
    """Words to pieces of an address, each with the index of its first word; what can't be part of one is an empty piece."""
    pieces: list[tuple[Piece, int]] = []
    at = 0
    while at < len(words):
        word = words[at]
        got = _repeated(words, at) or _number(words, at)
        if got is not None:
            pieces.append((Piece(got[0], letter=True), at))
            at = got[1]
            continue
        if word in SIGNS:
            pieces.append((Piece(SIGNS[word], sign=True), at))
        elif _PLAIN.fullmatch(word):
            pieces.append((Piece(word, letter=len(word) == 1 or word.isdigit()), at))
        else:
            pieces.append((Piece(""), at))
        at += 1
    return pieces


def joined(words: list[str]) -> str:
    return "".join(piece.text for piece, _ in pieces_of(words))
