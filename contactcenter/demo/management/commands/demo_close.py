"""Takes the demo logins out of use: what a trial's owner could guess at home must open nothing in public."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from contactcenter.demo.logins import logins_close


class Command(BaseCommand):
    help = "Close the demo logins whose password nobody has changed, and remove the file that holds the passwords."

    def handle(self, *_args: Any, **_options: Any) -> None:
        with transaction.atomic():
            closed = logins_close()
        if closed:
            self.stderr.write(f"closed the demo logins {', '.join(closed)}")
