"""How a call's row begins and ends. A call whose process is gone doesn't stay active."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from calls.analytics import call_analysis
from calls.core.events import Recorded
from calls.models import Call, CallEvent
from escalations.services import escalations_end
from leads.services import job_queue, lead_create_claimed

#: A call whose process has not been heard of for this long has ended with it.
ABANDONED_AFTER = dt.timedelta(seconds=11)
#: The task that analyses a call; named here, since tasks import services.
ANALYSE = "calls.tasks.call_analyse"
CLAIMS = ("name", "phone", "email")


@transaction.atomic
def call_open(
    *,
    call_id: uuid.UUID,
    site_key: str | None,
    lead_id: str | None,
    verified: bool,
    claims: Mapping[str, Any],
    language: str,
    worker: str,
    resume: str,
    channel: str = "web",
) -> Call:
    """A new call's row. Claims of an unverified caller make a new lead and touch no existing one."""
    said = {name: str(claims[name])[:200] for name in CLAIMS if claims.get(name)}
    if lead_id is None and said:
        lead_id = lead_create_claimed(**said).id
    return Call.objects.create(
        id=call_id,
        site_id=site_key,
        lead_id=lead_id,
        verified=verified,
        claims=said,
        channel=channel,
        language=language,
        worker=worker,
        resume_hash=resume_hash(resume),
    )


@transaction.atomic
def call_finish(*, call_id: uuid.UUID, reason: str) -> None:
    """End the call's row, once, and ask for its analysis."""
    call = Call.objects.select_for_update().get(id=call_id)
    if call.status == Call.Status.ENDED:
        return
    call.status, call.end_reason, call.ended_at = Call.Status.ENDED, reason, timezone.now()
    call.save()
    escalations_end(call_id=call_id)
    job_queue(task=ANALYSE, row=str(call_id))


@transaction.atomic
def call_analysis_write(*, call_id: uuid.UUID | str) -> None:
    """Keep the analysis of a call that is over. Written again, it says what the rows say by then."""
    call = Call.objects.select_for_update(of=("self",)).filter(id=call_id, status=Call.Status.ENDED).first()
    if call is None:
        return
    call.analytics = call_analysis(call=call)
    call.save(update_fields=("analytics",))


def calls_abandon() -> int:
    """End the calls whose process died with them; returns how many there were."""
    before = timezone.now() - ABANDONED_AFTER
    dead = Call.objects.filter(status=Call.Status.ACTIVE, heartbeat_at__lt=before).values_list(
        "id", flat=True
    )
    for call_id in list(dead):
        call_finish(call_id=call_id, reason="error")
    return len(dead)


def heartbeat(*, call_ids: Iterable[str]) -> None:
    """The process that holds these calls is alive."""
    Call.objects.filter(id__in=list(call_ids), status=Call.Status.ACTIVE).update(heartbeat_at=timezone.now())


def events_record(*, call_id: uuid.UUID, first_seq: int, events: Sequence[Recorded]) -> None:
    """Keep what came to the core, in order; a repeated batch changes nothing."""
    CallEvent.objects.bulk_create(
        [
            CallEvent(
                call_id=call_id,
                seq=first_seq + number,
                at_ms=event.at,
                kind=event.kind,
                data=dict(event.data),
            )
            for number, event in enumerate(events)
        ],
        ignore_conflicts=True,
    )


def resume_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
