"""The words of yes, no and neither. Invariant: patterns only; which of them wins is decided in ``yesno``."""

from __future__ import annotations

import re
from typing import Final

FLAGS: Final = re.IGNORECASE
# What one taps instead of typing.
SIGNS: Final = {
    "👍": " yes ",
    "👌": " yes ",
    "✅": " yes ",
    "🆗": " yes ",
    "👎": " no ",
    "❌": " no ",
    "🚫": " no ",
}


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(patterns) + r")(?!\w)", FLAGS)


CORRECTION: Final = any_of(
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
# "That's it" closes a call, but after a yes it agrees.
THAT_IS_IT: Final = re.compile(r"\bthat(?:'?s| is)(?: about)? it\b(?! for)", FLAGS)
# "Correct, nothing more": agrees with what was read back, and wishes no more.
AGREED_AND_DONE: Final = re.compile(
    r"^(?:(?:yes|yeah|aye|yep) )?(?:that(?:'?s| is) |it(?:'?s| is) )?(?:all |quite |absolutely |exactly )?"
    r"(?:correct|accurate|spot on|bang on|right you are|perfectly right) (?:and )?nothing (?:more|else|further)"
    r"(?: (?:to (?:add|change)|thanks|thank you|please|needed))*$",
    FLAGS,
)
CLOSING: Final = any_of(
    r"that(?:'?s| is| will be|'?ll be| was| would be) (?:all|everything)(?! (?:good|correct|right|fine"
    r"|true|ok|okay|great|perfect)\b)",
    r"that(?:'?ll| will) do it",
    r"that(?:'?s| is) it for (?:now|today|the day|the moment|me)",
    r"see (?:ya|you)",
    r"^nothing(?: (?:for (?:now|the moment|today)|at (?:the|this) (?:moment|time)|right now|else|more"
    r"|further))?",
    r"nothing (?:else|more|further)",
    r"no(?:thing)? more questions",
    r"no (?:further|other) questions",
    r"i'?m (?:good|done|fine|all set"
    r"|okay|ok|all good)",
    r"i am (?:good|done|fine|all set)",
    r"(?<!that's )(?<!that is )(?<!it's )all (?:good|set)",
    r"we'?re (?:done|good|all set)",
    r"don'?t need anything(?: else)?",
    r"not? (?:for now|at the moment|today|right now)",
    r"(?:good)?bye(?: ?bye)?",
)
# Whole phrases whose words would mislead one by one. Order matters: the first that fits takes its words away.
PHRASES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (any_of(r"no (?:problems?|worries)", r"not a problem"), "nod"),
    (any_of(r"(?:i |just )*can'?t wait", r"right (?:now|away)", r"no doubt(?= (?:about|that))"), "none"),
    (
        any_of(
            r"(?:maybe|perhaps|possibly|probably|let'?s do (?:it|that)|do (?:it|that)|be done|ask me"
            r"|call me|try)(?: again)?"
            r" (?:later|another (?:time|day)|some ?(?:other )?(?:time|day)(?: else)?|at (?:a later"
            r"|another|some other) (?:time|date|point)"
            r"|next time)",
            r"^later(?: on)?$",
            r"hold off(?: on (?:that|this|it))?",
            r"(?:definitely|certainly|absolutely|totally|completely|overwhelmingly|obviously|actually"
            r"|clearly)? ?"
            r"(?:a )?(?:completely |totally )?(?<!not )(?:false|untrue|inaccurate|erroneous"
            r"|incorrect)(?: statement)?(?: for sure)?",
            r"(?:no|negative|nope|wrong)(?: one)? for sure",
            r"(?:do not|don'?t|did not|didn'?t|never) (?:really |actually )?(?:think|believe|suppose"
            r"|guess|feel|reckon|agree)"
            r"(?: (?!but\b|and\b|though\b)[\w']+){0,7}",
            r"not (?:a )?yes",
            r"said no",
            r"(?:not|never|hardly|isn'?t|far from|nowhere near|anything but|less than) (?:\w+ )?(?:spot on|bang on|dead on"
            r"|accurate|right|correct|perfect|matching|a match)",
            r"(?:you|u)(?:'?ve| have)? (?:got|have|read|heard|had) (?:it|that|this|everything|them)(?: all)?(?: \w+)?"
            r" (?:wrong|mixed(?: up)?|backwards|muddled|confused|incorrect\w*|incomplete|the wrong way(?: round)?)",
            r"(?:you|u) (?:haven'?t|have not|didn'?t|did not|don'?t|do not|never) (?:quite |really )?"
            r"(?:got|get|have|hear|heard)"
            r"(?: (?:it|that|this))?",
            r"(?:that(?:'?s| is| was)|it(?:'?s| is| was)) (?:still )?(?:my|an|the|our) (?:old|previous|former|older)(?: \w+)?",
            r"(?:that|it) used to be (?:mine|\w+(?: \w+)?)",
            r"(?:is|are) (?:off|missing|out)(?= *(?:$|by|there))",
            r"^(?:um |uh |well |no |hm+ )*(?:almost|nearly|not quite|close)$",
            r"correct (?:it|that|this|them)(?: please)?$",
            r"couldn'?t be (?:more wrong|further from\b.*)",
            r"i(?:'?ll| will) pass",
        ),
        "no",
    ),
    (
        any_of(
            r"(?:not|never) (?:false|wrong|incorrect|untrue|bad(?: at all)?)",
            r"(?:that|it|this|which)(?:'?s| is| will| would| should|'?ll|'?d)(?: also| just| certainly"
            r"| really)?"
            r" (?:be )?(?:(?:just|very|really|totally|absolutely|quite|so|pretty|all|perfectly|very much"
            r"|a|the|what i) )*"
            r"(?:nice|awesome|amazing|wonderful|fantastic|excellent|lovely|brilliant|accurate|fact|truth"
            r"|true|sufficient|acceptable"
            r"|work|works|do|suit|suits|great|perfect(?:ly)?|correct)(?: (?:nicely|fine|well|great"
            r"|perfectly))?(?: (?:for|with|by) me)?",
            r"(?:that|it)(?:'?s| is| will be|'?ll be| would be) (?:just |perfectly |quite |all )?(?:fine"
            r"|good|okay|ok|alright|all right|right)"
            r" (?:with|by|for) (?:me|us)",
            r"(?:that|it|which)(?: will|'?ll| would) be (?:just |perfectly |quite )?(?:fine|good|okay|ok"
            r"|alright)",
            r"(?:works|suits|fine|good|okay|ok) (?:for|with|by) (?:me|us)",
            r"(?:that|it|which) (?:works|suits)(?: (?:me|us))?(?: (?:well|fine|great|perfectly))?",
            r"sounds? (?:(?:very|really|pretty|just|absolutely|all|so) )*(?:good|great|fine|nice"
            r"|wonderful|lovely|perfect|excellent|awesome|amazing"
            r"|right|correct|fantastic|ideal|reasonable|fair)",
            r"you(?:'?ve| have)? (?:got|nailed) (?:it|that|everything)(?: all)?(?: right)?",
            r"you (?:have|read|heard) (?:it|that)(?: (?:all )?(?:right|correctly|correct))",
            r"^(?:(?:yes|yeah|aye|ah|oh|ok|okay|great|lovely|perfect|well|indeed|brilliant|yep) )*you have it$",
            r"(?:that(?:'?s| is)|it(?:'?s| is)|you(?:'?re| are)|all)? ?(?:spot|bang|dead) on(?! (?:\w+ )?\d)",
            r"right you are",
            r"right as rain",
            r"(?:that|it|everything|all)(?: all)? matches(?: (?:mine|up|perfectly))?",
            r"that(?:'?s| is) the (?:one|number|address|right one|right number)(?! (?:i|you|that|who|where|we|was|of|which))",
            r"(?:that(?:'?s| is)|it(?:'?s| is)) (?:quite|very much|exactly|absolutely|entirely|perfectly|completely|totally)"
            r" (?:right|correct|so)",
            r"that is so$",
            r"that(?:'?s| is) (?:exactly |precisely |just )?what i (?:want|wanted|need|needed|meant|said"
            r"|was (?:looking|asking) for)",
            r"that(?:'?s| is) all (?:good|correct|right|fine|true|ok|okay|great|perfect)",
            r"i do (?:want|need|agree|accept|confirm|wish)(?: (?:to|it|that))?",
        ),
        "yes",
    ),
    (
        any_of(
            r"(?:no|not a|not an|not the|don'?t have (?:a|an|any|the|that)|do not have (?:a|an|any|the"
            r"|that)|dont have (?:a|an|any|the|that)|without a)"
            r" (?:\w+ )?(?:clue|idea|knowledge|answer|information|opinion|preference|way to know"
            r"|way of knowing)(?: (?:at all|about it|of that|for that))*",
            r"(?:can'?t|cannot|couldn'?t|could not|hard to|difficult to) (?:really )?(?:say(?! no)|tell"
            r"|decide|answer|be (?:sure|certain)|know|remember|make up my mind"
            r"|commit)(?: (?:yes or no|that|this|it|for sure|right now))*",
            r"not (?:\w+ )?(?:confident|certain|positive|decided)(?: (?:on|about) (?:that|it|this))?",
            r"(?:could|would|may|might|can) be either(?: (?:one|way))?",
            r"either(?: (?:one|way|or))?(?: (?:should|would|will|could))?(?: (?:work|do))?",
            r"(?:i'?m |i am )?(?:un|not )sure",
            r"(?:i )?dunno",
            r"(?:do not|don'?t) (?:really |actually |exactly )?know(?: (?:yet|that|how|the answer"
            r"|for sure))?",
            r"both (?:would|could|might|work|are)(?: \w+)?",
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
        any_of(
            r"(?:of course|certainly|absolutely|definitely|sure(?:ly)?|yes|why) not(?= (?:right"
            r"|correct))"
        ),
        "no",
    ),
    (
        any_of(
            r"why not",
            r"no (?:issues?|objections?)",
            r"(?:i )?(?:do not|don'?t) (?:mind"
            r"|see why not)",
            r"can'?t (?:complain|say no)",
            r"no doubt",
            r"nothing wrong with (?:it|that)",
            r"(?:couldn'?t|could not) be better",
        ),
        "yes",
    ),
    (
        any_of(
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
NO: Final = any_of(
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
    r"naw",
    r"nada",
    r"negatory",
    r"false",
    r"untrue",
)
YES: Final = any_of(
    r"yes+",
    r"yea+h*",
    r"yea?p+",
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
    r"(?:fantastic|wonderful|awesome|excellent|amazing|lovely|brilliant|terrific|splendid|superb|super"
    r"|marvell?ous|delightful)",
    r"positive",
    r"accurate",
    r"perfect",
    r"great",
    r"good",
    r"mm[- ]?h+m+",
    r"m+[- ]hm+",
    r"uh[- ]?huh",
    r"mhm+",
    r"u-?huh",
    r"by all means",
    r"i would(?: (?:like|love) (?:that|to|it))?(?! (?:like|love|prefer|rather|want|need|say)\b)",
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
NOD: Final = re.compile(
    r"(?:(?:that'?s|it'?s|that is|it is) )?(?:right|okay|ok|fine|good|great|perfect|true)"
    r"|fantastic|wonderful|awesome|excellent|amazing|lovely|brilliant|terrific|splendid|superb|super"
    r"|marvell?ous|delightful|positive|accurate"
    r"|please|cool|alright|all right|i do|send it|connect me|si",
    FLAGS,
)
POLITE: Final = any_of(
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
QUESTION: Final = re.compile(
    r"^(?:and |but |so |okay |ok |um |uh )*(?:what|when|where|why|who|how|which|can|could|do|does|is|are"
    r"|will|would)\b",
    FLAGS,
)
