"""The environment is read once, here, and a value that can't be right stops the start with one line.

Every other module takes typed values from `ENV` (or from Django's settings, which are made of it); none reads
``os.environ``. A secret may be given as ``NAME`` or as ``NAME_FILE``, a path whose content is the value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from contactcenter.env_reading import (
    ROOT,
    Reader,
    SettingError,
    check_engine,
    check_providers,
    read_allowed_hosts,
    read_data_dir,
    read_phone_region,
    read_port,
    read_public_base_url,
    read_retry_minutes,
    read_threshold,
    read_time_zone,
    wrong,
)

if TYPE_CHECKING:
    ENV: Env

EMAIL = re.compile(r"(?:[^<>@\s][^<>@]*<[^<>@\s]+@[^<>@\s]+\.[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+\.[^<>@\s]+)")
PHONE = re.compile(r"\+[1-9]\d{6,14}")
MODEL_NAME = re.compile(r"[A-Za-z0-9][\w./-]*|/.*")
SERVED_MODEL = re.compile(r"[A-Za-z0-9][\w./:@+-]*|/\S*")
TTS_ENGINES = ("piper", "pyttsx3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """Every setting of the product. Secrets are kept out of its repr."""

    data_dir: Path
    host: str
    port: int
    debug: bool
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    allowed_hosts: tuple[str, ...]
    public_base_url: str
    company_name: str
    demo_company: Path
    default_phone_region: str
    time_zone: str
    ai_engine: str
    llm_base_url: str
    llm_model: str
    llm_api_key: str = field(repr=False)
    llm_local_model: str
    llm_first_token_s: float
    llm_timeout_s: float
    stt_model: str
    tts_engine: str
    weights_dir: Path | None
    twilio_account_sid: str
    twilio_auth_token: str = field(repr=False)
    twilio_sms_from: str
    twilio_whatsapp_from: str
    twilio_voice_from: str
    twilio_api_base_url: str
    callback_connect_to: str
    callback_retry_minutes: tuple[int, ...]
    callback_ring_seconds: int
    sendgrid_api_key: str = field(repr=False)
    sendgrid_api_base_url: str
    sendgrid_webhook_public_key: str
    email_from: str
    email_reply_to: str
    provider_timeout_s: float
    retention_days: int
    retention_mode: str
    knowledge_threshold: float
    model_workers: int
    model_queue: int
    max_calls: int
    log_format: str
    log_level: str


def env_read(environ: Mapping[str, str], *, services_known: bool = True) -> Env:
    """Read and check every setting.

    Args:
        environ: variables by name.
        services_known: False before the embedded services have been started, when ``DATABASE_URL``, ``REDIS_URL`` and
            ``SECRET_KEY`` need not be there yet.

    Raises:
        SettingError: one line, for the first setting that is missing or malformed.
    """
    reader = Reader(environ)
    database_url = reader.service_url(
        "DATABASE_URL",
        ("postgresql", "postgres"),
        "postgresql://user:password@db.example.com:5432/contactcenter",
    )
    redis_url = reader.service_url(
        "REDIS_URL", ("redis", "rediss"), "redis://:password@redis.example.com:6379/0"
    )
    secret_key = reader.secret("SECRET_KEY")
    if secret_key and len(secret_key) < 32:
        raise SettingError(
            "SECRET_KEY is too short; it should look like 50 random letters and digits (32 at least)"
        )
    if services_known:
        hint = " (script/server and script/manage set it themselves)"
        for name, value, should in (
            ("DATABASE_URL", database_url, "postgresql://user:password@127.0.0.1:5432/contactcenter" + hint),
            ("REDIS_URL", redis_url, "redis://:password@127.0.0.1:6379/0" + hint),
            ("SECRET_KEY", secret_key, "50 random letters and digits" + hint),
        ):
            if not value:
                wrong(name, None, should)
    if reader.text("PUBLIC_BASE_URL") and not reader.text("COMPANY_NAME"):
        wrong(
            "COMPANY_NAME", None, "the name that callers hear, such as Example Ltd (PUBLIC_BASE_URL is set)"
        )
    host = reader.text("HOST", "127.0.0.1")
    if not re.fullmatch(r"[0-9A-Za-z.:_-]+", host):
        wrong("HOST", host, "an address to listen on, such as 127.0.0.1 or 0.0.0.0")
    public_base_url = read_public_base_url(reader)
    check_providers(reader)
    number = "a number in international form, such as +14155550100"
    ai_engine = check_engine(reader)
    demo_company = Path(reader.text("DEMO_COMPANY", str(ROOT / "contactcenter/demo/companies/techcorp")))
    if not (demo_company / "company.yaml").is_file():
        wrong(
            "DEMO_COMPANY",
            str(demo_company),
            "a directory with a company.yaml, as contactcenter/demo/companies has",
        )
    weights_dir = reader.text("WEIGHTS_DIR")
    if weights_dir and not Path(weights_dir).is_dir():
        wrong("WEIGHTS_DIR", weights_dir, "a directory that holds the model files")
    return Env(
        data_dir=read_data_dir(reader),
        host=host,
        port=read_port(reader),
        debug=reader.flag("DEBUG"),
        database_url=database_url,
        redis_url=redis_url,
        secret_key=secret_key,
        allowed_hosts=read_allowed_hosts(reader, host=host, public_base_url=public_base_url),
        public_base_url=public_base_url,
        company_name=reader.text("COMPANY_NAME"),
        demo_company=demo_company,
        default_phone_region=read_phone_region(reader),
        time_zone=read_time_zone(reader),
        ai_engine=ai_engine,
        llm_base_url=reader.url("LLM_BASE_URL", example="http://127.0.0.1:8080/v1"),
        llm_model=reader.matching("LLM_MODEL", SERVED_MODEL, "a model's name, such as mistral-7b-instruct"),
        llm_api_key=reader.secret("LLM_API_KEY"),
        llm_local_model=reader.matching("LLM_LOCAL_MODEL", MODEL_NAME, "a model's directory or name"),
        llm_first_token_s=reader.seconds("LLM_FIRST_TOKEN_S", 4.0, most=10.0),
        llm_timeout_s=reader.seconds("LLM_TIMEOUT_S", 10.0, most=11.0),
        stt_model=reader.matching("STT_MODEL", MODEL_NAME, "base, tiny, or a model's directory", "base"),
        tts_engine=reader.choice("TTS_ENGINE", "piper", TTS_ENGINES),
        weights_dir=Path(weights_dir) if weights_dir else None,
        twilio_account_sid=reader.text("TWILIO_ACCOUNT_SID"),
        twilio_auth_token=reader.secret("TWILIO_AUTH_TOKEN"),
        twilio_sms_from=reader.matching("TWILIO_SMS_FROM", PHONE, number),
        twilio_whatsapp_from=reader.matching(
            "TWILIO_WHATSAPP_FROM", re.compile(r"(whatsapp:)?" + PHONE.pattern), number
        ),
        twilio_voice_from=reader.matching("TWILIO_VOICE_FROM", PHONE, number),
        callback_connect_to=reader.matching("CALLBACK_CONNECT_TO", PHONE, number),
        callback_retry_minutes=read_retry_minutes(reader),
        callback_ring_seconds=reader.count("CALLBACK_RING_SECONDS", 25, most=120),
        twilio_api_base_url=reader.url("TWILIO_API_BASE_URL", example="http://127.0.0.1:4010"),
        sendgrid_api_key=reader.secret("SENDGRID_API_KEY"),
        sendgrid_api_base_url=reader.url("SENDGRID_API_BASE_URL", example="http://127.0.0.1:4011"),
        sendgrid_webhook_public_key=reader.matching(
            "SENDGRID_WEBHOOK_PUBLIC_KEY",
            re.compile(r"[A-Za-z0-9+/]{60,}={0,2}"),
            "the base64 line that SendGrid shows as the event webhook's verification key",
        ),
        email_from=reader.matching(
            "EMAIL_FROM", EMAIL, "support@example.com or Support <support@example.com>"
        ),
        provider_timeout_s=reader.seconds("PROVIDER_TIMEOUT_S", 15.0, most=60.0),
        retention_days=reader.days("RETENTION_DAYS"),
        retention_mode=reader.choice("RETENTION_MODE", "delete", ("delete", "anonymise")),
        email_reply_to=reader.matching(
            "EMAIL_REPLY_TO", EMAIL, "support@example.com or Support <support@example.com>"
        ),
        knowledge_threshold=read_threshold(reader),
        model_workers=reader.count("MODEL_WORKERS", min(os.cpu_count() or 2, 8), most=64),
        model_queue=reader.count("MODEL_QUEUE", 64, most=10_000),
        max_calls=reader.count("MAX_CALLS", 24, most=10_000),
        log_format=reader.choice("LOG_FORMAT", "console", ("console", "json")),
        log_level=reader.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    )


def __getattr__(name: str) -> Env:
    """`ENV` is read at its first use, so that the program that starts the services can import this module before."""
    if name != "ENV":
        raise AttributeError(name)
    value = env_read(os.environ)
    globals()["ENV"] = value
    return value


__all__ = ["ENV", "ROOT", "Env", "SettingError", "env_read"]
