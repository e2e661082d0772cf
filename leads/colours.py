"""Invariant: words can be read on whatever colour a company has. Pure."""

from __future__ import annotations

from typing import Final

WHITE: Final = "#ffffff"
INK: Final = "#172026"
#: WCAG 2.2 AA for words of ordinary size.
ENOUGH: Final = 4.5


def readable_on(background: str) -> str:
    """White or ink, whichever can be read better; white where both can."""
    return WHITE if contrast(background, WHITE) >= ENOUGH else INK


def readable_as(colour: str, *, on: str, towards: str) -> str:
    """``colour``, mixed with ``towards`` until it can be read as words on ``on``."""
    for tenth in range(11):
        mixed = _mixed(colour, towards, tenth / 10)
        if contrast(mixed, on) >= ENOUGH:
            return mixed
    return towards


def contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours such as #0b5a6b, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _rgb(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(one: str, other: str, share: float) -> str:
    mixed = (round(a + (b - a) * share) for a, b in zip(_rgb(one), _rgb(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
