"""Is a regular expression safe to run on whatever callers say? Pure.

Invariant: a pattern that passes has at most :data:`MOST_PATHS` ways through it from any start, whatever the text is, so that
backtracking is bounded. That is stricter than needed, and plain: an order id is a short thing.
"""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

MOST_PATHS: Final = 10_000
LONGEST: Final = 120
_ENDLESS: Final = 100  # how many repetitions "+" and "*" count for
_ONE_WAY: Final = {codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN, codes.CATEGORY, codes.AT}


class Unsafe(ValueError):
    """The pattern can't be used; the message says why, in plain words."""


def pattern_problem(pattern: str) -> str:
    """Why ``pattern`` can't be used for order numbers, in plain words; "" when it can."""
    if len(pattern) > LONGEST:
        return f"This pattern is longer than {LONGEST} characters."
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"This pattern can't be read: {error}."
    if compiled.search(""):
        return "This pattern fits an empty text, so it would find an order number in anything."
    try:
        paths = _paths(parser.parse(pattern))
    except Unsafe as error:
        return str(error)
    if paths > MOST_PATHS:
        return (
            "This pattern can fit the same text in too many ways, which could hold up a call. Write how many characters "
            r"there are, such as \d{5,8} for 5 to 8 digits, and don't repeat a part that repeats."
        )
    return ""


def _paths(parsed: Any) -> int:
    """In how many ways a text can be gone through by ``parsed``, at most."""
    paths = 1
    for code, argument in parsed:
        paths *= _paths_of(code, argument)
        if paths > MOST_PATHS:
            break
    return paths


def _paths_of(code: Any, argument: Any) -> int:
    if code in _ONE_WAY:
        return 1
    if code is codes.SUBPATTERN:
        return _paths(argument[-1])
    if code is codes.BRANCH:
        return sum(_paths(branch) for branch in argument[1])
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        least, most, body = argument
        most = least + _ENDLESS if most is codes.MAXREPEAT else int(most)
        ways = _paths(body)
        if ways == 1:
            return most - least + 1
        if (
            most >= MOST_PATHS.bit_length() or ways**most > MOST_PATHS
        ):  # never a number of thousands of digits
            return MOST_PATHS + 1
        return int(sum(ways**times for times in range(least, most + 1)))
    raise Unsafe(
        "This pattern uses something that order numbers don't need (a look-ahead, a back-reference or the like). "
        r"Letters, digits, [A-Z], \d, {5,8}, ?, brackets and | are enough."
    )
