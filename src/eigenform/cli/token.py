"""`eigenform token`: let programs in."""

from datetime import UTC, datetime

import click

from eigenform.cli.answers import answer, json_option
from eigenform.cli.home import open_home

person_option = click.option("--for", "username", required=True, metavar="NAME", help="The person whom it acts for.")


@click.group(short_help="Let programs in: tokens for the HTTP API.")
def command() -> None:
    """Let programs in: a token may do over the HTTP API what its person may.

    \b
    Example: eigenform token add reporting --for ada
    """


@command.command()
@click.argument("name")
@person_option
@json_option
def add(name: str, username: str, as_json: bool) -> None:
    """Make a token and print it, this once.

    \b
    Example: eigenform token add reporting --for ada
             curl -H "Authorization: Bearer TOKEN" http://localhost:8000/api/v1/me
    """
    open_home()
    from eigenform.desk import actions  # noqa: PLC0415 - after Django is ready
    from eigenform.records.scope import SYSTEM_ACTOR  # noqa: PLC0415

    token = actions.issue_token(name, username=username, actor=SYSTEM_ACTOR, now=datetime.now(UTC))
    answer(
        {"name": name, "person": username, "token": token},
        as_json=as_json,
        human=lambda: click.echo(f"Keep this token, it is not shown again:\n{token}"),
    )


@command.command()
@click.argument("name")
@person_option
@json_option
def revoke(name: str, username: str, as_json: bool) -> None:
    """Make a token worthless from now on.

    \b
    Example: eigenform token revoke reporting --for ada
    """
    open_home()
    from eigenform.desk import actions  # noqa: PLC0415 - after Django is ready
    from eigenform.records.scope import SYSTEM_ACTOR  # noqa: PLC0415

    actions.revoke_token(name, username=username, actor=SYSTEM_ACTOR, now=datetime.now(UTC))
    answer(
        {"name": name, "person": username, "revoked": True},
        as_json=as_json,
        human=lambda: click.echo(f"The token {name} of {username} opens nothing any more."),
    )


@command.command("list")
@json_option
def list_tokens(as_json: bool) -> None:
    """List the tokens there are and were, newest first; never the tokens themselves.

    \b
    Example: eigenform token list
    """
    open_home()
    from eigenform.desk import queries  # noqa: PLC0415 - after Django is ready

    found = queries.tokens()

    def show() -> None:
        for t in found:
            ended = f", revoked {t.revoked_at:%Y-%m-%d}" if t.revoked_at else ""
            click.echo(f"{t.name} for {t.person}, since {t.created_at:%Y-%m-%d}{ended}")
        if not found:
            click.echo("There are no tokens. Make one: eigenform token add NAME --for PERSON")

    rows = [{"name": t.name, "person": t.person, "created_at": t.created_at, "revoked_at": t.revoked_at} for t in found]
    answer({"tokens": rows}, as_json=as_json, human=show)
