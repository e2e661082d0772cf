"""News of escalations on the channel layer. Invariant: a hint, sent once the row is in; the row stays the truth.

Those who missed a hint (the layer drops when it is full) read the rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

EVENT: Final = "escalation.news"
#: Everybody who takes calls; and those who watch over all of them.
DESKS: Final = "desk.all"
SUPERVISORS: Final = "desk.supervisors"
_GROUP_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationNews:
    """``status`` is that of the row, or ``ended`` when nobody waits any more. ``agent_id`` is empty as long as none fits."""

    escalation_id: int
    call_id: str
    status: str
    agent_id: str = ""
    skill: str = ""
    headline: str = ""

    def as_event(self) -> dict[str, Any]:
        """As it goes over the layer; a consumer takes it in ``escalation_news``."""
        return {"type": EVENT, **asdict(self)}

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> EscalationNews:
        """What was sent. Raises ``TypeError`` for what is no such news."""
        return cls(**{name: value for name, value in event.items() if name != "type"})


def desk_group(agent_id: str) -> str:
    """The group of one agent's desk. Ids are the company's own and may hold anything; a group's name may not."""
    fits = _GROUP_NAME.fullmatch(agent_id)
    name = agent_id if fits else f"x{hashlib.sha256(agent_id.encode()).hexdigest()}"
    return f"desk.agent.{name}"


def groups_of(news: EscalationNews) -> tuple[str, ...]:
    """Who is told: the agent it is offered to, or every desk; and the supervisors always."""
    return (desk_group(news.agent_id) if news.agent_id else DESKS, SUPERVISORS)


def escalation_announce(news: EscalationNews) -> None:
    """Tell the desks, once the transaction is in."""
    transaction.on_commit(lambda: _tell(news))


def _tell(news: EscalationNews) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    for group in groups_of(news):
        try:
            async_to_sync(layer.group_send)(group, news.as_event())
        except (ChannelFull, RedisError, OSError) as error:
            log.warning("escalation_not_announced", escalation=news.escalation_id, error=type(error).__name__)
