"""Was that an interruption? Words spoken over the agent are judged here, and nowhere else.

"Mm-hm", "okay" and a cough let the agent go on; "stop", "no wait" and real sentences don't; nor does the agent's own voice,
come back through a loudspeaker and a microphone, count as anybody talking.
"""

from __future__ import annotations

from typing import Final

_NODS: Final = frozenset(
    """mm mhm mmhm mm-hm hm hmm hum huh uh uhuh uh-huh um ah oh ok okay okey right yeah yep yes sure good great fine alright
    nice cool i see got it all aha wow really""".split()
)
_STOPS: Final = frozenset("stop wait no hold sorry actually but excuse pardon hello hang listen".split())
_BYES: Final = frozenset(
    "bye goodbye bye-bye thanks thank you too have a nice great good day see take care cheers".split()
)


def words_of(text: str) -> list[str]:
    """``text`` in lower-case words without punctuation; "mm-hm" stays one word."""
    kept = "".join(letter if letter.isalnum() or letter in "-'" else " " for letter in text.lower())
    return [word.strip("-'") for word in kept.split() if word.strip("-'")]


def is_backchannel(text: str, *, leaving: bool = False) -> bool:
    """Only listening noises: the agent goes on. ``leaving``: the agent is saying goodbye, and so may the caller."""
    words = words_of(text)
    if not words or any(word in _STOPS for word in words):
        return not words
    allowed = _NODS | _BYES if leaving else _NODS
    return len(words) <= (8 if leaving else 4) and all(word in allowed for word in words)


def is_certain(text: str) -> bool:
    """A partial transcript that can't be a listening noise any more."""
    words = words_of(text)
    if not words:
        return False
    return words[0] in _STOPS or sum(word not in _NODS for word in words) >= 2


def is_echo(text: str, spoken: str) -> bool:
    """The words are (mostly) what the agent is just saying: three words in a row at least, four fifths of all."""
    heard, said = words_of(text), words_of(spoken)
    if len(heard) < 3:
        return False
    runs = {tuple(said[i : i + 3]) for i in range(len(said) - 2)}
    covered: set[int] = set()
    for i in range(len(heard) - 2):
        if tuple(heard[i : i + 3]) in runs:
            covered |= {i, i + 1, i + 2}
    return len(covered) >= 0.8 * len(heard)
