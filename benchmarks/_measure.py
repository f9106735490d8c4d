"""Run a command as a process of its own; tell wall seconds, CPU seconds and peak memory of it and its children."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process took. `work_cpu` leaves out what it said that its imports took."""

    wall: float
    cpu: float
    peak_mb: float
    text: str


def python(code: str, *arguments: str, **environment: str) -> Measured:
    """Measure a piece of Python."""
    return run([sys.executable, "-c", code, *arguments], **environment)


def run(command: list[str], **environment: str) -> Measured:
    """Measure a command. Ends the benchmark if it fails."""
    began = time.perf_counter()
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **environment})
        _pid, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        text = Path(out.name).read_text(encoding="utf-8")
        said = Path(err.name).read_text(encoding="utf-8")
    if status:
        raise SystemExit(f"{command[0]} failed:\n{said[-2000:]}")
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)
