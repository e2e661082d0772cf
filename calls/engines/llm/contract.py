"""The JSON that a model is asked for, as a schema: ``immediate_response`` first, so that it can be spoken while the rest is
written.

Invariant: nothing that decides where something goes (a number, an address, an order id, a time) is asked of a model; those are
read from the caller's own words.
"""

from __future__ import annotations

from typing import Any, Final

from calls.core.decision import ACTIONS, INTENTS

FIRST_KEY: Final = "immediate_response"
CHANNELS: Final = ("email", "sms", "whatsapp")
URGENCIES: Final = ("low", "normal", "high")
ISSUES: Final = (
    *("delivery_delay", "damaged", "wrong_item", "refund", "billing", "technical", "service", "other"),
)
MISSING: Final = ("email", "phone", "whatsapp_number", "callback_time", "order_id", "document")
LONGEST_ANSWER: Final = 600

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        FIRST_KEY: {"type": "string", "maxLength": LONGEST_ANSWER},
        "intent": {"type": "string", "enum": list(INTENTS)},
        "entities": {
            "type": "object",
            "properties": {
                "channel": {"type": "string", "enum": list(CHANNELS)},
                "details_type": {"type": "string", "maxLength": 60},
                "issue_type": {"type": "string", "enum": list(ISSUES)},
                "urgency": {"type": "string", "enum": list(URGENCIES)},
                "product": {"type": "string", "maxLength": 60},
                "missing_info": {
                    "type": "array",
                    "items": {"type": "string", "enum": list(MISSING)},
                    "maxItems": 3,
                },
            },
            "additionalProperties": False,
        },
        "needs_clarification": {"type": "boolean"},
        "actions": {"type": "array", "items": {"type": "string", "enum": list(ACTIONS)}, "maxItems": 4},
        "used_knowledge": {"type": "boolean"},
        "escalate_to_human": {"type": "boolean"},
    },
    "required": [
        *(
            FIRST_KEY,
            "intent",
            "entities",
            "needs_clarification",
            "actions",
            "used_knowledge",
            "escalate_to_human",
        ),
    ],
    "additionalProperties": False,
}
