"""Many scenarios, several calls at a time, each in a little world of its own.

Invariant: a run never shares a person with another that goes on beside it; people made up for a run go when it has passed,
and stay for looking at when it has not, until the same scenario runs again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from calls.caller import Caller, CallRefused
from calls.database import database_run
from calls.scenarios import rows
from calls.scenarios.expecting import Failure
from calls.scenarios.format import Scenario, Script
from calls.scenarios.judging import call_judge
from calls.scenarios.playing import Played, call_play
from calls.scenarios.speech import Voices
from calls.scenarios.values import Values, values_make

#: One run is placed again when the server had no line free.
BUSY_AGAIN_S = 3.0
#: Made-up order numbers are drawn again when they are somebody's.
ATTEMPTS = 5


@dataclass(slots=True, kw_only=True)
class Result:
    """One run of one scenario. ``said`` is what the caller said, call after call, and ``heard`` what the product made of it
    in the same places; it passed if nothing failed."""

    scenario: Scenario
    run: int
    calls: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(slots=True, kw_only=True)
class Runner:
    """How to run: where, how many at a time, in which voices (None: typed). ``tell`` is called with each result."""

    url: str
    jobs: int = 4
    voices: Voices | None = None
    sample: int | None = None
    keep: bool = False
    reset: Callable[[], None] | None = None
    tell: Callable[[Result], None] = lambda result: None
    _lines: asyncio.Semaphore = field(init=False)
    _people: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def run(self, scenarios: Sequence[Scenario]) -> list[Result]:
        """All runs of all scenarios. Those with people of the company's own rows come first, one after the other."""
        self._lines = asyncio.Semaphore(self.jobs)
        shared = [one for one in scenarios if one.leads]
        alone = [one for one in scenarios if not one.leads]
        results: list[Result] = []
        if self.reset is not None:
            for scenario in shared:
                await asyncio.to_thread(self.reset)
                results += [await self._one(scenario, run) for run in self._picked(scenario)]
            if alone:
                await asyncio.to_thread(self.reset)
        else:
            alone = [*shared, *alone]
        todo = [(scenario, run) for scenario in alone for run in self._picked(scenario)]
        return results + list(await asyncio.gather(*(self._one(scenario, run) for scenario, run in todo)))

    def _picked(self, scenario: Scenario) -> list[int]:
        everything = list(range(scenario.runs))
        if self.sample is None or self.sample >= len(everything):
            return everything
        return sorted(random.Random(scenario.name).sample(everything, self.sample))

    async def _one(self, scenario: Scenario, run: int) -> Result:
        result = Result(scenario=scenario, run=run)
        async with contextlib.AsyncExitStack() as stack:
            for lead in scenario.leads:
                await stack.enter_async_context(self._people.setdefault(lead, asyncio.Lock()))
            await stack.enter_async_context(self._lines)
            began = time.monotonic()
            try:
                values = await database_run(self._made, scenario, run)
                for at, script in enumerate(scenario.calls):
                    await self._call(script, values, result, at if len(scenario.calls) > 1 else None)
            except (CallRefused, rows.RowsError, OSError, KeyError, ValueError) as error:
                words = str(error) if not isinstance(error, KeyError) else f"{error} has no value"
                result.failures.append(Failure(where="the run", expected="calls", actual=words))
            else:
                if result.passed and not self.keep:
                    await database_run(self._clean, values, result)
            result.seconds = round(time.monotonic() - began, 1)
        self.tell(result)
        return result

    async def _call(self, script: Script, values: Values, result: Result, number: int | None) -> None:
        before = await database_run(rows.people_rows, values)
        played = await self._place(script, values, result)
        result.calls.append(played.call_id)
        result.said += [step.words for step in played.steps]
        facts = await database_run(rows.call_facts, played.call_id, values)
        texts = {one["turn"]: str(one["text"]) for one in facts["turns"]}
        result.heard += [" ".join(texts.get(turn, "") for turn in step.customer) for step in played.steps]
        after = await database_run(rows.people_rows, values)
        failures = call_judge(
            script=script, played=played, facts=facts, values=values, before=before, after=after
        )
        if number is not None:
            failures = [
                Failure(where=f"call {number + 1}, {one.where}", expected=one.expected, actual=one.actual)
                for one in failures
            ]
        result.failures += failures

    async def _place(self, script: Script, values: Values, result: Result) -> Played:
        async def code() -> str:
            return await database_run(rows.code_read, values)

        for attempt in range(20):
            token = ""
            if "person" in script.caller:
                token = await database_run(rows.token_for, values.people[str(script.caller["person"])])
            caller = Caller(
                url=self.url,
                token=token,
                lead={
                    key: values.fill(str(one)) for key, one in dict(script.caller.get("claims", {})).items()
                },
                origin=None if token else self.url,
                mute=self.voices is None
                and not any(turn.wavs and not turn.phrasings for turn in script.turns),
            )
            try:
                return await call_play(
                    script=script,
                    values=values,
                    run=result.run,
                    caller=caller,
                    voices=self.voices,
                    voice=result.scenario.voice,
                    code=code,
                )
            except CallRefused as refused:
                if not str(refused).startswith("busy") or attempt == 19:
                    raise
                await asyncio.sleep(BUSY_AGAIN_S)
        raise AssertionError("unreachable")

    def _made(self, scenario: Scenario, run: int) -> Values:
        """The run's values, with its people in the rows."""
        tag = hashlib.sha256(scenario.path.name.encode()).hexdigest()[:8]
        for attempt in range(ATTEMPTS):
            values = values_make(
                scenario=scenario,
                run=run,
                now=rows.now_there(),
                region=settings.DEFAULT_PHONE_REGION,
                company=settings.COMPANY_NAME,
                tag=tag,
                attempt=attempt,
            )
            try:
                rows.people_put(values)
            except rows.OrderTaken:
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            return values
        raise AssertionError("unreachable")

    def _clean(self, values: Values, result: Result) -> None:
        """The calls of people of one's own rows stay: they happened to those people."""
        if not result.scenario.leads:
            rows.calls_remove(result.calls)
        for person in values.people.values():
            if person.made:
                rows.person_remove(person)
