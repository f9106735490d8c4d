"""`eigenform value`: what customers are worth, from a purchase log, without a home."""

import sys
import time
from pathlib import Path
from typing import Any

import click

from eigenform.cli.answers import answer, json_option, progress
from eigenform.cli.value_allocate import allocate
from eigenform.cli.value_options import (
    COUNT_MODELS,
    HORIZON_WEEKS_MAX,
    MODELS,
    SCORED_MODELS,
    FiniteRange,
    prior_option,
    source,
    source_options,
)


@click.group(name="value", short_help="Fit, score and compare lifetime models on a purchase log; share effort out.")
def command() -> None:
    """What customers will buy and bring, from a file with one row per purchase. Touches no home.

    \b
    Example: eigenform value fit --model bg-nbd --data log.csv --customer id --date day
             eigenform value compare --data log.csv --customer id --date day --until 2024-06-30
    """


command.add_command(allocate)


@command.command(short_help="Fit one model and hold it against later days.")
@click.option("--model", required=True, type=click.Choice(MODELS), help="Which model.")
@source_options
@prior_option
@json_option
def fit(model: str, prior: str, as_json: bool, **options: Any) -> None:
    """Fit one model to a purchase log. With --until it is held against the days after.

    \b
    Example: eigenform value fit --model bg-nbd --data log.csv --customer id --date day --until 2024-06-30
             eigenform value fit --model gamma-gamma --data log.parquet --customer id --date day --amount paid --json
             eigenform value fit --model bg-bb --data gifts.csv --repeats frequency --last recency --age periods
    """
    given = source(options)
    from eigenform.analytics import lifetime  # noqa: PLC0415 - numbers are not needed for --help

    found = lifetime.fit(given, model=model, prior=_belief(prior), step=progress)
    answer(found.as_json(), as_json=as_json, human=lambda: _show("fitting", found))


@command.command(short_help="Score every customer, with intervals, into a Parquet file.")
@click.option("--model", type=click.Choice(SCORED_MODELS), default="bg-nbd", show_default=True, help="Which model.")
@source_options
@prior_option
@click.option(
    "--horizon-weeks",
    type=FiniteRange(min=0, max=HORIZON_WEEKS_MAX, min_open=True),
    default=52.0,
    show_default=True,
    help="How far to look ahead, a century at most.",
)
@click.option(
    "--discount-per-year",
    type=FiniteRange(min=0),
    default=0.0,
    show_default=True,
    help="0.1 makes money a year from now worth 1 / 1.1.",
)
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the scores go, as Parquet: a file, with --engine a folder of files.",
)
@json_option
def score(
    model: str, prior: str, horizon_weeks: float, discount_per_year: float, out: Path, as_json: bool, **options: Any
) -> None:
    """Score every customer: P(alive), purchases and discounted value to come, each with the ends of an 80 % interval.

    Where the log cannot pin a model down, its weak prior is used, and the answer says so.

    \b
    Example: eigenform value score --data log.csv --customer id --date day --amount paid --out scores.parquet
             eigenform value score --model pareto-nbd --data log.parquet --customer id --date day --out scores.parquet
             eigenform value score --data log/ --customer id --date day --out scores/ --engine spark://host:7077
    """  # fmt: skip
    begun = time.perf_counter()
    given = source(options)
    from eigenform.analytics import lifetime  # noqa: PLC0415 - numbers are not needed for --help

    horizon = lifetime.Horizon(horizon_weeks, discount_per_year)
    found = lifetime.score(given, model=model, horizon=horizon, out=out, prior=_belief(prior), step=progress)
    cost = {
        "seconds": round(time.perf_counter() - begun, 3),
        "cpu_seconds": round(time.process_time(), 3),
        "peak_mb": _peak_mb(),
    }
    value = found.as_json() | cost
    answer(value, as_json=as_json, human=lambda: _show("scoring", found, cost))


@command.command(short_help="Hold all models against the same later days.")
@click.option(
    "--model",
    "models",
    type=click.Choice(COUNT_MODELS),
    multiple=True,
    help="Only this one; may be given several times.  [default: all]",
)
@source_options
@json_option
def compare(models: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Fit every model up to --until and judge it on the days after, where forecasts can be wrong.

    Where the days up to --until cannot pin a model down, its weak prior is used, and the answer says so.

    \b
    Example: eigenform value compare --data log.csv --customer id --date day --until 2024-06-30
             eigenform value compare --data log.csv --customer id --date day --until 2024-06-30 --json
    """
    if options["until"] is None:
        raise click.UsageError(
            "Name the last day of the calibration by --until: models are compared on the days after."
        )
    given = source(options)
    from eigenform.analytics import lifetime  # noqa: PLC0415 - numbers are not needed for --help

    found = lifetime.compare(given, models=models or COUNT_MODELS, step=progress)
    answer(found.as_json(), as_json=as_json, human=lambda: _show("comparison", found))


def _belief(prior: str) -> Any:
    return prior


def _peak_mb() -> float | None:
    """Return the most memory that this process held; the system counts in kB, on macOS in bytes, on Windows not."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def _show(what: str, *parts: Any) -> None:
    from eigenform.cli import value_text  # noqa: PLC0415 - rich is needed only here

    getattr(value_text, what)(*parts)
