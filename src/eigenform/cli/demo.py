"""`eigenform demo`: the simulated company, made once, in a home and a database of its own."""

import hashlib
import json
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

import click

from eigenform.base.errors import Refused
from eigenform.cli.answers import answer, json_option, progress
from eigenform.cli.home import open_home, set_up

LEADER = "demo"
MADE = "demo.json"  # written last: without it the demo is made anew
_DATABASE = ("eigenform.sqlite3", "eigenform.sqlite3-wal", "eigenform.sqlite3-shm")
_NOT_IN_THE_DEMO = ("web", "api")  # what changes there changes no record


class DemoNeedsItsOwnProcess(Refused):
    """The settings of another installation are in force already, so the demo would be written into it."""

    code = "cli.demo_needs_its_own_process"

    def __init__(self) -> None:
        super().__init__("The demo writes to its own database only. Call `eigenform demo` as a command of its own.")


@click.command(short_help="Make the demo company, run its turns and serve it.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another seed, another company.")
@click.option("--no-serve", is_flag=True, help="Make the company and run its turns; do not serve it.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@json_option
def command(seed: int, no_serve: bool, port: int, as_json: bool) -> None:
    """Make a simulated company whose truth is known, run turns on it, and serve it.

    It has a home and a database of its own and touches no other. A second start with the same seed serves what is
    there; a new seed or a new version makes it anew, and what was changed in the demo is gone.

    \b
    Example: eigenform demo
             eigenform demo --seed 7 --no-serve --json
    """
    began = time.perf_counter()
    os.environ["EIGENFORM_DEMO"] = "1"
    if not no_serve:
        from eigenform.cli import processes  # noqa: PLC0415 - the server is needed only then

        processes.refuse_busy_port("127.0.0.1", port)
    home = _own_home()
    made = _made_before(home, seed)
    if made is None:
        made = _make_anew(home, seed)
    else:
        open_home()
    password = _password(home)
    made = {"home": str(home), **made, "sign_in": {"name": LEADER, "password": password}}
    made["seconds"] = round(time.perf_counter() - began, 3)
    greeting = f"Sign in as {LEADER} with the password {password}. Everything you see is simulated (seed {seed})."
    if no_serve:
        answer(made, as_json=as_json, human=lambda: click.echo(f"{_sentences(made)}\n{greeting}"))
        return
    from eigenform.cli import serve  # noqa: PLC0415

    progress(_sentences(made))
    serve.run(port=port, as_json=as_json, greeting=greeting)


def _own_home() -> Path:
    """Return the demo's home as the settings see it; refuse if settings of another home were read before."""
    set_up()
    from django.conf import settings  # noqa: PLC0415 - after Django is ready

    if not settings.ENV.is_demo:
        raise DemoNeedsItsOwnProcess
    home: Path = settings.ENV.home
    return home


def _made_before(home: Path, seed: int) -> dict[str, Any] | None:
    """Return what was answered when the demo of this seed was made by this code, None if there is no such demo."""
    try:
        kept = json.loads((home / MADE).read_text())
    except (OSError, ValueError):
        return None
    if kept.get("code") != _code_version() or kept["answer"]["seed"] != seed or not (home / _DATABASE[0]).exists():
        return None
    made: dict[str, Any] = kept["answer"]
    return made


def _make_anew(home: Path, seed: int) -> dict[str, Any]:
    for name in (MADE, *_DATABASE):
        (home / name).unlink(missing_ok=True)
    files = home / "files"
    shutil.rmtree(files, ignore_errors=True)
    progress("Making the tables")
    open_home()
    from eigenform.cli import demo_company  # noqa: PLC0415 - after Django is ready

    made = demo_company.make(files, seed=seed, leader=LEADER, password=_password(home), tell=progress)
    (home / MADE).write_text(json.dumps({"code": _code_version(), "answer": made}))
    return made


def _code_version() -> str:
    """Return a hash of the code and mappings that the demo's records come from."""
    import eigenform  # noqa: PLC0415
    from eigenform.intake import queries as intake  # noqa: PLC0415

    package = Path(eigenform.__file__).parent
    paths = [p for p in sorted(package.rglob("*")) if p.suffix in (".py", ".sql")]
    kept = [p for p in paths if p.relative_to(package).parts[0] not in _NOT_IN_THE_DEMO]
    text = hashlib.sha256()
    for path in [*kept, *(p for p in intake.bundled_files() if p.stem == "demo")]:
        text.update(path.name.encode() + path.read_bytes())
    return text.hexdigest()


def _password(home: Path) -> str:
    """Return the leader's password: made up once, kept in the demo's home, for its owner alone to read."""
    path = home / "password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    return path.read_text().strip()


def _sentences(made: dict[str, Any]) -> str:
    planted, found = made["planted"], made["found"]
    said = "found" if found["attribute"] and found["partner"] and found["worth"] else "not all found"
    return (
        f"{made['name']}: {made['customers']:,} customers, {made['orders']:,} orders, {made['turns']} turns.\n"
        f"Planted: {planted['attribute']} of {planted['category']} disappoints, {planted['partner']} is late, "
        f"{planted['best_segment']} are worth most: {said}."
    )
