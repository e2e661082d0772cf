"""``call_say <file.wav>…``: a real call through the running server's socket, and its whole record."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.caller import Caller, CallRefused, wav_read
from calls.models import Call, Site
from calls.selectors import call_document
from calls.tokens import caller_token_mint
from calls.waterfall import waterfall_draw
from leads.selectors import lead_get


class Command(BaseCommand):
    help = "Places a call, speaks the WAV files (or types the texts) turn by turn, and prints the call."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="*", type=Path, metavar="file.wav", help="16-bit WAV, spoken in order"
        )
        parser.add_argument("--lead", help="call as this lead, with a signed token")
        parser.add_argument(
            "--text", action="append", default=[], help="type this turn; may be given several times"
        )
        parser.add_argument(
            "--wait-greeting", action="store_true", help="stay silent until the greeting was heard"
        )
        parser.add_argument(
            "--url", default=settings.SERVER_URL, help="the server; the running one if left out"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        token = ""
        if options["lead"]:
            site = Site.objects.filter(active=True).order_by("key").first()
            if site is None or lead_get(external_id=options["lead"]) is None:
                raise CommandError(f"There is no lead {options['lead']}, or no active site to sign for.")
            token = caller_token_mint(site=site, lead_id=options["lead"])
        try:
            audio = [wav_read(path) for path in options["files"]]
            call_id = asyncio.run(
                Caller(url=options["url"], token=token).call(
                    turns=[*audio, *options["text"]],
                    greeting_first=options["wait_greeting"],
                    tell=lambda line: print(line, file=sys.stderr),
                )
            )
        except (CallRefused, OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        document = self._document(call_id)
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(waterfall_draw(document))

    def _document(self, call_id: str) -> dict[str, Any]:
        """The record, once the server has written the end of it (it does so right after the last word)."""
        for _ in range(100):
            if Call.objects.filter(id=call_id, status=Call.Status.ENDED).exists():
                break
            time.sleep(0.1)
        return call_document(call_id=call_id)
