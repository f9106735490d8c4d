"""The background worker's sign of life: a file in the installation's folder, written every few seconds."""

import os
from pathlib import Path

from django.conf import settings

SILENT_AFTER_SECONDS = 30


def _file() -> Path:
    path: Path = settings.ENV.home / "worker.heartbeat"
    return path


def beat() -> None:
    """Give a sign of life, and say which process it is."""
    _file().write_text(str(os.getpid()))


def end() -> None:
    """Say that the worker ended in good order: nobody need wait for it."""
    _file().unlink(missing_ok=True)


def state(*, now_seconds: float) -> str:
    """Return `alive`, `silent` (it was here and stopped without a word) or `none` (no worker runs on this machine)."""
    try:
        age_seconds = now_seconds - _file().stat().st_mtime
    except FileNotFoundError:
        return "none"
    return "alive" if age_seconds <= SILENT_AFTER_SECONDS else "silent"
