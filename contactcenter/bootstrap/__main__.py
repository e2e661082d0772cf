"""`python -m contactcenter.bootstrap server|manage|test …`: what the three programs in ``script/`` run."""

from __future__ import annotations

import os
import sys

from contactcenter.bootstrap import command
from contactcenter.bootstrap.services import fail
from contactcenter.bootstrap.supervisor import StartError
from contactcenter.env import env_read

SERVER_USAGE = "usage: script/server [--port N] [--data DIR] [--host ADDRESS]   (or PORT, DATA_DIR, HOST)"
OPTIONS = {"--port": "PORT", "--data": "DATA_DIR", "--host": "HOST"}


def options_take(arguments: list[str], known: dict[str, str]) -> list[str]:
    """Move leading options into the environment, where a setting is looked for; returns what follows them."""
    rest = list(arguments)
    while rest and rest[0].partition("=")[0] in known:
        name, equals, value = rest.pop(0).partition("=")
        if not equals:
            if not rest:
                raise StartError(f"{name} needs a value", 2)
            value = rest.pop(0)
        os.environ[known[name]] = value
    return rest


def main(arguments: list[str]) -> int:
    name, rest = arguments[0], arguments[1:]
    try:
        if name == "manage":
            rest = options_take(rest, {"--data": "DATA_DIR"})
            return command.manage(rest, env_read(os.environ, services_known=False))
        if name == "test":
            from contactcenter.bootstrap.testing import test

            return test(rest)
        rest = options_take(rest, OPTIONS)
        if rest:
            print(SERVER_USAGE, file=sys.stderr if rest[0] not in {"-h", "--help"} else sys.stdout)
            return 0 if rest[0] in {"-h", "--help"} else 2
        from contactcenter.bootstrap.server import serve

        return serve(env_read(os.environ, services_known=False))
    except StartError as error:
        return fail(error)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
