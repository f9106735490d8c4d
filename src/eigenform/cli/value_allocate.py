"""`eigenform value allocate`: which offers to whom, within limits, from a file of candidates. Touches no home."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from eigenform.cli.answers import answer, json_option

if TYPE_CHECKING:
    from eigenform.analytics.allocation import Allocation

_FILE = click.Path(dir_okay=False, path_type=Path)  # one that is not there is refused with a remedy, status 1


@click.command(short_help="Share effort out: which offers to whom, within limits.")
@click.option(
    "--candidates",
    required=True,
    type=_FILE,
    metavar="FILE",
    help="csv, csv.gz or parquet: customer, offer, value, cost, channel, minutes.",
)
@click.option(
    "--limits",
    required=True,
    type=_FILE,
    metavar="FILE",
    help="TOML: budget, contacts, per_customer, [minutes], [exclude], [floors]. A limit not named is none.",
)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="The chosen rows."
)
@click.option(
    "--objective",
    type=click.Choice(("net", "value")),
    default="net",
    show_default=True,
    help="What is made largest: the sum of value - cost, or of value alone.",
)
@json_option
def allocate(candidates: Path, limits: Path, out: Path, objective: Literal["net", "value"], as_json: bool) -> None:
    """Choose the offers that add most margin within budget, contacts and minutes, and write them down.

    The answer says how far the choice is from the proven best, and what one more unit of each limit would add.

    \b
    Example: eigenform value allocate --candidates offers.csv --limits limits.toml --out chosen.csv
             eigenform value allocate --candidates offers.parquet --limits limits.toml --out chosen.parquet --json
    """
    from eigenform.analytics import allocation  # noqa: PLC0415 - numbers are not needed for --help

    found = allocation.allocate(candidates, limits, out, objective=objective)
    answer(found.as_json(), as_json=as_json, human=lambda: _told(found, out))


def _told(found: "Allocation", out: Path) -> None:
    click.echo(
        f"{found.chosen:,} of {found.candidates:,} candidates add {found.objective:,.2f}; "
        f"no choice adds more than {found.bound:,.2f} (gap {found.gap:.4%}). Written to {out} in {found.seconds:.1f} s."
    )
    prices = {"one more unit of budget": found.prices["budget"], "one more contact": found.prices["contacts"]}
    prices |= {f"one more minute of {name}": price for name, price in found.prices["minutes"].items()}
    for what, price in prices.items():
        if price:
            click.echo(f"  {what} would add {price:,.2f}")
    for warning in found.warnings:
        click.echo(f"Mind: {warning}", err=True)
