"""The process that commits turns, as the web process does when a caller has been answered, and that says what the rows hold.

`python -m contactcenter.drill.asking`: one JSON request a line on stdin, one answer a line on stdout. It may be killed at any
moment; whoever asked then asks again, with the same keys.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import uuid
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")

import django

django.setup()

from django.db import DatabaseError, InterfaceError, close_old_connections, connection  # noqa: E402

from calls.core import effects as fx  # noqa: E402
from calls.core.decision import Decision, DocumentRef  # noqa: E402
from calls.models import Call  # noqa: E402
from calls.services import actions_release, call_open, exchange_commit  # noqa: E402
from contactcenter.drill.policy import limits_lift, window_open  # noqa: E402
from escalations.models import Ticket  # noqa: E402
from knowledge.models import Document  # noqa: E402
from leads.models import Callback, Lead, Message  # noqa: E402

SLUG = "drill-policy"
POLICY = "# Refund Policy\n\nWe offer a 30-day money-back guarantee. Refunds are processed within 5-7 business days.\n"
SENDS = {"email", "sms", "whatsapp"}


def document() -> DocumentRef:
    row, _ = Document.objects.get_or_create(
        slug=SLUG,
        defaults={
            "title": "Refund Policy",
            "kind": Document.Kind.POLICY,
            "text": POLICY,
            "status": Document.Status.READY,
            "indexed_generation": 1,
        },
    )
    return DocumentRef(document_id=str(row.id), title=row.title, kind=str(row.kind))


def order_of(spec: dict[str, Any], policy: DocumentRef) -> fx.Order:
    kind, key, to = spec["kind"], spec["key"], spec["to"]
    if kind == "callback":
        slots = {"due": spec["due"], "words": "about the refund"}
        return fx.Order(key=key, kind="schedule_callback", label="Callback", to=to, slots=slots)
    if kind == "ticket":
        return fx.Order(
            key=key, kind="create_ticket", label="Ticket", to=to, slots={"issue_type": "damaged_item"}
        )
    template = {"template": "callback", "context": {"when": spec["words"]}} if spec["words"] else {}
    return fx.Order(
        key=key,
        kind=f"send_{kind}",
        label="Refund Policy",
        to=to,
        channel=kind,
        hold=spec["held"],
        document=None if spec["words"] else policy,
        slots=template or {"template": "document"},
    )


def exchange(asked: dict[str, Any]) -> dict[str, Any]:
    """Commit one exchange; the call is opened with the first. Held messages are let go as a later turn would."""
    call_id = uuid.UUID(asked["call"])
    lead = asked["lead"]
    Lead.objects.get_or_create(
        id=lead["id"], defaults={name: lead[name] for name in ("name", "phone", "email")}
    )
    if any(spec["kind"] == "whatsapp" for spec in asked["orders"]):
        window_open(phone=lead["phone"])
    if not Call.objects.filter(id=call_id).exists():
        call_open(
            call_id=call_id,
            site_key=None,
            lead_id=lead["id"],
            verified=True,
            claims={},
            language="en",
            worker="drill",
            resume="drill",
        )
    policy = document()
    commit = fx.Commit(
        customer_turn=asked["turn"],
        customer_text="Please do.",
        agent_turn=asked["turn"] + 1,
        agent_text="I will.",
        decision=Decision(immediate_response="I will.", intent="policy_query"),
        orders=tuple(order_of(spec, policy) for spec in asked["orders"]),
    )
    receipts = exchange_commit(call_id=call_id, commit=commit)
    held = [spec["key"] for spec in asked["orders"] if spec["held"]]
    if held:
        actions_release(call_id=call_id, keys=held)
    return {"receipts": [list(receipt) for receipt in receipts]}


def rows(_asked: dict[str, Any]) -> dict[str, Any]:
    """Every promise as the database has it, by its key; a key that is there twice is said so."""
    found: list[tuple[str, dict[str, Any]]] = []
    for message in Message.objects.all():
        found.append(
            (
                message.key,
                {
                    "id": str(message.id),
                    "status": message.status,
                    "error": message.error,
                    "attempts": message.attempts,
                },
            )
        )
    for callback in Callback.objects.exclude(key=None):
        found.append(
            (
                str(callback.key),
                {
                    "id": str(callback.id),
                    "status": callback.status,
                    "error": callback.error,
                    "attempts": callback.attempts,
                },
            )
        )
    for ticket in Ticket.objects.exclude(key=None):
        found.append(
            (
                str(ticket.key),
                {"id": str(ticket.id), "status": ticket.status, "error": "", "attempts": 0},
            )
        )
    return {"rows": found}


def pending(_asked: dict[str, Any]) -> dict[str, Any]:
    """How many promises are still under way, by their status."""
    counts: dict[str, int] = {}
    for status in Message.objects.filter(status__in=("held", "queued", "sending")).values_list(
        "status", flat=True
    ):
        counts[status] = counts.get(status, 0) + 1
    final = {"done", "failed", "cancelled", "moved", "unknown", "missed"}
    for status in Callback.objects.exclude(status__in=final).values_list("status", flat=True):
        counts[f"callback {status}"] = counts.get(f"callback {status}", 0) + 1
    return {"pending": counts}


def prepare(_asked: dict[str, Any]) -> dict[str, Any]:
    """What an operator of such a company would have set."""
    limits_lift()
    return {"document": document().document_id, "at": dt.datetime.now(dt.UTC).isoformat()}


DEEDS = {"exchange": exchange, "rows": rows, "pending": pending, "prepare": prepare}


def main() -> None:
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever prints goes to the log
    for line in sys.stdin:
        asked = json.loads(line)
        close_old_connections()
        try:
            answer = {"ok": True, **DEEDS[asked["do"]](asked)}
        except (DatabaseError, InterfaceError, OSError) as error:
            connection.close()
            answer = {"ok": False, "error": type(error).__name__}
        except Exception as error:  # noqa: BLE001 - e.g. the pool's own time-out; whoever asked decides whether to go on
            connection.close()
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
