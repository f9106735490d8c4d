"""How commands answer: one JSON object or a few sentences on standard output, refusals as JSON on standard error."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from eigenform.base.errors import Refused
from eigenform.records.logs import JsonLines

json_option = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON object.")


def answer(value: Mapping[str, Any], *, as_json: bool, human: Callable[[], None]) -> None:
    """Print the answer of a command: the object for programs, or what `human` prints for people."""
    if as_json:
        click.echo(json.dumps(value, default=str, ensure_ascii=False))
    else:
        human()


def progress(text: str) -> None:
    """Say on standard error how far we are; standard output belongs to the answer."""
    click.echo(text, err=True)


def refuse(error: Exception) -> None:
    """Write what could not be done as the last line of standard error; a bug is logged with its traceback first."""
    if isinstance(error, Refused):
        code, message, facts = error.code, str(error), error.facts()
    elif isinstance(error, click.ClickException):
        code, message, facts = "cli.refused", error.format_message(), {}
    else:
        _log().error("A command ended unexpectedly.", exc_info=error)
        code, message = "internal", f"This is a fault of Eigenform: {error}. Please report it with the lines above."
        facts = {"error": type(error).__name__}
    click.echo(
        json.dumps({"code": code, "message": message, "facts": facts}, default=str, ensure_ascii=False), err=True
    )


def _log() -> logging.Logger:
    """Return a logger whose lines reach standard error, also before Django has set up logging."""
    log = logging.getLogger("eigenform.cli")
    if not logging.getLogger().handlers and not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        log.addHandler(handler)
    return log
