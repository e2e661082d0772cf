"""Runs one command against the services of a data directory: those that run, else some just for this command.

The command's stdin, stdout and stderr are the caller's own and nothing is added to them, except one line on stderr when
the services can't be had.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from contactcenter.bootstrap.place import PYTHON, Place, read_json
from contactcenter.bootstrap.services import (
    Lock,
    child_environment,
    fail,
    leftovers_stop,
    note,
    services_start,
)
from contactcenter.bootstrap.supervisor import StartError, Supervisor
from contactcenter.env import ROOT, Env, env_read

WAIT_SECONDS = 60


def manage(arguments: list[str], env: Env) -> int:
    """`manage.py …`; returns its exit code (or replaces this process, when the services run already)."""
    place = Place(env.data_dir)
    place.make()
    argv = [str(PYTHON), str(ROOT / "manage.py"), *arguments]
    lock = Lock(place.run / "lock")
    users = os.open(place.run / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if env.database_url and env.redis_url:
        # Nothing of the data directory is needed but the secret.
        environ = child_environment(
            env, place, database_url=env.database_url, redis_url=env.redis_url, port=env.port
        )
        os.execve(argv[0], argv, environ)
    deadline = time.monotonic() + WAIT_SECONDS
    while not lock.take("manage"):
        # Held while the command runs (also across exec), so that services made for another command outlast ours.
        fcntl.flock(users, fcntl.LOCK_SH)
        found = read_json(place.services_file)
        if found and found["owner"] == lock.holder()[1]:
            os.set_inheritable(users, True)
            environ = child_environment(
                env,
                place,
                database_url=found["database_url"],
                redis_url=found["redis_url"],
                port=found["port"],
            )
            environ["HOST"] = found["host"]
            os.execve(argv[0], argv, environ)
        fcntl.flock(users, fcntl.LOCK_UN)
        if time.monotonic() > deadline:
            return fail(
                StartError(f"another program has been starting the services of {place.data} for a minute")
            )
        time.sleep(0.05)
    try:
        return asyncio.run(_with_services(argv, env, place, users_lock=users))
    finally:
        lock.release()


async def _with_services(
    argv: list[str],
    env: Env,
    place: Place,
    *,
    users_lock: int | None = None,
    durable: bool = True,
    extra: Mapping[str, str] | None = None,
) -> int:
    """Start the services, run one command with the terminal's own streams, stop them."""
    # Ctrl-C and SIGTERM are for the command; this process ends when it has ended.
    loop = asyncio.get_running_loop()
    command: asyncio.subprocess.Process | None = None

    def pass_on(number: signal.Signals) -> None:
        # Ctrl-C reaches the command from the terminal by itself.
        if command is not None and command.returncode is None and number != signal.SIGINT:
            command.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, pass_on, number)
    supervisor = Supervisor(place, note)
    try:
        await asyncio.to_thread(leftovers_stop, place, note)
        database_url, redis_url = await services_start(supervisor, env, place, durable=durable)
        environ = child_environment(env, place, database_url=database_url, redis_url=redis_url, port=env.port)
        environ |= extra or {}
        command = await asyncio.create_subprocess_exec(*argv, env=environ)
        code = await command.wait()
        return 128 - code if code < 0 else code
    except StartError as error:
        return fail(error)
    finally:
        place.services_file.unlink(missing_ok=True)
        if users_lock is not None:
            # Others may be using these services by now; they have the time they need.
            await asyncio.to_thread(fcntl.flock, users_lock, fcntl.LOCK_EX)
        await supervisor.stop_all()


# What a developer's shell may hold must not change what the tests see.
NOT_FOR_TESTS = (
    *(
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "PUBLIC_BASE_URL",
        "COMPANY_NAME",
        "HOST",
        "PORT",
    ),
    *(
        "DEFAULT_PHONE_REGION",
        "TIME_ZONE",
        "AI_ENGINE",
        "LLM_BASE_URL",
        "LLM_MODEL",
        "LLM_API_KEY",
        "LLM_LOCAL_MODEL",
        "LLM_FIRST_TOKEN_S",
        "LLM_TIMEOUT_S",
    ),
    *(
        "STT_MODEL",
        "TTS_ENGINE",
        "WEIGHTS_DIR",
        "KNOWLEDGE_THRESHOLD",
        "EMAIL_FROM",
        "EMAIL_REPLY_TO",
        "PROVIDER_TIMEOUT_S",
        "DEBUG",
        "LOG_FORMAT",
        "LOG_LEVEL",
    ),
    *(
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_SMS_FROM",
        "TWILIO_WHATSAPP_FROM",
        "TWILIO_VOICE_FROM",
    ),
    *("TWILIO_API_BASE_URL", "SENDGRID_API_KEY", "SENDGRID_API_BASE_URL", "SENDGRID_WEBHOOK_PUBLIC_KEY"),
)


def with_test_services(argv: list[str], extra: Mapping[str, str] | None = None) -> int:
    """Run a command against fresh services in a temporary directory that is removed afterwards."""
    for name in NOT_FOR_TESTS:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    data = Path(tempfile.mkdtemp(prefix="contactcenter-test-"))
    data.chmod(0o711)
    os.environ["DATA_DIR"] = str(data)
    env = env_read(os.environ, services_known=False)
    place = Place(data)
    place.make()
    lock = Lock(place.run / "lock")
    lock.take("test")
    try:
        return asyncio.run(_with_services(argv, env, place, durable=False, extra=extra))
    finally:
        lock.release()
        shutil.rmtree(data, ignore_errors=True)


def python(*arguments: str) -> list[str]:
    return [str(PYTHON), *arguments] if PYTHON.exists() else [sys.executable, *arguments]
