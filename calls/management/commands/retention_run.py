"""``retention_run``: what happened long ago is removed, or made anonymous."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from calls.retention import MODES
from calls.services import retention_run


class Command(BaseCommand):
    help = "Removes calls, conversations, messages, callbacks, tickets and codes that are over and old. Opt-outs stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, default=settings.RETENTION_DAYS, help="default: RETENTION_DAYS"
        )
        parser.add_argument(
            "--mode", choices=MODES, default=settings.RETENTION_MODE, help="default: RETENTION_MODE"
        )
        parser.add_argument("--dry-run", action="store_true", help="only count what would go")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_args: Any, **options: Any) -> None:
        days, dry = options["days"], options["dry_run"]
        if days < 1:
            raise CommandError("say how many --days to keep, or set RETENTION_DAYS; 0 keeps everything")
        counts = retention_run(days=days, mode=options["mode"], dry_run=dry, by="command")
        if options["json"]:
            document = {"days": days, "mode": options["mode"], "dry_run": dry, "rows": dict(counts)}
            self.stdout.write(json.dumps(document, indent=2))
            return
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) or "nothing"
        verb = {"delete": "deleted", "anonymise": "made anonymous"}[options["mode"]]
        self.stdout.write(
            f"older than {days} days, would be {verb}: {told}"
            if dry
            else f"older than {days} days, {verb}: {told}"
        )
