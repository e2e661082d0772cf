"""``scenarios_run [path…]``: scenario files against the running product; what passed, what didn't, and why."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.scenarios.document import ScenarioError
from calls.scenarios.format import Scenario, scenario_read
from calls.scenarios.report import document, result_lines, summary_lines
from calls.scenarios.running import Result, Runner
from calls.scenarios.speech import Voices, voices_find

DEFAULT = Path("tests/scenarios")


class Command(BaseCommand):
    help = (
        "Runs scenario files (or every .yaml of a directory) as real calls to the running server, typed or spoken. "
        "Exit code 0: all passed, 1: some did not, 2: a file can't be run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "paths",
            nargs="*",
            type=Path,
            metavar="path",
            help=f"files or directories; {DEFAULT}/ if left out",
        )
        parser.add_argument("--voice", action="store_true", help="speak instead of typing")
        parser.add_argument("--voices", default="", help="names of voices, by turns: slt,rms,awb")
        parser.add_argument("--sample", type=int, help="so many phrasings of each file, always the same ones")
        parser.add_argument("--jobs", type=int, default=4, help="calls at the same time (default 4)")
        parser.add_argument(
            "--reset",
            action="store_true",
            help="demo_reset before each file that calls as somebody of the demo",
        )
        parser.add_argument(
            "--keep", action="store_true", help="leave the calls and made-up people of passed runs"
        )
        parser.add_argument(
            "--check", action="store_true", help="only read the files and say what is wrong with them"
        )
        parser.add_argument(
            "--really-send", action="store_true", help="run although messages would go out for real"
        )
        parser.add_argument(
            "--url", default=settings.SERVER_URL, help="the server; the running one if left out"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        scenarios = self._read(options["paths"] or [DEFAULT])
        if options["check"]:
            runs = sum(one.runs for one in scenarios)
            self.stdout.write(f"{len(scenarios)} files, {runs} runs: nothing is wrong with them")
            return
        if _sends_for_real() and not options["really_send"]:
            raise CommandError(
                "Messages go out for real here (Twilio or SendGrid is set up), and callers of a scenario "
                "have made-up numbers that may be somebody's. Run it where there are no credentials, "
                "or add --really-send.",
                returncode=2,
            )
        voices = self._voices(options) if options["voice"] else None
        runner = Runner(
            url=options["url"],
            jobs=max(1, options["jobs"]),
            voices=voices,
            sample=options["sample"],
            keep=options["keep"],
            reset=_reset if options["reset"] else None,
            tell=self._telling(options["json"]),
        )
        results = asyncio.run(runner.run(scenarios))
        if options["json"]:
            spoken = voices.what if voices else ""
            self.stdout.write(json.dumps(document(results, spoken=spoken), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(summary_lines(results)))
        if not all(one.passed for one in results):
            sys.exit(1)

    def _telling(self, to_stderr: bool) -> Callable[[Result], None]:
        out = self.stderr if to_stderr else self.stdout

        def tell(result: Result) -> None:
            for line in result_lines(result):
                out.write(line)

        return tell

    def _voices(self, options: dict[str, Any]) -> Voices:
        names = [name for name in options["voices"].split(",") if name]
        try:
            voices = voices_find(names)
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stderr.write(f"spoken by {voices.what}: {', '.join(voices.names)}")
        return voices

    def _read(self, paths: list[Path]) -> list[Scenario]:
        files: list[Path] = []
        problems: list[str] = []
        for path in paths:
            found = sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]
            if not found:
                problems.append(f"{path}: there are no .yaml files in it")
            files += found
        scenarios: list[Scenario] = []
        for file in files:
            try:
                scenarios.append(scenario_read(file))
            except ScenarioError as error:
                problems += error.problems
        if problems:
            raise CommandError("\n".join(problems), returncode=2)
        return scenarios


def _reset() -> None:
    call_command("demo_reset", stdout=sys.stderr)


def _sends_for_real() -> bool:
    return bool(settings.TWILIO_ACCOUNT_SID or settings.SENDGRID_API_KEY)
