"""Phone numbers out of speech, as E.164. Invariant: a number that is short or long of digits is never a
value."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from calls.core.slots.digits import Run, runs_read
from calls.core.slots.figures import numbers_alone
from calls.core.slots.reading import NOTHING, Reading
from calls.core.wordlist import word_set

_CORRECTION: Final = re.compile(
    r"\b(?:no,? wait|wait,? no|no,? sorry|sorry,? no|sorry|scratch that|i mean|correction|i meant|actually"
    r"|no,? it'?s)\b",
    re.IGNORECASE,
)
_BETWEEN: Final = word_set(
    "yes yeah ok okay after that then and next followed by so i think again now",
)
_FEWEST: Final = 4  # fewer digits than this are a time, a price or a count, unless a number was asked for
_ON_FILE: Final = re.compile(
    r"\b(?:(?:the|my|this|that|on the|to the) )?(?:same|this|current|registered|existing|present|usual"
    r"|own)(?: (?:phone|mobile|whatsapp|telephone|one))*"
    r" (?:number|one|phone|mobile|line)\b|\bnumber (?:that )?i(?:'m| am|'ve| have)? (?:call(?:ing|ed)?"
    r"|using|speaking|talking|gave|given)\b"
    r"|\b(?:number|one|phone|mobile|whatsapp) (?:that )?(?:you(?:'ve| have)?(?: already)? (?:have|got)"
    r"|on (?:file|record|my account|the account)|in (?:your|the) (?:system|records|file))"
    r"|\b(?:the|it'?s the|use the|same|on the) same(?: (?:one|as (?:before|always|this"
    r"|the one)))?\s*[.!,]*$|\bthis (?:number|one) (?:is fine|works|only|itself)\b"
    r"|\bnumber i(?:'m| am) (?:calling|on)\b|\bcalling from\b|\bmy (?:own )?number\s*[.!]*$|\bthis number\b",
    re.IGNORECASE,
)


def _mobile_length(region: str) -> int:
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    return len(str(example.national_number)) if example is not None else 10


def phone_display(e164: str, *, region: str = "IN") -> str:
    """An E.164 number as people of ``region`` write it: national groups at home, international ones
    abroad."""
    try:
        number = phonenumbers.parse(e164, region)
    except phonenumbers.NumberParseException:
        return e164
    written = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    home = phonenumbers.country_code_for_region(region)
    return written.split(" ", 1)[1] if number.country_code == home and " " in written else written


def _grouped(digits: str) -> str:
    return " ".join(digits[at : at + 5] for at in range(0, len(digits), 5))


def _parsed(run: Run, region: str) -> Reading:
    text = ("+" if run.plus else "") + run.digits
    wanted = _mobile_length(region)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return _unusable(run, short=len(run.digits) < wanted)
    national = len(str(number.national_number))
    home = number.country_code == phonenumbers.country_code_for_region(region)
    if home and national < wanted and not _mobile(number):
        return _unusable(run, short=True)
    if phonenumbers.is_valid_number(number) and not number.italian_leading_zero:
        value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return Reading(value=value, display=phone_display(value, region=region), confidence=0.95)
    if home and national == wanted:
        # The right length but no range that is in use: a message to it goes nowhere.
        return Reading(display=_grouped(run.digits), confidence=0.3, missing="impossible")
    if home:
        return _unusable(run, short=False)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == phonenumbers.ValidationResult.TOO_SHORT:
        return _unusable(run, short=True)
    if possible == phonenumbers.ValidationResult.TOO_LONG:
        return _unusable(run, short=False)
    return Reading(display=_grouped(run.digits), confidence=0.2, missing="impossible")


def _mobile(number: phonenumbers.PhoneNumber) -> bool:
    """Is it surely one that can be written to? Some countries' mobile numbers differ in length."""
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) == PhoneNumberType.MOBILE


def _unusable(run: Run, *, short: bool) -> Reading:
    lacks = ("too_short" if len(run.digits) >= _FEWEST else "digits") if short else "too_long"
    return Reading(display=_grouped(run.digits), confidence=0.2, missing=lacks)


def _joined(runs: tuple[Run, ...], text: str) -> tuple[Run, ...]:
    """Neighbouring runs with nothing said between them, joined: people say "98765, yes, 43210"."""
    if len(runs) < 2:
        return ()
    joined: list[Run] = []
    for first, second in pairwise(runs):
        between = re.findall(r"[^\W\d_]+", text[first.end : second.start].lower())
        if _BETWEEN.issuperset(between) and not second.plus:
            joined.append(
                Run(digits=first.digits + second.digits, start=first.start, end=second.end, plus=first.plus)
            )
    return tuple(joined)


def phone_read(text: str, *, region: str = "IN", asked: bool = False) -> Reading:
    """The phone number in ``text``, in E.164 of ``region`` unless "plus" and a country code were said.

    A correction ("no wait, …") counts for what follows it, be it only the end of the number. With ``asked`` a few digits
    already read as an unfinished number; without, only what is long enough to be one. ``missing``: ``digits`` (it has
    only begun), ``too_short``, ``too_long``, ``impossible`` (the right length, but no such number); ``display`` has the digits.
    """
    first = NOTHING
    for plain in numbers_alone(text):
        reading = _last_said(plain, region, asked)
        if reading:
            return reading
        first = reading if first.missing == "all" else first
    return first


def _last_said(plain: str, region: str, asked: bool) -> Reading:
    pieces = _CORRECTION.split(plain)
    for at in range(len(pieces) - 1, -1, -1):
        reading = _read(pieces[at], region, asked)
        if reading.missing in ("digits", "too_short") and at:
            return _mended(_read(pieces[at - 1], region, asked), reading, region)
        if reading or (asked and reading.missing != "all"):
            return reading
    return _read(plain, region, asked)


def _mended(earlier: Reading, tail: Reading, region: str) -> Reading:
    """ "98450 12345, sorry, 54321": the end of a whole number was said again."""
    before, after = (re.sub(r"\D", "", one.value or one.display) for one in (earlier, tail))
    if not earlier or not 2 <= len(after) <= 6:
        return tail
    value = f"+{before[: -len(after)]}{after}"
    try:
        usable = phonenumbers.is_valid_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        usable = False
    return (
        Reading(value=value, display=phone_display(value, region=region), confidence=0.5) if usable else tail
    )


def phone_on_file(text: str) -> bool:
    """Do the words mean a number that is known already ("this number", "the same", "the one I'm calling from")?"""
    return bool(_ON_FILE.search(text.replace("’", "'"))) and not any(
        len(run.digits) >= _FEWEST for run in runs_read(text)
    )


_DENIED: Final = re.compile(
    r"\b(?:not|instead of|rather than|old|older|previous|former|earlier|used to|no longer|wrong|don'?t|isn'?t|defunct"
    r"|cancelled|disconnected|lost)\b",
    re.IGNORECASE,
)
_CLAUSE_END: Final = re.compile(r"[.,;!?]|\b(?:but|and|use|take|call|now|it'?s|try|so)\b", re.IGNORECASE)


def _denied(text: str, run: Run) -> bool:
    """Does its clause say that this is not the number ("not 98450 …", "98450 … is my old one")?"""
    cuts = [hit.end() for hit in _CLAUSE_END.finditer(text, 0, run.start)]
    after = _CLAUSE_END.search(text, run.end)
    clause = text[cuts[-1] if cuts else 0 : run.start] + text[run.end : after.start() if after else len(text)]
    return bool(_DENIED.search(clause))


def _apart(run: Run, text: str, region: str) -> tuple[Run, ...]:
    """Two whole numbers with a comma between them ("not 98450 54321, 98450 12345") as two."""
    if len(run.digits) < 2 * _mobile_length(region):
        return (run,)
    parts: list[Run] = []
    for hit in re.finditer(r"[^,;]+", text[run.start : run.end]):
        offset = run.start + hit.start()
        parts.extend(
            Run(digits=one.digits, start=one.start + offset, end=one.end + offset, plus=one.plus)
            for one in runs_read(hit.group())
        )
    return tuple(parts)


def _read(text: str, region: str, asked: bool) -> Reading:
    runs = tuple(part for run in runs_read(text) for part in _apart(run, text, region))
    best, denied = NOTHING, False
    for run in (*runs, *_joined(runs, text)):
        reading = _parsed(run, region)
        if not reading and len(run.digits) < (1 if asked else max(_FEWEST, _mobile_length(region) - 4)):
            continue
        if reading and _denied(text, run):
            if not best:
                best, denied = reading, True
            continue
        if (
            reading.confidence > best.confidence
            or best.missing == "all"
            or (reading and denied)
            or (not reading and not best and len(reading.display) > len(best.display))
        ):
            best, denied = reading, False
    return best
