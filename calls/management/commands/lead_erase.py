"""``lead_erase <id>``: everything about one lead goes, as the lead has asked."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calls.services import EraseRefusedError, lead_erase


class Command(BaseCommand):
    help = "Removes one lead with everything that was said, sent and promised. Opt-outs and orders (without the lead) stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("lead", help="the lead's id, such as user_123")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            counts = lead_erase(lead_id=options["lead"], by="command")
        except EraseRefusedError as error:
            raise CommandError(f"{error}.".capitalize()) from error
        if options["json"]:
            self.stdout.write(json.dumps({"lead": options["lead"], "rows": dict(counts)}, indent=2))
            return
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        self.stdout.write(f"removed: {told}")
