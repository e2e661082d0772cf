"""A child that crashed is started again; one that can't ever start is not; none outlives its supervisor."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contactcenter.bootstrap.place import Place
from contactcenter.bootstrap.supervisor import Program, StartError, Supervisor
from contactcenter.env import ROOT
from tests.bootstrap.product import until


def program(code: str, **more: object) -> Program:
    argv = (sys.executable, "-c", code)
    return Program(name="sample", argv=argv, environ={}, quiet=True, **more)  # type: ignore[arg-type]


@pytest.fixture
async def supervisor(tmp_path: Path) -> Supervisor:
    place = Place(tmp_path / "data")
    place.make()
    return Supervisor(place, lambda line: None)


async def eventually(path: Path, lines: int) -> list[str]:
    async with asyncio.timeout(20):
        while not path.exists() or len(path.read_text().splitlines()) < lines:
            await asyncio.sleep(0.01)
    return path.read_text().splitlines()


async def test_a_crashed_program_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    births = tmp_path / "births"
    code = f"import os, time; open({str(births)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(60)"
    await supervisor.start(program(code))
    (first,) = await eventually(births, 1)
    os.kill(int(first), signal.SIGKILL)
    again = await eventually(births, 2)
    assert again[1] != first
    await supervisor.stop_all()
    assert not Path(f"/proc/{again[1]}").exists()


async def test_a_wrong_configuration_ends_everything_with_its_line(supervisor: Supervisor) -> None:
    code = "import sys; print('noise'); print('the weight file x is damaged', file=sys.stderr); sys.exit(78)"
    await supervisor.start(program(code))
    async with asyncio.timeout(20):
        error = await supervisor.fatal
    assert (str(error), error.code) == ("the weight file x is damaged", 78)
    await supervisor.stop_all()


async def test_what_ends_before_it_is_ready_is_an_error_with_its_last_words(supervisor: Supervisor) -> None:
    with pytest.raises(StartError, match=r"sample ended while starting: no such luck"):
        await supervisor.start(program("import sys; sys.exit('no such luck')", ready=lambda: False))
    await supervisor.stop_all()


async def test_a_program_that_does_not_get_ready_in_time_is_an_error(supervisor: Supervisor) -> None:
    with pytest.raises(StartError, match="was not ready after"):
        await supervisor.start(program("import time; time.sleep(60)", ready=lambda: False, ready_seconds=0.1))
    await supervisor.stop_all()


async def test_a_program_that_ignores_the_signal_is_ended_with_its_helpers(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    births = tmp_path / "births"
    code = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "helper = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(births)!r}, 'a').write(f'{{os.getpid()}}\\n{{helper.pid}}\\n')\n"
        "time.sleep(60)\n"
    )
    await supervisor.start(program(code, stop_seconds=0.1))
    pids = await eventually(births, 2)
    await supervisor.stop_all()
    async with asyncio.timeout(20):
        while any(_alive(pid) for pid in pids):
            await asyncio.sleep(0.01)


def _alive(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_children_of_a_killed_supervisor_end(tmp_path: Path) -> None:
    births = tmp_path / "births"
    code = f"""
import asyncio, sys
from pathlib import Path
from contactcenter.bootstrap.place import Place
from contactcenter.bootstrap.supervisor import Program, Supervisor

async def main():
    place = Place(Path({str(tmp_path)!r}) / "data")
    place.make()
    child = "import os, time; open({str(births)!r}, 'a').write(str(os.getpid())); time.sleep(60)"
    await Supervisor(place, print).start(Program(name="sample", argv=(sys.executable, "-c", child), environ={{}}))
    await asyncio.sleep(60)

asyncio.run(main())
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    until(lambda: births.exists() and births.read_text(), "the child started")
    pid = births.read_text()
    parent.kill()
    parent.wait()
    until(lambda: not _alive(pid), "the child ended")
