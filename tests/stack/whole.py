"""One running copy of the product as its tests see it: its pages, its commands and, by plain SQL, its tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg
import requests
import yaml
from psycopg.rows import dict_row

from contactcenter.env import ROOT
from tests.bootstrap.product import Product, until

TECHCORP = ROOT / "contactcenter" / "demo" / "companies" / "techcorp"
FERNLEIGH = ROOT / "tests" / "companies" / "fernleigh"
PATIENCE_S = 30.0


class Company:
    """What the tests know of a company: its data files, and nothing else."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.data = yaml.safe_load((directory / "company.yaml").read_text())
        self.scenario = yaml.safe_load((directory / "questions.yaml").read_text())["scenario"]
        self.name: str = self.data["name"]
        self.document = self._front_matter(self.scenario["document"])

    def _front_matter(self, slug: str) -> dict[str, Any]:
        text = (self.directory / "documents" / "sources" / f"{slug}.md").read_text()
        return dict(yaml.safe_load(text.split("---")[1]))

    @property
    def caller(self) -> dict[str, str]:
        return next(one for one in self.data["leads"] if one["id"] == self.scenario["caller"])


class Whole(Product):
    """A product with its demo company, and ways to look into it."""

    def ready(self) -> Self:
        super().ready()
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def children(self) -> dict[str, Any]:
        return dict(json.loads((self.data / "run" / "children.json").read_text()))

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        address = self.services()["database_url"]
        with psycopg.connect(address, autocommit=True, row_factory=dict_row) as connection:
            yield connection

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with self.database() as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def row(self, query: str, *values: Any) -> dict[str, Any]:
        (found,) = self.rows(query, *values)
        return found

    def call(self, call_id: str) -> dict[str, Any]:
        return self.row("SELECT * FROM calls_call WHERE id = %s", call_id)

    def call_over(self, call_id: str, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """The call's row, once it has ended."""
        until(lambda: self.call(call_id)["status"] == "ended", f"call {call_id} ended in its row", seconds)
        return self.call(call_id)

    def turns(self, call_id: str, role: str = "customer") -> list[dict[str, Any]]:
        query = "SELECT * FROM calls_turn WHERE call_id = %s AND role = %s ORDER BY number"
        return self.rows(query, call_id, role)

    def show(self, call_id: str) -> dict[str, Any]:
        """What `call_show --json` prints of a call that is over."""
        self.call_over(call_id)
        return dict(json.loads(self.manage("call_show", call_id, "--json")))

    def token(self, lead: str) -> str:
        """What the shop's page asks for when somebody is logged in there."""
        answer = requests.get(f"{self.url}/shop/token/", params={"as": lead}, timeout=20)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def signed_in(self, role: str) -> requests.Session:
        """A browser in which the demo's person with this role has signed in."""
        login = json.loads((self.data / "demo_logins.json").read_text())[role]
        session = requests.Session()
        page = session.get(f"{self.url}/accounts/login/", timeout=20)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found is not None
        form = {**login, "csrfmiddlewaretoken": found[1], "next": "/outbox/"}
        answer = session.post(f"{self.url}/accounts/login/", data=form, timeout=20)
        assert answer.url.endswith("/outbox/"), "signed in"
        return session

    def signed_out(self) -> requests.Session:
        return requests.Session()

    def pid(self, name: str) -> int:
        return int(self.children()[name]["pid"])

    def is_healthy(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False
