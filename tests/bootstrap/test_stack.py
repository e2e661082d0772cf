"""The whole product starts, survives what kills it, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.speech.models import PIPER
from contactcenter.bootstrap.process import mark_of
from contactcenter.env import ROOT
from tests.bootstrap.product import READY_SECONDS, Product, environment, free_port, until

pytestmark = pytest.mark.stack

COUNT = "from django.contrib.auth.models import Group; print(Group.objects.filter(name='kept').count())"
ADD = "from django.contrib.auth.models import Group; Group.objects.create(name='kept')"


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Not pytest's own: that one is closed to the user that PostgreSQL may have to run as."""
    path = Path(tempfile.mkdtemp(prefix="contactcenter-stack-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def started(directory: Path) -> Iterator[Product]:
    product = Product(directory / "first").start().ready()
    yield product
    if product.process is not None and product.process.poll() is None:
        product.stop()


def shell(product: Product, code: str) -> str:
    return product.manage("shell", "-v", "0", "-c", code).strip()


def test_a_killed_server_takes_its_children_along_and_loses_nothing_committed(started: Product) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{started.port}/healthz", timeout=5) as response:
        assert response.status == 200
    shell(started, ADD)
    assert started.process is not None
    started.process.kill()
    started.ended()
    until(lambda: not started.processes(), "every process of a killed server gone")
    started.start().ready()
    assert shell(started, COUNT) == "1"


def test_a_crashed_service_comes_back_on_its_port_and_a_crashed_web_server_answers_again(
    started: Product,
) -> None:
    before = started.services()
    children = json.loads((started.data / "run" / "children.json").read_text())
    for name in ("postgres", "valkey", "web"):
        os.kill(children[name]["pid"], signal.SIGKILL)

    def again() -> bool:
        now = json.loads((started.data / "run" / "children.json").read_text())
        return all(now[name]["pid"] != children[name]["pid"] for name in ("postgres", "valkey", "web"))

    until(again, "all three started again", 30)
    until(started.answers, "the web server answers", 60)
    assert started.services()["database_url"] == before["database_url"]
    assert shell(started, COUNT) == "1"


def test_a_second_server_on_the_same_directory_is_told_so(started: Product) -> None:
    second = Product(started.data, port=free_port()).start()
    assert second.ended() == 1
    lines = second.text.splitlines()
    assert len(lines) == 1
    assert "is in use by another script/server" in lines[0]
    assert started.answers()


def test_a_busy_port_is_told_so(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        product = Product(directory / "busy", port=port).start()
        assert product.ended() == 1
    assert product.text.splitlines() == [
        f"contactcenter: port {port} of 127.0.0.1 is taken (or not ours to use); choose another with --port N"
    ]


def test_two_copies_run_side_by_side_and_both_stop_cleanly(started: Product, directory: Path) -> None:
    other = Product(directory / "second").start().ready()
    assert started.answers()
    assert other.answers()
    assert shell(other, COUNT) == "0"
    assert {started.services()["database_url"]} & {other.services()["database_url"]} == set()
    assert other.stop(signal.SIGINT) == 0
    assert not other.processes()
    assert started.stop() == 0
    assert not started.processes()
    assert (
        "database system is shut down" in (started.data / "log" / "postgres.log").read_text().splitlines()[-1]
    )
    assert not (started.data / "run" / "services.json").exists()


def test_manage_brings_its_own_services_when_no_server_runs(directory: Path) -> None:
    product = Product(directory / "first")
    assert shell(product, COUNT) == "1"
    assert not product.processes()


def test_a_stale_process_id_of_a_stranger_is_neither_trusted_nor_harmed(directory: Path) -> None:
    product = Product(directory / "first")
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        mark = mark_of(stranger.pid)
        assert mark is not None
        cluster = product.data / "postgres"
        (cluster / "postmaster.pid").write_text(f"{stranger.pid}\n{cluster}\n1700000000\n5432\n\n127.0.0.1\n")
        (product.data / "run" / "children.json").write_text(
            json.dumps({"web": {"pid": stranger.pid, "started": mark.started - 1}})
        )
        assert shell(product, COUNT) == "1"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_secrets_in_the_data_directory_are_for_their_owner_alone(directory: Path) -> None:
    found = list((directory / "first" / "secrets").iterdir())
    assert {path.name for path in found} == {"postgres", "valkey", "secret_key"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (*found, directory / "first" / "run"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root has to become somebody else")
def test_root_starts_postgresql_where_no_other_user_may_pass() -> None:
    with tempfile.TemporaryDirectory(prefix="contactcenter-closed-") as closed:
        assert Path(closed).stat().st_mode & 0o077 == 0
        product = Product(Path(closed) / "data")
        assert shell(product, "print(6 * 7)") == "42"
        assert (product.data / "postgres").stat().st_uid == 0
        assert not product.processes()


def test_an_unwritable_directory_is_told_so() -> None:
    done = subprocess.run(
        [str(ROOT / "script/server"), "--data", "/proc/nowhere"],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("DATA_DIR '/proc/nowhere' can't be written")
    assert len(done.stderr.splitlines()) == 1


def test_a_damaged_model_file_stops_the_start_with_its_line(directory: Path) -> None:
    damaged = directory / "weights" / PIPER.distribution / PIPER.path
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"not a model")
    product = Product(
        directory / "damaged", WEIGHTS_DIR=str(directory / "weights"), TTS_ENGINE="piper"
    ).start()
    assert product.ended(READY_SECONDS) == 78
    last = product.text.splitlines()[-1]
    assert last.startswith("contactcenter: ")
    assert str(damaged) in last
    assert not product.processes()
