"""One way to cut text into terms, used at indexing and at asking alike, so that both speak of the same stems.

Pure. A term is a stemmed word, a number, or a code such as "v2.0" or "wh-1000". Function words, and the words of
asking ("hi, can you tell me…"), are no terms.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import snowballstemmer

_TOKEN = re.compile(r"[^\W_]+(?:[.'’\-/][^\W_]+)*")
_SPLIT = re.compile(r"[.'’\-/]")
_DECIMAL = re.compile(r"\d+(?:\.\d+)+")
_MAX_TERM = 40
_SKELETON = 4

_ALGORITHMS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "hi": "hindi", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "sv": "swedish",
    "ta": "tamil",
}  # fmt: skip

_FUNCTION = frozenset(
    """a about above after again against all am an and any are aren as at be because been before being below between
    both but by can cannot could couldn did didn do does doesn doing don down during each else ever every few for from
    further get gets getting go goes going got had has have haven having he her here hers him his how i if in into is
    isn it its itself just let ll m may me might more most much must my need no nor not of off on once one only or
    other our ours out over own re s same shall she should so some such t than that the their theirs them then there
    these they this those through to too under until up us ve very was wasn way we were what when where which while
    who whom whose why will with won would you your yours d also able
    take takes taking took long many""".split()
)
# Said around a question, never the matter of it.
_ASKING = frozenset(
    """hi hello hey please thanks thank okay ok well um uh er hmm yeah yes sir madam ma'am tell know knowing wonder
    wondering want wanted like ask asking question help explain say information info details detail give
    anything something thing things kind sort happen happens possible possibly actually really quick quickly
    regarding concerning curious understand find hear mean make sure check confirm""".split()
)

_GREETING = (
    r"hi|hello|hey|good\ (?:morning|afternoon|evening)|excuse\ me|sorry|okay|ok|so|well|um+|uh+|er+|yeah|yes|no|and"
    r"|please"
)
_ABOUT = r"(?:\ (?:if|whether|about|with))?\s+"
_OPENING = re.compile(
    rf"""^(?:\s*(?:
        (?:{_GREETING})(?:\ there|\ sir|\ ma'?am|\ madam)?[\s,.!]+
      | i\ (?:was|am|'m)\ (?:just\ )?(?:wondering|curious|calling(?:\ to\ (?:ask|know|find\ out))?){_ABOUT}
      | i(?:'d|\ would)?\ (?:just\ )?(?:like|want|wanted|need|love)\ to\ (?:know|ask|understand|find\ out|check)
            (?:\ you)?{_ABOUT}
      | (?:can|could|would|will)\ you\ (?:please\ |kindly\ )?(?:tell|explain|let|help)\ (?:to\ )?(?:me|us)
            (?:\ know|\ out|\ understand)?{_ABOUT}
      | (?:please\ )?(?:tell|explain\ to|let)\ (?:me|us)(?:\ know)?{_ABOUT}
      | do\ you\ (?:happen\ to\ )?know{_ABOUT}
      | i\ (?:have|had|got)\ a\ (?:quick\ )?question(?:\ (?:about|on|regarding))?[\s,:.]*
      | (?:what|how)\ about\s+
    ))+""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING = re.compile(
    r"(?:[\s,]+(?:please|thanks|thank you|sir|ma'?am|madam|right now|for me|if you (?:don't mind|can)))+[\s.!?]*$",
    re.IGNORECASE,
)
# "u p i", "e.m.i", "U P I": three letters or more, since "a" and "i" are words.
_SPELLED = re.compile(r"(?<![\w'’])[a-z](?:(?:\s|\.\s?)[a-z]){2,7}(?![\w'’])", re.IGNORECASE)
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen twenty""".split()
    )
} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
}
_VOWELS = re.compile(r"[aeiouyhw]+")


@lru_cache(maxsize=16)
def _stemmer(language: str) -> object:
    return snowballstemmer.stemmer(_ALGORITHMS.get(language, "english"))


@lru_cache(maxsize=65536)
def stem(word: str, language: str = "en") -> str:
    """The stem of one lower-case word. A word with a digit in it is left as it is."""
    if any(letter.isdigit() for letter in word):
        return word
    return str(_stemmer(language).stemWord(word))  # type: ignore[attr-defined]


def tokens(text: str) -> list[str]:
    """Lower-case words as written, in order; "30-day" is two, "v2.0" and "wh-1000" are one."""
    found: list[str] = []
    for match in _TOKEN.finditer(text.lower()):
        word = match.group()
        if is_code(word) or _DECIMAL.fullmatch(word):
            found.append(word)
        else:
            found.extend(part for part in _SPLIT.split(word) if part)
    return [word[:_MAX_TERM] for word in found]


def is_code(word: str) -> bool:
    """True for what mixes letters and digits to name one thing: "v2.0", "ord98765", "wh-1000"; not for "30-day"."""
    parts = re.split(r"[-/]", word)
    letters, digits = any(part.isalpha() for part in parts), any(part.isdigit() for part in parts)
    if letters and digits and parts[0].isdigit():
        return False  # "30-day", "5-in"
    return any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)


def is_content(word: str) -> bool:
    """False for function words and for the words of asking."""
    return (len(word) > 1 or word.isdigit()) and word not in _FUNCTION and word not in _ASKING


def terms(text: str, language: str = "en") -> list[str]:
    """Stems of the content words of `text`, in order, with repetitions."""
    return [stem(word, language) for word in tokens(text) if is_content(word)]


def terms_distinct(texts: Iterable[str], language: str = "en") -> list[str]:
    """Each stem once, sorted: what an index keeps."""
    return sorted({term for text in texts for term in terms(text, language)})


def question_strip(text: str) -> str:
    """The question without the politeness around it; the whole text where nothing would be left.

    Letters that were spelled ("u p i") are joined.
    """
    stripped = _CLOSING.sub("", text.strip())
    stripped = _SPELLED.sub(lambda match: re.sub(r"[\s.]+", "", match.group()), stripped)
    stripped = _OPENING.sub("", stripped).strip(" ,.")
    return stripped if len(tokens(stripped)) >= 1 else text.strip()


def skeleton(word: str) -> str:
    """The first letter and the consonants after it, doubles once: what survives of a word that was misheard."""
    rest = _VOWELS.sub("", word[1:])
    return re.sub(r"(.)\1+", r"\1", word[:1] + rest)


def misheard_repair(
    text: str, known: Callable[[str], bool], by_skeleton: Callable[[str], str | None], language: str = "en"
) -> str:
    """Words put together again that a speech recogniser has taken apart: "aero book fourteen", "reef and policy".

    Two or three words become one when at least one of them is unknown to the corpus and the corpus (`known`, asked with
    a stem) has the joined word, or exactly one word with its consonants. A spoken number becomes digits where the
    corpus writes it so.
    """
    parts = text.split()
    bare = [re.sub(r"[^\w]", "", part.lower()) for part in parts]
    repaired: list[str] = []
    place = 0
    while place < len(parts):
        joined = None
        for length in (3, 2):
            group = bare[place : place + length]
            if len(group) < length or not all(word.isalpha() for word in group):
                continue
            strange = [word for word in group if is_content(word) and not known(stem(word, language))]
            if not strange:
                continue
            whole = "".join(group)
            if known(stem(whole, language)):
                joined = (whole, length)
            elif len(shape := skeleton(whole)) >= _SKELETON and (found := by_skeleton(shape)):
                joined = (found, length)
            if joined:
                break
        if joined:
            repaired.append(joined[0] + ("?" if parts[place + joined[1] - 1].endswith("?") else ""))
            place += joined[1]
            continue
        number = _NUMBERS.get(bare[place])
        digits = number and not known(stem(bare[place], language)) and known(number)
        repaired.append(number if digits and number else parts[place])
        place += 1
    return " ".join(repaired)
