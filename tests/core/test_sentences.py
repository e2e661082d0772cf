"""Where one sentence ends, and how early a voice can begin."""

from __future__ import annotations

from calls.core.sentences import FIRST_LIMIT, SentenceStream, split, stream


def test_prices_times_and_abbreviations_end_nothing() -> None:
    text = "It costs $4.99, e.g. today. We open at 10 a.m. and close at 6 p.m. Ask Mr. Smith. No. 5 is here!"
    assert split(text) == (
        "It costs $4.99, e.g. today.",
        "We open at 10 a.m. and close at 6 p.m. Ask Mr. Smith.",
        "No. 5 is here!",
    )


def test_an_abbreviation_may_end_a_sentence_too() -> None:
    assert split("J. Doe came at 5 p.m. The shop was closed.") == (
        "J. Doe came at 5 p.m.",
        "The shop was closed.",
    )


def test_quotes_stay_with_their_sentence() -> None:
    assert split('She said "Go!" Then she left.') == ('She said "Go!"', "Then she left.")


def test_a_long_first_sentence_begins_with_a_clause() -> None:
    text = (
        "If you are not satisfied with what you have bought from our shop, just contact us within 30 days of delivery "
        "and we will pay back all of it. The rest is easy."
    )
    pieces = split(text)
    assert pieces[0] == "If you are not satisfied with what you have bought from our shop,"
    assert len(pieces[0]) <= FIRST_LIMIT
    assert " ".join(pieces) == text


def test_a_number_is_no_border_of_a_clause() -> None:
    text = "The complete set with everything that belongs to it costs 1,299 dollars in each of our shops all over town today"
    assert split(text) == (text,)


def test_only_the_first_sentence_is_cut() -> None:
    long = "If this one is much longer than ninety characters, which it is by now, then it stays whole all the same, promised."
    assert split(f"Short. {long}") == ("Short.", long)


def test_nothing_gives_no_sentence() -> None:
    assert split("") == ()
    assert split(" \n ") == ()


def test_a_stream_gives_a_sentence_as_soon_as_it_is_over() -> None:
    splitter = SentenceStream()
    assert splitter.feed("We are open. Come") == ("We are open.",)
    assert splitter.feed(" in at 10 a.m") == ()
    assert splitter.feed(". please") == ()
    assert splitter.finish() == ("Come in at 10 a.m. please",)


def test_a_stream_does_not_wait_for_the_end_of_a_long_first_sentence() -> None:
    splitter = SentenceStream()
    out = splitter.feed(
        "If you are not satisfied with what you have bought from our shop, just contact us within 30 days of "
        "delivery and tell us the number of your order so that we can pay"
    )
    assert out == ("If you are not satisfied with what you have bought from our shop,",)


def test_a_stream_of_letters_gives_what_the_whole_gives() -> None:
    text = "It costs $4.99. Call Mr. Smith at 10 a.m. No. 5 is ready, e.g. today! Is it? Yes."
    assert tuple(stream(text)) == split(text)
