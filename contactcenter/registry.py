"""What can be swapped is named here by a dotted path, once; nothing else decides which class serves a role.

Adding a provider, an engine or a voice is one file and one line.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

# channel -> provider -> class. Which provider serves a channel follows from the credentials that are set.
MESSENGERS: Mapping[str, str] = {
    "outbox": "leads.messengers.outbox.OutboxMessenger",
    "sendgrid": "leads.messengers.sendgrid.SendgridMessenger",
    "twilio": "leads.messengers.twilio.TwilioMessenger",
}
DIALERS: Mapping[str, str] = {
    "outbox": "leads.dialers.outbox.OutboxDialer",
    "twilio": "leads.dialers.twilio.TwilioDialer",
}
ENGINES: Mapping[str, str] = {
    "offline": "calls.engines.offline.OfflineEngine",
    "llm": "calls.engines.llm.engine.LlmEngine",
}
# Where a language model runs: behind an OpenAI-compatible server, or in the web process.
WRITERS: Mapping[str, str] = {
    "server": "calls.engines.llm.client.ServerWriter",
    "local": "calls.engines.llm.local.LocalWriter",
}


def resolve(path: str) -> Any:
    """Import ``package.module.Name``.

    Raises:
        ImportError: there is no such module, or it has no such name.
    """
    module_name, _, attribute = path.rpartition(".")
    module = import_module(module_name)
    try:
        return getattr(module, attribute)
    except AttributeError as error:
        raise ImportError(f"{module_name} has no {attribute}") from error
