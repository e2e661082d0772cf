"""``call_show <call id>``: one call, whole, with a waterfall for each turn."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.models import Call
from calls.selectors import call_document
from calls.waterfall import waterfall_draw


class Command(BaseCommand):
    help = (
        "Prints one call: turns, decisions, passages, actions with receipts, and where each turn's time went."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("call", help="the call's id, or 'last'")
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument(
            "--events", action="store_true", help="with every event that the call was made of"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_id = options["call"]
        if call_id == "last":
            newest = Call.objects.order_by("-started_at").first()
            call_id = str(newest.id) if newest else ""
        try:
            document = call_document(call_id=call_id, events=options["events"])
        except (Call.DoesNotExist, ValueError) as error:
            raise CommandError(f"There is no call {options['call']}.") from error
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(waterfall_draw(document))
            if options["events"]:
                self.stdout.write(json.dumps(document["events"], ensure_ascii=False, indent=1))
