"""Closed classes of words, written as one reads them. Invariant: sets, so that nothing depends on their
order."""

from __future__ import annotations


def word_set(*lines: str) -> frozenset[str]:
    """The words of ``lines``, which are separated by spaces."""
    return frozenset(word for line in lines for word in line.split())
