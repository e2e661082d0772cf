"""Order ids out of speech. Invariant: with candidates given, only one of them can be the value.

The shape of an id (letters, then digits) and its prefix are arguments: they belong to the company's data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from calls.core.slots.digits import runs_read
from calls.core.slots.reading import NOTHING, Reading

_FEWEST: Final = 3  # digits below which a tail ("it ends in 65") is too common to mean one order


def _compact(text: str) -> str:
    """Letters and figures alone, upper-case."""
    return "".join(char for char in text.upper() if char.isalnum() and char.isascii())


def _digits(value: str) -> str:
    return "".join(char for char in value if char.isdigit())


def _letters_before(text: str, start: int) -> str:
    """The letters said right before the digits: "O R D 9 8" gives ORD, "Ward 98" gives WARD."""
    head = text[:start].rstrip(" -,.#")
    spelled = re.search(r"((?:\b[A-Za-z][\s.\-,]*){2,8})$", head)
    if spelled and all(len(part) == 1 for part in re.findall(r"[A-Za-z]+", spelled.group(1))):
        return _compact(spelled.group(1))
    word = re.search(r"([A-Za-z]+)$", head)
    return _compact(word.group(1)) if word else ""


def _alike(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second).ratio() if first and second else 0.0


def _score(candidate: str, digits: str, letters: str) -> float:
    """How well digits and the letters before them mean ``candidate``: 0 (not at all) to 1."""
    own = _digits(candidate)
    prefix = "".join(char for char in candidate.upper() if char.isalpha())
    if not digits or not own:
        return 0.0
    if digits == own:
        return 0.9 + 0.08 * _alike(prefix, letters)
    if len(digits) >= _FEWEST and own.endswith(digits):
        return 0.7
    if len(digits) == len(own) >= 5 and sum(a != b for a, b in zip(digits, own, strict=True)) == 1:
        return 0.45
    if len(digits) > len(own) >= 4 and digits.endswith(own):
        return 0.55
    return 0.0


def order_id_read(
    text: str,
    *,
    candidates: Sequence[str] = (),
    pattern: str = r"[A-Z]{2,6}-?\d{4,12}",
    prefix: str = "",
    asked: bool = False,
) -> Reading:
    """The order id in ``text``.

    ``candidates`` are the ids it can be (the caller's own orders): "Ward 98,765" then finds the one with
    those digits. Without candidates the id must fit ``pattern``, or be bare digits that ``prefix`` completes.
    A value one digit off has a confidence under .5: ask before using it. ``missing`` is ``unknown`` when
    digits were said that no candidate has.
    """
    upper = text.upper()
    compact = _compact(text)
    for candidate in candidates:
        if _compact(candidate) in compact and len(_digits(candidate)) >= _FEWEST:
            return Reading(value=candidate, display=candidate, confidence=0.99)
    runs = runs_read(text)
    spoken = [(run.digits, _letters_before(text, run.start)) for run in runs]
    if candidates:
        return _resolved(spoken, candidates)
    exact = re.findall(rf"(?<![A-Z0-9])({pattern})(?![A-Z0-9])", upper)
    if exact:
        value = str(exact[-1])
        return Reading(value=value, display=value, confidence=0.95)
    for digits, letters in reversed(spoken):
        own = letters == prefix.upper() if prefix else _spelled(text, letters)
        if own and re.fullmatch(pattern, letters + digits):
            return Reading(value=letters + digits, display=letters + digits, confidence=0.85)
        if prefix and re.fullmatch(pattern, prefix.upper() + digits):
            value = prefix.upper() + digits
            return Reading(value=value, display=value, confidence=0.6)
    if asked and spoken:
        return Reading(display=" ".join(digits for digits, _ in spoken), confidence=0.2, missing="digits")
    return NOTHING


def _spelled(text: str, letters: str) -> bool:
    """Were the letters said one by one? A word before a number ("order 12345") is no prefix."""
    return bool(re.search(r"\b" + r"[\s.\-,]*".join(letters) + r"\b", text, re.IGNORECASE)) and not re.search(
        rf"\b{letters}\b", text, re.IGNORECASE
    )


def _resolved(spoken: Sequence[tuple[str, str]], candidates: Sequence[str]) -> Reading:
    together = "".join(digits for digits, _ in spoken)
    options = [*spoken, (together, spoken[0][1])] if len(spoken) > 1 else list(spoken)
    scored = sorted(
        (
            (max((_score(candidate, *option) for option in options), default=0.0), candidate)
            for candidate in candidates
        ),
        reverse=True,
    )
    if scored and scored[0][0] > 0:
        tied = len(scored) > 1 and scored[0][0] - scored[1][0] < 0.05
        if not tied:
            return Reading(value=scored[0][1], display=scored[0][1], confidence=round(scored[0][0], 3))
        return Reading(display=together, confidence=0.2, missing="which")
    if together:
        return Reading(display=together, confidence=0.2, missing="unknown")
    return NOTHING
