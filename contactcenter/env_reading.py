"""Invariant: a value is taken as what it must be or stops the start with one line; a secret is never shown in it.

How single settings are read; which there are is `contactcenter.env`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent
HOST_NAME = re.compile(r"\*|\.?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\]")
AI_ENGINES = ("offline", "llm")


class SettingError(SystemExit):
    """A setting is missing or malformed: one line on stderr and exit code 1, from whatever program reads it.

    It is a `SystemExit` so that no entry point (manage.py, Daphne, Celery) can show a stack trace instead.
    """


def wrong(name: str, value: str | None, should: str) -> NoReturn:
    """Stop with the one line that a missing or malformed setting gets.

    Args:
        name: the variable.
        value: what it holds, or None when it is missing or too secret to show.
        should: completes "it should look like".
    """
    found = "is missing" if value is None else f"is {value!r}"
    raise SettingError(f"{name} {found}; it should look like {should}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes values out of an environment; an empty value counts as not given."""

    environ: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def secret(self, name: str, default: str = "") -> str:
        """``NAME``, or the stripped content of the file that ``NAME_FILE`` names; both at once is a mistake."""
        direct, path = self.text(name), self.text(f"{name}_FILE")
        if not path:
            return direct or default
        if direct:
            raise SettingError(f"{name} and {name}_FILE are both set; it should be one of the two")
        try:
            content = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            wrong(f"{name}_FILE", path, "the path of a readable text file that holds the value")
        if not content:
            wrong(f"{name}_FILE", path, "the path of a file that is not empty")
        return content

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            wrong(name, value, " or ".join(allowed))
        return value

    def count(self, name: str, default: int, *, most: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,6}", value) or not 1 <= int(value) <= most:
            wrong(name, value, f"a number from 1 to {most}, such as {default}")
        return int(value)

    def seconds(self, name: str, default: float, *, most: float) -> float:
        value = self.text(name, f"{default:g}")
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", value) or not 0.1 <= float(value) <= most:
            wrong(name, value, f"seconds from 0.1 to {most:g}, such as {default:g}")
        return float(value)

    def days(self, name: str) -> int:
        """A number of days; 0 or nothing is for ever."""
        value = self.text(name, "0")
        if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 36_500:
            wrong(name, value, "a number of days, such as 365, or 0 to keep everything")
        return int(value)

    def flag(self, name: str) -> bool:
        value = self.text(name, "0").lower()
        if value not in {"0", "1", "true", "false", "yes", "no"}:
            wrong(name, value, "1 or 0")
        return value in {"1", "true", "yes"}

    def matching(self, name: str, pattern: re.Pattern[str], should: str, default: str = "") -> str:
        value = self.text(name, default)
        if value and not pattern.fullmatch(value):
            wrong(name, value, should)
        return value

    def url(self, name: str, *, example: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """An http(s) address without a trailing slash, query, fragment or password, or ""."""
        value = self.text(name)
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            wrong(name, value, example)
        plain = not (parts.query or parts.fragment or parts.username or parts.password)
        if parts.scheme not in schemes or not parts.hostname or not plain or re.search(r"\s", value):
            wrong(name, value, example)
        return value.rstrip("/")

    def service_url(self, name: str, schemes: tuple[str, ...], example: str) -> str:
        """The address of a database or a Redis. It may hold a password, so that it is never shown."""
        value = self.secret(name)
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        path = parts.path.strip("/")
        named = bool(path) if "postgresql" in schemes else (not path or path.isdigit())
        if parts.scheme not in schemes or not (parts.hostname or "host=" in parts.query) or not named:
            raise SettingError(f"{name} is not an address that can be used; it should look like {example}")
        return value


def read_port(reader: Reader) -> int:
    value = reader.text("PORT", "8000")
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
        wrong("PORT", value, "a number from 1 to 65535, such as 8000")
    return int(value)


def read_data_dir(reader: Reader) -> Path:
    path = Path(reader.text("DATA_DIR", str(ROOT / ".data"))).expanduser().absolute()
    if path.exists() and not path.is_dir():
        wrong("DATA_DIR", str(path), "a directory, or a path where one can be made")
    return path


def read_time_zone(reader: Reader) -> str:
    value = reader.text("TIME_ZONE", "Asia/Kolkata")
    try:
        ZoneInfo(value)
    except (
        OSError,
        ValueError,
        KeyError,
    ):  # not found is a KeyError, "../x" a ValueError, a directory an OSError
        wrong("TIME_ZONE", value, "a name of the tz database, such as Asia/Kolkata or Europe/Berlin")
    return value


def read_phone_region(reader: Reader) -> str:
    # Imported here: the program that starts the services reads the environment before anything heavy is loaded.
    from phonenumbers import SUPPORTED_REGIONS

    value = reader.text("DEFAULT_PHONE_REGION", "IN")
    if value not in SUPPORTED_REGIONS:
        wrong("DEFAULT_PHONE_REGION", value, "a two-letter country code in capitals, such as IN or US")
    return value


def read_threshold(reader: Reader) -> float:
    value = reader.text("KNOWLEDGE_THRESHOLD", "0.7")
    if not re.fullmatch(r"0?\.\d+|[01](\.\d*)?", value) or not 0 < float(value) < 1:
        wrong("KNOWLEDGE_THRESHOLD", value, "a number between 0 and 1, such as 0.7")
    return float(value)


def read_retry_minutes(reader: Reader) -> tuple[int, ...]:
    """The minutes between one unanswered try of a callback and the next: one try more than there are numbers."""
    value = reader.text("CALLBACK_RETRY_MINUTES", "5,15")
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > 9 or not all(re.fullmatch(r"[1-9][0-9]{0,3}", part) for part in parts):
        wrong("CALLBACK_RETRY_MINUTES", value, "minutes with commas, such as 5,15 (then three tries in all)")
    return tuple(int(part) for part in parts)


def read_public_base_url(reader: Reader) -> str:
    example = "https://voice.example.com (scheme and host, no path)"
    value = reader.url("PUBLIC_BASE_URL", example=example)
    if value and urlsplit(value).path:
        wrong("PUBLIC_BASE_URL", value, example)
    return value


def read_allowed_hosts(reader: Reader, *, host: str, public_base_url: str) -> tuple[str, ...]:
    """What was given and loopback (which health checks use); also the public address's own host and the one listened on."""
    given = [part.strip() for part in reader.text("ALLOWED_HOSTS").split(",") if part.strip()]
    for part in given:
        if not HOST_NAME.fullmatch(part):
            wrong(
                "ALLOWED_HOSTS",
                part,
                "host names without scheme or port, with commas: a.example.com,.example.org",
            )
    hosts = [*given, "localhost", "127.0.0.1", "[::1]"]
    if host not in {"0.0.0.0", "::"}:
        hosts.append(f"[{host}]" if ":" in host else host)
    if public_base_url:
        hosts.append(urlsplit(public_base_url).hostname or "")
    return tuple(dict.fromkeys(hosts))


def check_together(reader: Reader, first: str, *others: str) -> None:
    """Half a provider's credentials would make a start that fails at the first message."""
    given = [name for name in (first, *others) if reader.secret(name)]
    missing = [name for name in (first, *others) if name not in given]
    if given and missing:
        raise SettingError(
            f"{missing[0]} is missing while {given[0]} is set; it should be set too, or neither of them"
        )


def check_engine(reader: Reader) -> str:
    """Which engine, with what it needs: a language model is asked at one place, and that place is named."""
    engine = reader.choice("AI_ENGINE", "offline", AI_ENGINES)
    server, local = reader.text("LLM_BASE_URL"), reader.text("LLM_LOCAL_MODEL")
    if engine == "llm" and not server and not local:
        wrong(
            "LLM_BASE_URL",
            None,
            "http://127.0.0.1:8080/v1 (AI_ENGINE is llm; LLM_LOCAL_MODEL, a model's directory or name, would do too)",
        )
    if engine == "llm" and server and local:
        raise SettingError("LLM_BASE_URL and LLM_LOCAL_MODEL are both set; it should be one of the two")
    return engine


def check_providers(reader: Reader) -> None:
    """Shapes of the providers' credentials, and that none is half given."""
    sid = reader.text("TWILIO_ACCOUNT_SID")
    if sid and not re.fullmatch(r"AC[0-9a-fA-F]{32}", sid):
        wrong("TWILIO_ACCOUNT_SID", sid, "AC followed by 32 hexadecimal digits")
    check_together(reader, "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
    senders = ("TWILIO_SMS_FROM", "TWILIO_WHATSAPP_FROM", "TWILIO_VOICE_FROM")
    if sid and not any(reader.text(name) for name in senders):
        wrong(
            "TWILIO_SMS_FROM",
            None,
            "+14155550100 (a Twilio number to send from, or set TWILIO_WHATSAPP_FROM)",
        )
    if reader.secret("SENDGRID_API_KEY") and not reader.text("EMAIL_FROM"):
        wrong(
            "EMAIL_FROM",
            None,
            "Support <support@example.com> (SENDGRID_API_KEY is set, and mail needs a sender)",
        )
