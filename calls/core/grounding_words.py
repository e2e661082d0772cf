"""What the guard on written answers knows of English: words that assert nothing, and words that must not change.

Invariant: data only. A word that could make an answer wrong (a figure, a name, a condition, a product) is in no list of
harmless ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from calls.core.wordlist import word_set

# Stems and words that carry no fact of their own: they may be in an answer though the passage doesn't have them.
GLUE: Final = word_set(
    "a about after again all also am an and any anyth are as at be been before being both but by can could did do does done",
    "during each either for from further get gets giv give given go goes got had happ has have having help her here hers",
    "him his how i if in into is it its itself just keep kept know let like look mak make made may me might more most much",
    "my need next now of off on once one or other our ours out over own per pleas please put read reach rather same see she",
    "should simpl simply sinc since so some someth such sure tak take taken tell than that the their theirs them then ther",
    "there thes these they thing this those through thu thus to too us use used using via want was way we well were what when",
    "wher where which while who whom whos will with within would you your yours yourself ask answer com come cas case detail",
    "find found hav hold includ including indeed inform kind mean mention note offer per plac place possibl provid purchas",
    "receiv regard requir say simpli start still try up upon usual work long short able option availabl allow appl apply appli",
    "choos contact question compan time day custom",
)
NEGATORS: Final = word_set(
    "not no never none cannot without neither nor nothing nobody nowhere hardly excluding except excluded unavailable",
)
NUMBERS: Final[Mapping[str, int]] = MappingProxyType(
    {
        word: value
        for value, word in enumerate(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
            "eighteen nineteen".split()
        )
    }
    | dict(
        zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True)
    )
    | {"hundred": 100, "thousand": 1000, "half": 0, "once": 1, "twice": 2}
)
# What figures count, each with the name under which it is compared. Keys are stems or signs.
UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "$": "dollar",
        "€": "euro",
        "£": "pound",
        "₹": "rupe",
        "%": "percent",
        "rs": "rupe",
        "inr": "rupe",
        "usd": "dollar",
    }
    | {"eur": "euro", "percent": "percent", "am": "am", "pm": "pm", "a.m.": "am", "p.m.": "pm"}
    | {
        stem: stem
        for stem in (
            "day week month year hour minut second dollar euro pound rupe cent kilogram gram kilomet met mil inch lit watt "
            "gigabyt terabyt hertz piec model point person stor branch"
        ).split()
    }
    | {
        "da": "day",
        "kg": "kilogram",
        "km": "kilomet",
        "gb": "gigabyt",
        "tb": "terabyt",
        "hz": "hertz",
        "hr": "hour",
    }
)
# Groups of words that decide what a sentence says: one that has a member of a group needs a passage that has one too.
WEIGHTY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "free": (
            "free",
            "no charge",
            "no cost",
            "without charge",
            "at no extra",
            "complimentary",
            "gratis",
            "on us",
        ),
        "all": (
            "all",
            "every",
            "any",
            "anything",
            "everything",
            "always",
            "each",
            "whatever",
            "anywhere",
            "anytime",
        ),
        "ever": ("lifetime", "unlimited", "forever", "worldwide", "permanent", "endless"),
        "sure": ("guarantee", "guaranteed", "guarantees", "promise", "promised", "certain", "definitely"),
        "whole": ("full", "fully", "complete", "completely", "entire", "entirely", "whole", "100%"),
        "only": ("only", "exclusively", "solely"),
        "must": (
            "must",
            "required",
            "requires",
            "require",
            "needed",
            "mandatory",
            "necessary",
            "have to",
            "has to",
            "need",
        ),
        "may": ("can", "may", "could", "able", "possible", "allowed", "permitted", "eligible", "entitled"),
        "condition": (
            *(
                "if",
                "unless",
                "provided",
                "providing",
                "as long as",
                "except",
                "excluding",
                "subject to",
                "depending",
            ),
            *("only", "until", "in case", "conditions apply"),
        ),
        "quick": (
            "instantly",
            "immediately",
            "same day",
            "overnight",
            "at once",
            "right away",
            "express",
            "fast",
        ),
        "best": ("best", "cheapest", "lowest", "fastest", "largest", "most popular", "leading"),
        "24/7": ("24/7", "around the clock", "24 hours", "day and night"),
    }
)
COMPARED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "more": (
            "above",
            "over",
            "more than",
            "at least",
            "minimum",
            "exceeding",
            "exceed",
            "larger than",
            "longer than",
        ),
        "less": (
            "below",
            "under",
            "less than",
            "at most",
            "maximum",
            "up to",
            "fewer than",
            "smaller than",
            "not exceed",
        ),
    }
)
# Stems that say the same in a shop's documents.
SAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ship": "deliver",
        "deliver": "deliver",
        "send": "deliver",
        "sent": "deliver",
        "arriv": "deliver",
        "item": "product",
    }
    | {
        "good": "product",
        "articl": "product",
        "bought": "buy",
        "purchas": "buy",
        "buy": "buy",
        "reimburs": "refund",
    }
    | {
        "mail": "email",
        "e-mail": "email",
        "phon": "telephon",
        "cel": "telephon",
        "begin": "start",
        "clos": "clos",
    }
    | {"cost": "pric", "charg": "pric", "fee": "pric", "pric": "pric", "workday": "day", "laptop": "laptop"}
)
