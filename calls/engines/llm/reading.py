"""Text of a model into a decision: while it is being written, and once it is.

Invariant: whatever text comes in, what goes out is either a :class:`Written` whose every field is of its type and among the
allowed values, or nothing. Nothing here raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import json_repair

from calls.core.decision import INTENTS
from calls.core.sentences import SentenceStream
from calls.engines.llm.contract import CHANNELS, FIRST_KEY, ISSUES, LONGEST_ANSWER, URGENCIES

LONGEST: Final = 20_000  # characters of output after which a model is taken to have lost itself
_KEY: Final = re.compile(rf"""["'“]{FIRST_KEY}["'”]\s*:\s*(["'“])""")
_CLOSES: Final = {'"': '"', "'": "'", "“": "”"}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": " ", "b": "", "f": ""}
_SAME_INTENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "policy": "policy_query",
        "policy_question": "policy_query",
        "question": "product_query",
        "product": "product_query",
        "product_question": "product_query",
        "knowledge_query": "product_query",
        "order": "order_status",
        "track_order": "order_status",
        "order_tracking": "order_status",
        "callback": "callback_request",
        "schedule_callback": "callback_request",
        "send_email": "send_details_email",
        "send_details": "send_details_email",
        "send_whatsapp": "send_details_whatsapp",
        "send_sms": "send_details_sms",
        "complain": "complaint",
        "escalate": "human_request",
        "escalate_to_human": "human_request",
        "human": "human_request",
        "bye": "goodbye",
        "farewell": "goodbye",
        "greeting": "small_talk",
        "chitchat": "small_talk",
        "none": "out_of_scope",
        "unknown": "out_of_scope",
        "other": "out_of_scope",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a model wrote, as far as it can be used. ``intent`` is empty where it named none of ours; ``repaired`` says that
    the text wasn't plain JSON."""

    response: str
    intent: str = ""
    entities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    repaired: bool = False


class ResponseStream:
    """``immediate_response`` out of JSON that comes in bits: feed it text, it gives out sentences as each is complete.

    Prose and code fences before the JSON are passed over. ``closed``: the value has ended. ``text``: all that came so far.
    """

    def __init__(self) -> None:
        self.text = ""
        self.closed = False
        self._at = -1
        self._quote = '"'
        self._sentences = SentenceStream()

    def feed(self, bit: str) -> tuple[str, ...]:
        self.text += bit
        if self.closed:
            return ()
        if self._at < 0:
            key = _KEY.search(self.text)
            if key is None:
                return ()
            self._at, self._quote = key.end(), _CLOSES[key[1]]
        fresh = self._decode()
        out = self._sentences.feed(fresh) if fresh else ()
        return (*out, *self._sentences.finish()) if self.closed else out

    def _decode(self) -> str:
        """The characters of the value that are certain by now."""
        out: list[str] = []
        text, at = self.text, self._at
        while at < len(text):
            letter = text[at]
            if letter == self._quote:
                # An apostrophe inside a single-quoted value doesn't end it; what follows tells.
                following = text[at + 1 : at + 40].lstrip()
                if self._quote != '"' and not following:
                    break
                if self._quote == '"' or following[:1] in ",}":
                    self.closed = True
                    break
            if letter == "\\":
                escape = re.match(r"\\(u[0-9a-fA-F]{4}|[^u])", text[at:])
                if escape is None:
                    if len(text) - at < 6:
                        break
                    at += 1
                    continue
                code = escape[1]
                if code[0] == "u":
                    value = int(code[1:], 16)
                    if 0xD800 <= value < 0xDC00:  # half a character: the other half follows
                        pair = re.match(
                            r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u([dD][c-fC-F][0-9a-fA-F]{2})", text[at:]
                        )
                        if pair is None and len(text) - at < 12:
                            break
                        if pair is not None:
                            value = 0x10000 + ((value - 0xD800) << 10) + int(pair[1], 16) - 0xDC00
                            at += 6
                    out.append("" if 0xD800 <= value < 0xE000 else chr(value))
                else:
                    out.append(_ESCAPES.get(code, code))
                at += len(escape[0])
                continue
            out.append(letter)
            at += 1
        self._at = at
        return "".join(out)


def is_whole(text: str) -> bool:
    """Does ``text`` hold a JSON object that has closed? Then nothing more is waited for."""
    start = text.find("{")
    if start < 0 or not text.rstrip().endswith(("}", "```")):
        return False
    try:
        json.JSONDecoder(strict=False).raw_decode(text[start:])
    except ValueError:
        return False
    return True


def written_read(text: str) -> Written | None:
    """What ``text`` decides, mended where that can be done without guessing; None if there is no decision in it."""
    if len(text) > LONGEST:
        return None
    found, repaired = _object(text)
    if found is None:
        return None
    response = found.get(FIRST_KEY)
    if not isinstance(response, str):
        response = ""
    intent = _intent(found.get("intent"))
    if not response.strip() and not intent:
        return None
    return Written(
        response=" ".join(response.split())[:LONGEST_ANSWER],
        intent=intent,
        entities=MappingProxyType(_entities(found.get("entities"))),
        repaired=repaired,
    )


def _object(text: str) -> tuple[dict[str, Any] | None, bool]:
    """The decision's object in ``text`` and whether it had to be mended or searched for."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        plain = None
    if isinstance(plain, dict):
        return (plain, False) if _is_decision(plain) else (None, False)
    start = text.find("{")
    while start >= 0:
        try:
            inner, _ = json.JSONDecoder(strict=False).raw_decode(text[start:])
        except (ValueError, RecursionError):
            inner = None
        if isinstance(inner, dict) and _is_decision(inner):
            return inner, True
        key = text.find(FIRST_KEY, start)
        if key < 0:
            break
        again = text.find("{", start + 1)
        if again < 0 or again > key:
            break
        start = again
    if FIRST_KEY not in text and '"intent"' not in text:
        return None, True
    try:
        mended = json_repair.loads(text[max(0, start) :])
    except Exception:  # noqa: BLE001 - a library's own trouble with nonsense is ours to bear
        return None, True
    if isinstance(mended, list):
        mended = next((one for one in mended if isinstance(one, dict) and _is_decision(one)), None)
    return (mended, True) if isinstance(mended, dict) and _is_decision(mended) else (None, True)


def _is_decision(found: Mapping[Any, Any]) -> bool:
    return FIRST_KEY in found or "intent" in found


def _intent(value: object) -> str:
    """The intent meant, whatever its spelling; empty for one that we don't have."""
    if not isinstance(value, str):
        return ""
    name = re.sub(r"[^a-z]+", "_", value.lower()).strip("_")
    return name if name in INTENTS else _SAME_INTENT.get(name, "")


def _entities(value: object) -> dict[str, str]:
    """Those entities that are matters of opinion. What decides where something goes is read from the caller's words instead."""
    found = value if isinstance(value, Mapping) else {}
    kept: dict[str, str] = {}
    for name, allowed in (("channel", CHANNELS), ("issue_type", ISSUES), ("urgency", URGENCIES)):
        given = found.get(name)
        plain = re.sub(r"[^a-z]+", "_", given.lower()).strip("_") if isinstance(given, str) else ""
        if plain in allowed:
            kept[name] = plain
    for name in ("product", "details_type"):
        given = found.get(name)
        if isinstance(given, str) and 0 < len(given.strip()) <= 60:
            kept[name] = " ".join(given.split())
    return kept
