"""What messages say: words with variables, edited by admins, and never a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from leads import wording
from leads.colours import ENOUGH, contrast, readable_as, readable_on
from leads.models import Branding, Channel, Lead, Message, MessageTemplate, MessageTemplateVersion
from leads.previewing import words_preview, words_problems
from leads.services.templates import template_change, templates_fill
from leads.shipped import Words, kinds
from leads.wording import Look

LOOK = Look(accent="#0b5a6b", on_accent="#ffffff", link="#0b5a6b")
EVERY = [(kind.name, channel) for kind in kinds().values() for channel in kind.words]


# ---- words


@pytest.mark.parametrize(("name", "channel"), EVERY)
def test_every_shipped_text_keeps_the_rules_that_admins_keep(name: str, channel: str) -> None:
    assert words_problems(name=name, channel=channel, words=kinds()[name].words[channel]) == {}


@pytest.mark.parametrize(
    ("text", "values", "read"),
    [
        ("Hello[[ {name}]],", {"name": "Jane"}, "Hello Jane,"),
        ("Hello[[ {name}]],", {"name": ""}, "Hello,"),
        ("[[ETA: {eta} by {name}.]]Bye", {"eta": "six", "name": ""}, "Bye"),
        ("[[apology? We are sorry. ]]Here:", {"apology": "yes"}, "We are sorry. Here:"),
        ("[[apology? We are sorry. ]]Here:", {}, "Here:"),
        ("{name}", {"name": "{code} [[x]] **b**", "code": "4711"}, "{code} [[x]] **b**"),
    ],
)
def test_pieces_without_a_value_are_left_out_and_values_are_never_read_again(
    text: str, values: dict[str, str], read: str
) -> None:
    assert wording.plain(text, values) == read


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{order_id} {secret_key}", "no variable {secret_key}"),
        ("{name.__class__}", "its name in braces"),
        ("{{ settings.SECRET_KEY }}", "its name in braces"),
        ("{% load x %}", "its name in braces"),
        ("{order_id[0]}", "its name in braces"),
        ("[[ {name} [[ {eta} ]] ]]", "begins with [["),
        ("[[ {name}", "begins with [["),
        ("[[no variable]] {order_id}", "Nothing decides"),
        ("[[#{order_id}]]", "can't be left out"),
        ("Hello", "can't be left out"),
        ("  ", "has a text"),
        ("{order_id} [Track]({url})", "for mails only"),
        ("{order_id}" + "x" * 1700, "1600 characters"),
    ],
)
def test_a_text_that_is_more_than_words_is_refused_with_a_word(body: str, said: str) -> None:
    found = words_problems(name="tracking", channel="sms", words=Words(body=body))
    assert said in " ".join(found["body"])


def test_a_block_stands_alone_on_its_line() -> None:
    shipped = kinds()["document"].words["email"]
    words = Words(body="Look: {documents} there", subject=shipped.subject)
    assert "alone on its line" in words_problems(name="document", channel="email", words=words)["body"][0]


def test_a_subject_is_one_line() -> None:
    words = Words(body="{documents}", subject="Hello\r\nBcc: all@example.com")
    assert "one line" in words_problems(name="document", channel="email", words=words)["subject"][0]


def test_html_of_a_mail_is_our_markup_and_everybody_elses_text() -> None:
    html = wording.mail_html(
        "# Hi <b>\n\nDear **{name}**,\n- one\n- {name}\n\n[Go]({url})\n\n[[gone {nothing}]]",
        {"name": '<script>"x"</script> **no** {url}', "url": "https://example.com/?a=1&b=2"},
        {},
        LOOK,
    )
    assert "<script>" not in html
    assert "&lt;script&gt;&quot;x&quot;&lt;/script&gt; **no** {url}" in html
    assert "Hi &lt;b&gt;</h1>" in html
    assert html.count("<li") == 2
    assert 'href="https://example.com/?a=1&amp;b=2"' in html
    assert "gone" not in html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", "//example.com"])
def test_a_button_leads_to_a_page_or_is_not_there(url: str) -> None:
    html = wording.mail_html("[Go]({url}) now\n\n[Go]({url})", {"url": url}, {}, LOOK)
    assert "href" not in html
    assert "Go now" in html


def test_a_name_from_right_to_left_leaves_its_neighbours_where_they_are() -> None:
    assert "<bdi>דוד</bdi>" in wording.mail_html("Hello {name}!", {"name": "דוד"}, {}, LOOK)


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#ffff00", "#0b5a6b", "#777777", "#ff0000"])
def test_words_can_be_read_on_any_colour(colour: str) -> None:
    assert contrast(colour, readable_on(colour)) >= ENOUGH or readable_on(colour) == "#172026"
    assert contrast(readable_as(colour, on="#ffffff", towards="#000000"), "#ffffff") >= ENOUGH
    assert contrast(readable_as(colour, on="#192024", towards="#ffffff"), "#192024") >= ENOUGH


# ---- what is sent

pytest_db = pytest.mark.django_db


def edit(name: str, channel: str, **words: str) -> MessageTemplate:
    templates_fill()
    row = MessageTemplate.objects.get(name=name, channel=channel)
    return template_change(template_id=row.pk, words=Words(**words), by="ada")


@pytest_db
def test_an_admins_words_are_what_is_sent_from_then_on(queue: Callable[..., Message], jane: Lead) -> None:
    edit("document", "sms", body="Namaste {name}! {document}: {url}")
    message = queue(channel="sms", to=jane.phone)
    assert message.body_text.startswith("Namaste Jane Doe! Refund Policy: http")
    edit("document", "sms", body=kinds()["document"].words["sms"].body)
    assert MessageTemplate.objects.get(name="document", channel="sms").edited is False
    assert queue(key="other", channel="sms", to=jane.phone).body_text.startswith("Here is our Refund Policy")


@pytest_db
def test_a_mail_wears_the_companys_name_colour_and_address(queue: Callable[..., Message]) -> None:
    Branding.objects.create(
        id=1, name="Fern & Co", logo_text="FERN", colour="#ffcc00", address_line="1 Garden Way <Leeds>"
    )
    message = queue()
    assert message.subject == "Fern & Co Refund Policy"
    assert "background-color:#ffcc00" in message.body_html
    assert ">FERN</td>" in message.body_html
    assert "1 Garden Way &lt;Leeds&gt;" in message.body_html
    assert "1 Garden Way <Leeds>" in message.body_text
    assert "Fern & Co Team" in message.body_text


# ---- the pages of admins


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


def page_of(name: str, channel: Channel) -> str:
    templates_fill()
    row = MessageTemplate.objects.get(name=name, channel=channel)
    return f"/admin/leads/messagetemplate/{row.pk}/"


def test_every_text_is_listed_and_its_page_shows_the_shipped_words(admin: Client) -> None:
    listed = admin.get("/admin/leads/messagetemplate/").content.decode()
    assert listed.count("As shipped") >= len(EVERY)
    page = admin.get(page_of("document", Channel.EMAIL).removesuffix("/") + "/change/").content.decode()
    assert "As you asked on the phone" in page
    assert 'sandbox=""' in page


def test_a_text_is_saved_kept_as_a_version_and_brought_back(admin: Client) -> None:
    page = page_of("callback", Channel.SMS)
    admin.post(f"{page}change/", {"body": "First {when}"})
    admin.post(f"{page}change/", {"body": "Second {when}"})
    row = MessageTemplate.objects.get(name="callback", channel="sms")
    assert (row.edited, row.body) == (True, "Second {when}")
    old = MessageTemplateVersion.objects.get(body="First {when}")
    assert old.by == "ada"
    assert "Use these words again" in admin.get(f"{page}change/").content.decode()
    admin.post(f"{page}version/{old.pk}/")
    row.refresh_from_db()
    assert row.body == "First {when}"
    admin.post(f"{page}shipped/")
    row.refresh_from_db()
    assert row.edited is False


def test_a_text_with_an_unknown_variable_is_not_saved_and_the_page_says_which_there_are(
    admin: Client,
) -> None:
    answer = admin.post(f"{page_of('callback', Channel.SMS)}change/", {"body": "{when} {order_id}"})
    page = answer.content.decode()
    assert "There is no variable {order_id} here. There are: {company}, {name}, {when}." in page
    assert not MessageTemplate.objects.filter(edited=True).exists()


def test_the_preview_shows_the_mail_or_says_what_is_wrong(admin: Client) -> None:
    url = f"{page_of('order_update', Channel.EMAIL)}preview/"
    seen = admin.post(url, {"subject": "Order {order_id}", "body": "<i>Hi</i> {name}\n\n{order}"}).json()
    assert seen["subject"] == "Order AB12345"
    assert "&lt;i&gt;Hi&lt;/i&gt; Jane Doe" in seen["html"]
    assert "Out for delivery" in seen["html"]
    assert "problems" in admin.post(url, {"subject": "x", "body": "{nope}"}).json()
    assert admin.get(url).status_code == 405


@pytest.mark.parametrize(
    ("body", "count"),
    [("{when}" + "a" * 100, "1 SMS"), ("{when}" + "a" * 200, "2 SMS"), ("{when} 👋" + "a" * 60, "2 SMS")],
)
def test_the_preview_of_a_text_counts_what_it_is_billed_as(admin: Client, body: str, count: str) -> None:
    seen = admin.post(f"{page_of('callback', Channel.SMS)}preview/", {"body": body}).json()
    assert f"billed as {count}" in seen["count"]
    assert ("alphabet" in seen["count"]) is ("👋" in body)


@pytest.mark.parametrize("path", ["preview/", "shipped/", "version/1/"])
def test_who_may_not_change_texts_changes_none(client: Client, db: None, path: str) -> None:
    url = page_of("callback", Channel.SMS) + path
    assert client.post(url, {"body": "x {when}"}).status_code == 302
    client.force_login(User.objects.create_user("staff", is_staff=True))
    assert client.post(url, {"body": "x {when}"}).status_code in {403, 404}


def test_there_is_one_look_and_a_colour_is_a_colour(admin: Client) -> None:
    good = {"name": "", "logo_text": "", "colour": "#ffcc00", "address_line": ""}
    assert admin.post("/admin/leads/branding/add/", {**good, "colour": "red;}"}).status_code == 200
    assert not Branding.objects.exists()
    assert admin.post("/admin/leads/branding/add/", good).status_code == 302
    assert Branding.objects.get().pk == 1
    assert admin.get("/admin/leads/branding/add/").status_code == 403


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"content_sid": "MG123"}, "content SID"),
        ({"variables": '{"1": "secret"}'}, "no variable"),
        ({"variables": '{"1": "documents"}'}, "no variable"),
        ({"variables": '["document"]'}, "looks like"),
        ({"name": "nothing"}, "Select a valid choice"),
    ],
)
def test_an_approved_template_that_could_not_be_filled_is_refused(
    admin: Client, change: dict[str, str], said: str
) -> None:
    good: dict[str, Any] = {
        "name": "document",
        "language": "en",
        "content_sid": "HX" + "0" * 32,
        "variables": '{"1": "name", "2": "document"}',
        "text": "",
    }
    answer = admin.post("/admin/leads/whatsapptemplate/add/", {**good, **change})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert admin.post("/admin/leads/whatsapptemplate/add/", good).status_code == 302


@pytest_db
@pytest.mark.parametrize(("name", "channel"), EVERY)
def test_every_shipped_text_has_a_preview_without_holes(name: str, channel: str) -> None:
    seen = words_preview(name=name, channel=channel, words=kinds()[name].words[channel])
    assert "{" not in seen.text
    assert "[[" not in seen.text
