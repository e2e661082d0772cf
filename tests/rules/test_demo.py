"""The demo company brings its own rules, once."""

from __future__ import annotations

import pytest

from calls.models import PlaybookVersion
from calls.playbooks import playbook_load
from calls.rules import services
from contactcenter.demo.services import company_current, rows_load

pytestmark = pytest.mark.django_db


def test_the_demo_companys_rules_are_put_in_once_and_an_edit_stays() -> None:
    company = company_current()
    rows_load(company=company)
    playbook = playbook_load()
    assert playbook.order_pattern == company.order_pattern
    assert playbook.order_prefix == company.order_prefix
    assert playbook.tracking_url == company.tracking_url
    newest = PlaybookVersion.objects.order_by("-number")[0]
    assert newest.what.startswith("Demo company: ")
    services.company_set(by="ann", tracking_url="")
    rows_load(company=company)
    assert playbook_load().tracking_url == ""
