"""Admins set the limits and note a stop; what people agreed to is theirs to read only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from leads.models import Consent, Limits, OptOut, Price
from leads.services import limits_now, message_queue, start_note, stop_note
from leads.status import Status

pytestmark = pytest.mark.django_db
PAGE = "/admin/leads/limits/1/change/"
PHONE = "+919876543210"


def form(**changes: Any) -> dict[str, Any]:
    return {
        **{name: getattr(Limits(), name) for name in ("spend_day", "outbox_factor", "countries")},
        **dict.fromkeys(("per_call", "per_caller_day", "per_number_day", "per_prefix_hour", "per_hour", "per_day"), 5),
        "quiet_from": "21:00",
        "quiet_until": "08:00",
        **changes,
    }  # fmt: skip


def test_the_limits_are_one_page_that_is_there_from_the_start(admin_client: Client) -> None:
    answer = admin_client.get("/admin/leads/limits/", follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert "0 sent, 0.00 spent" in answer.content.decode()
    assert admin_client.get("/admin/leads/limits/add/").status_code == 403
    assert admin_client.get("/admin/leads/limits/2/change/", follow=True).redirect_chain[-1][0] == "/admin/"


def test_a_change_counts_from_the_next_message_on_and_says_what_was_before(admin_client: Client) -> None:
    admin_client.get(PAGE)
    assert admin_client.post(PAGE, form(countries="us, in,us", per_day=7)).status_code == 302
    assert limits_now().per_day == 7
    assert limits_now().allowed_countries == {"US", "IN"}
    assert "per_day: 500 → 7" in LogEntry.objects.get().change_message
    assert "per_day: 500 → 7" in admin_client.get(f"{PAGE.removesuffix('change/')}history/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"countries": "India"},
        {"spend_day": "-1"},
        {"per_day": "-5"},
        {"outbox_factor": 0},
        {"quiet_from": "25:00"},
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(admin_client: Client, wrong: dict[str, Any]) -> None:
    admin_client.get(PAGE)
    answer = admin_client.post(PAGE, form(**wrong))
    assert answer.status_code == 200
    assert answer.context["errors"]
    assert limits_now().per_day == 500


def test_a_stop_that_staff_note_takes_back_what_waits(admin_client: Client) -> None:
    waiting = message_queue(
        key="k", lead_id=None, call_id=None, channel="sms", to=PHONE, template="tracking", context={}
    )
    fields = {"channel": "sms", "address": "098765 43210"}
    assert admin_client.post("/admin/leads/optout/add/", fields).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.status, OptOut.objects.get().address) == (Status.FAILED, PHONE)
    delete = reverse("admin:leads_optout_delete", args=[OptOut.objects.get().id])
    admin_client.post(delete, {"post": "yes"})
    assert not OptOut.objects.exists()
    record = Consent.objects.order_by("id").values_list("given", "how", "source")
    assert list(record) == [(False, "staff", "admin"), (True, "staff", "admin")]
    assert (
        admin_client.post("/admin/leads/optout/add/", {"channel": "sms", "address": "12"}).status_code == 200
    )


def test_prices_are_edited_in_the_list_and_the_rest_is_read_only(admin_client: Client) -> None:
    Price.objects.update_or_create(channel="sms", country="", defaults={"price": Decimal("0.1")})
    message_queue(
        key="k",
        lead_id=None,
        call_id=None,
        channel="sms",
        to=PHONE,
        template="tracking",
        context={},
        asked=True,
    )
    stop_note(channel="sms", address=PHONE, how="written", source="STOP")
    start_note(channel="sms", address=PHONE, how="written", source="START")
    for page in ("price", "tally", "consent", "optout"):
        assert admin_client.get(f"/admin/leads/{page}/").status_code == 200
    for page in ("tally", "consent"):
        assert admin_client.get(f"/admin/leads/{page}/add/").status_code == 403
    assert "any other" in admin_client.get("/admin/leads/price/").content.decode()
