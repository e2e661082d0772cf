"""The demo's shop: a page as a customer's own website would be, with the call widget as such a site embeds it.

It signs anybody in as one of the demo's own people, so it exists only while this is a trial: with PUBLIC_BASE_URL set
there is a plain page instead, and the rest answers 404.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from calls.models import Site
from calls.tokens import caller_token_mint
from contactcenter.demo.company import Company, company_load
from leads.models import Lead


@lru_cache(maxsize=2)
def _company(directory: str, _changed_ns: int) -> Company:
    return company_load(Path(directory))


def company() -> Company:
    """The company's data, read again when its file has changed."""
    path = Path(settings.DEMO_COMPANY) / "company.yaml"
    return _company(str(settings.DEMO_COMPANY), path.stat().st_mtime_ns)


def _demo_only() -> None:
    if settings.PUBLIC_BASE_URL:
        raise Http404


def _caller(request: HttpRequest) -> Lead | None:
    """The demo's own person that the visitor has chosen to be, if any."""
    return Lead.objects.filter(id=request.GET.get("as", "")[:64], is_demo=True, verified=True).first()


def _site() -> Site | None:
    return Site.objects.filter(key=company().site.key, active=True).first()


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The shop, or in public a plain page."""
    if settings.PUBLIC_BASE_URL:
        return render(request, "shop/landing.html")
    caller, site = _caller(request), _site()
    people = Lead.objects.filter(is_demo=True, verified=True).order_by("created_at", "id")
    order = {lead.id: place for place, lead in enumerate(company().leads)}
    context = {
        "company": company(),
        "shop": company().shop,
        "people": sorted(people, key=lambda lead: order.get(lead.id, len(order))),
        "caller": caller,
        "site": site,
        "token": caller_token_mint(site=site, lead_id=caller.id) if caller and site else "",
    }
    return render(request, "shop/index.html", context)


@never_cache
@require_safe
def token(request: HttpRequest) -> HttpResponse:
    """A fresh caller token for the chosen person (each is good for one call); 204 for a guest."""
    _demo_only()
    caller, site = _caller(request), _site()
    if caller is None or site is None:
        return HttpResponse(status=204)
    return JsonResponse({"token": caller_token_mint(site=site, lead_id=caller.id)})


@cache_control(max_age=60)
@require_safe
def theme(_request: HttpRequest) -> HttpResponse:
    """The company's colours, as a style sheet: the page itself has no inline styles."""
    _demo_only()
    shop = company().shop
    text = (
        f":root {{ --brand: {shop['accent']}; --brand-dark: {shop['accent_dark']};"
        f" --contact-center-accent: {shop['accent']}; --contact-center-accent-dark: {shop['accent_dark']}; }}\n"
    )
    return HttpResponse(text, content_type="text/css; charset=utf-8")


@cache_control(max_age=3600)
@require_safe
def picture(_request: HttpRequest, name: str) -> FileResponse:
    """A product's picture, if the company's data names it."""
    _demo_only()
    shop = company().shop
    path = company().directory / "pictures" / f"{name}.webp"
    named = {product["picture"] for product in shop["products"]} | {shop["hero_picture"]}
    if name not in named or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/webp")
