"""A wrong setting stops the start with one line that says which one and what it should look like."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from contactcenter.env import ROOT, Env, SettingError, env_read

GOOD = {
    "DATABASE_URL": "postgresql://user:password@127.0.0.1:5432/contactcenter",
    "REDIS_URL": "redis://:password@127.0.0.1:6379/0",
    "SECRET_KEY": "k" * 50,
}
SID = "AC" + "0" * 32
TWILIO = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": "t" * 32, "TWILIO_SMS_FROM": "+14155550100"}
LLM = {"AI_ENGINE": "llm", "LLM_BASE_URL": "http://127.0.0.1:8080/v1"}

WRONG: list[tuple[str, dict[str, str]]] = [
    ("DATABASE_URL", {"DATABASE_URL": ""}),
    ("DATABASE_URL", {"DATABASE_URL": "mysql://user:password@host/name"}),
    ("DATABASE_URL", {"DATABASE_URL": "postgresql://user:password@host"}),
    ("DATABASE_URL", {"DATABASE_URL": "postgresql://user:password@host:port/name"}),
    ("REDIS_URL", {"REDIS_URL": ""}),
    ("REDIS_URL", {"REDIS_URL": "localhost:6379"}),
    ("REDIS_URL", {"REDIS_URL": "redis://localhost/messages"}),
    ("SECRET_KEY", {"SECRET_KEY": ""}),
    ("SECRET_KEY", {"SECRET_KEY": "short"}),
    ("SECRET_KEY_FILE", {"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere/secret"}),
    ("SECRET_KEY", {"SECRET_KEY_FILE": "/etc/hostname"}),
    ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "https://voice.example.com"}),
    ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "a.example.com b.example.com"}),
    ("PUBLIC_BASE_URL", {"PUBLIC_BASE_URL": "voice.example.com", "COMPANY_NAME": "Example"}),
    ("PUBLIC_BASE_URL", {"PUBLIC_BASE_URL": "https://voice.example.com/app", "COMPANY_NAME": "Example"}),
    ("PUBLIC_BASE_URL", {"PUBLIC_BASE_URL": "https://voice.example.com:x", "COMPANY_NAME": "Example"}),
    ("COMPANY_NAME", {"PUBLIC_BASE_URL": "https://voice.example.com"}),
    ("DEFAULT_PHONE_REGION", {"DEFAULT_PHONE_REGION": "India"}),
    ("DEFAULT_PHONE_REGION", {"DEFAULT_PHONE_REGION": "in"}),
    ("TIME_ZONE", {"TIME_ZONE": "IST5"}),
    ("TIME_ZONE", {"TIME_ZONE": "../etc/passwd"}),
    ("TIME_ZONE", {"TIME_ZONE": "Asia"}),
    ("LLM_BASE_URL", {"AI_ENGINE": "llm"}),
    ("LLM_BASE_URL", LLM | {"LLM_LOCAL_MODEL": "/models/mistral"}),
    ("LLM_API_KEY_FILE", LLM | {"LLM_API_KEY_FILE": "/nowhere/key"}),
    ("LLM_FIRST_TOKEN_S", LLM | {"LLM_FIRST_TOKEN_S": "soon"}),
    ("LLM_TIMEOUT_S", LLM | {"LLM_TIMEOUT_S": "60"}),
    ("AI_ENGINE", {"AI_ENGINE": "gpt"}),
    ("LLM_BASE_URL", {"LLM_BASE_URL": "127.0.0.1:8080"}),
    ("LLM_MODEL", {"LLM_MODEL": "two words"}),
    ("LLM_LOCAL_MODEL", {"LLM_LOCAL_MODEL": "two words"}),
    ("STT_MODEL", {"STT_MODEL": "big one"}),
    ("TTS_ENGINE", {"TTS_ENGINE": "festival"}),
    ("WEIGHTS_DIR", {"WEIGHTS_DIR": "/nowhere"}),
    ("TWILIO_ACCOUNT_SID", TWILIO | {"TWILIO_ACCOUNT_SID": "AC123"}),
    ("TWILIO_AUTH_TOKEN", TWILIO | {"TWILIO_AUTH_TOKEN": ""}),
    ("TWILIO_ACCOUNT_SID", TWILIO | {"TWILIO_ACCOUNT_SID": ""}),
    ("TWILIO_SMS_FROM", TWILIO | {"TWILIO_SMS_FROM": ""}),
    ("TWILIO_SMS_FROM", TWILIO | {"TWILIO_SMS_FROM": "98765 43210"}),
    ("TWILIO_WHATSAPP_FROM", TWILIO | {"TWILIO_WHATSAPP_FROM": "whatsapp:98765"}),
    ("TWILIO_VOICE_FROM", TWILIO | {"TWILIO_VOICE_FROM": "0044"}),
    ("TWILIO_API_BASE_URL", {"TWILIO_API_BASE_URL": "loopback:4010"}),
    ("EMAIL_FROM", {"SENDGRID_API_KEY": "SG.x"}),
    ("EMAIL_FROM", {"EMAIL_FROM": "Support"}),
    ("EMAIL_REPLY_TO", {"EMAIL_REPLY_TO": "Support"}),
    ("PROVIDER_TIMEOUT_S", {"PROVIDER_TIMEOUT_S": "0"}),
    ("SENDGRID_API_BASE_URL", {"SENDGRID_API_BASE_URL": "ftp://127.0.0.1"}),
    ("SENDGRID_WEBHOOK_PUBLIC_KEY", {"SENDGRID_WEBHOOK_PUBLIC_KEY": "-----BEGIN PUBLIC KEY-----"}),
    ("KNOWLEDGE_THRESHOLD", {"KNOWLEDGE_THRESHOLD": "70%"}),
    ("KNOWLEDGE_THRESHOLD", {"KNOWLEDGE_THRESHOLD": "1.5"}),
    ("KNOWLEDGE_THRESHOLD", {"KNOWLEDGE_THRESHOLD": "0"}),
    ("KNOWLEDGE_THRESHOLD", {"KNOWLEDGE_THRESHOLD": "nan"}),
    ("MODEL_WORKERS", {"MODEL_WORKERS": "0"}),
    ("MODEL_QUEUE", {"MODEL_QUEUE": "long"}),
    ("MAX_CALLS", {"MAX_CALLS": "-1"}),
    ("PORT", {"PORT": "http"}),
    ("PORT", {"PORT": "65536"}),
    ("PORT", {"PORT": "0"}),
    ("HOST", {"HOST": "http://localhost"}),
    ("DATA_DIR", {"DATA_DIR": "/etc/hostname"}),
    ("DEMO_COMPANY", {"DEMO_COMPANY": "/nowhere"}),
    ("DEBUG", {"DEBUG": "maybe"}),
    ("LOG_FORMAT", {"LOG_FORMAT": "xml"}),
    ("LOG_LEVEL", {"LOG_LEVEL": "loud"}),
]


def read(changes: Mapping[str, str]) -> Env:
    return env_read({name: value for name, value in (GOOD | dict(changes)).items() if value})


@pytest.mark.parametrize(
    ("name", "changes"), WRONG, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_wrong_setting_is_named_in_one_line_with_what_it_should_be(
    name: str, changes: dict[str, str]
) -> None:
    with pytest.raises(SettingError) as caught:
        read(changes)
    line = str(caught.value)
    assert line.startswith(f"{name} ")
    assert "should be" in line or "should look like" in line
    assert "\n" not in line


def test_the_line_never_shows_a_password() -> None:
    with pytest.raises(SettingError) as caught:
        read({"DATABASE_URL": "mysql://user:hunter2@host/name"})
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(read({"REDIS_URL": "redis://:hunter2@host/0"}))


def test_the_defaults_are_those_of_the_demo() -> None:
    env = read({})
    assert (env.default_phone_region, env.time_zone, env.ai_engine) == ("IN", "Asia/Kolkata", "offline")
    assert (env.host, env.port, env.tts_engine, env.knowledge_threshold) == ("127.0.0.1", 8000, "piper", 0.7)
    assert env.data_dir == ROOT / ".data"
    assert env.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")


def test_a_secret_can_come_out_of_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("s" * 40 + "\n")
    assert read({"SECRET_KEY": "", "SECRET_KEY_FILE": str(secret)}).secret_key == "s" * 40


def test_the_public_address_is_an_allowed_host() -> None:
    env = read(
        {
            "PUBLIC_BASE_URL": "https://voice.example.com/",
            "COMPANY_NAME": "Example",
            "ALLOWED_HOSTS": ".example.org",
        }
    )
    assert env.public_base_url == "https://voice.example.com"
    assert {"voice.example.com", ".example.org"} <= set(env.allowed_hosts)


def test_services_need_no_address_before_they_are_started() -> None:
    env = env_read({}, services_known=False)
    assert (env.database_url, env.redis_url) == ("", "")


def test_a_complete_provider_is_accepted() -> None:
    assert read(TWILIO | {"TWILIO_WHATSAPP_FROM": "whatsapp:+14155550100"}).twilio_account_sid == SID
    assert read({"SENDGRID_API_KEY": "SG.x", "EMAIL_FROM": "Support <support@example.com>"}).email_from


@pytest.mark.parametrize("program", [["manage.py", "check"], ["-m", "contactcenter.bootstrap", "server"]])
def test_every_program_ends_with_that_line_alone(program: list[str]) -> None:
    environ = dict(os.environ) | GOOD | {"TIME_ZONE": "Mars/Olympus"}
    done = subprocess.run(
        [sys.executable, *program], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "TIME_ZONE is 'Mars/Olympus'; it should look like a name of the tz database, such as Asia/Kolkata or Europe/Berlin"
    ]
    assert done.stdout == ""
