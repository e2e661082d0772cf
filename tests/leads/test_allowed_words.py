"""Who wants to be left alone says it in words of their own; who speaks of an order isn't taken at one word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.allowed.words import Said, word_said

STOP = """STOP|Stop.|stop!!!! 😡|STOP please|pls stop|stop it|Stop it now|stop texting me|Stop sending me messages
stop sending me this shit|stop stop stop|please stop texting this number|unsubscribe|Unsubscribe me|UNSUBSCRIBE PLEASE
unsubscribe from all|stopall|STOP ALL|quit|end|cancel|opt out|opt-out|Opt me out|opt me out of these messages
remove me from your list|please remove my number|take me off this list|delete my number|don't text me|Don’t text me again
do not contact me anymore|dont send me any more messages|never message me again|no more texts|no more messages please
leave me alone|I don't want any more messages|i do not want your texts|I want to unsubscribe|i'd like to opt out
Arrêt|ARRET|Abmelden|stopp|baja|Parar|alto|Afmelden|СТОП|отписаться|iptal|बंद करो|band karo|توقف|退订
TD|停止|수신거부|S T O P|DND|do not disturb|STOP PROMO|Stop!! I said stop|wrong number stop|not interested stop
Could you please stop texting me?|can you stop sending me messages|I never asked for this, stop|who is this? stop
Who are you?! Please stop.|mujhe message mat karo|message mat bhejo""".replace("\n", "|")
START = "START|start please|Unstop|yes|YES.|resume|subscribe|start again|opt in|start sending again|शुरू|iniciar".split(
    "|"
)
NEITHER = """please don't stop the order|don't stop|never said stop|I never said stop|stop the order|Stop my subscription box
cancel my order|cancel the callback at 5|When does it end?|which bus stop|can you stop by tomorrow?|the end of the month
no more than two|don't call me at 5, call at 6|start the return|yes send it|yes, the red one|red|T|to|no|thanks|Hi 👋
I am not interested|remove the second item|leave it at the door|text me the address|what time do you start?|?|👍
do you stop deliveries on Sundays|I can't stop the washing machine|stop. what is my balance
can you stop by?|could you stop sending it to the old address|I don't want it, cancel|wrong number, I meant 42|who is this?
is this the right bus stop?|did it stop?""".replace("\n", "|")


@pytest.mark.parametrize("text", STOP.split("|"))
def test_who_wants_no_more_is_understood(text: str) -> None:
    assert word_said(text) is Said.STOP


@pytest.mark.parametrize("text", START)
def test_who_wants_them_again_is_understood(text: str) -> None:
    assert word_said(text) is Said.START


@pytest.mark.parametrize("text", NEITHER.split("|"))
def test_who_speaks_of_something_else_is_not_taken_at_one_word(text: str) -> None:
    assert word_said(text) is None


@pytest.mark.parametrize("text", ["", "   ", "\n", "stop " * 100, "\x00", "а" * 10_000])
def test_nothing_and_novels_say_neither(text: str) -> None:
    assert word_said(text) is None


@given(st.text(max_size=400))
def test_whatever_is_written_has_an_answer(text: str) -> None:
    assert word_said(text) in {None, Said.STOP, Said.START}


@given(
    st.sampled_from(["stop", "unsubscribe", "quit", "end", "cancel", "start"]),
    st.lists(st.sampled_from([" ", ".", "!", "\n", "\t", "🙏", "-", "…", "’"]), max_size=6),
    st.lists(st.sampled_from([" ", ".", "!", "\n", "🙂"]), max_size=6),
    st.booleans(),
)
def test_signs_spaces_and_capitals_around_a_word_change_nothing(
    word: str, before: list[str], after: list[str], loud: bool
) -> None:
    text = f"{''.join(before)}{word.upper() if loud else word}{''.join(after)}"
    assert word_said(text) is (Said.START if word == "start" else Said.STOP)
