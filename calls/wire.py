"""What a client may send, checked at the edge: JSON in, typed values or a clear refusal out. Pure.

The protocol is the public contract's; unknown types and fields are ignored, as it says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LONGEST_MESSAGE: Final = 16_384
LONGEST_TEXT: Final = 2_000
LONGEST_FRAME_MS: Final = 1_000
RATES: Final = (8_000, 48_000)
DTMF: Final = frozenset("0123456789*#ABCD")


class BadFrame(ValueError):
    """A frame that means nothing; the message may be shown to whoever sent it. The call goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    token: str = ""
    site: str = ""
    lead: Mapping[str, str] = field(default_factory=dict)
    sample_rate: int = 16_000
    language: str = "en"
    call: str = ""
    resume: str = ""
    heard: tuple[int, int] | None = None


def message_parse(text: str) -> Mapping[str, Any]:
    """The JSON object in a text frame."""
    if len(text) > LONGEST_MESSAGE:
        raise BadFrame(f"A message may have {LONGEST_MESSAGE} characters at the most.")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFrame("That is not JSON.") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise BadFrame('A message is a JSON object with a "type".')
    return message


def start_parse(message: Mapping[str, Any]) -> Start:
    rate = message.get("sample_rate", 16_000)
    if not isinstance(rate, int) or isinstance(rate, bool) or not RATES[0] <= rate <= RATES[1]:
        raise BadFrame(f"sample_rate is a number from {RATES[0]} to {RATES[1]}.")
    lead = message.get("lead") or {}
    if not isinstance(lead, dict) or not all(isinstance(value, str | None) for value in lead.values()):
        raise BadFrame('"lead" is an object with name, phone and email as text.')
    strings = {name: message.get(name) or "" for name in ("token", "site", "call", "resume")}
    language = message.get("language") or "en"
    if not all(isinstance(value, str) for value in (*strings.values(), language)):
        raise BadFrame("token, site, call, resume and language are text.")
    heard = message.get("heard")
    if not all(value.isprintable() and value.isascii() for value in (*strings.values(), language)):
        raise BadFrame("token, site, call, resume and language are plain ASCII text.")
    return Start(
        heard=played_parse(heard) if isinstance(heard, dict) else None,
        lead={name: _clean(value, 200) for name, value in lead.items() if value},
        sample_rate=rate,
        language=language[:16],
        **strings,
    )


def text_parse(message: Mapping[str, Any]) -> str:
    text = message.get("text")
    if not isinstance(text, str) or len(text) > LONGEST_TEXT:
        raise BadFrame(f'"text" is text of {LONGEST_TEXT} characters at the most.')
    return _clean(text, LONGEST_TEXT)


def played_parse(message: Mapping[str, Any]) -> tuple[int, int]:
    turn, ms = message.get("turn"), message.get("ms")
    return _count(turn), _count(ms)


def dtmf_parse(message: Mapping[str, Any]) -> str:
    digit = message.get("digit")
    if not isinstance(digit, str) or digit not in DTMF:
        raise BadFrame('"digit" is one of 0-9, *, # and A-D.')
    return digit


def audio_check(data: bytes, sample_rate: int) -> bytes:
    """PCM as the contract wants it: whole 16-bit samples, not more than a second at once."""
    if not data or len(data) % 2:
        raise BadFrame("Audio is whole 16-bit samples.")
    if len(data) > sample_rate * 2 * LONGEST_FRAME_MS // 1000:
        raise BadFrame("Audio comes in frames of 10 to 100 ms.")
    return data


def _count(value: object) -> int:
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value < 2**31
        and value == int(value)
    ):
        return int(value)
    raise BadFrame('"played" has "turn" and "ms", both whole numbers from 0.')


def _clean(text: str, limit: int) -> str:
    """Without control characters: they belong in no name, no number and no sentence."""
    kept = "".join(letter if letter.isprintable() and letter != "\ufffd" else " " for letter in text)
    return " ".join(kept.split())[:limit]
