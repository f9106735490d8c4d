"""Score every customer: still there or not, purchases and money to come, each with an 80 % interval."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from eigenform.analytics.engines import on_cluster
from eigenform.analytics.frames import to_arrow
from eigenform.analytics.lifetime.bases import Base, Step, base, refuse_too_few
from eigenform.analytics.lifetime.contracts import Belief, Fitting, Horizon, Scoring, Source
from eigenform.analytics.lifetime.fitting import SEED, answered, quiet
from eigenform.analytics.lifetime.named import (
    COUNT_NAMES,
    COUNTED_NAMES,
    SCORED_NAMES,
    SPEND_NAME,
    ModelUnknown,
    module,
)
from eigenform.analytics.lifetime.settling import Settled, SettledSpend, settled, settled_spend
from eigenform.analytics.purchase_log import Columns
from eigenform.base.errors import Refused
from eigenform.value.lifetime import gamma_gamma, predictive
from eigenform.value.lifetime import spend as amounts
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.foretold import Foretold
from eigenform.value.lifetime.predictive import Predicted

COLUMNS: Final = (
    "p_alive",
    "expected_purchases",
    "expected_purchases_low",
    "expected_purchases_high",
    "value",
    "value_low",
    "value_high",
)
DRAWS: Final = 200


class ScoresUnwritable(Refused):
    """The file with the scores cannot be written."""

    code = "analytics.scores_unwritable"

    def __init__(self, *, file: Path, problem: str) -> None:
        self.file, self.problem = str(file), problem
        super().__init__(f"Scores cannot be written to {file}: {problem}. Name a file in a folder that is there.")


def score(
    source: Source, *, model: str, horizon: Horizon, out: Path, prior: Belief = "none", step: Step = quiet
) -> Scoring:
    """Fit a purchase model (and Gamma-Gamma, if there are amounts) and write one row per customer as Parquet.

    On a Spark cluster out becomes a folder of Parquet files. Where maximum likelihood finds no peak the model's weak
    prior is used, and said; where not even that tells amounts, the value columns are empty, and that is said.

    Columns: customer, then `COLUMNS` in their order; low and high are 80 % predictive. Without amounts the value
    columns are empty. Values are discounted to the last day of calibration.

    Raises CannotTell for fewer than 20 customers or 5 repeaters, NotConverged, ModelUnknown for what is no purchase
    model, ScoresUnwritable, and what reading raises.
    """
    if model not in SCORED_NAMES:
        raise ModelUnknown(model=model, known=SCORED_NAMES, reason="it does not score purchases to come")
    if model in COUNTED_NAMES and horizon.discount_per_year:
        raise ModelUnknown(model=model, known=COUNT_NAMES, reason="its occasions are not discounted")
    if on_cluster(source.engine_url) and isinstance(source.columns, Columns):
        from eigenform.analytics.lifetime import by_history  # noqa: PLC0415 - it stands on this module

        return by_history.score(
            source, source.columns, model=model, horizon=horizon, out=out, prior=prior, step=step
        )  # fmt: skip
    _try_out(out)
    step("reading")
    read = base(source, model=model, by_customer=True)
    refuse_too_few(read.summary)
    step(f"fitting {model}")
    counts = settled(model, read, prior=prior)
    step(f"fitting {SPEND_NAME}")
    known = gamma_gamma.informative(read.summary.repeats, read.summary.spend)
    spend = settled_spend(read, prior=prior, seen_min=float(np.where(known, read.summary.repeats, 0.0).min()))
    step("scoring")
    predicted = _predict(model, counts.fit, spend.fit, read, horizon)
    step("writing")
    pq.write_table(_table(predicted, read, with_value=spend.fit is not None), out, compression="zstd")
    return answer(counts, spend, predicted, read, horizon=horizon, out=out)


def _predict(
    model: str, counts: Fitted[Any], spend: Fitted[Any] | None, read: Base, horizon: Horizon
) -> Predicted:  # fmt: skip
    return predictive.predict(
        module(model),  # type: ignore[arg-type]
        counts,
        read.summary,
        spend=spend,
        weeks=units(model, read, horizon),
        discount_per_year=discount_per_unit(read, horizon),
        draws=DRAWS,
        rng=np.random.default_rng(SEED),
    )


def discount_per_unit(read: Base, horizon: Horizon) -> float:
    """Return the yearly discount that is right for a year of as many units as it has weeks: models count in weeks."""
    return float(np.expm1(np.log1p(horizon.discount_per_year) / read.units_per_week))


def units(model: str, read: Base, horizon: Horizon) -> float:
    """Return the horizon in the unit of the histories; occasions are whole."""
    wanted = horizon.weeks * read.units_per_week
    return max(float(round(wanted)), 1.0) if model in COUNTED_NAMES else wanted


def _table(predicted: Predicted, read: Base, *, with_value: bool) -> pa.Table:
    nothing = np.full(len(read.summary), np.nan)
    columns = {
        name: getattr(predicted, name) if with_value or not name.startswith("value") else nothing for name in COLUMNS
    }
    customers = read.customers if read.customers is not None else pa.array(range(1, len(read.summary) + 1))
    return to_arrow(columns, customers=customers)


def answer(
    counts: Settled, spend: SettledSpend, predicted: Predicted | Foretold, read: Base, *, horizon: Horizon, out: Path
) -> Scoring:
    """Return the answer about scores, with all that should give pause."""
    models: list[Fitting] = [answered(counts.model, counts.fit, None, read, prior=counts.prior)]
    warnings = [*models[0].warnings, *counts.said]
    totals = {"expected_purchases": _total(predicted.purchases_total)}
    if spend.fit is not None:
        warnings += _unsuited(read)
        models.append(answered(SPEND_NAME, spend.fit, None, read, prior=spend.prior))
        warnings += [text for text in models[1].warnings if text not in warnings]
        totals["value"] = _total(predicted.value_total)
    warnings += spend.said
    return Scoring(len(read.summary), out, tuple(models), horizon.weeks, totals, tuple(warnings))


def _unsuited(read: Base) -> list[str]:
    """Say if so many brought nothing or less that Gamma-Gamma, which leaves them out, values the others too high."""
    summary = read.summary
    if amounts.model_for(summary.repeats, summary.spend, summary.weight) == "gamma-gamma":
        return []
    odd = amounts.oddities(summary.repeats, summary.spend)
    share = summary.weights[odd.only_zero | odd.net_refund].sum() / summary.weights[summary.repeats > 0].sum()
    return [
        f"{share:.1%} of those who came back brought nothing or a loss. {SPEND_NAME} leaves them out and values their "
        "purchases like everybody's: their value is too high. Look at normal-normal, which takes them as they are."
    ]


def _total(total: Any) -> dict[str, float]:
    return {"mean": total.mean, "low": total.low, "high": total.high}


def _try_out(out: Path) -> None:
    """Open the file for writing before anything is computed, and leave all as it was."""
    was_there = out.exists()
    try:
        out.open("ab").close()
    except OSError as error:
        raise ScoresUnwritable(file=out, problem=error.strerror or str(error)) from None
    if not was_there:
        out.unlink()
