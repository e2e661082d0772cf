"""Puts the demo company back to how it was when first loaded."""

from __future__ import annotations

import dataclasses
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contactcenter.demo.company import CompanyError
from contactcenter.demo.resetting import demo_reset
from contactcenter.demo.services import DemoError, company_current


class Command(BaseCommand):
    help = "Put the demo company back to its first-load state; orders that arrive today arrive today again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document about what was done")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            company = company_current()
            report = demo_reset(company=company, progress=self.stderr.write)
        except (CompanyError, DemoError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(dataclasses.asdict(report), indent=2))
            return
        gone = ", ".join(f"{count} {kind}" for kind, count in report.removed.items() if count) or "nothing"
        self.stdout.write(f"{report.company} is as it was when first loaded; removed: {gone}")
        if report.calls_going_on:
            self.stdout.write(f"left alone, since they are going on: {len(report.calls_going_on)} calls")
