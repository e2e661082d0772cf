"""What may be written into a rule, and in which words it is refused."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.core.playbook import Playbook
from calls.rules import checks
from calls.rules.pattern import MOST_PATHS, pattern_problem
from calls.rules.shipped import notes, phrases_shipped, samples, variables_allowed, variables_of


def test_every_shipped_phrase_passes_and_has_a_note_and_samples() -> None:
    for name, text in phrases_shipped().items():
        assert checks.phrase_problem(name, text) == "", name
        assert name in notes(), f"{name} needs a line in calls/phrase_notes.yaml"
        assert set(variables_of(text)) <= {"company", *samples()}, name


def test_every_note_is_about_a_phrase_and_asks_for_variables_that_it_has() -> None:
    assert set(notes()) <= set(phrases_shipped())
    for name, note in notes().items():
        assert set(note.must) <= set(variables_allowed(name)), name
        assert note.where.strip().endswith(".")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write what the agent says"),
        ("   ", "Write what the agent says"),
        ("Bye {name}!", "{name} isn't known here. Here you can use {company}."),
        ("Bye {company", "A brace is open"),
        ("Bye company}", "A brace is open"),
        ("Bye {}", "has no name"),
        ("Bye {company!r}", "isn't known"),
        ("Bye {company:>9}", "isn't known"),
        ("Bye {company.name}", "isn't known"),
        ("Bye {{company}}", "variables only"),
        ("a" * 401, "401 characters"),
        ("Thank you 😀", "A voice can't say “😀”"),
        ("See https://example.com for more", "web address"),
        ("See www.example for more", "web address"),
        ("Write to example.com", "web address"),
        ("<b>Thank you</b>", "markup"),
        ("Thank **you**", "markup"),
        ("Thank _you_ all", "markup"),
        ("Thank `you`", "markup"),
        ("# Thank you", "markup"),
        ("Thank [[you]]", "markup"),
        ("[you](there)", "markup"),
        ("Thank&nbsp;you", "markup"),
        ("...", "no words"),
        ("Hello\x00", "can't say"),
    ],
)
def test_a_phrase_that_can_not_be_said_is_refused_in_plain_words(text: str, words: str) -> None:
    assert words in checks.phrase_problem("goodbye", text)


@pytest.mark.parametrize(
    "text",
    [
        "Bye, and thank you for calling {company}!",
        "Danke für Ihren Anruf – auf Wiederhören!",
        "धन्यवाद, फिर मिलेंगे।",
        "It's 100 % free & costs $0 (really); isn't it?",
        "Open 9.30 to 18.00. Ask for no. 5 or e.g. the other one.",
    ],
)
def test_ordinary_words_of_any_language_are_accepted(text: str) -> None:
    assert checks.phrase_problem("goodbye", text) == ""


def test_the_read_back_of_an_address_must_have_the_address_in_it() -> None:
    assert "{recipient} can't be left out" in checks.phrase_problem(
        "sending_to", "I'll send the {document} now."
    )
    assert checks.phrase_problem("sending_to", "It goes to {recipient}.") == ""


@given(st.text(max_size=60))
def test_whatever_passes_can_be_said_without_braces(text: str) -> None:
    if not checks.phrase_problem("goodbye", text):
        said = Playbook(company="Acme", phrases={"goodbye": text.strip()}).say("goodbye")
        assert said
        assert not set("{}`") & set(said)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", []),
        ("closed", []),
        ("9:00-18:00", [("09:00", "18:00")]),
        ("9 am to 6 pm", [("09:00", "18:00")]),
        ("14:00–18:00, 09:00–13:00", [("09:00", "13:00"), ("14:00", "18:00")]),
        ("00:00 – 24:00", [("00:00", "24:00")]),
        ("9-13 and 14-18", [("09:00", "13:00"), ("14:00", "18:00")]),
        ("12 am to 12 pm", [("00:00", "12:00")]),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: list[tuple[str, str]]) -> None:
    read = checks.spans_parse(text)
    assert checks.spans_stored(read) == [list(span) for span in spans]
    assert checks.spans_read(checks.spans_stored(read)) == read
    assert checks.spans_parse(checks.spans_say(read)) == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9", "isn't a span"),
        ("nine to five", "isn't a time"),
        ("25:00-26:00", "isn't a time"),
        ("13 pm to 14 pm", "isn't a time"),
        ("9:75-10:00", "isn't a time"),
        ("18:00-09:00", "ends before it begins. For a night, write 18:00–24:00 here and 00:00–09:00"),
        ("09:00-09:00", "no time at all"),
        ("09:00-13:00, 12:00-18:00", "09:00–13:00 and 12:00–18:00 overlap"),
    ],
)
def test_hours_that_can_not_be_are_refused_with_a_way_out(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        checks.spans_parse(text)


def test_a_day_that_is_open_to_its_end_is_open_a_minute_before_midnight() -> None:
    ((begin, end),) = checks.spans_parse("18:00-24:00")
    assert begin <= dt.time(23, 59, 59) < end


@pytest.mark.parametrize(
    "pattern",
    [
        r"[A-Z]{2,6}-?\d{4,12}",
        r"ORD\d{5}",
        r"ORD\d+",
        r"ORD-(\d{4}-)?\d{6}",
        r"(?:AB|CD)\d{6}",
        r"\bW\d{3,5}\b",
    ],
)
def test_patterns_that_companies_use_are_accepted(pattern: str) -> None:
    assert pattern_problem(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "can't be read"),
        ("[", "can't be read"),
        ("a{99999999999999999999}", "can't be read"),
        (r"\d*", "empty text"),
        ("", "empty text"),
        (r"^$", "empty text"),
        (r"(a+)+$", "too many ways"),
        (r"(a|a){30}b", "too many ways"),
        (r"(a|b|ab)+c", "too many ways"),
        ("a?" * 30 + "a" * 30, "too many ways"),
        ("x{5,70000}", "too many ways"),
        (r"(\d)\1", "don't need"),
        (r"(?=a)b", "don't need"),
        ("a" * 200, "longer than"),
    ],
)
def test_patterns_that_could_hold_up_a_call_are_refused(pattern: str, words: str) -> None:
    assert words in pattern_problem(pattern)


def ways(parsed: Any, text: str, at: int) -> Iterator[int]:
    """Where each way through ``parsed`` from ``at`` ends: what a backtracking matcher may have to try."""
    if not parsed:
        yield at
        return
    (code, argument), rest = parsed[0], parsed[1:]
    name = str(code)
    ends: Iterable[int]
    if name in {"MAX_REPEAT", "MIN_REPEAT"}:
        ends = repeated(argument[2], argument[0], min(argument[1], len(text)), text, at)
    elif name == "SUBPATTERN":
        ends = ways(argument[-1], text, at)
    elif name == "BRANCH":
        ends = (end for branch in argument[1] for end in ways(branch, text, at))
    else:
        ends = [at + 1] if at < len(text) else []  # the worst text fits every single character
    for end in ends:
        yield from ways(rest, text, end)


def repeated(body: Any, least: int, most: int, text: str, at: int) -> Iterator[int]:
    if least <= 0:
        yield at
    if most > 0:
        for end in ways(body, text, at):
            yield from repeated(body, least - 1, most - 1, text, end)


@given(
    st.from_regex(
        r"([ab]|\[ab\]|\(a\|b\)|\(ab?\)|\\d)([*+?]|\{1,4\})?([ab]|\(a[*+]\))?[*+]?", fullmatch=True
    ),
    st.integers(1, 60),
)
def test_what_is_accepted_leaves_a_backtracking_matcher_few_ways(pattern: str, length: int) -> None:
    if pattern_problem(pattern):
        return
    tried = ways(list(parser.parse(pattern)), "a" * length, 0)
    assert sum(1 for _ in islice(tried, MOST_PATHS + 1)) <= MOST_PATHS


@pytest.mark.parametrize(
    "url", ["", "https://track.example.com/{tracking_id}", "https://example.com/t?id={tracking_id}&x=1"]
)
def test_tracking_addresses_that_can_be_sent(url: str) -> None:
    assert checks.tracking_url_problem(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://track.example.com/{tracking_id}",
        "https://track.example.com/",
        "https://track.example.com/{order_id}",
        "https://track.example.com/{tracking_id}/{tracking_id}",
        "https://track.example.com/{tracking_id}/{",
        "https://{tracking_id}/",
        "https://{tracking_id}.example.com/",
        "https://user:pw@example.com/{tracking_id}",
        "https://example.com/a b/{tracking_id}",
        "https://example.com/{tracking_id}\n",
        "javascript:alert({tracking_id})",
        "https://[/{tracking_id}",
        "https://localhost/{tracking_id}",
    ],
)
def test_tracking_addresses_that_are_refused(url: str) -> None:
    assert checks.tracking_url_problem(url)
