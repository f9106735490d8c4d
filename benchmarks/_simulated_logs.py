"""Purchase logs of simulated customers, of any size, kept for the time of a benchmark.

CDNOW's parameters (Pareto/NBD .553 10.578 .606 11.669 in weeks, amounts Gamma-Gamma 6.25 3.74 15.44); first purchases
spread over 364 days, watched to day 545; dates without times, random ids, rows in order of date: as a shop's log is.
"""

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from eigenform.value.lifetime import pareto_nbd

TRUTH = pareto_nbd.Parameters(0.553, 10.578, 0.606, 11.669)
DAYS, ARRIVING_DAYS = 545, 364
_CHUNK = 500_000
_FIRST_DAY = np.datetime64("2024-01-01", "D")


def log(folder: Path, customers: int) -> Path:
    """Write the log of so many customers as Parquet, unless it is there."""
    path = folder / f"log-{customers}.parquet"
    if not path.exists():
        raw = folder / f"raw-{customers}.parquet"
        rng = np.random.default_rng(20_260_101)
        with pq.ParquetWriter(raw, _part(1, 1, rng).schema) as out:
            for begin in range(0, customers, _CHUNK):
                out.write_table(_part(begin, min(_CHUNK, customers - begin), rng))
        duckdb.execute(f"COPY (FROM '{raw}' ORDER BY date) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
        raw.unlink()
    return path


def _part(begin: int, n: int, rng: np.random.Generator) -> pa.Table:
    arrived = rng.uniform(0.0, ARRIVING_DAYS, n)
    made = pareto_nbd.simulate(TRUTH, (DAYS - arrived) / 7.0, rng)
    who = np.concatenate([np.arange(n), made.customer])
    day = np.concatenate([arrived, arrived[made.customer] + 7.0 * made.week]).astype(int)
    own_rate = rng.gamma(3.74, 1.0 / 15.44, n)
    amount = np.round(rng.gamma(6.25, 1.0, len(who)) / own_rate[who], 2) + 0.01
    ids = ((np.arange(begin, begin + n, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(
        24
    )
    return pa.table({"customer": ids[who].astype(np.int64), "date": _FIRST_DAY + day, "amount": amount})
