"""Typed values out of a caller's words. Invariant: pure functions of the text; nothing is looked up,
nothing remembered."""

from calls.core.slots.code import code_read
from calls.core.slots.digits import digits_read
from calls.core.slots.document_type import document_type_read
from calls.core.slots.email import email_read
from calls.core.slots.issue import ISSUES, issue_read, urgency_read
from calls.core.slots.name import name_read
from calls.core.slots.order_id import order_id_read
from calls.core.slots.phone import phone_display, phone_on_file, phone_read
from calls.core.slots.reading import NOTHING, Reading
from calls.core.slots.unfinished import incomplete
from calls.core.slots.when import When, when_read
from calls.core.slots.when_say import by_say, day_say, when_say
from calls.core.slots.yesno import YesNo, yesno_read

__all__ = [
    "ISSUES",
    "NOTHING",
    "Reading",
    "When",
    "YesNo",
    "by_say",
    "code_read",
    "day_say",
    "digits_read",
    "document_type_read",
    "email_read",
    "incomplete",
    "issue_read",
    "name_read",
    "order_id_read",
    "phone_display",
    "phone_on_file",
    "phone_read",
    "urgency_read",
    "when_read",
    "when_say",
    "yesno_read",
]
