"""How loads are spoken of: states, rates, time left, and values that may be shown of a refused row."""

import re
from datetime import datetime

from eigenform.intake.contracts import LoadRow
from eigenform.web.components import Progress

STATES = {
    "waiting": "waiting for the worker",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "interrupted": "interrupted",
}
SHOWN_CHARS_MAX = 24
_RANDOM_ID = re.compile(r"[0-9a-f]{32}")
_QUOTED = re.compile(r"'([^']*)'")
_SECONDS_TO_JUDGE = 2  # before that a rate is noise


def files(load: LoadRow) -> str:
    """Return what was loaded: the name of the one file, or that they were several (kept under a random id)."""
    return "several files" if _RANDOM_ID.fullmatch(load.path) else load.path


def bar(load: LoadRow, *, poll_href: str, now: datetime) -> Progress:
    """Return the load's progress with its rate and the time left."""
    ended = load.state in ("done", "failed", "interrupted")
    state = "done" if load.state == "done" else "failed" if ended else "running"
    label = STATES[load.state] if load.step in ("", load.state) else load.step
    if load.state == "done":
        label = "Looked through, nothing written" if load.dry_run else "Loaded"
    seconds = ((load.finished_at or now) - load.started_at).total_seconds()
    rate = load.rows_done / seconds if load.rows_done and seconds >= _SECONDS_TO_JUDGE else 0.0
    return Progress(
        id=f"load-{load.load_id}",
        label=label[:1].upper() + label[1:],
        state=state,
        done=int(load.answer.get("rows_read") or load.rows_done),
        poll_href=poll_href,
        total=load.rows_total,
        rate=f"{rate:,.0f} rows a second" if rate else "",
        left=_left(load, rate) if not ended else "",
    )


def _left(load: LoadRow, rate: float) -> str:
    if not rate or not load.rows_total:
        return ""
    return f"{duration((load.rows_total - load.rows_done) / rate)} left"


def duration(seconds: float) -> str:
    """Return a duration as people say it: 8 s, 3 min, 2 h 5 min."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole < 600 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def shown(value: str) -> str:
    """Return a refused cell's value if it is short and plain, else only its beginning and length: it may be a text."""
    if len(value) <= SHOWN_CHARS_MAX and "@" not in value and value.count(" ") < 2:
        return value
    return f"{value[:3]}… ({len(value):,} characters)"


def shown_in(reason: str) -> str:
    """Return a reason whose quoted values are cut likewise."""
    return _QUOTED.sub(lambda quoted: f"'{shown(quoted[1])}'", reason)
