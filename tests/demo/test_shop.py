"""The demo's shop: a host site like any other, and nothing of it in public."""

from __future__ import annotations

import re

import jwt
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from calls.models import Site
from calls.tokens import caller_token_redeem
from contactcenter.demo.company import Company
from contactcenter.demo.services import rows_load
from leads.models import Lead

pytestmark = pytest.mark.django_db

WIDGET = re.compile(r'<script src="/static/widget/widget\.js" ([^>]*)></script>')


@pytest.fixture
def shop(company: Company, client: Client) -> Client:
    rows_load(company=company)
    return client


def widget_of(page: str) -> dict[str, str]:
    tags = WIDGET.findall(page)
    assert len(tags) == 1
    return dict(re.findall(r'([a-z-]+)="([^"]*)"', tags[0]))


def test_the_shop_shows_the_company_and_its_products(shop: Client, company: Company) -> None:
    page = shop.get("/").content.decode()
    assert company.name in page
    for product in company.shop["products"]:
        assert product["name"] in page and product["price"] in page
    assert company.shop["hours"] in page


def test_the_widget_is_one_tag_with_the_sites_key_and_a_guest_has_no_token(
    shop: Client, company: Company
) -> None:
    attributes = widget_of(shop.get("/").content.decode())
    assert attributes["data-site"] == company.site.key
    assert "data-token" not in attributes and "data-token-url" not in attributes


def test_calling_as_a_customer_gives_the_page_a_token_that_proves_who_it_is(
    shop: Client, company: Company
) -> None:
    chosen = company.leads[0]
    page = shop.get("/", {"as": chosen.id}).content.decode()
    attributes = widget_of(page)
    caller = caller_token_redeem(token=attributes["data-token"])
    assert (caller.lead_id, caller.site_key) == (chosen.id, company.site.key)
    assert f'<option value="{chosen.id}" selected>' in page


def test_every_further_call_gets_a_token_of_its_own(shop: Client, company: Company) -> None:
    chosen = company.leads[0]
    address = widget_of(shop.get("/", {"as": chosen.id}).content.decode())["data-token-url"]
    first, second = (shop.get(address).json()["token"] for _ in range(2))
    secret = Site.objects.get(key=company.site.key).secret
    ids = {
        jwt.decode(t, secret, algorithms=["HS256"], audience="contactcenter")["jti"] for t in (first, second)
    }
    assert len(ids) == 2
    assert shop.get("/shop/token/").status_code == 204


def test_nobody_but_the_demos_own_people_can_be_chosen(shop: Client) -> None:
    Lead.objects.create(id="real_1", name="A real customer")
    Lead.objects.create(id="claimed_1", name="A claim", verified=False, is_demo=True)
    for wish in ("real_1", "claimed_1", "no_such", "'; drop table leads", "x" * 5000):
        page = shop.get("/", {"as": wish})
        assert page.status_code == 200
        assert "data-token" not in widget_of(page.content.decode())
        assert shop.get("/shop/token/", {"as": wish}).status_code == 204


def test_the_page_has_no_inline_script_or_style_and_loads_nothing_from_elsewhere(shop: Client) -> None:
    page = shop.get("/").content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_pictures_are_those_that_the_data_names_and_no_other_file(shop: Client, company: Company) -> None:
    names = {product["picture"] for product in company.shop["products"]} - {""}
    for name in names:
        answer = shop.get(f"/shop/pictures/{name}.webp")
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)[8:12] == b"WEBP"  # type: ignore[attr-defined]
    for name in ("nothing", "..%2fcompany", "../company"):
        assert shop.get(f"/shop/pictures/{name}.webp").status_code == 404


def test_the_colours_are_the_companys(shop: Client, company: Company) -> None:
    answer = shop.get("/shop/theme.css")
    assert answer["Content-Type"].startswith("text/css")
    assert company.shop["accent"] in answer.content.decode()


def test_in_public_there_is_a_plain_page_and_nobody_is_signed_in_as_anybody(
    shop: Client, company: Company, settings: Settings
) -> None:
    settings.PUBLIC_BASE_URL = "https://voice.example.com"
    page = shop.get("/", {"as": company.leads[0].id})
    assert page.status_code == 200
    text = page.content.decode()
    assert "widget.js" not in text and company.leads[0].name not in text
    for address in (
        f"/shop/token/?as={company.leads[0].id}",
        "/shop/theme.css",
        "/shop/pictures/aerobook_14.webp",
    ):
        assert shop.get(address).status_code == 404


def test_a_shop_before_anything_was_loaded_still_stands_and_has_no_widget(
    company: Company, client: Client
) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "widget.js" not in page.content.decode()
