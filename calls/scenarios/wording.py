"""One value said in many ways: a number in groups, spelled, with "double nine"; an address with "at" and "dot". Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Final

import phonenumbers

NAMES: Final = "zero one two three four five six seven eight nine".split()
_TIMES: Final = MappingProxyType({2: "double", 3: "triple"})


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def national(text: str, region: str = "IN") -> str:
    """The digits as people of the country dial them; other texts as their digits."""
    try:
        return str(phonenumbers.parse(text, region).national_number)
    except phonenumbers.NumberParseException:
        return digits(text)


def e164(text: str, region: str = "IN") -> str:
    number = phonenumbers.parse(text, region)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _own(text: str) -> str:
    """A phone number without its country code; anything else as it is."""
    return national(text) if text.startswith("+") else text


def _each(text: str, zero: str = "zero") -> str:
    names = {str(value): name for value, name in enumerate(NAMES)} | {"0": zero}
    return " ".join(names.get(sign, sign.upper()) for sign in _own(text) if sign.isalnum())


def _doubled(text: str) -> str:
    said: list[str] = []
    for sign, run in groupby(sign for sign in _own(text) if sign.isalnum()):
        name, count = (NAMES[int(sign)] if sign.isdigit() else sign.upper()), len(list(run))
        while count:
            take = min(count, 3)
            said.append(f"{_TIMES[take]} {name}" if take in _TIMES else name)
            count -= take
    return " ".join(said)


def _cut(size: int, mark: str) -> Callable[[str], str]:
    def cut(text: str) -> str:
        number = _own(text)
        return mark.join(number[at : at + size] for at in range(0, len(number), size))

    return cut


def _address(text: str) -> str:
    local, _, domain = text.partition("@")
    said = local.replace(".", " dot ").replace("_", " underscore ").replace("-", " dash ")
    said = re.sub(r"\d+", lambda hit: f" {_each(hit[0])} ", said)
    return " ".join(f"{said} at {domain.replace('.', ' dot ')}".split())


def _spelled(text: str) -> str:
    local, _, domain = text.partition("@")
    letters = " ".join({".": "dot", "_": "underscore", "-": "dash"}.get(sign, _each(sign)) for sign in local)
    return f"{letters} at {domain.replace('.', ' dot ')}" if domain else letters


def _hyphens(text: str) -> str:
    local, at, domain = text.partition("@")
    return "-".join(local.upper()) + (f" at {domain.replace('.', ' dot ')}" if at else "")


#: What may stand behind the bar in ``{phone|spoken}``.
FORMS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "national": national,
        "e164": e164,
        "digits": digits,
        "spoken": _each,
        "oh": lambda text: _each(text, "oh"),
        "double": _doubled,
        "pairs": _cut(2, " "),
        "threes": _cut(3, " "),
        "fives": _cut(5, " "),
        "dashed": _cut(3, "-"),
        "commas": _cut(3, ", "),
        "address": _address,
        "spelled": _spelled,
        "hyphens": _hyphens,
        "lower": str.lower,
        "upper": str.upper,
        "spaced": " ".join,
    }
)


def made_up(pattern: str, chance: random.Random) -> str:
    """``pattern`` with a random digit for every ``#``."""
    return re.sub("#", lambda _: str(chance.randrange(10)), pattern)
