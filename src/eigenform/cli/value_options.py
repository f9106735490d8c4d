"""What all commands of `eigenform value` are told: where the histories are, and which days of them count."""

import math
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eigenform.cli.options import ISO_DATE

if TYPE_CHECKING:
    from eigenform.analytics.lifetime import Source

COUNT_MODELS = ("bg-nbd", "mbg-nbd", "pareto-nbd")
SCORED_MODELS = (*COUNT_MODELS, "bg-bb")
MODELS = (*SCORED_MODELS, "sbg", "gamma-gamma", "normal-normal")

_OPTIONS = (
    click.option("--data", required=True, type=click.Path(path_type=Path), metavar="FILE",
                 help="A csv, csv.gz, parquet or txt file, or a folder of parquet."),
    click.option("--customer", metavar="COL", help="Whose purchase a row is."),
    click.option("--date", metavar="COL", help="When it was made: 2018-11-01, or with a time of day."),
    click.option("--amount", metavar="COL", help="What was paid; two columns are multiplied as 'Quantity*UnitPrice'."),
    click.option("--until", type=ISO_DATE, help="Last day of the calibration.  [default: as --to, no hold-out]"),
    click.option("--to", type=ISO_DATE, help="Last day of the hold-out.  [default: last date in the file]"),
    click.option("--unit", type=click.Choice(("day", "week", "month", "year")), default="week", show_default=True,
                 help="Unit of time of the parameters; the period of bg-bb and sbg."),
    click.option("--grain", type=click.Choice(("day", "exact", "day-corrected")), default="day", show_default=True,
                 help="One event a day; events as they are timed; or days, corrected for what they hide."),
    click.option("--date-format", metavar="FORMAT", help="How dates are written if not ISO, as %d.%m.%Y."),
    click.option("--currency", metavar="COL", help="Column with each amount's currency; several are refused."),
    click.option("--negative", type=click.Choice(("refund", "purchase")), default="refund", show_default=True,
                 help="Amounts below 0: money given back, or a purchase at a loss."),
    click.option("--repeats", metavar="COL", help="For a file of histories instead of purchases: repeat purchases."),
    click.option("--last", metavar="COL", help="  time of the last purchase, from the first"),
    click.option("--age", metavar="COL", help="  time since the first purchase"),
    click.option("--mean-spend", metavar="COL", help="  mean amount of the repeat purchases"),
    click.option("--weight", metavar="COL", help="  customers that share the history"),
    click.option("--engine", metavar="URL",
                 help="A Spark cluster that reads Parquet, as spark://host:7077.  [default: here]"),
)  # fmt: skip


HORIZON_WEEKS_MAX = 5_200.0  # a century: nobody's habits last longer


class FiniteRange(click.FloatRange):
    """A number within bounds; nan, which lies neither within nor without, is wrong usage too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or end as wrong usage."""
        found = super().convert(value, param, ctx)
        if not math.isfinite(found):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return found


prior_option = click.option(
    "--prior", type=click.Choice(("none", "weak")), default="none", show_default=True,
    help="Plain maximum likelihood, or the model's weak prior for small bases.",
)  # fmt: skip


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the histories are."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def source(options: dict[str, Any]) -> "Source":
    """Take the options of `source_options` out of a command's and return what they name; wrong usage ends with 2."""
    from eigenform.analytics.lifetime import Source, SummaryColumns  # noqa: PLC0415 - numbers are not needed for --help
    from eigenform.analytics.purchase_log import Columns, Window  # noqa: PLC0415

    told = {name: options.pop(name) for name in _NAMES}
    window = Window(
        until_on=told["until"], to_on=told["to"], unit=told["unit"], grain=told["grain"], today=_today()
    )  # fmt: skip
    if told["repeats"] or told["last"] or told["age"]:
        _need(told, "repeats", "last", "age", but=("date", "amount", "currency"))
        columns = SummaryColumns(**{name: told[name] for name in (*_HISTORY, "customer")})
        return Source(told["data"], columns, window, told["engine"])
    _need(told, "customer", "date", but=("mean_spend", "weight"))
    log = Columns(
        **{name: told[name] for name in ("customer", "date", "amount", "currency", "date_format", "negative")}
    )
    return Source(told["data"], log, window, told["engine"])


_HISTORY = ("repeats", "last", "age", "mean_spend", "weight")
_NAMES = (
    *("data", "customer", "date", "amount", "until", "to", "unit", "grain", "date_format", "currency", "negative"),
    *_HISTORY,
    "engine",
)


def _need(told: dict[str, Any], *names: str, but: tuple[str, ...]) -> None:
    missing = [_option(name) for name in names if told[name] is None]
    if missing:
        others = "" if "repeats" in names else " (or --repeats, --last and --age for a file of histories)"
        raise click.UsageError(f"Name a column by {' and '.join(missing)}{others}.")
    wrong = [_option(name) for name in but if told[name] is not None]
    if wrong:
        raise click.UsageError(f"{wrong[0]} does not go with {_option(names[-1])}.")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _today() -> date:
    return datetime.now().astimezone().date()
