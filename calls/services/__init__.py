"""What happens to a call's rows. Keyword-only; each function is one transaction."""

from calls.services.callback_tasks import callback_tasks_open
from calls.services.exchange import actions_release, actions_revoke, exchange_commit, turn_settle
from calls.services.failures import failures_sweep
from calls.services.lifecycle import (
    call_analysis_write,
    call_finish,
    call_open,
    calls_abandon,
    events_record,
    heartbeat,
)
from calls.services.retention import EraseRefusedError, lead_erase, retention_ask, retention_run

__all__ = [
    "EraseRefusedError",
    "actions_release",
    "actions_revoke",
    "call_analysis_write",
    "call_finish",
    "call_open",
    "callback_tasks_open",
    "calls_abandon",
    "events_record",
    "exchange_commit",
    "failures_sweep",
    "heartbeat",
    "lead_erase",
    "retention_ask",
    "retention_run",
    "turn_settle",
]
