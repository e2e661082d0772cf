"""Figures that are no part of a number dictated beside them: times, dates, prices, counts, order numbers.

Invariant: a figure is taken out only together with the word that says what it is, or not at all.
"""

from __future__ import annotations

import re
from typing import Final

_UNIT: Final = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_TEEN: Final = r"(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
_TENS: Final = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_SMALL: Final = rf"(?:{_TENS}(?:[ -]{_UNIT})?|{_TEEN}|{_UNIT})"
_ALONE: Final = r"(?<![\d:./\-])(?<!\d,)"  # a figure that no digit stands right before
_HOUR_FIGURE: Final = rf"{_ALONE}(?:2[0-4]|1\d|0?[1-9])(?![\d:])"
_NOT_TENS: Final = "".join(
    rf"(?<!{tens}[ -])"
    for tens in ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
)
_HOUR_WORD: Final = rf"\b{_NOT_TENS}(?:{_UNIT}|ten|eleven|twelve)\b"
_MINUTE_WORD: Final = (
    r"(?:fifteen|thirty|forty[ -]five|forty|fifty[ -]five|fifty|twenty[ -]five|twenty|oh five)"
)
_HOUR: Final = rf"(?:{_HOUR_FIGURE}|{_HOUR_WORD})"
_CLOCK: Final = rf"(?:{_HOUR_FIGURE}(?:[:. ][0-5]\d(?!\d)| {_MINUTE_WORD})?|{_HOUR_WORD}(?: {_MINUTE_WORD})?)"
_HALF: Final = (
    r"(?:[ap]\.\s?m\b\.?|[ap]m\b|o['’]?\s?clock\b|hours\b|hrs\b|sharp\b|ish\b"
    r"|(?:(?:in|on) the |this |tomorrow |today )?(?:morning|afternoon|evening|night|noon)\b"
    r"|(?:tomorrow|today|tonight)\b(?! (?:at )?\d))"
)
_LEAD: Final = (
    r"\b(?:at|by|after|before|around|about|until|till|between|from|say|(?:half|quarter|five|ten|twenty)"
    r" (?:past|to))"
)
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR: Final = r"(?:,? 20\d\d(?![\d ]*\d{3}))?"
_DAY: Final = rf"(?:{_ALONE}[0-3]?\d(?:st|nd|rd|th)?|{_SMALL})"
_AMOUNT: Final = (
    rf"(?:{_ALONE}\d[\d,]*(?:\.\d+)?|\b{_SMALL}(?: (?:hundred|thousand|lakhs?|crores?)(?:,? (?:and )?{_SMALL})?){{1,3}}"
    rf"|\b{_SMALL})"
)
_MONEY: Final = r"(?:rs\b\.?|inr\b|usd\b|rupees?\b|bucks\b|dollars?\b|euros?\b|pounds?\b)"
_SIGN: Final = r"[₹$€£]"
_NOUN: Final = (
    r"(?:people|persons?|percent|%|kgs?|gb|tb|inch(?:es)?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|times?"
    r"|(?!(?:yes|thanks|this|is|was|always|digits|numbers|zeros|ones|twos|threes|fours|fives|sixes|sevens|eights"
    r"|nines|has|does|as|plus)\b)[a-z]{3,}s)\b"
)
# Times as a recogniser writes them.
_WRITTEN: Final = (
    r"(?<![\d.,\-])\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.\s?m\b\.?|[ap]m\b|o'?clock\b)"
    r"|(?<![\d:])\d{1,2}:\d\d(?::\d\d)?(?![\d:])"
    r"|(?<![\d/\-])\d{1,2}/\d{1,2}/\d{2,4}(?![\d/\-])|\b\d{1,2}(?:st|nd|rd|th)\b"
)
_MOMENTS: Final = re.compile(_WRITTEN, re.IGNORECASE)
_ONE: Final = (  # "my old one": a pronoun
    "(?:"
    + "|".join(
        rf"(?<=\b{word} )"
        for word in (
            "the",
            "this",
            "that",
            "other",
            "another",
            "new",
            "old",
            "same",
            "right",
            "wrong",
            "first",
            "second",
        )
    )
    + r")one\b"
)
_NAMED: Final = (
    rf"(?:the )?{_DAY} (?:of )?{_MONTH}\b{_YEAR}|\b{_MONTH} (?:the )?{_DAY}(?!\d){_YEAR}",
    rf"{_AMOUNT} ?{_MONEY} one\b(?=[,.;])",
    rf"(?:{_MONEY}|{_SIGN}) ?{_AMOUNT}(?:/-)?|{_AMOUNT} ?(?:{_MONEY}(?!\.? ?(?:\d|{_SMALL}))|/-|%)",
    _ONE,
    rf"(?:\bfor )?{_AMOUNT} {_NOUN}",
    rf"{_LEAD} (?:{_SMALL}|{_HOUR_FIGURE}) hundred(?: hours)?\b|{_ALONE}[0-2]\d[0-5]\d(?: hours| hrs)\b",
    rf"{_LEAD} {_ALONE}(?:[01]\d|2[0-3])[0-5]\d(?= (?:on|hours)\b)",
    rf"\b(?:half|quarter|five|ten|twenty) (?:past|to) {_HOUR}",
    rf"{_CLOCK}(?:,? (?:or|to|and|-) {_HOUR})?,? ?{_HALF}",
    r"\b(?:order|invoice|ticket|reference|pin ?code|postcode|zip)(?: (?:number|no\.?|id))?(?: is)? #?[A-Z]{0,4}-?\d{3,8}"
    r"(?![\d ]*\d)(?=,| (?:and|on|call)\b)",
)
_NOT_ON: Final = rf"(?! ?-?\d{{1,2}}\b)(?![ -](?:{_UNIT}|oh?|zero|{_TEEN}|{_TENS}|double|triple)\b)"
_LED: Final = rf"{_LEAD} {_CLOCK}(?: (?:and|to|till|or) {_CLOCK})?"
_CLEAR: Final = re.compile("|".join((_WRITTEN, *_NAMED, _LED + _NOT_ON)), re.IGNORECASE)
_ANY: Final = re.compile("|".join((_WRITTEN, *_NAMED, _LED)), re.IGNORECASE)
_HOMOPHONE: Final = re.compile(r"\b(?:to|too|for|fore|ate|won|owe)\b", re.IGNORECASE)


def numbers_alone(text: str) -> tuple[str, ...]:
    """``text`` without the figures of other things, the likeliest reading first.

    "At nine nine eight four …": whether the first nine is an hour is only known by what makes a whole number.
    """
    clear, written = _CLEAR.sub(" ; ", text), _MOMENTS.sub(" ; ", text)
    loose = _ANY.sub(" ; ", text)
    apart = _HOMOPHONE.sub(" and-so ", loose)
    return tuple(dict.fromkeys((clear, written, loose, apart)))
