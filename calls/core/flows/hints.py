"""Words that settle what was meant where an engine is unsure.

Invariant: a hint only counts when nothing contradicts it: each is used behind a check of what is open, held or arranged.
"""

from __future__ import annotations

import re
from typing import Final

#: "Don't bother", said of what was just arranged or is about to be sent.
DROPS: Final = re.compile(
    r"\b(?:no (?:longer )?need|no longer (?:want|need)\w*|(?:do not|don'?t) (?:need|want|bother|call|ring|phone|send)"
    r"|won'?t (?:need|require|be (?:needing|wanting))|not (?:necessary|needed|required|needing)|cancel\w*"
    r"|call (?:it|that|this) off"
    r"|drop (?:it|that|the)|scrap|forget (?:it|that|about|the)|skip (?:it|that|the)|remove (?:it|that|the)|withdraw|undo"
    r"|take (?:it|that|me) (?:back|off)|leave it|let'?s not|changed my mind|rather not|unbook|delete (?:it|that|the))\b",
    re.IGNORECASE,
)
#: "No more callback needed", "they needn't": what is arranged is off, in words that name no deed.
CALLED_OFF: Final = re.compile(
    r"\b(?:take|cross|strike|scratch) me off\b|\bcall (?:it|that|this|the call) off\b"
    r"|\b(?:(?:they|you|he|she|it|we|somebody|someone) (?:needn'?t|need not|(?:don'?t|do not|doesn'?t) (?:have|need) to)"
    r"|(?:nobody|no-?one) needs? to)(?: (?:bother|call|phone|ring|do (?:it|that|so)|be)(?: me)?)?"
    r"(?= (?:now|any ?more|any longer|after all|then)\b|\s*[,.;!?]|\s*$)"
    r"|\bno (?:more |further |longer )?(?:a )?(?:call(?:[\s-]?back)?s?|phone ?calls?) (?:is |are |will be )?"
    r"(?:needed|required|necessary|wanted)\b"
    r"|\b(?:call(?:[\s-]?back)?|phone ?call)\b[^,.;!?]{0,40} (?:(?:is |'s |will be )?(?:not|no longer|no more)|isn'?t)"
    r" (?:needed|required|necessary|wanted)\b"
    r"|\b(?:won'?t|don'?t|do not|will not|no longer) (?:be )?(?:need|needing|want|require)"
    r"(?: (?:a|the|that|this|your|any|my)){0,2}(?: more)? (?:call(?:[\s-]?back)?|phone ?call)\b"
    r"|, ?(?:please )?(?:don'?t|do not|dont)(?: bother)?\s*[.!]*$",
    re.IGNORECASE,
)
#: Something is wished in its place.
INSTEAD_OF_IT: Final = re.compile(
    r"\b(?:call|ring|phone|try|contact|reach) (?:me|us)\b(?! (?:off|any ?more|again))|\b(?:instead|rather|but|move|make it)\b",
    re.IGNORECASE,
)
#: Times in these words are somebody else's: the shop's, or a parcel's.
OTHER_TIMES: Final = re.compile(
    r"\b(?:open(?:s|ing)?|clos(?:e|es|ing)|hours|deliver\w*|arriv\w*|ship\w*|order|parcel|package|refund\w*)\b",
    re.IGNORECASE,
)
#: "When are you open?" "Until what time are you there?" is no time, whatever part of the day it names.
OPENING: Final = re.compile(
    r"\b(?:are|when|what time|how (?:late|early|long)|(?:what|which) (?:hours|days)|(?:un)?till when|from when|since when)\b"
    r".{0,30}"
    r"\b(?:you|your|they|it|office|shop|store|somebody|someone|anybody|anyone)\b.{0,25}"
    r"\b(?:open\w*|clos\w+|shut\w*|there|available|around|start\w*|finish\w*|in the office|at work|on duty|work(?:ing)?)\b"
    r"|\b(?:opening|business|working|office|shop|stores?|your|call(?:ing)?|support) (?:hours|timings?|times?)\b",
    re.IGNORECASE,
)
#: Thanks, which often say that there is no more.
THANKS: Final = re.compile(r"\b(?:thank(?:s| you)|thx|cheers|ta)\b", re.IGNORECASE)
#: Nothing more is wanted, said in the many ways of people who are done.
DONE: Final = re.compile(
    r"\b(?:that'?(?:s| is| will be| would be|ll be| does) (?:all|it|me|everything|about it|the lot|that|fine then)"
    r"|i(?:'m| am) (?:done|good|all (?:set|good|sorted)|sorted|finished|fine (?:now|then|thanks?))"
    r"|(?:we'?re|we are) (?:done|good|sorted|all set)"
    r"|all (?:good|set|done|sorted)(?: now| then| here)?|(?:nothing|no(?:thing)? other|no more|no further|not? anything) "
    r"(?:else|more|further|quer\w+|questions?|requests?|at the moment|for now|today)|take care|see (?:you|ya)|speak soon"
    r"|have a (?:good|nice|great|lovely) (?:day|one|evening|night|weekend)|off you go|cheerio|over and out"
    r"|that does it|that(?:'?ll| will| should) do|job done)\b",
    re.IGNORECASE,
)
#: "No, nothing else" answers a question that wasn't asked yet; it denies no read-back.
NO_MORE: Final = re.compile(
    r"\b(?:else|other|more|further|quer(?:y|ies)|questions?|all|everything|done|bye|thanks?|thank you|thx|ty|cheers|ta)\b",
    re.I,
)
#: A person who shall ring later, not one to be put through to now.
CALL_ME: Final = re.compile(
    r"\b(?:call|ring|phone|telephone|contact|buzz)(?:s|ed|ing)?\s+(?:me|us)\b"
    r"|\b(?:phone|telephone)\s*call\b|\bcall(?:ed)?[\s-]?back\b"
    r"|\bgive (?:me|us) a (?:call|ring|bell|buzz)\b|\b(?:get|have|receive|want|expect) a (?:phone )?call\b"
    r"|\b(?:contacted|reached|called) by (?:phone|telephone)\b"
    r"|\bby (?:phone|telephone) (?:later|tomorrow)\b",
    re.IGNORECASE,
)
#: A complaint that something hasn't come.
WAITING: Final = re.compile(
    r"\b(?:order(?:ed)?|parcel|package|deliver\w*|arriv\w*|courier|receiv\w*|shipp?\w*|dispatch\w*|turned up"
    r"|shown? up|waiting|come|came"
    r"|where|late|overdue|days|weeks?|yet)\b",
    re.IGNORECASE,
)
#: Whoever asks this wants somebody technical, whatever kind of question it was taken for.
TECHNICAL: Final = re.compile(
    r"\b(?:api|integrat\w*|sync\w*|connect (?:it|this|that|to|with)|plug-?in|webhook|sdk|firmware|driver|install\w*|configur\w*"
    r"|compatib\w*)\b",
    re.IGNORECASE,
)
