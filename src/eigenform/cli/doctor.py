"""`eigenform doctor`: what is wrong with this installation, and how to mend it."""

from dataclasses import asdict

import click

from eigenform.base.errors import Refused
from eigenform.cli.answers import answer, json_option


class Unwell(Refused):
    """Something is wrong with the installation; the answer says what."""

    code = "cli.unwell"

    def __init__(self, *, checks: list[str]) -> None:
        self.checks = checks
        super().__init__(f"Something needs mending: {', '.join(checks)}. The answer says how.")


@click.command(short_help="Say what is wrong with this installation and how to mend it.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Where it is served.")
@json_option
def command(port: int, as_json: bool) -> None:
    """Look at everything that an installation stands on. Exit status 1 if something needs mending.

    \b
    Example: eigenform doctor
    """
    from eigenform.cli import checks  # noqa: PLC0415 - needed only here

    found = checks.all_checks(port=port)
    wrong = [c.name for c in found if not c.ok]

    def show() -> None:
        for c in found:
            click.echo(f"{'ok      ' if c.ok else 'MEND IT '} {c.name}: {c.message}")
            if c.remedy:
                click.echo(f"          {c.remedy}")

    answer({"ok": not wrong, "checks": [asdict(c) for c in found]}, as_json=as_json, human=show)
    if wrong:
        raise Unwell(checks=wrong)
