"""Yes, no, or neither. Invariant: when words speak for both, the answer is never a plain yes.

A rejection taken for a confirmation sends, books or reveals something against the caller's will, so every
doubt goes to ``mixed`` or to nothing; the other way round costs one more question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FLAGS: Final = re.IGNORECASE


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    """``value`` is ``yes``, ``no``, ``mixed`` (both were said) or empty.

    ``correction``: "no wait, …", "I meant …". ``closing`` says that the words turn down anything further
    ("that's all", "nothing else"). ``rest`` is what was said beside the yes or no, lower-case, so that an
    answer with a new wish in it is seen.
    """

    value: str
    confidence: float
    correction: bool = False
    closing: bool = False
    rest: str = ""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(patterns) + r")(?!\w)", _FLAGS)


_CORRECTION: Final = _any(
    r"no,? wait",
    r"wait,? no",
    r"no,? sorry",
    r"sorry,? no",
    r"wait,? wait",
    r"scratch that",
    r"i meant?\b(?! to)",
    r"let me correct",
    r"correction",
    r"not .{1,40}?,? but",
    r"no,? actually",
    r"actually,? no",
    r"hold on,? no",
    r"no,? (?:it'?s|it is|that'?s (?:spelled|spelt)|the (?:number|address|email) is|my \w+ is)",
    r"make (?:it|that)",
    r"that'?s (?:wrong|not right|incorrect),? it'?s",
    r"not \w+,? it'?s",
    r"^wait,? (?:it'?s|make|that)",
)
_CLOSING: Final = _any(
    r"that(?:'?s| is| will be|'?ll be| was) (?:all|it|everything)",
    r"nothing (?:else|more|further)",
    r"no(?:thing)? more questions",
    r"no (?:further|other) questions",
    r"i'?m (?:good|done|fine|all set"
    r"|okay|ok|all good)",
    r"i am (?:good|done|fine|all set)",
    r"all (?:good|set)",
    r"we'?re (?:done|good|all set)",
    r"don'?t need anything(?: else)?",
    r"not? (?:for now|at the moment|today|right now)",
    r"that would be all",
    r"(?:good)?bye(?: ?bye)?",
)
# Whole phrases whose words would mislead one by one. Order matters: the first that fits takes its words away.
_PHRASES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (
        _any(
            r"not (?:so |too |quite |really |very )?sure",
            r"(?:i )?(?:do not|don'?t) know",
            r"no idea",
            r"maybe( not)?",
            r"perhaps",
            r"it depends",
            r"yes and no",
            r"no and yes",
            r"i'?m not certain",
            r"whatever",
            r"hard to say",
            r"might be",
        ),
        "neither",
    ),
    (
        _any(r"(?:of course|certainly|absolutely|definitely|sure(?:ly)?|yes|why) not(?= (?:right|correct))"),
        "no",
    ),
    (
        _any(
            r"why not",
            r"no (?:problem|worries|issues?|objections?)",
            r"(?:i )?(?:do not|don'?t) (?:mind"
            r"|see why not)",
            r"can'?t (?:complain|say no)",
            r"not a problem",
            r"no doubt",
            r"nothing wrong with (?:it|that)",
            r"(?:couldn'?t|could not) be better",
        ),
        "yes",
    ),
    (
        _any(
            r"(?:of course|certainly|absolutely|definitely|surely|probably|better|preferably|rather|maybe"
            r"|please) not",
            r"not (?:really|necessarily|at all|now|yet|today|interested|correct|right|okay|ok|true|good"
            r"|for me|my|that|this"
            r"|any ?more|quite|exactly|needed|necessary|a chance|it)",
            r"no way",
            r"no thank(?:s| you)",
            r"no need",
            r"no chance",
            r"never said \w+",
            r"no good",
            r"(?:i )?(?:do not|don'?t|did not|didn'?t|would not|wouldn'?t|will not|won'?t|can'?t|cannot"
            r"|can not)\b"
            r"(?: \w+){0,3}",
            r"(?:that|this|it)(?:'s| is|s) (?:wrong|incorrect|not \w+|false)",
            r"(?:isn'?t|is not|wasn'?t"
            r"|ain'?t|aren'?t)(?: \w+){0,2}",
            r"i'?d rather (?:not|\w+)",
            r"i would rather(?: \w+)?",
            r"never ?mind",
            r"forget (?:it|that"
            r"|about it)",
            r"cancel(?: that| it)?",
            r"leave it",
            r"skip (?:it|that)",
            r"stop(?: it| that)?",
            r"wrong",
            r"incorrect",
            r"hell no",
            r"not",
        ),
        "no",
    ),
)
_NO: Final = _any(
    r"no+",
    r"nope",
    r"nah+",
    r"nay",
    r"negative",
    r"never",
    r"neither",
    r"none",
    r"refuse",
    r"decline",
    r"nein",
    r"nahi",
    r"uh[- ]?uh",
    r"mm[- ]?mm",
    r"nuh[- ]?uh",
    r"unh[- ]unh",
)
_YES: Final = _any(
    r"yes+",
    r"yea+h*",
    r"yep+",
    r"yup+",
    r"ya+h?",
    r"aye",
    r"sure(?: thing)?",
    r"of course",
    r"certainly",
    r"absolutely",
    r"definitely",
    r"exactly",
    r"precisely",
    r"indeed",
    r"correct",
    r"right",
    r"affirmative",
    r"okay",
    r"ok",
    r"alright",
    r"all right",
    r"fine",
    r"go (?:ahead|on|for it)",
    r"do (?:it|that|so)",
    r"please do",
    r"please",
    r"sounds? (?:good|great|fine)",
    r"(?:that|it|which) (?:works|would work|will work|would be (?:great|good|fine|nice|lovely|perfect"
    r"|wonderful))",
    r"(?:that'?s|it'?s|it is|that is) (?:fine|good|okay|ok|right|correct|perfect|great|me|mine|it|true)",
    r"perfect",
    r"great",
    r"good",
    r"mm[- ]?h+m+",
    r"m+[- ]hm+",
    r"uh[- ]?huh",
    r"mhm+",
    r"u-?huh",
    r"by all means",
    r"i would(?: like| love)?(?: that| to)?",
    r"i do",
    r"i agree",
    r"agreed",
    r"i'?d (?:like|love) (?:that|to)",
    r"haan?",
    r"si",
    r"true",
    r"cool",
    r"yessir",
    r"you bet",
    r"connect me",
    r"send it",
    r"confirm(?:ed)?",
    r"gladly",
    r"with pleasure",
    r"i'?ll take it",
    r"let'?s do (?:it|that)",
)
# Words that agree when alone, and soften a "no" or open a sentence otherwise.
_NOD: Final = re.compile(
    r"(?:(?:that'?s|it'?s|that is|it is) )?(?:right|okay|ok|fine|good|great|perfect|true)"
    r"|please|cool|alright|all right|i do|send it|connect me|si",
    _FLAGS,
)
_POLITE: Final = _any(
    r"thank(?:s| you)(?: (?:so|very) much| a lot| for \w+)?",
    r"please",
    r"sir",
    r"ma'?am",
    r"madam",
    r"oh",
    r"uh+",
    r"um+",
    r"well",
    r"hm+",
    r"so",
    r"just",
    r"really",
    r"very much",
    r"then",
    r"that",
    r"it",
    r"i",
    r"for",
    r"and",
    r"but",
    r"dear",
)
_QUESTION: Final = re.compile(
    r"^(?:and |but |so |okay |ok |um |uh )*(?:what|when|where|why|who|how|which|can|could|do|does|is|are"
    r"|will|would)\b",
    _FLAGS,
)


def _normalised(text: str) -> str:
    words = text.replace("’", "'").replace("—", " ").lower()
    return re.sub(
        r"\s+",
        " ",
        re.sub(r"[^\w'\- ]+", lambda hit: " , " if hit.group().strip(",.;!? ") == "" else " ", words),
    ).strip()


def yesno_read(text: str) -> YesNo:
    """How ``text`` answers a yes/no question. Never raises; no answer gives an empty value."""
    flat = re.sub(r"\s*,\s*", " ", _normalised(text)).strip()
    with_commas = re.sub(r"\s*,\s*", ", ", _normalised(text)).strip(", ")
    correction = bool(_CORRECTION.search(with_commas) or _CORRECTION.search(flat))
    closing = bool(_CLOSING.search(flat))
    votes: list[tuple[int, str, bool]] = []
    rest = flat
    closings = _CLOSING.search(rest)
    if closings is not None:
        rest = _CLOSING.sub(lambda hit: " " * len(hit.group()), rest)
    for pattern, meaning in _PHRASES:
        for hit in pattern.finditer(rest):
            votes.append((hit.start(), meaning, False))
        rest = pattern.sub(lambda hit: " " * len(hit.group()), rest)
    for pattern, meaning in ((_NO, "no"), (_YES, "yes")):
        for hit in pattern.finditer(rest):
            votes.append((hit.start(), meaning, bool(_NOD.fullmatch(hit.group()))))
        rest = pattern.sub(lambda hit: " " * len(hit.group()), rest)
    left = " ".join(_POLITE.sub(" ", rest).replace("'", " ").split())
    votes.sort()
    value, confidence = _weighed(
        votes, long=len(left.split()), question=bool(_QUESTION.search(flat)), correction=correction
    )
    if closing and value in ("", "yes", "mixed"):
        # "That's all, thanks" turns down without a word of no; with a firm yes before it, both were said.
        firm = any(meaning == "yes" and not nod for _, meaning, nod in votes)
        value, confidence = ("mixed", 0.5) if firm else ("no", 0.8)
    return YesNo(value=value, confidence=confidence, correction=correction, closing=closing, rest=left)


def _weighed(
    votes: list[tuple[int, str, bool]], *, long: int, question: bool, correction: bool
) -> tuple[str, float]:
    kinds = {meaning for _, meaning, _ in votes}
    if not votes or kinds == {"neither"}:
        return "", 0.0
    if "neither" in kinds:
        return ("no", 0.5) if kinds == {"neither", "no"} else ("", 0.2)
    strong = [meaning for _, meaning, weak in votes if not weak]
    if kinds == {"no"}:
        return "no", 0.95 if long <= 4 else 0.75
    if kinds == {"yes"}:
        if question and votes[0][0] > 3:
            return "", 0.2
        if not strong:
            # "Okay, can you …", "right": a nod when alone, a way to begin when more follows.
            return ("yes", 0.7) if long <= 1 and not correction else ("", 0.3)
        return ("yes", 0.95) if long <= 4 and not correction else ("yes", 0.7)
    if "yes" not in strong:
        # "No, that's fine", "no, okay": the firm word counts.
        return "no", 0.85
    if strong[-1] == "no":
        # "Yeah, no", "yes … I don't think so": the last firm word refuses.
        return "no", 0.65
    return "mixed", 0.4
