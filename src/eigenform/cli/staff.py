"""`eigenform staff`: let people in."""

from datetime import UTC, datetime

import click

from eigenform.cli.answers import answer, json_option
from eigenform.cli.home import open_home

ROLES = ("leader", "member", "reader")
base_url_option = click.option(
    "--url", default="http://localhost:8000", show_default=True, help="Where the site is served; the link begins so."
)


@click.group(short_help="Let people in: add them, or give them a new link.")
def command() -> None:
    """Let people in: add them, or give them a new one-time link.

    \b
    Example: eigenform staff add "Ada King" --role leader
    """


@command.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="member", show_default=True, help="What they may do.")
@base_url_option
@json_option
def add(name: str, role: str, url: str, as_json: bool) -> None:
    """Add a person, or invite one whom a source named, and print the link with which they set a password.

    \b
    Example: eigenform staff add "Ada King" --role leader
    """
    open_home()
    from eigenform.records.scope import SYSTEM_ACTOR  # noqa: PLC0415 - after Django is ready
    from eigenform.staff import actions  # noqa: PLC0415

    token = actions.add(name, role=role, actor=SYSTEM_ACTOR, now=datetime.now(UTC))
    _print_link(name, token, url=url, as_json=as_json)


@command.command()
@click.argument("name")
@base_url_option
@json_option
def reset(name: str, url: str, as_json: bool) -> None:
    """Print a new link with which a person sets a new password; the old one works until then.

    \b
    Example: eigenform staff reset "Ada King"
    """
    open_home()
    from eigenform.records.scope import SYSTEM_ACTOR  # noqa: PLC0415 - after Django is ready
    from eigenform.staff import actions  # noqa: PLC0415

    token = actions.reset(name, actor=SYSTEM_ACTOR, now=datetime.now(UTC))
    _print_link(name, token, url=url, as_json=as_json)


def _print_link(name: str, token: str, *, url: str, as_json: bool) -> None:
    link = f"{url.rstrip('/')}/set-up/{token}/"
    answer(
        {"name": name, "link": link, "valid_hours": 24},
        as_json=as_json,
        human=lambda: click.echo(f"{name} can set a password here, once, within 24 hours:\n{link}"),
    )
