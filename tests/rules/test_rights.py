"""Who may see and change rules: staff with the right, and nobody else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from calls.rules import services
from calls.rules.versions import latest_number
from tests.rules.test_admin import last, page, phrase, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rules")]

RULES = (
    "phrase", "businesshours", "holiday", "actionrule", "documenttype",
    "escalationrule", "companyrules", "exampleutterance", "playbookversion",
)  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_every_page_opens_for_the_admin(admin_client: Client, name: str) -> None:
    services.holiday_put(date=dt.date(2027, 1, 1), by="ann")
    assert admin_client.get(page(f"{name}_changelist"), follow=True).status_code == 200


@pytest.mark.parametrize("name", RULES)
def test_agents_and_staff_without_the_right_get_nothing(
    name: str, client: Client, django_user_model: Any
) -> None:
    client.force_login(django_user_model.objects.create(username="agent"))
    assert client.get(page(f"{name}_changelist")).status_code == 302
    client.force_login(django_user_model.objects.create(username="staff", is_staff=True))
    assert client.get(page(f"{name}_changelist")).status_code == 403


def test_a_right_to_one_kind_of_rule_is_no_right_to_another(client: Client, django_user_model: Any) -> None:
    clerk = django_user_model.objects.create(username="clerk", is_staff=True)
    for name in ("view_phrase", "change_phrase", "view_playbookversion"):
        clerk.user_permissions.add(Permission.objects.get(codename=name))
    client.force_login(clerk)
    client.post(page("phrase_change", phrase("goodbye").pk), {"text": "Bye!", "seen": "1"})
    assert last().by == "clerk"
    assert client.post(page("actionrule_changelist"), {"_save": "Save"}).status_code == 403
    assert client.post(page("playbookversion_restore", 1)).status_code == 403
    assert "You don't have the right" in shown(client.get(page("playbookversion_change", 1)))
    assert latest_number() == 2


def test_who_may_only_look_can_change_nothing(client: Client, django_user_model: Any) -> None:
    reader = django_user_model.objects.create(username="reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_phrase"))
    client.force_login(reader)
    row = phrase("goodbye")
    assert client.get(page("phrase_change", row.pk)).status_code == 200
    assert client.post(page("phrase_change", row.pk), {"text": "Bye!"}).status_code == 403
    assert client.post(page("phrase_reset", row.pk)).status_code == 403
    assert latest_number() == 1
