"""The command `eigenform`: its sub-commands, found lazily so that `--help` costs nothing, and its exit status.

0 done; 1 refused, with one JSON object {"code", "message", "facts"} as the last line of standard error; 2 wrong usage.
"""

import importlib
from typing import Any

import click

# name → (where the command is, what it does). A test holds these lines against the commands' own.
COMMANDS = {
    "demo": ("eigenform.cli.demo:command", "Make the demo company, run its turns and serve it."),
    "serve": ("eigenform.cli.serve:command", "Serve the site, with its background worker."),
    "load": ("eigenform.cli.load:command", "Bring a source's files in, as a mapping says."),
    "turn": ("eigenform.cli.turn:command", "Run one turn of the loop, try one out, or replay one."),
    "value": (
        "eigenform.cli.value:command",
        "Fit, score and compare lifetime models on a purchase log; share effort out.",
    ),
    "staff": ("eigenform.cli.staff:command", "Let people in: add them, or give them a new link."),
    "token": ("eigenform.cli.token:command", "Let programs in: tokens for the HTTP API."),
    "doctor": ("eigenform.cli.doctor:command", "Say what is wrong with this installation and how to mend it."),
    "upgrade": ("eigenform.cli.upgrade:command", "Bring the database up to this version, or leave it as it was."),
    "backup": ("eigenform.cli.backup:backup", "Write everything this installation holds into one file."),
    "restore": ("eigenform.cli.backup:restore", "Put back what a backup holds."),
    "export": ("eigenform.cli.export:command", "Write every view as a Parquet file."),
}


class Commands(click.Group):
    """A group that imports a command only when it is called, and answers refusals as JSON."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuse an unknown name with the known ones, without importing them all."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"There is no command '{args[0]}'. Known: {', '.join(COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever it raises becomes one JSON object on standard error and status 1."""
        try:
            return super().invoke(ctx)
        except (click.UsageError, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            from eigenform.cli import answers  # noqa: PLC0415 - not needed for --help

            answers.refuse(error)
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="eigenform", message="Eigenform %(version)s")
def main() -> None:
    """Eigenform: the CRM that closes the loop.

    \b
    Example: eigenform demo
             eigenform load examples/olist.toml data/olist && eigenform turn
    """


if __name__ == "__main__":
    main()
