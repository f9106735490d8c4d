"""One turn on 541,909 order lines

The whole command `eigenform turn` on a home with the Online Retail set: reading, two fitted models, intervals of every
customer, decisions, writing. Beside it `lifetimes` fits the same two models and scores the same customers, without
intervals, decisions or a record; its process starts from a summary that is ready.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("EIGENFORM_SHARED_DATA", ROOT.parent / "shared" / "data")) / "online_retail"
EIGENFORM = str(Path(sys.executable).parent / "eigenform")

RIVAL = """
import sys, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
rows = pd.read_parquet(sys.argv[1])
counts = BetaGeoFitter().fit(rows.repeats, rows.last_week, rows.age_weeks)
back = rows[(rows.repeats > 0) & (rows.spend > 0)]
amounts = GammaGammaFitter().fit(back.repeats, back.spend)
value = amounts.customer_lifetime_value(
    counts, rows.repeats, rows.last_week, rows.age_weeks, rows.spend.fillna(0), time=12, freq="W", discount_rate=0.008
)
print(len(value))
"""


def measured(command: list[str], **environment: str) -> tuple[float, float, float, str]:
    """Return wall seconds, CPU seconds, peak MB and standard output of a command."""
    began = time.perf_counter()
    with tempfile.NamedTemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env={**os.environ, **environment})
        _pid, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        text = Path(out.name).read_text(encoding="utf-8")
    if status:
        raise SystemExit(f"{command[0]} failed")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text


def table() -> str:
    """Return the measured table as Markdown."""
    with tempfile.TemporaryDirectory() as home:
        measured([EIGENFORM, "load", "online_retail", str(DATA), "--json"], EIGENFORM_HOME=home)
        ours = measured([EIGENFORM, "turn", "--as-of", "2011-12-09", "--json"], EIGENFORM_HOME=home)
        answer = json.loads(ours[3])
        summary = Path(home) / "summary.parquet"
        _write_summary(home, summary)
        rival = measured([sys.executable, "-c", RIVAL, str(summary)])
    lines = ["| what | wall s | CPU s | peak MB |", "|---|---|---|---|"]
    named = {
        f"`eigenform turn`: {answer['worth']['n']:,} customers, {len(answer['decisions'])} decisions": ours,
        "`lifetimes` 0.11.3: two fits and point values": rival,
    }
    lines += [f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |" for name, (wall, cpu, peak, _) in named.items()]
    lines.append(f"\nRatio of CPU seconds, ours to the rival's: {ours[1] / rival[1]:.2f}.")
    return "\n".join(lines)


def _write_summary(home: str, path: Path) -> None:
    from datetime import date

    import pyarrow as pa
    import pyarrow.parquet as pq

    from eigenform.analytics import columns, turn_inputs

    tables = turn_inputs.read(
        f"sqlite:{home}/eigenform.sqlite3", as_of=date(2011, 12, 9), currency="GBP", margin_share_by_category={}
    )
    known = columns.purchases(tables["purchases"], frozenset())
    names = ("repeats", "last_week", "age_weeks")
    pq.write_table(pa.table({**{n: known[n] for n in names}, "spend": known["mean_spend_minor"] / 100}), path)


if __name__ == "__main__":
    print(table())
