"""``fault_drill``: many promises while everything is killed at random; the last line says what became of them."""

from __future__ import annotations

import asyncio
import random
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contactcenter.bootstrap.supervisor import StartError
from contactcenter.drill.running import Drill, InterruptedDrillError, Options


class Command(BaseCommand):
    help = (
        "Starts a throwaway copy of the product with stand-ins of Twilio and SendGrid, promises things, kills its processes "
        "with -9 at random, waits until it is quiet and counts. Touches nothing of this installation. "
        "Exit code 1 if anything was lost or done twice, or if of more than 1 % nobody can tell."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--actions", type=int, default=1000, help="how many promises (1000)")
        parser.add_argument(
            "--seed", type=int, help="repeats the promises, faults and kills of another drill"
        )
        parser.add_argument("--seconds-limit", type=float, default=1800.0, help="when to stop waiting (1800)")
        parser.add_argument(
            "--keep", action="store_true", help="keep the directory with its logs and database"
        )
        parser.add_argument(
            "--no-feed", action="store_true", help="as on a plan without SendGrid's activity feed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["actions"] <= 100_000:
            raise CommandError("--actions should be a number from 1 to 100000")
        seed = options["seed"] if options["seed"] is not None else random.SystemRandom().randrange(10**6)
        self._say(f"seed {seed}")
        chosen = Options(
            actions=options["actions"],
            seed=seed,
            seconds_limit=options["seconds_limit"],
            keep=options["keep"],
            feed=not options["no_feed"],
        )
        try:
            outcome = asyncio.run(Drill(chosen, self._say).run())
        except StartError as error:
            raise CommandError(str(error)) from error
        except InterruptedDrillError as error:
            raise CommandError(str(error) or "interrupted; everything was stopped", returncode=130) from error
        self._say(outcome.verdict.line)
        if outcome.forgeries_taken or not outcome.verdict.passes(asked=outcome.asked):
            sys.exit(1)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
