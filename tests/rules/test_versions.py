"""Every change is one version; calls are run by the newest; any of them can come back."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from calls.core.decision import ACTIONS
from calls.examples import Examples
from calls.models import (
    ActionRule,
    BusinessHours,
    CompanyRules,
    DocumentType,
    EscalationRule,
    ExampleUtterance,
    Phrase,
    PlaybookVersion,
)
from calls.playbooks import Playbooks, fixed_sentences, playbook_load
from calls.rules import filling, services, shipped
from calls.rules.entries import entries_read, entries_write
from calls.rules.versions import (
    RulesRefused,
    changed_since,
    latest,
    latest_number,
    rules_changing,
    rules_ensure,
    version_restore,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules")]

GOODBYE = shipped.phrases_shipped()["goodbye"]


def last() -> PlaybookVersion:
    found = latest()
    assert found is not None
    return found


def test_the_first_version_says_what_is_shipped() -> None:
    playbook = playbook_load()
    assert playbook.version == 1
    assert playbook.phrases == shipped.phrases_shipped()
    assert playbook.allowed == frozenset(ACTIONS)
    assert playbook.document_types == shipped.document_types_shipped()
    assert (last().what, last().by) == ("As shipped", "")
    rules_ensure()
    assert latest_number() == 1


def test_a_playbook_before_the_first_version_is_the_shipped_one() -> None:
    PlaybookVersion.objects.all().delete()
    assert playbook_load().phrases == shipped.phrases_shipped()
    assert playbook_load().version == 0


def test_an_edit_is_one_version_that_says_in_words_what_changed_and_who_did_it() -> None:
    number = services.phrase_set(name="goodbye", text="Bye from {company}!", by="ann")
    assert number == 2
    assert last().by == "ann"
    assert last().what == f"Phrase “goodbye” (en): “{GOODBYE}” → “Bye from {{company}}!”"
    assert last().diff[0]["before"]["text"] == GOODBYE
    assert playbook_load().phrases["goodbye"] == "Bye from {company}!"


def test_saving_the_same_again_makes_no_version() -> None:
    assert services.phrase_set(name="goodbye", text=GOODBYE, by="ann") is None
    assert latest_number() == 1


def test_what_is_refused_changes_nothing() -> None:
    with pytest.raises(ValidationError, match="isn't known here"):
        services.phrase_set(name="goodbye", text="Bye {name}", by="ann")
    with pytest.raises(ValidationError, match="no phrase"):
        services.phrase_set(name="no_such", text="Bye", by="ann")
    with pytest.raises(ValidationError, match="overlap"):
        nine, ten, twelve = dt.time(9), dt.time(10), dt.time(12)
        services.hours_set(weekday=0, spans=[(nine, twelve), (ten, twelve)], by="ann")
    assert latest_number() == 1


def test_each_kind_of_rule_reaches_the_playbook_and_the_history() -> None:
    services.hours_set(weekday=0, spans=[(dt.time(8), dt.time(12))], by="ann")
    assert last().what == "Monday: 09:00–20:00 → 08:00–12:00"
    services.hours_set(weekday=6, spans=[], by="ann")
    assert last().what == "Sunday: 09:00–20:00 → closed"
    services.holiday_put(date=dt.date(2027, 1, 1), name="New Year", by="ann")
    assert last().what == "1 January 2027 is a day off (New Year)"
    services.action_allow(action="send_sms", allowed=False, by="ann")
    assert last().what == "“Send a text message” is no longer allowed"
    services.document_type_set(kind="price_list", names=["price list", "tariff"], by="ann")
    assert last().what == "Names of the document type “price_list” (en): price list, tariff"
    services.escalation_set(topic="refund", skill="money", by="ann")
    assert last().what == "Skill for refund: refund → money"
    services.company_set(by="ann", compensation="We refund the delivery fee.", angry_turns=1)
    assert "Angry sentences before a person is offered: “2” → “1”" in last().what
    services.example_put(intent="goodbye", text="Toodle pip", by="ann")
    assert last().what == "Example of goodbye (en) added: “Toodle pip”"
    playbook = playbook_load()
    assert playbook.version == latest_number() == 9
    monday = dt.date(2026, 11, 23)
    assert playbook.hours.spans(monday) == ((dt.time(8), dt.time(12)),)
    assert playbook.hours.spans(monday - dt.timedelta(days=1)) == ()
    assert playbook.hours.spans(dt.date(2027, 1, 1)) == ()
    assert "send_sms" not in playbook.allowed
    assert playbook.document_types["price_list"] == ("price list", "tariff")
    assert playbook.escalation.skills["refund"] == "money"
    assert playbook.escalation.angry_turns == 1
    assert playbook.compensation == "We refund the delivery fee."


def test_several_rows_changed_together_are_one_version_and_a_reworded_example_reads_as_one_change() -> None:
    row = ExampleUtterance.objects.filter(intent="goodbye").first()
    assert row is not None
    before = row.text
    with rules_changing(by="ann") as changing:
        row.text = "See you later, alligator"
        row.save()
        services.phrase_set(name="goodbye", text="Bye!", by="nobody")
    assert changing.number == latest_number() == 2
    assert last().by == "ann"
    assert f"Example of goodbye (en): “{before}” → “See you later, alligator”" in last().what


def test_a_version_can_be_restored_and_that_is_a_version_too() -> None:
    services.phrase_set(name="goodbye", text="Bye!", by="ann")
    services.hours_set(weekday=0, spans=[], by="ann")
    services.example_put(intent="goodbye", text="Toodle pip", by="ann")
    services.holiday_put(date=dt.date(2027, 1, 1), by="ann")
    services.phrase_set(name="goodbye", language="de", text="Tschüss!", by="ann")
    services.document_type_set(kind="price_list", names=["tariff"], by="ann")
    services.escalation_set(topic="refund", skill="", by="ann")
    services.company_set(by="ann", tracking_url="https://example.com/{tracking_id}")
    changed = entries_read()
    assert version_restore(number=1, by="bob") == 10
    assert last().what.startswith("Version 1 restored: ")
    assert last().by == "bob"
    assert last().snapshot == PlaybookVersion.objects.get(number=1).snapshot
    assert playbook_load().phrases["goodbye"] == GOODBYE
    assert version_restore(number=9, by="bob") == 11
    assert entries_read() == changed
    assert version_restore(number=9, by="bob") is None


def test_writing_what_was_read_changes_nothing() -> None:
    entries = entries_read()
    entries_write(entries)
    assert entries_read() == entries


def _ship(monkeypatch: pytest.MonkeyPatch, **phrases: str | None) -> None:
    changed: Mapping[str, Any] = {**shipped.phrases_shipped(), **phrases}
    kept = {name: text for name, text in changed.items() if text is not None}
    monkeypatch.setattr(filling, "phrases_shipped", lambda: kept)


def test_an_upgrade_changes_what_nobody_edited_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    services.phrase_set(name="goodbye", text="Bye!", by="ann")
    services.phrase_set(name="welcome", text="Any time!", by="ann")
    _ship(
        monkeypatch,
        goodbye="Farewell.",
        hello="Hi there!",
        brand_new="Something new.",
        welcome=None,
        go_ahead=None,
    )
    rules_ensure()
    texts = dict(Phrase.objects.values_list("name", "text"))
    assert texts["goodbye"] == "Bye!"
    assert texts["hello"] == "Hi there!"
    assert texts["brand_new"] == "Something new."
    assert texts["welcome"] == "Any time!", "an edit of a phrase that is no longer shipped is kept"
    assert "go_ahead" not in texts
    assert last().what.startswith("Upgrade: ")
    assert last().by == ""
    assert playbook_load().phrases["hello"] == "Hi there!"
    services.phrase_reset(name="goodbye", by="ann")
    assert playbook_load().phrases["goodbye"] == "Farewell."
    assert last().what.endswith("(as shipped)")
    number = latest_number()
    rules_ensure()
    assert latest_number() == number


def test_an_upgrade_brings_new_examples_and_leaves_those_of_admins_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, *_rest = shipped.examples_shipped()
    mine = ExampleUtterance.objects
    with rules_changing(by="ann"):
        mine.filter(intent=first[0], text=first[1]).delete()
        mine.create(intent="goodbye", text="Toodle pip")
    now = (first, *shipped.examples_shipped()[2:], ("goodbye", "So long, partner"))
    monkeypatch.setattr(filling, "examples_shipped", lambda: now)
    rules_ensure()
    assert not mine.filter(text=first[1]).exists(), "what an admin removed stays removed"
    assert not mine.filter(text=second[1]).exists(), "what is no longer shipped goes"
    assert mine.filter(text="Toodle pip").exists()
    assert mine.filter(text="So long, partner").exists()


def test_what_an_admin_took_out_of_a_list_does_not_come_back_with_the_next_start() -> None:
    with rules_changing(by="ann"):
        DocumentType.objects.filter(kind="faq").delete()
        EscalationRule.objects.filter(topic="billing").delete()
    rules_ensure()
    assert not DocumentType.objects.filter(kind="faq").exists()
    assert not EscalationRule.objects.filter(topic="billing").exists()


def test_an_action_that_an_upgrade_brings_is_allowed_and_one_that_it_drops_goes() -> None:
    ActionRule.objects.filter(action="send_code").delete()
    ActionRule.objects.create(action="dance", allowed=False)
    rules_ensure()
    assert dict(ActionRule.objects.values_list("action", "allowed")) == dict.fromkeys(ACTIONS, True)


def test_what_was_changed_past_the_rules_is_noted_apart_from_the_next_edit() -> None:
    Phrase.objects.filter(name="goodbye").update(text="Sneaky bye.")
    assert playbook_load().phrases["goodbye"] == GOODBYE, "it counts from the next version on"
    services.phrase_set(name="hello", text="Hi!", by="ann")
    outside, edit = PlaybookVersion.objects.order_by("number")[1:]
    assert (outside.by, edit.by) == ("", "ann")
    assert outside.what.startswith("Changed in the database: Phrase “goodbye”")
    assert "goodbye" not in edit.what
    assert playbook_load().phrases["goodbye"] == "Sneaky bye."


def test_the_last_example_of_an_intent_can_not_be_taken_away() -> None:
    with pytest.raises(RulesRefused, match="last example of goodbye"), rules_changing(by="ann"):
        ExampleUtterance.objects.filter(intent="goodbye").update(active=False)
    assert ExampleUtterance.objects.filter(intent="goodbye", active=True).exists()
    assert latest_number() == 1


def test_examples_of_a_new_version_are_used_at_once() -> None:
    examples = Examples()
    version, before = examples()
    assert "Toodle pip" not in before["goodbye"]
    services.example_put(intent="goodbye", text="Toodle pip", by="ann")
    newer, after = examples()
    assert newer != version
    assert "Toodle pip" in after["goodbye"]


def test_a_language_has_its_own_phrases_and_english_where_it_has_none() -> None:
    services.phrase_set(name="goodbye", language="de", text="Auf Wiederhören!", by="ann")
    services.document_type_set(kind="policy", language="de", names=["Richtlinie"], by="ann")
    german = playbook_load("de-AT")
    assert german.language == "de"
    assert german.phrases["goodbye"] == "Auf Wiederhören!"
    assert german.phrases["hello"] == shipped.phrases_shipped()["hello"]
    assert german.document_types["policy"][0] == "Richtlinie"
    assert "policy" in german.document_types["policy"]
    assert playbook_load("fr").language == "en"
    assert playbook_load("en").phrases["goodbye"] == GOODBYE


def test_a_process_reads_the_rules_again_only_when_they_changed(django_assert_num_queries: Any) -> None:
    seen: list[tuple[int, int]] = []
    playbooks = Playbooks()
    playbooks.on_change(lambda before, after: seen.append((before.version, after.version)))
    first = playbooks.now()
    with django_assert_num_queries(1):
        assert playbooks.now() is first
    services.phrase_set(name="goodbye", text="Bye for now!", by="ann")
    second = playbooks.now("en-GB")
    assert (first.version, second.version) == (1, 2)
    assert seen == [(1, 2)]
    assert set(fixed_sentences(second)) - set(fixed_sentences(first)) == {"Bye for now!"}


def test_a_newer_change_of_the_same_entry_is_found() -> None:
    services.phrase_set(name="goodbye", text="Bye!", by="ann")
    services.phrase_set(name="hello", text="Hi!", by="bob")
    found = changed_since(number=1, section="phrase", key="en/goodbye")
    assert found is not None
    assert found.by == "ann"
    assert changed_since(number=2, section="phrase", key="en/goodbye") is None
    assert changed_since(number=2, section="phrase") is not None
    assert changed_since(number=1, section="hours") is None


def test_the_singles_are_always_there() -> None:
    BusinessHours.objects.filter(weekday=3).delete()
    CompanyRules.objects.all().delete()
    rules_ensure()
    assert BusinessHours.objects.count() == 7
    assert CompanyRules.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_edits_at_the_same_time_become_versions_one_after_the_other_and_none_is_lost() -> None:
    names = ["hello", "goodbye", "welcome", "go_ahead", "what_else", "acknowledged"]
    failed: list[Exception] = []
    together = threading.Barrier(len(names))

    def edit(name: str) -> None:
        try:
            together.wait(20)
            services.phrase_set(name=name, text=f"Edited {name.replace('_', ' ')}.", by=name)
        except Exception as error:  # noqa: BLE001 - shown by the test
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=edit, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    versions = list(PlaybookVersion.objects.order_by("number")[1:])
    assert [version.number for version in versions] == [2, 3, 4, 5, 6, 7]
    for version in versions:
        assert [change["key"] for change in version.diff] == [f"en/{version.by}"], (
            "each has its own change only"
        )
    assert {name for name in names if playbook_load().phrases[name].startswith("Edited")} == set(names)
