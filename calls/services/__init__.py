"""What happens to a call's rows. Keyword-only; each function is one transaction."""

from calls.services.exchange import actions_release, actions_revoke, exchange_commit, turn_settle
from calls.services.lifecycle import call_finish, call_open, calls_abandon, events_record, heartbeat

__all__ = [
    "actions_release",
    "actions_revoke",
    "call_finish",
    "call_open",
    "calls_abandon",
    "events_record",
    "exchange_commit",
    "heartbeat",
    "turn_settle",
]
