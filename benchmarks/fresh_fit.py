"""A fresh process, from the CDNOW file to a printed fit

What an analyst waits for: start Python, read 6,919 purchases of 2,357 customers, fit BG/NBD, print it. `lifetimes` does
the same through pandas.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import _measure

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("EIGENFORM_SHARED_DATA", ROOT.parent / "shared" / "data")) / "cdnow" / "CDNOW_sample.txt"
EIGENFORM = str(Path(sys.executable).parent / "eigenform")
_RUNS = 3

LIFETIMES = """
import sys, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from lifetimes import BetaGeoFitter
from lifetimes.utils import summary_data_from_transaction_data
rows = pd.read_csv(sys.argv[1], parse_dates=["date"])
s = summary_data_from_transaction_data(rows, "customer", "date", observation_period_end="1997-09-30")
print(BetaGeoFitter().fit(s.frequency, s.recency / 7, s["T"] / 7).summary)
"""


def table() -> str:
    """Return the measured table as Markdown: medians of three runs in turn."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cdnow.csv"
        write_sample(log)
        ours = [EIGENFORM, "value", "fit", "--model", "bg-nbd", "--data", str(log), "--customer", "customer"]
        ours += ["--date", "date", "--until", "1997-09-30"]
        runs = [(_measure.run(ours), _measure.python(LIFETIMES, str(log))) for _ in range(_RUNS)]
    lines = ["| what | wall s | CPU s | peak MB |", "|---|---|---|---|"]
    for name, each in zip(("`eigenform value fit`", "`lifetimes` 0.11.3"), zip(*runs, strict=True), strict=True):
        wall, cpu = (statistics.median(getattr(run, part) for run in each) for part in ("wall", "cpu"))
        lines.append(f"| {name} | {wall:.1f} | {cpu:.1f} | {max(run.peak_mb for run in each):.0f} |")
    return "\n".join(lines)


def write_sample(path: Path) -> None:
    """Write the sample as a csv: its customers are numbered in the second column."""
    rows = [line.split() for line in DATA.read_text(encoding="ascii").splitlines() if line.strip()]
    lines = [f"{who},{day[:4]}-{day[4:6]}-{day[6:]},{amount}" for _, who, day, _, amount in rows]
    path.write_text("\n".join(["customer,date,amount", *lines]) + "\n", encoding="ascii")


if __name__ == "__main__":
    print(table())
