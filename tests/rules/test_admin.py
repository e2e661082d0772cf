"""What a person sees and can do on the pages of rules, through the real pages."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from calls.models import (
    ActionRule,
    BusinessHours,
    CompanyRules,
    DocumentType,
    ExampleUtterance,
    Holiday,
    Phrase,
    PlaybookVersion,
)
from calls.playbooks import playbook_load
from calls.rules import services
from calls.rules.shipped import phrases_shipped
from calls.rules.versions import latest, latest_number
from calls.runtime import RUNTIME
from calls.speech.executor import ModelExecutor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules")]


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:calls_{name}", args=args)


def phrase(name: str, language: str = "en") -> Phrase:
    return Phrase.objects.get(name=name, language=language)


def shown(answer: Any) -> str:
    return str(answer.content.decode())


def last() -> PlaybookVersion:
    found = latest()
    assert found is not None
    return found


def week(client: Client, **changed: str) -> dict[str, str]:
    """The form of the week as a browser would send it, with some days changed."""
    form = {"form-TOTAL_FORMS": "7", "form-INITIAL_FORMS": "7", "_save": "Save", "seen": str(latest_number())}
    for row in BusinessHours.objects.all():
        form[f"form-{row.weekday}-weekday"] = str(row.weekday)
        form[f"form-{row.weekday}-spans"] = changed.get(str(row), "09:00–20:00")
    return form


# --- phrases ---------------------------------------------------------------------------------------------------------------


def test_an_edit_takes_effect_and_names_the_version_and_the_person(admin_client: Client) -> None:
    row = phrase("goodbye")
    answer = admin_client.post(
        page("phrase_change", row.pk), {"text": "Bye from {company}!", "seen": "1"}, follow=True
    )
    assert "Version 2 of the rules is in force" in shown(answer)
    assert playbook_load().phrases["goodbye"] == "Bye from {company}!"
    assert (last().by, last().number) == ("admin", 2)


def test_an_error_stands_beside_its_field_and_keeps_what_was_written(admin_client: Client) -> None:
    answer = admin_client.post(page("phrase_change", phrase("goodbye").pk), {"text": "Bye {nme}!"})
    assert "{nme} isn&#x27;t known here. Here you can use {company}." in shown(answer)
    assert "Bye {nme}!</textarea>" in shown(answer)
    assert latest_number() == 1


def test_the_page_of_a_phrase_says_when_it_is_said_and_with_which_variables(admin_client: Client) -> None:
    text = shown(admin_client.get(page("phrase_change", phrase("sending_to").pk)))
    assert "Reads back an address" in text
    assert "<code>{recipient}</code> must be there" in text
    assert "jane@example.com" in text
    assert "Back to the shipped words" not in text


def test_the_list_has_every_phrase_in_the_order_of_a_call_and_can_be_searched(admin_client: Client) -> None:
    text = shown(admin_client.get(page("phrase_changelist")))
    assert text.index(">greeting<") < text.index(">goodbye<") < text.index(">complaint_noted<")
    for name in phrases_shipped():
        assert f">{name}<" in text, name
    found = shown(admin_client.get(page("phrase_changelist"), {"q": "catch that"}))
    assert ">not_caught<" in found
    assert ">greeting<" not in found
    one_group = shown(admin_client.get(page("phrase_changelist"), {"group": "Callbacks"}))
    assert ">callback_booked<" in one_group
    assert ">greeting<" not in one_group


def test_back_to_the_shipped_words_from_the_page_and_from_the_list(admin_client: Client) -> None:
    services.phrase_set(name="goodbye", text="Bye!", by="ann")
    services.phrase_set(name="hello", text="Hi!", by="ann")
    assert "Back to the shipped words" in shown(admin_client.get(page("phrase_change", phrase("goodbye").pk)))
    admin_client.post(page("phrase_reset", phrase("goodbye").pk))
    assert not phrase("goodbye").edited
    answer = admin_client.post(
        page("phrase_changelist"),
        {"action": "reset_selected", "_selected_action": [phrase("hello").pk, phrase("goodbye").pk]},
        follow=True,
    )
    assert "1 of the selected phrases" in shown(answer)
    assert playbook_load().phrases == phrases_shipped()
    assert last().what.endswith("(as shipped)")
    assert admin_client.get(page("phrase_reset", phrase("hello").pk)).status_code == 403


def test_a_phrase_in_another_language_is_added_and_deleted(admin_client: Client) -> None:
    form = {"name": "goodbye", "language": "DE", "text": "Auf Wiederhören!", "seen": "1"}
    assert admin_client.post(page("phrase_add"), form).status_code == 302
    assert playbook_load("de").phrases["goodbye"] == "Auf Wiederhören!"
    again = shown(admin_client.post(page("phrase_add"), form))
    assert "in that language already" in again
    german = phrase("goodbye", "de")
    assert "Auf Wiederhören!" in shown(admin_client.get(page("phrase_change", phrase("goodbye").pk)))
    admin_client.post(page("phrase_delete", german.pk), {"post": "yes"})
    assert playbook_load("de").language == "en"
    assert "removed" in last().what
    assert admin_client.post(page("phrase_delete", phrase("goodbye").pk), {"post": "yes"}).status_code == 403


def test_who_saves_over_somebody_elses_edit_is_told_first(admin_client: Client) -> None:
    row = phrase("goodbye")
    services.phrase_set(name="goodbye", text="Bye, says Bob.", by="bob")
    answer = admin_client.post(page("phrase_change", row.pk), {"text": "Bye, says Ann.", "seen": "1"})
    assert "bob changed this at" in shown(answer)
    assert "Bye, says Bob." in shown(answer)
    assert playbook_load().phrases["goodbye"] == "Bye, says Bob."
    assert 'name="seen" value="2"' in shown(answer)
    admin_client.post(page("phrase_change", row.pk), {"text": "Bye, says Ann.", "seen": "2"})
    assert playbook_load().phrases["goodbye"] == "Bye, says Ann."


def test_somebody_elses_edit_of_another_phrase_is_no_conflict(admin_client: Client) -> None:
    services.phrase_set(name="hello", text="Hi!", by="bob")
    admin_client.post(page("phrase_change", phrase("goodbye").pk), {"text": "Bye!", "seen": "1"})
    assert playbook_load().phrases["goodbye"] == "Bye!"
    assert playbook_load().phrases["hello"] == "Hi!"


# --- listening -------------------------------------------------------------------------------------------------------------


class Voice:
    sample_rate = 22_050

    def __init__(self) -> None:
        self.said: list[str] = []

    def synthesise(self, text: str) -> Iterator[bytes]:
        self.said.append(text)
        yield b"\1\0" * 2205


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Iterator[Voice]:
    voice, executor = Voice(), ModelExecutor(workers=1, depth=4)
    monkeypatch.setattr(RUNTIME, "models", SimpleNamespace(voice=voice))
    monkeypatch.setattr(RUNTIME, "executor", executor)
    yield voice
    executor.close()


def test_a_phrase_is_heard_in_the_agents_voice_before_it_is_saved(admin_client: Client, voice: Voice) -> None:
    form = {"name": "sending_to", "text": "I'll send it to {recipient}."}
    answer = admin_client.post(page("phrase_listen"), form)
    assert answer["Content-Type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getframerate(), sound.getnframes(), sound.getsampwidth()) == (22_050, 2205, 2)
    assert voice.said == ["I'll send it to jane at example dot com."]
    assert latest_number() == 1


@pytest.mark.parametrize("text", ["", "a " * 300, "Bye {nobody}", "<b>Bye</b>"])
def test_what_could_not_be_saved_is_not_voiced(admin_client: Client, voice: Voice, text: str) -> None:
    answer = admin_client.post(page("phrase_listen"), {"name": "goodbye", "text": text})
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert not voice.said


def test_listening_needs_a_post_with_its_token_and_the_right(
    admin_client: Client, admin_user: User, voice: Voice, django_user_model: Any
) -> None:
    assert admin_client.get(page("phrase_listen")).status_code == 403
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin_user)
    assert strict.post(page("phrase_listen"), {"name": "goodbye", "text": "Bye"}).status_code == 403
    outsider = Client()
    outsider.force_login(django_user_model.objects.create(username="staff", is_staff=True))
    assert outsider.post(page("phrase_listen"), {"name": "goodbye", "text": "Bye"}).status_code == 403
    assert not voice.said


def test_without_a_voice_listening_says_so(admin_client: Client) -> None:
    answer = admin_client.post(page("phrase_listen"), {"name": "goodbye", "text": "Bye"})
    assert answer.status_code == 503
    assert "isn't loaded yet" in answer.json()["error"]


# --- hours -----------------------------------------------------------------------------------------------------------------


def test_the_week_is_edited_on_one_page_and_is_one_version(admin_client: Client) -> None:
    admin_client.post(
        page("businesshours_changelist"), week(admin_client, Monday="8-12 and 13-17", Sunday="")
    )
    assert last().number == 2
    assert last().what == "Monday: 09:00–20:00 → 08:00–12:00, 13:00–17:00; Sunday: 09:00–20:00 → closed"


def test_hours_that_can_not_be_are_told_beside_their_day(admin_client: Client) -> None:
    answer = shown(
        admin_client.post(page("businesshours_changelist"), week(admin_client, Monday="18:00-09:00"))
    )
    assert "18:00–09:00 ends before it begins" in answer
    assert 'value="18:00-09:00"' in answer
    assert latest_number() == 1


def test_a_list_that_is_saved_whole_does_not_put_back_what_somebody_else_changed(
    admin_client: Client,
) -> None:
    form = week(admin_client, Tuesday="10:00-12:00")
    services.hours_set(weekday=0, spans=[], by="bob")
    answer = shown(admin_client.post(page("businesshours_changelist"), form, follow=True))
    assert "Bob changed this at" in answer
    assert "Nothing was saved" in answer
    assert BusinessHours.objects.get(weekday=0).spans == []
    assert BusinessHours.objects.get(weekday=1).spans == [["09:00", "20:00"]]


def test_days_off_are_added_and_deleted_also_from_the_list(admin_client: Client) -> None:
    admin_client.post(page("holiday_add"), {"date": "2027-01-01", "name": "New Year", "seen": "1"})
    assert last().what == "1 January 2027 is a day off (New Year)"
    day = Holiday.objects.get()
    form = {"action": "delete_selected", "_selected_action": [day.pk], "post": "yes"}
    admin_client.post(page("holiday_changelist"), form)
    assert last().what == "1 January 2027 is no longer a day off"


# --- what may be done, and by whom -----------------------------------------------------------------------------------------


def test_forbidding_an_action_says_what_the_agent_will_do_instead(admin_client: Client) -> None:
    rows = list(ActionRule.objects.all())
    form = {
        "form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": str(len(rows)), "_save": "Save", "seen": "1",
    }  # fmt: skip
    for at, row in enumerate(rows):
        form[f"form-{at}-action"] = row.action
        if row.action != "send_sms":
            form[f"form-{at}-allowed"] = "on"
    answer = shown(admin_client.post(page("actionrule_changelist"), form, follow=True))
    assert (
        "“Send a text message” is no longer allowed. The agent says: “I&#x27;m sorry, I can&#x27;t do that"
        in answer
    )
    assert playbook_load().allowed == frozenset(row.action for row in rows) - {"send_sms"}


def test_kinds_of_documents_are_added_in_several_names(admin_client: Client) -> None:
    form = {"kind": "price_list", "language": "en", "names": "price list, tariff , tariff", "seen": "1"}
    admin_client.post(page("documenttype_add"), form)
    assert DocumentType.objects.get(kind="price_list").names == ["price list", "tariff"]
    wrong = shown(admin_client.post(page("documenttype_add"), form | {"kind": "Price list"}))
    assert "One word in small letters" in wrong


def test_a_skill_that_nobody_has_is_shown_as_that(admin_client: Client) -> None:
    admin_client.post(page("escalationrule_add"), {"topic": "damaged", "skill": "Repairs", "seen": "1"})
    assert last().what == "Skill for damaged: repairs"
    assert "Nobody yet" in shown(admin_client.get(page("escalationrule_changelist")))


def test_the_companys_rules_are_one_page_with_its_errors_beside_the_fields(admin_client: Client) -> None:
    answer = admin_client.get(page("companyrules_changelist"), follow=True)
    assert answer.redirect_chain
    form = {
        "order_prefix": "OR D", "order_pattern": r"(a+)+", "tracking_url": "http://x.example/{tracking_id}",
        "compensation": "Have {this}", "angry_turns": "0", "seen": "1",
    }  # fmt: skip
    text = shown(admin_client.post(page("companyrules_change", 1), form))
    for words in (
        "up to eight, such as ORD",
        "too many ways",
        "must be an https address",
        "no variables here",
        "from 1 to 10",
    ):
        assert words in text
    right = {
        "order_prefix": "ORD", "order_pattern": r"ORD\d{5}", "tracking_url": "https://x.example/{tracking_id}",
        "compensation": "We refund the delivery fee.", "angry_turns": "3", "seen": "1",
    }  # fmt: skip
    assert admin_client.post(page("companyrules_change", 1), right).status_code == 302
    playbook = playbook_load()
    assert (playbook.order_prefix, playbook.order_pattern) == ("ORD", r"ORD\d{5}")
    assert playbook.escalation.angry_turns == 3
    assert CompanyRules.objects.get().tracking_url == "https://x.example/{tracking_id}"


def test_the_last_example_of_an_intent_is_not_deleted_and_nothing_claims_that_it_was(
    admin_client: Client,
) -> None:
    mine = ExampleUtterance.objects.filter(intent="goodbye")
    form = {"action": "delete_selected", "_selected_action": [row.pk for row in mine], "post": "yes"}
    answer = shown(admin_client.post(page("exampleutterance_changelist"), form, follow=True))
    assert "That is the last example of goodbye" in answer
    assert "Successfully" not in answer
    assert mine.exists()
    assert latest_number() == 1


def test_an_example_is_reworded(admin_client: Client) -> None:
    row = ExampleUtterance.objects.filter(intent="goodbye")[0]
    form = {"intent": "goodbye", "language": "en", "text": "Toodle pip", "active": "on", "seen": "1"}
    admin_client.post(page("exampleutterance_change", row.pk), form)
    assert last().what == f"Example of goodbye (en): “{row.text}” → “Toodle pip”"


# --- history ---------------------------------------------------------------------------------------------------------------


def test_a_version_shows_its_difference_and_can_be_restored(admin_client: Client) -> None:
    services.phrase_set(name="goodbye", text="Thank you for calling. Bye!", by="ann")
    services.phrase_set(name="goodbye", text="Thank you for calling. Farewell!", by="bob")
    text = shown(admin_client.get(page("playbookversion_change", 3)))
    assert "<del>Bye!</del>" in text
    assert "<ins>Farewell!</ins>" in text
    assert "in force" in text
    assert "Restore version" not in text
    older = shown(admin_client.get(page("playbookversion_change", 2)))
    assert "“Thank you for calling. Farewell!” → “Thank you for calling. Bye!”" in older
    assert "Restore version 2" in older
    listed = shown(admin_client.post(page("playbookversion_restore", 2), follow=True))
    assert "The rules are as in version 2 again." in listed
    assert playbook_load().phrases["goodbye"] == "Thank you for calling. Bye!"
    assert playbook_load().version == 4
    assert last().by == "admin"
    assert "4, in force" in listed


def test_a_version_is_read_only_and_one_that_is_not_there_is_no_crash(admin_client: Client) -> None:
    assert admin_client.post(page("playbookversion_change", 1), {"what": "x"}).status_code == 403
    assert admin_client.get(page("playbookversion_add")).status_code == 403
    assert admin_client.post(page("playbookversion_delete", 1), {"post": "yes"}).status_code == 403
    assert admin_client.post(page("playbookversion_restore", 99)).status_code == 404
    assert admin_client.get(page("playbookversion_change", 99)).status_code == 302
    assert admin_client.get("/admin/calls/playbookversion/x/change/").status_code == 302
    assert admin_client.get(page("playbookversion_restore", 1)).status_code == 403
