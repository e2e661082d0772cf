"""Which kind of document a caller means. Invariant: the answer is a kind of the company's own, or empty."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

_COMMON: Final = frozenset({"the", "a", "of", "our", "your", "my", "document", "pdf", "file", "doc"})


def _stems(text: str) -> tuple[str, ...]:
    """The words of ``text``, plural and British spelling levelled ("catalogues" is "catalog")."""
    words = re.findall(r"[^\W_]+", text.lower().replace("’", "'"))
    return tuple(_stem(word) for word in words)


def _stem(word: str) -> str:
    short = word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word
    if len(short) > 3 and not short.endswith("ss"):
        short = short.removesuffix("s")
    return short.removesuffix("ue") if short.endswith("logue") else short


def _holds(words: Sequence[str], name: Sequence[str]) -> bool:
    return any(tuple(words[at : at + len(name)]) == tuple(name) for at in range(len(words) - len(name) + 1))


def document_type_read(text: str, types: Mapping[str, Sequence[str]]) -> str:
    """The kind in ``types`` (kind to what callers call it) that ``text`` names; empty when none or several do.

    The longest name wins: "warranty policy" is not just any "policy". A kind's own key is one of its names.
    """
    words = _stems(text)
    best: dict[str, int] = {}
    for kind, names in types.items():
        for name in (kind.replace("_", " "), *names):
            stems = _stems(name)
            if stems and _holds(words, stems):
                best[kind] = max(best.get(kind, 0), len(stems))
    if not best:
        # "The brochure of products": every telling word of a name, in any order.
        for kind, names in types.items():
            for name in (kind.replace("_", " "), *names):
                telling = [stem for stem in _stems(name) if stem not in _COMMON]
                if len(telling) >= 2 and all(stem in words for stem in telling):
                    best[kind] = max(best.get(kind, 0), len(telling))
    longest = max(best.values(), default=0)
    found = [kind for kind, length in best.items() if length == longest]
    return found[0] if longest and len(found) == 1 else ""
