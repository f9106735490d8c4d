"""The checks of `eigenform doctor`, each a small function that answers what it found and what would help."""

import os
import platform
import shutil
import socket
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eigenform.base.errors import Refused
from eigenform.cli.home import Schema, database_name, schema_state, set_up

FREE_MB_MIN = 500
SQLITE_MIN = (3, 35, 0)  # RETURNING and UPSERT as bulk loads use them
POSTGRESQL_MIN = 140000
LOAD_STALE_AFTER = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found."""

    name: str
    ok: bool
    message: str
    remedy: str = ""


def all_checks(*, port: int) -> list[Check]:
    """Run every check; those that need the database are left out when it cannot be opened."""
    found = [_run("python", _python), _run("settings", _settings)]
    if not found[-1].ok:
        return [*found, _run("port", lambda: _port(port))]
    found += [_run("home", _home), _run("disk", _disk), _run("secret key", _secret_key), _run("assets", _assets)]
    found.append(_run("database", _database))
    if found[-1].ok:
        found += [_run(name, check) for name, check in _ON_DATABASE.items()]
    return [*found, _run("worker", _worker), _run("port", lambda: _port(port))]


def _run(name: str, check: Callable[[], tuple[bool, str, str]]) -> Check:
    try:
        ok, message, remedy = check()
    except Refused as refusal:
        ok, message, remedy = False, str(refusal), ""
    except Exception as error:  # a check that fails is a finding, never the end of the doctor
        ok, message, remedy = False, f"{type(error).__name__}: {error}", "Please report this."
    return Check(name, ok, message, "" if ok else remedy)


def _python() -> tuple[bool, str, str]:
    ok = sys.version_info >= (3, 11)
    return ok, f"Python {platform.python_version()} on {platform.system()}", "Install Python 3.11 or newer."


def _settings() -> tuple[bool, str, str]:
    set_up()
    return True, "The settings can be read.", ""


def _home() -> tuple[bool, str, str]:
    from django.conf import settings  # noqa: PLC0415 - after Django is ready

    home = settings.ENV.home
    probe = home / f".doctor-{os.getpid()}"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        return False, f"{home} cannot be written: {error.strerror}", f"Give your account the right to write {home}."
    return True, f"{home} can be written.", ""


def _disk() -> tuple[bool, str, str]:
    from django.conf import settings  # noqa: PLC0415 - after Django is ready

    free_mb = shutil.disk_usage(settings.ENV.home).free // 2**20
    remedy = f"Free at least {FREE_MB_MIN} MB, or move the installation by EIGENFORM_HOME."
    return free_mb >= FREE_MB_MIN, f"{free_mb:,} MB are free.", remedy


def _secret_key() -> tuple[bool, str, str]:
    from django.conf import settings  # noqa: PLC0415 - after Django is ready

    path = settings.ENV.home / "secret_key"
    if len(settings.SECRET_KEY) < 40:
        return False, "The secret key is short.", "Unset EIGENFORM_SECRET_KEY, or set 50 random characters."
    if os.name == "posix" and path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return False, "Others on this machine can read the secret key.", f"Run: chmod 600 {path}"
    return True, "There is a secret key that only this account reads.", ""


def _assets() -> tuple[bool, str, str]:
    from django.contrib.staticfiles import finders  # noqa: PLC0415 - after Django is ready

    missing = [n for n in ("app.css", "app.js") if not finders.find(f"eigenform/dist/{n}")]
    remedy = "Install the package again; in a source tree: make setup."
    return not missing, f"Missing: {', '.join(missing)}" if missing else "Style sheets and scripts are there.", remedy


def _database() -> tuple[bool, str, str]:
    state = schema_state()
    if state.schema is Schema.BEHIND:
        return False, f"{database_name()} lacks {len(state.missing)} steps of this version.", "Run: eigenform upgrade"
    if state.schema is Schema.AHEAD:
        return False, f"{database_name()} was made by a newer version.", "Install the newer version of Eigenform."
    empty = state.schema is Schema.EMPTY
    return True, f"{database_name()} answers{' and is still empty' if empty else ''}.", ""


def _database_version() -> tuple[bool, str, str]:
    from django.db import connection  # noqa: PLC0415 - after Django is ready

    if connection.vendor != "sqlite":
        found = connection.pg_version
        return found >= POSTGRESQL_MIN, f"PostgreSQL {found // 10000}", "PostgreSQL 14 or newer is needed."
    import sqlite3  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone()
    ok = sqlite3.sqlite_version_info >= SQLITE_MIN and mode == "wal"
    remedy = "Use a Python with SQLite 3.35 or newer, and a disk that is not a network share."
    return ok, f"SQLite {sqlite3.sqlite_version}, journal mode {mode}", remedy


def _duckdb() -> tuple[bool, str, str]:
    import duckdb  # noqa: PLC0415

    from eigenform.analytics.engine import Engine  # noqa: PLC0415
    from eigenform.records.database import attach_url  # noqa: PLC0415

    try:
        Engine(attach_url()).close()
    except duckdb.Error as error:
        return False, f"DuckDB cannot read the database: {error}", "Install duckdb and its extensions as pinned."
    return True, f"DuckDB {duckdb.__version__} reads the home's views.", ""


def _clock() -> tuple[bool, str, str]:
    from eigenform.ledger import queries as ledger  # noqa: PLC0415 - after Django is ready
    from eigenform.policy import queries as policy  # noqa: PLC0415

    now, zone = datetime.now(UTC), policy.document().firm.zone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False, f"The firm's zone {zone} is not known.", "Choose a zone such as Europe/Berlin on the page Policy."
    turn = ledger.latest_turn()
    if turn and turn.recorded_at > now + timedelta(minutes=5):
        message = f"The clock says {now:%Y-%m-%d %H:%M} UTC, before the last turn was written."
        return False, message, "Set the machine's clock."
    return True, f"{now:%Y-%m-%d %H:%M} UTC; the firm reckons in {zone}.", ""


def _loads() -> tuple[bool, str, str]:
    from eigenform.intake import queries as intake  # noqa: PLC0415 - after Django is ready

    limit = datetime.now(UTC) - LOAD_STALE_AFTER
    stale = [r for r in intake.running() if r.started_at and r.started_at < limit]
    if not stale:
        return True, "No load was broken off.", ""
    named = ", ".join(f"{r.load_id} ({r.path})" for r in stale[:5])
    return False, f"Broken off: load {named}.", "Start them again on the page Load: what is there stays as it is."


def _worker() -> tuple[bool, str, str]:
    from eigenform.records import heartbeat  # noqa: PLC0415 - after Django is ready

    state = heartbeat.state(now_seconds=time.time())
    said = {
        "alive": "The background worker is alive.",
        "none": "No background worker runs here; `eigenform serve` starts one.",
        "silent": "The background worker stopped without a word.",
    }
    return state != "silent", said[state], "Start the site again: eigenform serve"


def _port(port: int) -> tuple[bool, str, str]:
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex(("127.0.0.1", port)):
            return True, f"Port {port} is free.", ""
    asked = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asked.request("GET", "/healthz")
        ours = b'"database"' in asked.getresponse().read(500)
    except (OSError, HTTPException):
        ours = False
    finally:
        asked.close()
    if ours:
        return True, f"Eigenform answers on port {port}.", ""
    return False, f"Another program answers on port {port}.", f"Serve on another: eigenform serve --port {port + 1}"


_ON_DATABASE: dict[str, Callable[[], tuple[bool, str, str]]] = {
    "database version": _database_version,
    "analytics": _duckdb,
    "clock": _clock,
    "loads": _loads,
}
