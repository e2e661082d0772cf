"""Typed values out of a caller's words. Invariant: pure functions of the text; nothing is looked up,
nothing remembered."""

from calls.core.slots.digits import digits_read
from calls.core.slots.email import email_read
from calls.core.slots.name import name_read
from calls.core.slots.order_id import order_id_read
from calls.core.slots.phone import phone_display, phone_read
from calls.core.slots.reading import NOTHING, Reading
from calls.core.slots.unfinished import incomplete
from calls.core.slots.yesno import YesNo, yesno_read

__all__ = [
    "NOTHING",
    "Reading",
    "YesNo",
    "digits_read",
    "email_read",
    "incomplete",
    "name_read",
    "order_id_read",
    "phone_display",
    "phone_read",
    "yesno_read",
]
