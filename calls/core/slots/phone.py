"""Phone numbers out of speech, as E.164. Invariant: a number that is short or long of digits is never a
value."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from calls.core.slots.digits import Run, runs_read
from calls.core.slots.reading import NOTHING, Reading
from calls.core.wordlist import word_set

_CORRECTION: Final = re.compile(
    r"\b(?:no,? wait|wait,? no|no,? sorry|sorry,? no|scratch that|i mean|correction|i meant|actually"
    r"|no,? it'?s)\b",
    re.IGNORECASE,
)
_BETWEEN: Final = word_set(
    "yes yeah ok okay after that then and next followed by so i think again now",
)
_FEWEST: Final = 4  # fewer digits than this are a time, a price or a count, unless a number was asked for


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
        return Reading(
            display=_grouped(run.digits), missing="digits" if len(run.digits) < wanted else "fewer_digits"
        )
    national = len(str(number.national_number))
    home = number.country_code == phonenumbers.country_code_for_region(region)
    if home and national < wanted:
        return Reading(display=_grouped(run.digits), confidence=0.2, missing="digits")
    if phonenumbers.is_valid_number(number) and not number.italian_leading_zero:
        value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return Reading(value=value, display=phone_display(value, region=region), confidence=0.95)
    if home and national == wanted:
        # The right length but no range that is in use: worth reading back, never worth sending to unheard.
        value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return Reading(value=value, display=phone_display(value, region=region), confidence=0.5)
    long = national > wanted if home else not phonenumbers.is_possible_number(number)
    return Reading(display=_grouped(run.digits), confidence=0.2, missing="fewer_digits" if long else "digits")


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

    A correction ("no wait, …") counts for what follows it. With ``asked`` a few digits already read as an
    unfinished number (``missing`` = ``digits``); without, only what is long enough to be one.
    """
    pieces = _CORRECTION.split(text)
    for piece in reversed(pieces):
        reading = _read(piece, region, asked)
        if reading or (asked and reading.missing in ("digits", "fewer_digits")):
            return reading
    return _read(text, region, asked)


def _read(text: str, region: str, asked: bool) -> Reading:
    runs = runs_read(text)
    best = NOTHING
    for run in (*runs, *_joined(runs, text)):
        reading = _parsed(run, region)
        if not reading and len(run.digits) < (1 if asked else max(_FEWEST, _mobile_length(region) - 4)):
            continue
        if (
            reading.confidence > best.confidence
            or best.missing == "all"
            or (not reading and not best and len(reading.display) > len(best.display))
        ):
            best = reading
    return best
