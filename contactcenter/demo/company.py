"""A company is a directory of data; this reads it, whole or not at all. No Django here: the settings read it too.

company.yaml            names, people, orders, the shop page
documents/              the files that callers get answers from, with documents/sources/*.md that they are made of
questions.yaml          labelled questions about the documents
pictures/*.webp         product pictures of the shop page (optional)
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from calls.rules.checks import order_pattern_problem, order_prefix_problem, tracking_url_problem

# The C parser is about ten times as fast, which every start feels; it is missing where PyYAML was built without it.
SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def yaml_load(text: str) -> Any:
    """Plain data from YAML. Raises ``yaml.YAMLError``."""
    return yaml.load(text, Loader=SAFE_LOADER)


class CompanyError(ValueError):
    """The company's data can't be used; the message says which part and why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A date and time relative to the day of loading."""

    days: int
    time: dt.time
    ahead: bool = False

    def resolve(self, *, now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
        """The moment as seen at ``now`` (aware), in ``zone``; one day later if it must be ahead and has passed."""
        day = now.astimezone(zone).date() + dt.timedelta(days=self.days)
        moment = dt.datetime.combine(day, self.time, tzinfo=zone)
        if self.ahead and moment <= now:
            moment = dt.datetime.combine(day + dt.timedelta(days=1), self.time, tzinfo=zone)
        return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLead:
    id: str
    name: str
    company: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOrder:
    order_id: str
    lead: str
    product: str
    status: str
    tracking_id: str
    placed: Moment
    due: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAgent:
    """``login`` is the user name of the person's own account, or ""."""

    id: str
    name: str
    status: str
    expertise: str
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogin:
    username: str
    role: str  # admin, supervisor or agent
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSite:
    key: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDocument:
    """One file of the knowledge base. ``path`` is the finished file, not its source."""

    slug: str
    title: str
    kind: str
    file_name: str
    aliases: tuple[str, ...]
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """``shop`` is what the shop page shows, as it stands in company.yaml."""

    name: str
    slug: str
    tagline: str
    order_prefix: str
    order_pattern: str
    tracking_url: str
    leads: tuple[DemoLead, ...]
    orders: tuple[DemoOrder, ...]
    agents: tuple[DemoAgent, ...]
    logins: tuple[DemoLogin, ...]
    site: DemoSite
    shop: Mapping[str, Any]
    directory: Path


def _moment(given: Mapping[str, Any] | None) -> Moment | None:
    if given is None:
        return None
    return Moment(
        days=given["days"], time=dt.time.fromisoformat(given["time"]), ahead=given.get("ahead", False)
    )


def _order(given: Mapping[str, Any]) -> DemoOrder:
    placed = _moment(given["placed"])
    if placed is None:
        raise KeyError("placed")
    return DemoOrder(**{**given, "placed": placed, "due": _moment(given["due"])})


def front_matter_read(path: Path) -> tuple[Mapping[str, Any], str]:
    """The YAML head of a Markdown source between two lines of ``---``, and its text. Raises CompanyError."""
    parts = path.read_text(encoding="utf-8").split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        raise CompanyError(f"{path.name} has no head between two lines of ---")
    head = yaml_load(parts[1])
    for name in ("title", "slug", "file_name", "kind"):
        if not isinstance(head, dict) or not isinstance(head.get(name), str):
            raise CompanyError(f"the head of {path.name} lacks {name}")
    return head, parts[2].strip() + "\n"


def documents_read(directory: Path) -> tuple[DemoDocument, ...]:
    """The documents of the company in ``directory``, by slug; each must have been built. Raises CompanyError."""
    documents = []
    for source in sorted((directory / "documents" / "sources").glob("*.md")):
        head, _text = front_matter_read(source)
        path = directory / "documents" / head["file_name"]
        if not path.is_file():
            raise CompanyError(
                f"{path.name} is missing; run python -m contactcenter.demo.build_documents {directory}"
            )
        documents.append(
            DemoDocument(
                slug=head["slug"],
                title=head["title"],
                kind=head["kind"],
                file_name=head["file_name"],
                aliases=tuple(head.get("aliases", ())),
                path=path,
            )
        )
    return tuple(sorted(documents, key=lambda document: document.slug))


def _check(company: Company) -> None:
    known = {lead.id for lead in company.leads}
    for order in company.orders:
        if order.lead not in known:
            raise CompanyError(f"order {order.order_id} belongs to {order.lead}, who is not among the leads")
    usernames = {login.username for login in company.logins}
    for agent in company.agents:
        if agent.login and agent.login not in usernames:
            raise CompanyError(f"agent {agent.id} signs in as {agent.login}, who is not among the logins")
    for login in company.logins:
        if login.role not in {"admin", "supervisor", "agent"}:
            raise CompanyError(
                f"login {login.username} is {login.role}; it should be admin, supervisor or agent"
            )
    for name in ("accent", "accent_dark"):
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", str(company.shop.get(name))):
            raise CompanyError(f"shop.{name} is {company.shop.get(name)}; it should look like #1f5fd6")
    for name, problem in (
        ("tracking_url", tracking_url_problem(company.tracking_url)),
        ("orders_format.prefix", order_prefix_problem(company.order_prefix)),
        ("orders_format.pattern", order_pattern_problem(company.order_pattern)),
    ):
        if problem:
            raise CompanyError(f"{name} can't be used. {problem}")


def company_load(directory: Path) -> Company:
    """The company whose data is in ``directory``.

    Raises:
        CompanyError: a file or a field is missing or wrong; the message is one line.
    """
    path = directory / "company.yaml"
    try:
        data = yaml_load(path.read_text(encoding="utf-8"))
        company = Company(
            name=data["name"],
            slug=data["slug"],
            tagline=data["tagline"],
            order_prefix=data["orders_format"]["prefix"],
            order_pattern=data["orders_format"]["pattern"],
            tracking_url=data["tracking_url"],
            leads=tuple(DemoLead(**lead) for lead in data["leads"]),
            orders=tuple(_order(order) for order in data["orders"]),
            agents=tuple(DemoAgent(**agent) for agent in data["agents"]),
            logins=tuple(DemoLogin(**login) for login in data["logins"]),
            site=DemoSite(**{**data["site"], "origins": tuple(data["site"]["origins"])}),
            shop=data["shop"],
            directory=directory,
        )
    except OSError as error:
        raise CompanyError(f"{path} can't be read: {error.strerror}") from error
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, CompanyError):
            raise
        raise CompanyError(f"{path} is not a company's data: {' '.join(str(error).split())}") from error
    _check(company)
    return company


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One labelled question. ``document`` and ``answer`` are "" when no document answers it.

    ``answer`` is a phrase that the answering passage contains; ``kind`` is "answerable", "near" or "far";
    ``split`` is "fit" or "test".
    """

    text: str
    document: str
    answer: str
    kind: str
    split: str


def questions_load(directory: Path) -> Sequence[Question]:
    """The labelled questions of the company in ``directory``. Raises CompanyError."""
    path = directory / "questions.yaml"
    try:
        data = yaml_load(path.read_text(encoding="utf-8"))
        questions = [
            Question(
                text=text,
                document=fact["document"],
                answer=fact["answer"],
                kind="answerable",
                split=fact["split"],
            )
            for fact in data["answerable"]
            for text in fact["ask"]
        ]
        questions += [
            Question(text=text, document="", answer="", kind=group["kind"], split=group["split"])
            for group in data["unanswerable"]
            for text in group["ask"]
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise CompanyError(f"{path} can't be read: {' '.join(str(error).split())}") from error
    return questions
