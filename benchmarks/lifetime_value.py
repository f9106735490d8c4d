"""Lifetime value, from a purchase log to a score for every customer

Log → histories → BG/NBD or Pareto/NBD and Gamma-Gamma fitted → P(alive), expected purchases and discounted value of
52 weeks for every customer. Each row is a process of its own on the same simulated log; "work" leaves its imports out.
`lifetimes` stops where it would take too long for a benchmark (at 1 million customers Pareto/NBD takes it some 270 CPU
seconds). `value score` is the whole command, with 80 % intervals of every customer, written to Parquet.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks import _chart, _measure, _simulated_logs

ROOT = Path(__file__).parents[1]
EIGENFORM = str(Path(sys.executable).parent / "eigenform")
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
RIVAL_MOST = {"bg_nbd": 1_000_000, "pareto_nbd": 100_000}
NAMES = {"bg_nbd": "BG/NBD", "pareto_nbd": "Pareto/NBD"}

OURS = """
import resource, sys, time
import numpy as np
from eigenform.analytics import purchase_log
from eigenform.value.lifetime import bg_nbd, cells, foretold, gamma_gamma, pareto_nbd
used = lambda: time.process_time()
began = used()
log = purchase_log.read(sys.argv[2], purchase_log.Columns("customer", "date", "amount"))
read = used()
model = {"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}[sys.argv[1]]
summary = log.summary
base = cells.collapse(summary)
counts = model.fit(base)
amounts = gamma_gamma.fit(summary.repeats, summary.spend)
p = counts.parameters
alive = model.probability_alive(p, base.summary)
expected = model.expected_purchases(p, base.summary, 52.0)
if_alive = model.expected_if_alive(p, base.age.repeats, base.age.weeks, 52.0)
worth = expected * foretold.discount_factor(model, p, base.age, 52.0, 0.1, if_alive=if_alive)[base.age.of]
amount = gamma_gamma.expected_spend(amounts.parameters, summary.repeats, summary.spend)
out = alive[base.of], expected[base.of], worth[base.of] * amount
print(began, read - began, used() - read, counts.status, len(out[0]), float(out[1].sum()))
"""

LIFETIMES = """
import sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter
from lifetimes.utils import summary_data_from_transaction_data
began = time.process_time()
rows = pd.read_parquet(sys.argv[2])
s = summary_data_from_transaction_data(rows, "customer", "date", "amount", observation_period_end="2025-06-29")
x, last, age = s.frequency, s.recency / 7, s["T"] / 7
read = time.process_time()
counts = {"bg_nbd": BetaGeoFitter, "pareto_nbd": ParetoNBDFitter}[sys.argv[1]]().fit(x, last, age)
back = s[(x > 0) & (s.monetary_value > 0)]
amounts = GammaGammaFitter().fit(back.frequency, back.monetary_value)
alive = counts.conditional_probability_alive(x, last, age)
expected = counts.conditional_expected_number_of_purchases_up_to_time(52, x, last, age)
value = amounts.customer_lifetime_value(counts, x, last, age, s.monetary_value, time=12, freq="W", discount_rate=0.008)
print(began, read - began, time.process_time() - read, "converged", len(value), float(expected.sum()))
"""


def table() -> str:
    """Return the measured table as Markdown, and draw the chart."""
    lines = ["| customers | what | log to histories, CPU s | the rest, CPU s | work, CPU s | peak MB | ratio |"]
    lines.append("|---|---|---|---|---|---|---|")
    series: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for customers in SIZES:
            path = str(_simulated_logs.log(Path(folder), customers))
            for model, name in NAMES.items():
                ours = _measure.python(OURS, model, path)
                rivals = _measure.python(LIFETIMES, model, path) if customers <= RIVAL_MOST[model] else None
                for who, run in ((f"Eigenform, {name}", ours), (f"lifetimes, {name}", rivals)):
                    if run is not None:
                        lines.append(_row(customers, who, run, ours))
                        series.setdefault(who, []).append((customers, _work(run)))
            if customers <= 1_000_000:
                scored = _scored(path, Path(folder))
                cost = f"{scored.cpu:.1f} | {scored.peak_mb:.0f}"
                lines.append(f"| {customers:,} | `value score`, Pareto/NBD with intervals | | | {cost} | |")
                series.setdefault("Eigenform, with intervals", []).append((customers, scored.cpu))
    _chart.draw(ROOT / "docs" / "images" / "lifetime-value.svg", series, across="customers", up="CPU seconds")
    return "\n".join([*lines, "", "![CPU seconds by customers](images/lifetime-value.svg)"])


def _scored(path: str, folder: Path) -> _measure.Measured:
    columns = ["--data", path, "--customer", "customer", "--date", "date", "--amount", "amount"]
    asked = ["--model", "pareto-nbd", "--horizon-weeks", "52", "--discount-per-year", "0.1"]
    return _measure.run(
        [EIGENFORM, "value", "score", *columns, *asked, "--out", str(folder / "scores.parquet"), "--json"]
    )


def _stages(run: _measure.Measured) -> tuple[float, float]:
    """Return CPU seconds from log to histories, and of all that follows."""
    _imports, reading, rest = run.text.strip().splitlines()[-1].split()[:3]
    return float(reading), float(rest)


def _work(run: _measure.Measured) -> float:
    return sum(_stages(run))


def _row(customers: int, who: str, run: _measure.Measured, ours: _measure.Measured) -> str:
    reading, rest = _stages(run)
    ratio = "1" if run is ours else f"{_work(run) / _work(ours):.1f}"
    return (
        f"| {customers:,} | {who} | {reading:.2f} | {rest:.2f} | {reading + rest:.2f} | {run.peak_mb:.0f} | {ratio} |"
    )


if __name__ == "__main__":
    print(table())
