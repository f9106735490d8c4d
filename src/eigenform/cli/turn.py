"""`eigenform turn`: one turn of the loop."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from eigenform.cli.answers import answer, json_option, progress
from eigenform.cli.home import open_home
from eigenform.cli.options import ISO_DATE


@click.command(short_help="Run one turn of the loop, try one out, or replay one.")
@click.option("--as-of", type=ISO_DATE, help="Judge by what was known at the end of this day.  [default: today]")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Fixes every draw of chance.")
@click.option("--dry-run", is_flag=True, help="Show what would be decided; write nothing.")
@click.option("--replay", type=click.IntRange(min=1), metavar="TURN", help="Decide again what this turn had read.")
@click.option("--engine", metavar="URL", help="Where to compute, for example spark://host:7077.  [default: here]")
@json_option
def command(
    as_of: date | None, seed: int, dry_run: bool, replay: int | None, engine: str | None, as_json: bool
) -> None:
    """Run one turn: what was seen becomes estimates, these become decisions, and all of it goes into the ledger.

    \b
    Example: eigenform turn --as-of 2018-11-01
             eigenform turn --dry-run --json
             eigenform turn --replay 3
    """
    if replay is not None and (as_of or dry_run or engine):
        raise click.UsageError("--replay repeats a turn as it was; it takes none of --as-of, --dry-run, --engine.")
    open_home()
    from eigenform import loop  # noqa: PLC0415 - after Django is ready
    from eigenform.records.scope import SYSTEM  # noqa: PLC0415

    if replay is not None:
        found = loop.replay(replay, scope=SYSTEM)
    else:
        found = loop.turn(
            as_of=as_of or _today(),
            seed=seed,
            scope=SYSTEM,
            now=datetime.now(UTC),
            dry_run=dry_run,
            engine_url=engine,
            progress=_progress(),
        )
    value = found.to_json()
    written = "replayed" if replay is not None else ("tried out, nothing was written" if dry_run else "written")
    answer(value, as_json=as_json, human=lambda: _show(value, written=written))


def _today() -> date:
    from eigenform.policy import queries as policy  # noqa: PLC0415 - after Django is ready

    return datetime.now(ZoneInfo(policy.document().firm.zone)).date()


def _progress() -> Callable[[str, float], None]:
    last = ""

    def step(text: str, share: float) -> None:
        nonlocal last
        if text != last:
            progress(f"{share:4.0%}  {text}")
        last = text

    return step


def _show(value: dict[str, Any], *, written: str) -> None:
    from eigenform.cli import turn_text  # noqa: PLC0415 - rich is needed only here

    turn_text.show(value, written=written)
