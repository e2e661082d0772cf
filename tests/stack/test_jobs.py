"""Background work outlives the processes that do it: cut off in the middle it stands as unfinished, and is done by another.

The call's row is locked meanwhile, so that the worker is in the middle of its analysis for as long as the test likes.
"""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.bootstrap.product import until

from .calling import Wire
from .whole import Whole

TASK = "calls.tasks.call_analyse"
#: The sweep's round, and the time after which nobody can be at an analysis any more (70 s), and the worker's start.
TAKEN_UP_S = 150.0


def pool(worker: int) -> list[int]:
    """The processes in which this worker does its work."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == worker:
            found.append(int(stat.parent.name))
    return found


def waiting(product: Whole) -> int:
    """How many workers stand before the locked row."""
    query = (
        "SELECT count(*) AS n FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND query LIKE '%%calls_call%%' AND query LIKE '%%FOR UPDATE%%'"
        " AND pid <> pg_backend_pid()"
    )
    return int(product.row(query)["n"])


def shown(staff: requests.Session, product: Whole, row: str) -> list[str]:
    """The cells of this job's line on the page of background work."""
    page = staff.get(f"{product.url}/admin/leads/jobrun/", params={"q": row}, timeout=20)
    assert page.status_code == 200
    lines = [
        line
        for line in re.findall(r"<tr>.*?</tr>", page.text, re.DOTALL)
        if "field-row" in line and row in line
    ]
    assert len(lines) == 1, "one job, one line"
    cells = re.findall(r'<t[dh] class="field-\w+[^"]*"[^>]*>(.*?)</t[dh]>', lines[0], re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


@pytest.mark.parametrize("lost", ["the process that does it", "the whole worker"])
async def test_an_analysis_whose_worker_is_killed_is_unfinished_until_another_has_done_it(
    product: Whole, lost: str
) -> None:
    async with Wire(product.url) as wire:
        call_id = (await wire.started())["call"]
        await wire.hangs_up()
    product.call_over(call_id)
    query = "SELECT * FROM job_runs WHERE task = %s AND row = %s ORDER BY queued_at DESC LIMIT 1"

    def job() -> dict[str, Any]:
        return product.row(query, TASK, call_id)

    until(lambda: job()["state"] == "done", "the call was analysed", 60)
    before = product.call(call_id)["analytics"]
    assert before
    staff = product.signed_in("admin")
    with product.database() as holder, holder.transaction():
        # What it amounted to is forgotten with the same commit that lets the worker go on: it has to be worked out again.
        holder.execute("UPDATE calls_call SET analytics = '{}' WHERE id = %s", (call_id,))
        with product.database() as asking:
            # Asked for once more, by a row alone, as the sweep finds it; the first one makes room on the page.
            asking.execute("DELETE FROM job_runs WHERE row = %s", (call_id,))
            asking.execute(
                "INSERT INTO job_runs (task, row, args) VALUES (%s, %s, %s)",
                (TASK, call_id, json.dumps([call_id])),
            )
        until(lambda: job()["state"] == "running" and waiting(product) == 1, "a worker is at it", 60)
        begun = job()
        worker = product.pid("worker")
        for pid in [*([worker] if lost == "the whole worker" else []), *pool(worker)]:
            os.kill(pid, signal.SIGKILL)
        assert "Running" in shown(staff, product, call_id), "nobody says that it is done"
        assert (job()["finished_at"], job()["took_ms"]) == (None, None)
        until(lambda: job()["tries"] > begun["tries"], "another worker is at it", TAKEN_UP_S)
        assert (job()["state"], job()["tries"]) == ("running", begun["tries"] + 1)
    until(lambda: job()["state"] == "done", "it is done after all", 60)
    ended = job()
    assert (ended["id"], ended["error"]) == (begun["id"], "")
    assert ended["started_at"] > begun["started_at"]
    took = (ended["finished_at"] - ended["started_at"]).total_seconds() * 1000
    assert ended["took_ms"] == pytest.approx(took, abs=2)
    assert product.call(call_id)["analytics"] == before, "the work itself was done, and once more the same"
    cells = shown(staff, product, call_id)
    assert "Done" in cells
    assert re.fullmatch(r"\d+ ms|\d+\.\d s", cells[2]), cells
