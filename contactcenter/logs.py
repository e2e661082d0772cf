"""A log line is an event with ids, on stderr: never a transcript, a number, an address or a secret.

`structlog` and the standard library's loggers end in one handler and one form (``console`` or one JSON object a line).
"""

from __future__ import annotations

import logging
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Keys that must never hold what a caller said or who they are, whatever a call site does.
PRIVATE_KEYS = frozenset(
    {
        "text",
        "transcript",
        "utterance",
        "phone",
        "email",
        "to",
        "body",
        "token",
        "password",
        "secret",
        "address",
        "name",
    }
)


def private_dropped(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace the value of a private key; the key stays, so that the mistake shows."""
    for key in PRIVATE_KEYS & event.keys():
        event[key] = "[private]"
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    private_dropped,
]


class OnlyEvents(logging.Filter):
    """Keeps our own events, and of every library only what is a warning or worse.

    Django names the path of a request that failed. Paths hold signed addresses of documents, so that only their
    first part stays; and that calls can't be taken yet (503) is what a health check asks, not an error.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "django.request":
            if getattr(record, "status_code", None) == 503:
                return False
            if isinstance(record.args, tuple):
                record.args = tuple(path_shortened(value) for value in record.args)
        ours = record.name.split(".")[0] in {"contactcenter", "calls", "leads", "knowledge", "escalations"}
        return ours or record.levelno >= logging.WARNING


def path_shortened(value: object) -> object:
    """``/media/d/secret`` as ``/media/…``; anything else as it is."""
    if not isinstance(value, str) or not value.startswith("/"):
        return value
    first, slash, rest = value[1:].partition("/")
    return f"/{first}/…" if slash and rest else value


def structlog_configure() -> None:
    """Send structlog's events through the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def logging_config(*, form: str, level: str) -> dict[str, Any]:
    """Django's ``LOGGING``: one handler on stderr.

    Args:
        form: ``console`` or ``json``.
        level: the lowest level that is kept.
    """
    renderer: Processor
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form == "json":
        last.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"events": {"()": OnlyEvents}},
        "formatters": {
            "events": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [*last, renderer],
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "events",
                "filters": ["events"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own configuration would add a console of its own and mail to admins.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
        },
    }
