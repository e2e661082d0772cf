"""What other apps may do with leads and messages. Everything here is keyword-only and takes part in the
caller's transaction when there is one."""

from leads.services.allowing import call_count, limits_now, may_call, tallies_forget, tallies_of_demo_forget
from leads.services.callbacks import (
    callback_call_now,
    callback_cancel,
    callback_rearrange,
    callback_schedule,
    callback_withdraw,
    lead_next_call,
)
from leads.services.called import (
    CallbackTask,
    call_news_apply,
    callback_connected,
    callback_tasks,
    callbacks_seen,
)
from leads.services.codes import code_ask, code_check, code_send, codes_sweep
from leads.services.consenting import consent_note, said_in_call, start_note, stop_note
from leads.services.delivery import (
    message_claim,
    message_deliver,
    message_settle,
    receipt_apply,
)
from leads.services.dialling import callback_claim, callback_dial, callback_resolve, callbacks_sweep
from leads.services.failures import failures_seen, failures_told, failures_unseen, message_send_again
from leads.services.inbound import inbound_receive
from leads.services.jobs import job_begin, job_end, job_queue, job_run_again, job_seen_queued, jobs_sweep
from leads.services.lookups import message_resolve
from leads.services.messages import message_cancel, message_queue, message_release
from leads.services.people import (
    conversation_claim,
    conversation_log,
    lead_absorb,
    lead_contact_learn,
    lead_create_claimed,
    lead_forget,
    lead_touch,
)
from leads.services.sweeping import messages_sweep

__all__ = [
    "CallbackTask",
    "call_count",
    "call_news_apply",
    "callback_call_now",
    "callback_cancel",
    "callback_claim",
    "callback_connected",
    "callback_dial",
    "callback_rearrange",
    "callback_resolve",
    "callback_schedule",
    "callback_tasks",
    "callback_withdraw",
    "callbacks_seen",
    "callbacks_sweep",
    "code_ask",
    "code_check",
    "code_send",
    "codes_sweep",
    "consent_note",
    "conversation_claim",
    "conversation_log",
    "failures_seen",
    "failures_told",
    "failures_unseen",
    "inbound_receive",
    "job_begin",
    "job_end",
    "job_queue",
    "job_run_again",
    "job_seen_queued",
    "jobs_sweep",
    "lead_absorb",
    "lead_contact_learn",
    "lead_create_claimed",
    "lead_forget",
    "lead_next_call",
    "lead_touch",
    "limits_now",
    "may_call",
    "message_cancel",
    "message_claim",
    "message_deliver",
    "message_queue",
    "message_release",
    "message_resolve",
    "message_send_again",
    "message_settle",
    "messages_sweep",
    "receipt_apply",
    "said_in_call",
    "start_note",
    "stop_note",
    "tallies_forget",
    "tallies_of_demo_forget",
]
