"""Puts in the demo company, once; a second run is quick and changes nothing that anybody has edited."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contactcenter.demo.company import CompanyError
from contactcenter.demo.documents import documents_load
from contactcenter.demo.services import DemoError, company_current, rows_load


class Command(BaseCommand):
    help = "Load the demo company (leads, orders, agents, documents, logins). Harmless to repeat."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            company = company_current()
            rows_load(company=company)
            documents_load(company=company, progress=self.stderr.write)
        except (CompanyError, DemoError) as error:
            raise CommandError(str(error)) from error
