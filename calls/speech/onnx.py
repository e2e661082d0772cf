"""All ONNX models of a call run alike: on few named threads that sleep when idle, on the CPU, without
chatter."""

from pathlib import Path
from typing import Any

import onnxruntime


def session_open(path: Path, *, threads: int) -> Any:
    """An onnxruntime session on `threads` threads.

    Without spinning: onnxruntime's waiting threads otherwise burn a core for each call in progress, which on
    a small machine is taken from the other models.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])
