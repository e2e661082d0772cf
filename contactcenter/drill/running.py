"""One drill from its first process to its verdict: ask, kill, wait until it is quiet, count.

Invariant: whatever ends it (the end, Ctrl-C, an error) ends everything that it started.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from contactcenter.drill.faults import Fault, Faults
from contactcenter.drill.judging import Row, Verdict, judge
from contactcenter.drill.killing import Killer
from contactcenter.drill.lateness import Rung, Watch, lateness_said, rungs_of
from contactcenter.drill.news import Postman
from contactcenter.drill.plan import Exchange, Promise, plan_make, request_of
from contactcenter.drill.sendgrid import Sendgrid, arguments_of
from contactcenter.drill.serving import Server
from contactcenter.drill.stack import AskerGoneError, Stack
from contactcenter.drill.twilio import Twilio

ACCOUNT: Final = "AC" + "5" * 32
TOKEN: Final = "the drill's token"
API_KEY: Final = "SG.the-drills-key"
#: Seconds that a provider is waited for in a drill; 15 in the product. What follows from it is scaled with it.
PATIENCE: Final = 4.0
KILL_EVERY: Final = 4.5
#: Quiet is when nothing has been under way for so long.
QUIET_SECONDS: Final = 4.0
#: How long the provider is down in the middle of a long drill.
OUTAGE_SECONDS: Final = 15.0
OUTAGE_FROM: Final = 200


class InterruptedDrillError(Exception):
    """Ctrl-C, or whoever started it wants it to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    actions: int
    seed: int
    seconds_limit: float
    keep: bool
    feed: bool = True


@dataclass(slots=True, kw_only=True)
class Outcome:
    verdict: Verdict
    asked: int
    forgeries_taken: int
    rung: list[Rung]


@dataclass
class Drill:
    options: Options
    say: Callable[[str], None]
    due: dict[str, str] = field(default_factory=dict)
    asked: list[Promise] = field(default_factory=list)
    again: int = 0
    retried: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        seed = self.options.seed
        self.chance = random.Random(seed + 10)
        self.postman = Postman(seed + 11)
        self.twilio = Twilio(account=ACCOUNT, token=TOKEN, postman=self.postman, seed=seed + 12)
        self.sendgrid = Sendgrid(key=API_KEY, postman=self.postman, seed=seed + 13, feed=self.options.feed)
        self.faults = {"Twilio": Faults(seed + 14), "SendGrid": Faults(seed + 15)}
        self.servers = [
            Server(self.twilio, self.faults["Twilio"], patience=PATIENCE),
            Server(self.sendgrid, self.faults["SendGrid"], patience=PATIENCE),
        ]

    async def run(self) -> Outcome:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stopped.set)
        stack: Stack | None = None
        try:
            stack = Stack(self._settings(), say=self.say, keep=self.options.keep)
            self.sendgrid.events_url = f"http://127.0.0.1:{stack.port}/sendgrid/events/"
            work, stop = asyncio.create_task(self._work(stack)), asyncio.create_task(stopped.wait())
            fatal = stack.supervisor.fatal
            ends: set[asyncio.Future[Any]] = {work, stop, fatal}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            if not work.done():
                work.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await work
                if fatal.done():
                    raise fatal.result()
                raise InterruptedDrillError
            return work.result()
        finally:
            if stack is not None:
                await stack.stop()
            for server in self.servers:
                await asyncio.to_thread(server.close)
            await asyncio.to_thread(self.postman.close)

    def _settings(self) -> dict[str, str]:
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_SMS_FROM": "+15005550006",
            "TWILIO_WHATSAPP_FROM": "+15005550007",
            "TWILIO_VOICE_FROM": "+15005550008",
            "TWILIO_API_BASE_URL": self.servers[0].url,
            "SENDGRID_API_KEY": API_KEY,
            "SENDGRID_API_BASE_URL": self.servers[1].url,
            "SENDGRID_WEBHOOK_PUBLIC_KEY": self.sendgrid.public_key,
            "EMAIL_FROM": "Drill <support@drill.example>",
            "PROVIDER_TIMEOUT_S": f"{PATIENCE:g}",
            "LOG_LEVEL": "INFO",
        }

    async def _work(self, stack: Stack) -> Outcome:
        began = time.monotonic()
        self.say(f"starting a throwaway copy in {stack.data}")
        await stack.start()
        exchanges = plan_make(actions=self.options.actions, seed=self.options.seed)
        self.say(
            f"ready after {time.monotonic() - began:.0f} s; {self.options.actions} promises in {len(exchanges)} commits"
        )
        killer = Killer(stack.supervisor, self.options.seed + 16, start_seconds=stack.start_seconds)
        watch = Watch(stack.supervisor, stack.start_seconds, self.faults["Twilio"].down)
        watching = asyncio.create_task(watch.run())
        deadline = began + self.options.seconds_limit
        asking = time.monotonic()
        killing = asyncio.create_task(self._kill(killer, stack.note))
        outage = asyncio.create_task(self._outage())
        try:
            await self._ask(stack, exchanges, deadline=deadline)
            self.say(
                f"asked for after {time.monotonic() - asking:.0f} s; {_said(killer.counts)} killed so far"
            )
            # The end of a burst is where retries and look-ups are: a few more die there, and each kind once at least.
            until = min(deadline, time.monotonic() + 30)
            while not killer.round_is_over() and time.monotonic() < until:
                await self._read(stack, {"do": "pending"})
                await asyncio.sleep(0.5)
        finally:
            for task in (killing, outage):
                task.cancel()
            await asyncio.gather(killing, outage, return_exceptions=True)
            for faults in self.faults.values():
                faults.outage(False)
        try:
            left = await self._quiet(stack, deadline=deadline)
            outcome = await self._judge(stack)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        self._report(outcome, killer, watch, left=left, seconds=time.monotonic() - began)
        return outcome

    # --- asking and killing ---------------------------------------------------------------------------------------------

    async def _ask(self, stack: Stack, exchanges: list[Exchange], *, deadline: float) -> None:
        rate = min(6.0, max(2.0, self.options.actions / 30))
        repeats: list[Exchange] = []
        for exchange in exchanges:
            began = time.monotonic()
            if began > deadline:
                self.say("the time is up: the rest was not asked for")
                break
            soon = dt.datetime.now(dt.UTC)
            for promise in exchange.promises:
                if promise.kind == "callback":
                    at = soon + dt.timedelta(seconds=promise.due_in)
                    self.due[promise.key] = at.isoformat()
            if not await self._commit(stack, exchange, deadline=deadline):
                break
            self.asked += exchange.promises
            repeats += [exchange] * exchange.again
            # What was committed a while ago is committed again: its work may be waiting, under way or done.
            while len(repeats) > 6:
                self.again += 1
                again = repeats.pop(self.chance.randrange(len(repeats)))
                await self._commit(stack, again, deadline=deadline)
            pace = len(exchange.promises) / rate * self.chance.uniform(0.5, 1.5)
            await asyncio.sleep(max(0.0, pace - (time.monotonic() - began)))
        for again in repeats:
            self.again += 1
            await self._commit(stack, again, deadline=deadline)

    async def _commit(self, stack: Stack, exchange: Exchange, *, deadline: float) -> bool:
        """Commit until it is known to be committed: a commit whose answer was lost is made again with the same keys."""
        request = request_of(exchange, due=self.due)
        while time.monotonic() < deadline:
            try:
                answer = await stack.answer(request)
            except AskerGoneError:
                self.retried["asker gone"] += 1
                continue
            if answer["ok"]:
                return True
            self.retried[str(answer["error"])] += 1
            await asyncio.sleep(0.2)
        return False

    async def _kill(self, killer: Killer, note: Callable[[str], None]) -> None:
        while True:
            await asyncio.sleep(killer.pause(KILL_EVERY))
            for kind in killer.draw():
                if killer.kill(kind):
                    note(f"killed {kind}")

    async def _outage(self) -> None:
        """In a long drill both providers are down for a while, with nothing done meanwhile."""
        if self.options.actions < OUTAGE_FROM:
            return
        await asyncio.sleep(30)
        for down, seconds in ((True, OUTAGE_SECONDS), (False, 0.0)):
            for faults in self.faults.values():
                faults.outage(down)
            await asyncio.sleep(seconds)

    # --- the end --------------------------------------------------------------------------------------------------------

    async def _quiet(self, stack: Stack, *, deadline: float) -> dict[str, int]:
        """Wait until nothing is under way; returns what still was when the time was up."""
        began = quiet_since = time.monotonic()
        left: dict[str, int] = {}
        while time.monotonic() < deadline:
            answer = await self._read(stack, {"do": "pending"})
            left = answer["pending"]
            if left or not self.postman.idle():
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > QUIET_SECONDS:
                self.say(f"quiet {quiet_since - began:.0f} s after the last kill")
                return {}
            await asyncio.sleep(1)
        return left

    async def _judge(self, stack: Stack) -> Outcome:
        found: dict[str, Row] = {}
        twice: list[str] = []
        for key, row in (await self._read(stack, {"do": "rows"}))["rows"]:
            if key in found:
                twice.append(f"row {row['id']}")
            found[key] = Row(**row)
        effects, strangers = self._effects(found)
        verdict = judge(promises=self.asked, rows=found, effects=effects, strangers=[*twice, *strangers])
        return Outcome(
            verdict=verdict,
            asked=len(self.asked),
            forgeries_taken=self.postman.counts["forgeries taken"],
            rung=self._rung(found),
        )

    def _effects(self, rows: dict[str, Row]) -> tuple[Counter[str], list[str]]:
        """How often each promise happened. A message is known by our id that travels with it, a call by the number called;
        a ticket is a row and nothing else."""
        by_id = {row.id: key for key, row in rows.items()}
        by_phone = {promise.to: promise.key for promise in self.asked if promise.kind == "callback"}
        effects: Counter[str] = Counter()
        strangers: list[str] = []
        for message in self.twilio.messages:
            mark = str(message["fields"].get("StatusCallback", "")).partition("message=")[2]
            _count(effects, strangers, by_id.get(mark), f"message {message['sid']}")
        for mail in self.sendgrid.mails:
            mark = arguments_of(mail).get("message_id", "")
            _count(effects, strangers, by_id.get(mark), f"mail {mail['id']}")
        for call in self.twilio.calls:
            _count(effects, strangers, by_phone.get(call["fields"]["To"]), f"call {call['sid']}")
        for promise in self.asked:
            if promise.kind == "ticket" and promise.key in rows:
                effects[promise.key] += 1
        return effects, strangers

    def _rung(self, rows: dict[str, Row]) -> list[Rung]:
        """When each callback was due, asked for and ordered, as the stand-in saw it."""
        promises = {promise.to: promise for promise in self.asked if promise.kind == "callback"}
        asked = [
            (at, parse_qs(request.body.decode()).get("To", [""])[0])
            for at, request in self.servers[0].asked
            if request.path.endswith("/Calls.json")
        ]
        return rungs_of(
            {to: dt.datetime.fromisoformat(self.due[one.key]).timestamp() for to, one in promises.items()},
            asked,
            {call["fields"]["To"]: call["made"] for call in reversed(self.twilio.calls)},
            {to: rows[one.key].attempts for to, one in promises.items() if one.key in rows},
        )

    async def _read(self, stack: Stack, request: dict[str, Any]) -> dict[str, Any]:
        for _ in range(60):
            with contextlib.suppress(AskerGoneError):
                answer = await stack.answer(request)
                if answer["ok"]:
                    return answer
            await asyncio.sleep(0.5)
        raise InterruptedDrillError("the database could not be read in the end")

    def _report(
        self, outcome: Outcome, killer: Killer, watch: Watch, *, left: dict[str, int], seconds: float
    ) -> None:
        kinds = Counter(promise.kind for promise in self.asked)
        self.say(
            f"promised: {_said(kinds)}; {self.again} commits repeated; retried commits: {_said(self.retried)}"
        )
        self.say(f"killed with -9: {_said(killer.counts)}")
        for line in lateness_said(outcome.rung, watch.down):
            self.say(line)
        for name, faults in self.faults.items():
            trouble = {str(fault): times for fault, times in faults.drawn.items() if fault is not Fault.NONE}
            self.say(f"{name} answered {faults.drawn.get(Fault.NONE, 0)} requests, and {_said(trouble)}")
        self.say(f"webhooks: {_said(self.postman.counts)}")
        if left:
            self.say(f"still under way when the time was up: {_said(left)}")
        if outcome.forgeries_taken:
            self.say(f"{outcome.forgeries_taken} forged webhooks were believed")
        for line in outcome.verdict.named:
            self.say(line)
        self.say(f"took {seconds:.0f} s")


def _count(effects: Counter[str], strangers: list[str], key: str | None, what: str) -> None:
    if key is None:
        strangers.append(what)
    else:
        effects[key] += 1


def _said(counts: Any) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counts.items())) or "none"
