"""``call_token <lead external id>``: what a host website mints for its logged-in customer."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.models import Site
from calls.tokens import LIFE, caller_token_mint
from leads.selectors import lead_get


class Command(BaseCommand):
    help = "Prints a signed, short-lived token that says who is calling; good for one call."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("lead", help="the lead's external id, such as user_123")
        parser.add_argument("--site", help="the site key that signs; the first active site if left out")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        sites = Site.objects.filter(active=True).order_by("key")
        site = sites.filter(key=options["site"]).first() if options["site"] else sites.first()
        if site is None:
            raise CommandError("There is no active site to sign for; add one in the admin.")
        if lead_get(external_id=options["lead"]) is None:
            raise CommandError(f"There is no lead {options['lead']}.")
        token = caller_token_mint(site=site, lead_id=options["lead"])
        if options["json"]:
            token = json.dumps({"token": token, "site": site.key, "expires_in_s": int(LIFE.total_seconds())})
        self.stdout.write(token)
