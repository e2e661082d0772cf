"""What the house's messages say as shipped: a file, read once. Nothing here is anybody's edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

MESSAGES: Final = Path(__file__).with_name("messages.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a message reads on one channel. Only mails have more than a `body`; `must` can't be left out of it."""

    body: str
    subject: str = ""
    preheader: str = ""
    footer: str = ""
    must: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of message: what a screen calls it, when it is sent, and what it may speak of."""

    name: str
    label: str
    where: str
    variables: tuple[str, ...]
    words: Mapping[str, Words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What a variable holds, and a sample of it."""

    meaning: str
    sample: str


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of message, by name, in the order of the file."""
    return MappingProxyType(
        {
            name: Kind(
                name=name,
                label=entry["label"],
                where=entry["where"],
                variables=tuple(entry["variables"]),
                words=MappingProxyType(
                    {
                        channel: Words(
                            body=entry[channel]["body"].strip(),
                            subject=entry[channel].get("subject", ""),
                            preheader=entry[channel].get("preheader", ""),
                            footer=entry[channel].get("footer", ""),
                            must=tuple(entry[channel].get("must", ())),
                        )
                        for channel in ("email", "sms", "whatsapp")
                        if channel in entry
                    }
                ),
            )
            for name, entry in _file()["messages"].items()
        }
    )


@cache
def variables() -> Mapping[str, Variable]:
    """Every variable that a message may have."""
    found = {}
    for name, line in _file()["variables"].items():
        meaning, _, sample = line.partition("|")
        found[name] = Variable(meaning=meaning.strip(), sample=sample.strip())
    return MappingProxyType(found)


@cache
def _file() -> Mapping[str, Mapping[str, Any]]:
    return yaml.safe_load(MESSAGES.read_text(encoding="utf-8"))
