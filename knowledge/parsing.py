"""A hostile file costs one short-lived process and nothing else.

Reading happens in a fresh interpreter with limits on processor time, memory, file size and wall-clock time, without the
settings, the secrets or the database of the product in its environment. Its only way out is one JSON file.

`python -m knowledge.parsing IN OUT MIME SECONDS BYTES` is that process; `file_blocks` is its caller.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from knowledge.blocks import Block, blocks_dump, blocks_load
from knowledge.readers import DocumentUnreadable, read_blocks

MAX_RESULT_BYTES = 64 * 1024 * 1024
_TOO_BIG = "The document is too large or too intricate to be read: it needs more memory than is allowed."


def file_blocks(
    *,
    content: bytes,
    mime: str,
    seconds: float,
    memory_bytes: int,
    progress: Callable[[int], None] = lambda percent: None,
) -> list[Block]:
    """Blocks of a file, read in a process of its own. Raises DocumentUnreadable, also when a limit was reached."""
    with tempfile.TemporaryDirectory(prefix="reading-") as directory:
        source, target = Path(directory, "in"), Path(directory, "out.json")
        source.write_bytes(content)
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "knowledge.parsing",
            source,
            target,
            mime,
            str(int(seconds)),
            str(memory_bytes),
        ]
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            "OMP_NUM_THREADS": "1",
            "TMPDIR": directory,
        }
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment, cwd=directory, start_new_session=True,
        ) as process:  # fmt: skip
            try:
                _await(process, seconds, Path(directory, "progress"), progress)
            except BaseException:
                process.kill()
                raise
        return _result(target, process.returncode)


def _await(
    process: subprocess.Popen[bytes], seconds: float, marker: Path, progress: Callable[[int], None]
) -> None:
    waited, step, told = 0.0, min(0.25, seconds), -1
    while True:
        try:
            process.wait(timeout=step)
            return
        except subprocess.TimeoutExpired:
            waited += step
        if waited >= seconds:
            raise DocumentUnreadable(
                f"Reading the document took longer than {seconds:g} seconds and was stopped. "
                "It may be damaged; try a smaller or simpler one."
            )
        if marker.exists() and (percent := _int(marker.read_text())) != told:
            told = percent
            progress(percent)


def _int(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _result(target: Path, code: int) -> list[Block]:
    if not target.exists() or target.stat().st_size > MAX_RESULT_BYTES:
        # -24 is SIGXCPU, -9 the kernel's or our own kill.
        if code in {-24, -9}:
            raise DocumentUnreadable("Reading the document took too long and was stopped. It may be damaged.")
        raise DocumentUnreadable(_TOO_BIG)
    try:
        answer = json.loads(target.read_text())
    except ValueError as error:
        raise DocumentUnreadable(_TOO_BIG) from error
    if "error" in answer:
        raise DocumentUnreadable(answer["error"])
    return blocks_load(answer["blocks"])


def main(arguments: list[str]) -> int:
    """Read one file under limits; write {"blocks": …} or {"error": …}."""
    source, target, mime, seconds, memory = arguments
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_RESULT_BYTES, MAX_RESULT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    marker = Path(target).with_name("progress")

    def progress(percent: int) -> None:
        marker.write_text(str(percent))

    try:
        blocks = read_blocks(content=Path(source).read_bytes(), mime=mime, progress=progress)
        answer: dict[str, object] = {"blocks": blocks_dump(blocks)}
    except DocumentUnreadable as error:
        answer = {"error": str(error)}
    except (MemoryError, RecursionError):
        answer = {"error": _TOO_BIG}
    except Exception as error:  # noqa: BLE001 - a reader's fault or a document's: the admin is told which kind of error
        answer = {
            "error": f"The document could not be read: it is damaged, or its reader is ({type(error).__name__})."
        }
    Path(target).write_text(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
