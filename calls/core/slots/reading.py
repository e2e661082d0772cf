"""What was read out of a caller's words. Invariant: a reading never holds a digit or a letter that nobody
said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One slot as read. False when there is no usable value.

    ``value`` is canonical (E.164, lower-case address, order id as stored); ``display`` is how one writes
    it for a person, and holds what was caught so far when the value is unfinished; ``confidence`` is 0..1;
    ``missing`` names what lacks: empty when complete, ``all`` when there was nothing of the kind in the
    words.
    """

    value: str = ""
    display: str = ""
    confidence: float = 0.0
    missing: str = ""

    def __bool__(self) -> bool:
        return bool(self.value)


NOTHING = Reading(missing="all")
