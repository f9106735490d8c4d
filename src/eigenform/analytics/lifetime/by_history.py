"""Score by distinct history: what fitting and foretelling need comes here, each customer looks their row up there.

For a Spark cluster: no customer reaches the driver, and the cluster writes the scores where it works them out.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from eigenform.analytics.frames import numbers
from eigenform.analytics.lifetime.bases import Base, Step, of_log, refuse_too_few
from eigenform.analytics.lifetime.contracts import Belief, Horizon, Scoring, Source
from eigenform.analytics.lifetime.fitting import quiet
from eigenform.analytics.lifetime.named import COUNTED_NAMES, SPEND_NAME, module
from eigenform.analytics.lifetime.scoring import (
    DRAWS,
    SEED,
    ScoresUnwritable,
    answer,
    discount_per_unit,
    units,
)
from eigenform.analytics.lifetime.settling import SettledSpend, no_amounts, settled, settled_spend
from eigenform.analytics.purchase_log.asked import Asked, ask
from eigenform.analytics.purchase_log.contracts import Columns
from eigenform.analytics.purchase_log.opening import opened
from eigenform.analytics.purchase_log.shared import define_kept, histories_of, spend_of, told_of_returns
from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime import gamma_gamma
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.foretold import Foretold, foretell
from eigenform.value.lifetime.rows import Rows
from eigenform.value.lifetime.summary import Summary

_KEYS = ("repeats", "last", "age", "unknown")
_FORETOLD = ("p_alive", "expected_purchases", "expected_purchases_low", "expected_purchases_high")
_MONEY = ("value_per_rate", "value_low_per_rate", "value_high_per_rate")


def score(
    source: Source,
    columns: Columns,
    *,
    model: str,
    horizon: Horizon,
    out: Path,
    prior: Belief = "none",
    step: Step = quiet,
) -> Scoring:
    """Do what `scoring.score` does where the log lies; out becomes a folder of Parquet files on a cluster.

    Raises what `scoring.score` raises.
    """
    _refuse_overwriting(out)
    step("reading")
    with opened(source.data, source.engine_url) as log:
        asked = ask(log, columns, replace(source.window, counted=model in COUNTED_NAMES))
        returned = told_of_returns(asked)
        define_kept(asked)
        table = asked.some(asked.table("log_cell_spend"))
        read = of_log(histories_of(asked, table, returned))
        refuse_too_few(read.summary)
        step(f"fitting {model}")
        counts = settled(model, read, prior=prior)
        cells = collapse(read.summary)
        rows = _rows(table, cells)
        spend, amounts = _spend(asked, columns, returned, prior, float(rows.seen.min()), step)
        step("scoring")
        foretold = foretell(
            module(model),  # type: ignore[arg-type]
            counts.fit,
            cells,
            rows,
            spend=spend.fit,
            typical=0.0 if amounts is None else _median(amounts.summary),
            **_asked(model, read, horizon),
        )
        log.give("log_scored", _scored(table, foretold, with_value=spend.fit is not None))
        step("writing")
        log.write(out, "log_scores", gamma=0.0 if spend.fit is None else spend.fit.parameters.gamma)
    told = read if amounts is None else replace(read, summary=amounts.summary)
    found = answer(counts, spend, foretold, told, horizon=horizon, out=out)
    return replace(found, customers=int(read.summary.customers))


def _asked(model: str, read: Base, horizon: Horizon) -> dict[str, Any]:
    """Return how far to look, as `scoring` does."""
    rng = np.random.default_rng(SEED)
    weeks, discount = units(model, read, horizon), discount_per_unit(read, horizon)
    return {"weeks": weeks, "discount_per_year": discount, "draws": DRAWS, "rng": rng}


def _spend(
    asked: Asked, columns: Columns, returned: list[str], prior: Belief, seen_min: float, step: Step
) -> tuple[SettledSpend, Base | None]:
    """Return the fit of the amounts and what it rests on, nothing if no amounts were named or no value can be told."""
    amounts = None if columns.amount is None else replace(of_log(spend_of(asked, returned)), amounts_named=True)
    step(f"fitting {SPEND_NAME}")
    if amounts is None:
        return no_amounts(), None
    found = settled_spend(amounts, prior=prior, seen_min=seen_min)
    return found, None if found.fit is None else amounts


def _rows(table: pa.Table, cells: Cells) -> Rows:
    """Return the rows of `log_cell_spend` as the models take them, in their order."""
    seen = np.where(numbers(table, "unknown") > 0, 0.0, numbers(table, "repeats"))
    return Rows(
        cell=cells.of,
        entry=cells.age.of[cells.of],
        seen=seen,
        customers=numbers(table, "customers"),
        spent=numbers(table, "spent"),
        spent_square=numbers(table, "spent_square"),
        of=np.arange(len(seen)),
    )


def _scored(table: pa.Table, foretold: Foretold, *, with_value: bool) -> pa.Table:
    nothing = pa.nulls(table.num_rows, pa.float64())
    columns = {name: table.column(name) for name in _KEYS}
    columns |= {name: pa.array(getattr(foretold, name)) for name in _FORETOLD}
    columns |= {name: pa.array(getattr(foretold, name)) if with_value else nothing for name in _MONEY}
    return pa.table(columns)


def _median(amounts: Summary) -> float:
    """Return the median mean spend of the customers whose amounts can be used, 0 if there is none."""
    spend, weight = amounts.spend, amounts.weights
    known = gamma_gamma.informative(amounts.repeats, spend)
    if not known.any():
        return 0.0
    order = np.argsort(spend[known], kind="stable")
    ranked, reached = spend[known][order], np.cumsum(weight[known][order])
    middle: FloatArray = (reached[-1] - np.array([1.0, 0.0])) / 2.0
    places = np.searchsorted(reached, np.array([np.floor(middle[0]), np.floor(middle[1])]), side="right")
    return float(ranked[np.minimum(places, len(ranked) - 1)].mean())


def _refuse_overwriting(out: Path) -> None:
    """Refuse to put scores where something else lies: a folder is written over only if it holds scores already."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ScoresUnwritable(file=out, problem="a file of that name is there, and a cluster writes a folder")
    others = [path.name for path in out.iterdir() if not path.name.startswith(("part-", "_SUCCESS", "."))]
    if others:
        raise ScoresUnwritable(file=out, problem=f"the folder holds something else ({others[0]})")
