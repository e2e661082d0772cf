"""Invariant: a part of a file is exactly the bytes that were asked for, and whatever cannot be understood is the whole
file. Pure. RFC 9110, 14: one range; several at once are answered with the whole, as one may.
"""

from __future__ import annotations

import re
from typing import Final

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class UnsatisfiableError(ValueError):
    """A range that begins behind the end."""


def range_of(header: str, *, size: int) -> tuple[int, int] | None:
    """(first, last) byte of a Range header, both included; None for the whole file."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if not match[1]:
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)
        if match[2] and int(match[2]) < int(match[1]):
            return None
    if first >= size or first > last:
        raise UnsatisfiableError
    return first, last
