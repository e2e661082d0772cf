"""A title inside a sentence: "Refund Policy" is written "refund policy", "GST Invoices" keeps its GST."""

from __future__ import annotations


def in_running_text(title: str) -> str:
    """``title`` with ordinary Title Case words in lower case; acronyms, numbers and camelCase names stay as they are."""
    return " ".join(_lower(word) for word in title.split())


def _lower(word: str) -> str:
    ordinary = word[:1].isupper() and (len(word) == 1 or word[1:].islower())
    return word.lower() if ordinary else word
