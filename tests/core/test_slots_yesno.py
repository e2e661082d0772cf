"""Yes or no. A refusal that passes for a consent acts against the caller's will: it has a test of its own."""

from __future__ import annotations

import pytest

from calls.core.slots import yesno_read

YES = """
yes|Yes please.|yeah sure|sure|Mm-hm.|uh-huh|yep|of course|go ahead|please do|that works
sounds good|that's right|correct|okay|why not|no problem, go ahead|sure, why not
I'd love that|yes, please connect me|Yeah, that would be great, thanks.|absolutely
I don't mind|yes that's my number|all right|Right.|Perfect|definitely|exactly
That is accurate|spot on|that's spot on|you've got it|aye that's it|right you are|correct, nothing more
you read it right|that's quite right|that matches|that's the one|bang on|all correct|you have it
Yes, that's correct.|yes it is|do it|you bet|Okay, send it.
"""
NO = """
no|Nope.|no thanks|No, thank you|not really|no, that's all|that's wrong|that's not right
I don't think so|not now|never mind|nah|uh-uh|absolutely not|of course not|definitely not
please don't|no need|I'd rather not|don't send it|No, that's fine.|no, okay|incorrect
cancel that|that's not my number|No way|not at all|that is incorrect|I do not want that
no I'm good|it isn't|No, no, no.|stop|not today|I said no|negative|hell no
No, that's fine. Thank you for checking|No, that's all. Thank you!|That's all, thanks
I'm good, thanks|Nothing else|yeah no|Yeah, I don't think so.|okay no|right, no|sure not
please don't do that|I can't|we don't need it|that won't be necessary|yes not that|no wait
that is not accurate|nope that's my old one|that's my old number|you've got it wrong|not spot on
you've got it all mixed up|you haven't got it|far from accurate|the last digit is off|not quite|correct it please
that used to be mine|you have it backwards|it couldn't be more wrong|nowhere near right|hardly accurate
No, it's the other one|I never said yes|don't you dare|no, please stop that|not that, no
"""
NEITHER = """
what is the price?|maybe|I don't know|I'm not sure|my number is 98765
Okay, can you send me the full policy on email?|How long does it take|hmm|no yes|it depends
yes and no|is that right?|could you repeat that please||...|
"""


def _lines(block: str) -> list[str]:
    return [words for line in block.strip().splitlines() for words in line.split("|")]


@pytest.mark.parametrize("words", _lines(YES))
def test_a_consent_is_a_yes(words: str) -> None:
    assert yesno_read(words).value == "yes"


@pytest.mark.parametrize("words", _lines(NO))
def test_a_refusal_is_a_no(words: str) -> None:
    assert yesno_read(words).value == "no"


@pytest.mark.parametrize("words", _lines(NEITHER))
def test_what_answers_nothing_is_neither(words: str) -> None:
    assert yesno_read(words).value not in ("yes", "no")


@pytest.mark.parametrize("opener", ["", "okay ", "yeah, ", "um, right, ", "sure... ", "please, "])
@pytest.mark.parametrize("words", _lines(NO))
def test_no_opening_word_turns_a_refusal_into_a_consent(opener: str, words: str) -> None:
    assert yesno_read(opener + words).value != "yes"


@pytest.mark.parametrize(
    "words",
    ["no wait, it's 98450", "No, it's eleven", "I meant email", "yes but make it email", "not email but SMS"],
)
def test_a_correction_is_heard(words: str) -> None:
    assert yesno_read(words).correction


@pytest.mark.parametrize(
    "words", ["No, that's all. Thank you!", "nothing else thanks", "I'm done", "That's everything."]
)
def test_the_end_of_wishes_is_heard(words: str) -> None:
    assert yesno_read(words).closing


def test_a_wish_beside_the_answer_is_kept() -> None:
    assert "catalog" in yesno_read("No, but send me the catalog").rest
