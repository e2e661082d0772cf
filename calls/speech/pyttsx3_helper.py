"""The only process in which pyttsx3 is ever imported: one engine, one thread, one sentence at a time.

Run by pyttsx3_voice with `python -I pyttsx3_helper.py RATE`. Speaks JSON lines: first {"sample_rate": n};
then for each {"text": "..."} on stdin {"bytes": n} and n bytes of s16le mono on stdout. Ends with its stdin.
"""

import ctypes
import json
import os
import sys
import tempfile
import wave
from pathlib import Path


def main() -> None:
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not look like a reply
    import espeakng_loader

    # Before pyttsx3 looks for a library of its own: the wheel's eSpeak NG and the parent of its data.
    os.environ["ESPEAK_DATA_PATH"] = str(Path(espeakng_loader.get_data_path()).parent)
    ctypes.CDLL(espeakng_loader.get_library_path(), ctypes.RTLD_GLOBAL)
    import pyttsx3

    engine = pyttsx3.init("espeak")
    engine.setProperty("rate", int(sys.argv[1]))
    with tempfile.TemporaryDirectory() as directory:
        path = str(Path(directory) / "speech.wav")

        def spoken(text: str) -> tuple[int, bytes]:
            for _ in range(3):  # now and then the driver's loop ends before the file was written
                Path(path).unlink(missing_ok=True)
                engine.save_to_file(text, path)
                engine.runAndWait()
                if Path(path).exists():
                    with wave.open(path) as file:
                        if file.getnframes():
                            return file.getframerate(), file.readframes(file.getnframes())
            raise SystemExit("the engine wrote no audio")

        def reply(header: dict[str, int], body: bytes = b"") -> None:
            replies.write(json.dumps(header).encode() + b"\n" + body)
            replies.flush()

        reply({"sample_rate": spoken("ready")[0]})
        for line in sys.stdin.buffer:
            _, pcm = spoken(json.loads(line)["text"])
            reply({"bytes": len(pcm)}, pcm)


if __name__ == "__main__":
    main()
