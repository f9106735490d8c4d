"""From a purchase log to distinct histories: a Spark cluster beside DuckDB, on one machine

A master and two workers of one core each on the loopback interface, and the same SQL in DuckDB with two threads. Wall
seconds are what one waits for; CPU seconds are those of all processes, the cluster's too. Cold is the first query,
with the session opened for it; warm is the same again. On one machine DuckDB wins by far: a cluster is for logs that
no machine holds, see the guide, `bigger.md`.
"""

import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks import _simulated_logs
from eigenform.analytics.purchase_log import Columns, Window, read_shared
from scripts.spark_cluster import cluster, why_not

SIZES = (1_000_000, 10_000_000)
_COLUMNS = Columns("customer", "date", "amount")


def table() -> str:
    """Return the measured table as Markdown."""
    reason = why_not()
    if reason:
        return f"Not measured: {reason}."
    lines = ["| customers | purchases | distinct histories | engine | wall s | CPU s |", "|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        logs = [_simulated_logs.log(Path(folder), customers) for customers in SIZES]
        for log, customers in zip(logs, SIZES, strict=True):
            lines += _rows(log, customers, {"DuckDB": None})
        with cluster(memory="4g") as url:
            from eigenform.analytics import spark

            began, used = time.perf_counter(), _cpu_seconds()
            session, _ours = spark.session(f"{url}?spark.executor.memory=3g&spark.driver.memory=2g")
            try:
                opening = f"{time.perf_counter() - began:.1f} | {_cpu_seconds() - used:.1f}"
                lines.append(f"| | | | Spark, opening the session | {opening} |")
                for log, customers in zip(logs, SIZES, strict=True):
                    lines += _rows(log, customers, {"Spark, cold": url, "Spark, warm": url})
            finally:
                session.stop()
    return "\n".join(lines)


def _rows(log: Path, customers: int, engines: dict[str, str | None]) -> list[str]:
    purchases = pq.read_metadata(log).num_rows
    lines = []
    for name, url in engines.items():
        began, used = time.perf_counter(), _cpu_seconds()
        found = read_shared(log, _COLUMNS, Window(), engine_url=url)
        cost = f"{time.perf_counter() - began:.1f} | {_cpu_seconds() - used:.1f}"
        if found.summary.customers != customers:
            raise SystemExit(f"{name} counted {found.summary.customers:,.0f} customers of {customers:,}")
        lines.append(f"| {customers:,} | {purchases:,} | {len(found):,} | {name} | {cost} |")
    return lines


def _cpu_seconds() -> float:
    """Return the CPU seconds of this process and of the processes that it started, and so on down, that still run."""
    parent_of, seconds_of = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(stat.parent.name)
        parent_of[pid], seconds_of[pid] = int(fields[1]), sum(map(int, fields[11:15])) / 100.0
    mine = {int(Path("/proc/self").resolve().name)}
    while more := {pid for pid, parent in parent_of.items() if parent in mine} - mine:
        mine |= more
    return sum(seconds_of[pid] for pid in mine)


if __name__ == "__main__":
    print(table())
