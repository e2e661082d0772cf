"""What is wrong with a rule, in words that say how to mend it. Pure.

Invariant: what passes can be said by a voice, parsed by the core and run on any call; every way in asks here.
Each function returns the problem, or "" when there is none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from string import Formatter
from typing import Final
from urllib.parse import urlsplit

from calls.rules.pattern import pattern_problem
from calls.rules.shipped import note_of, variables_allowed

Span = tuple[dt.time, dt.time]
MIDNIGHT: Final = dt.time.max  # "24:00": a span may last to the end of its day

_MARKUP: Final = re.compile(
    r"</?[a-zA-Z][^<>]*>|\*\*|__|`|\[\[|\]\]|\[[^\]]*\]\([^)]*\)|^\s*(?:#{1,6}|[-*•>]|\d+[.)])\s|(?<!\w)[*_](?=\S)|&\w+;",
    re.MULTILINE,
)
_ADDRESS: Final = re.compile(
    r"https?:|\bwww\.|\b[a-z0-9-]+\.(?:com|org|net|io|in|co|uk|de|eu|app|shop|info)\b/?", re.I
)
_UNSAYABLE: Final = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2190-\u21ff\u2300-\u23ff\u25a0-\u25ff\ufe0f\u200d\x00-\x08\x0b-\x1f\x7f\ufffd]"
)
LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")


def phrase_problem(name: str, text: str) -> str:
    """What keeps the agent from saying ``text`` as the phrase ``name``."""
    note = note_of(name)
    text = text.strip()
    if not text:
        return "Write what the agent says. An empty phrase would be a silence."
    if len(text) > note.most:
        return f"This is {len(text)} characters long; {note.most} is the most that {_room(note.most)}."
    allowed = variables_allowed(name)
    braces = _braces_problem(text, allowed)
    if braces:
        return braces
    missing = [must for must in note.must if f"{{{must}}}" not in text]
    if missing:
        return f"{{{missing[0]}}} can't be left out: the caller has to hear it before anything is done."
    words = re.sub(r"\{[^{}]*\}", "x", text)
    found = _UNSAYABLE.search(words)
    if found:
        return f"A voice can't say “{found.group()}”. Say it in words, or leave it out."
    if _ADDRESS.search(words):
        return "A web address can't be said so that anybody could write it down. Have a message sent instead."
    found = _MARKUP.search(words)
    if found:
        return f"“{found.group().strip()}” is markup, which a voice would read aloud or stumble over. Write plain text."
    if not any(character.isalpha() for character in words):
        return "There are no words in this for a voice to say."
    return ""


def _room(most: int) -> str:
    return "can be listened to in one go" if most >= 200 else "there is room for on the screen"


def _braces_problem(text: str, allowed: Sequence[str]) -> str:
    known = _listed(f"{{{name}}}" for name in allowed)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return f"A brace is open or closed on its own. Variables are written like {{{allowed[0]}}}."
    if "{{" in text or "}}" in text:
        return "Braces are for variables only; a voice can't say them."
    for _literal, name, spec, conversion in parts:
        if name is None:
            continue
        if not name:
            return f"{{}} has no name in it. Here you can use {known}."
        if spec or conversion or name not in allowed:
            return f"{{{name}}} isn't known here. Here you can use {known}."
    return ""


def language_problem(language: str) -> str:
    return "" if LANGUAGE.fullmatch(language) else "Write the language as two letters, such as en, de or hi."


def spans_parse(text: str) -> tuple[Span, ...]:
    """ "9:00–13:00, 14:00–18:00", "9 am to 6 pm", "closed" or "" as spans. Raises ValueError in plain words."""
    text = text.strip()
    if text.casefold() in {"", "closed", "-", "–"}:
        return ()
    spans: list[Span] = []
    for part in re.split(r"[,;]|\band\b", text):
        ends = [end.strip() for end in re.split(r"-|–|—|\bto\b|\buntil\b", part.strip())]
        if len(ends) != 2:
            raise ValueError(
                f"“{part.strip()}” isn't a span. Write it like 09:00–18:00, or leave the day empty."
            )
        begin, end = (_time(one) for one in ends)
        spans.append((begin, end))
    problem = spans_problem(spans)
    if problem:
        raise ValueError(problem)
    return tuple(sorted(spans))


def _time(text: str) -> dt.time:
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])?\.?(?:m\.?)?", text, re.I)
    if not found:
        raise ValueError(f"“{text}” isn't a time. Write it like 09:00.")
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"“{text}” isn't a time. Write it like 09:00.")
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour, minute) == (24, 0):
        return MIDNIGHT
    if hour > 23 or minute > 59:
        raise ValueError(f"“{text}” isn't a time. Write it like 09:00.")
    return dt.time(hour, minute)


def spans_problem(spans: Iterable[Span]) -> str:
    ordered = sorted(spans)
    for begin, end in ordered:
        if end == begin:
            return f"{span_say((begin, end))} is no time at all. Leave the day empty if it is closed."
        if end < begin:
            return (
                f"{span_say((begin, end))} ends before it begins. For a night, write {time_say(begin)}–24:00 here "
                f"and 00:00–{time_say(end)} on the next day."
            )
    for first, second in pairwise(ordered):
        if second[0] < first[1]:
            return f"{span_say(first)} and {span_say(second)} overlap. Join them into one."
    return ""


def time_say(time: dt.time) -> str:
    return "24:00" if time == MIDNIGHT else f"{time:%H:%M}"


def span_say(span: Span) -> str:
    return f"{time_say(span[0])}–{time_say(span[1])}"


def spans_say(spans: Iterable[Span]) -> str:
    return ", ".join(map(span_say, sorted(spans)))


def spans_stored(spans: Iterable[Span]) -> list[list[str]]:
    return [[time_say(begin), time_say(end)] for begin, end in sorted(spans)]


def spans_read(stored: Iterable[Sequence[str]]) -> tuple[Span, ...]:
    """The spans that :func:`spans_stored` stored. Raises ValueError or KeyError for anything else."""
    return tuple(sorted((_time(begin), _time(end)) for begin, end in stored))


def tracking_url_problem(url: str) -> str:
    """A tracking address goes out to callers, so it must be one that their browsers open safely."""
    if not url:
        return ""
    rest = url.replace("{tracking_id}", "", 1)
    if rest == url or "{" in rest or "}" in rest:
        return "Put {tracking_id} where the number of the parcel goes, once, and nothing else in braces."
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme != "https" or not host or "{" in host or "." not in host or parts.username:
        return "This must be an https address, such as https://track.example.com/{tracking_id}."
    if re.search(r"[\s<>\"'\\^`|]", rest) or not url.isascii():
        return "There is a character in this that web addresses don't have."
    return ""


def order_prefix_problem(prefix: str) -> str:
    if re.fullmatch(r"[A-Za-z]{0,8}", prefix):
        return ""
    return "The letters that order numbers begin with: up to eight, such as ORD. Leave it empty if there are none."


def order_pattern_problem(pattern: str) -> str:
    return pattern_problem(pattern) if pattern else ""


def compensation_problem(text: str) -> str:
    """What is offered is said by the agent and written in a mail: plain words, like a phrase without variables."""
    if not text.strip():
        return ""
    if "{" in text or "}" in text:
        return "There are no variables here. Write the offer as the agent should say it."
    return phrase_problem("", text)


def angry_turns_problem(turns: int) -> str:
    return "" if 1 <= turns <= 10 else "A number from 1 to 10."


def topic_problem(topic: str) -> str:
    return (
        ""
        if not topic or _NAME.fullmatch(topic)
        else "Small letters and underscores, such as delivery_delay."
    )


def skill_problem(skill: str) -> str:
    return "" if _NAME.fullmatch(skill) else "One word that agents have among their skills, such as billing."


def kind_problem(kind: str) -> str:
    if not _NAME.fullmatch(kind) or len(kind) > 20:
        return "One word in small letters, at most 20, such as policy."
    return ""


def names_problem(names: Sequence[str]) -> str:
    if not names:
        return "Write at least one name that callers use."
    for name in names:
        if len(name) > 60:
            return f"“{name[:30]}…” is too long for a name that callers use."
        if not any(character.isalpha() for character in name) or _UNSAYABLE.search(name) or "{" in name:
            return f"“{name}” isn't something that callers say."
    return ""


def example_problem(text: str) -> str:
    if not any(character.isalpha() for character in text):
        return "Write what a caller would say."
    if len(text) > 200:
        return "An example is one sentence, 200 characters at most."
    return ""


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def fits(pattern: str, number: str) -> bool:
    """Whether ``number`` is a whole order number by ``pattern``, which must have passed."""
    return re.fullmatch(pattern, number, re.IGNORECASE) is not None
