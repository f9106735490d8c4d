"""Effort shared out: a million customers, five offers, six limits

The whole command `eigenform value allocate`, from a Parquet file to the chosen rows, with four channels' minutes, a
budget and a limit of contacts. Beside it HiGHS solves the linear programme of the same candidates where that ends in
reasonable time; it gets arrays that are ready, and need not find a whole choice.
"""

import json
import sys
import tempfile

from benchmarks.turn_online_retail import EIGENFORM, measured

SIZES = (10_000, 100_000, 1_000_000)
RIVAL_SIZES = (10_000,)

MAKE = """
import sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
n, path = int(sys.argv[1]), sys.argv[2]
rng = np.random.default_rng(1)
value = (3 * rng.lognormal(1.0, 1.0, n)[:, None] * rng.lognormal(0.0, 0.6, (n, 5))).ravel()
def named(codes, names):
    return pa.DictionaryArray.from_arrays(np.tile(np.array(codes, np.int32), n), names)
pq.write_table(pa.table({
    "customer": np.repeat(np.arange(n), 5),
    "offer": named(range(5), ["call", "e-mail", "letter", "message", "visit"]),
    "value": value,
    "cost": np.tile([2.0, 1.0, 0.5, 0.1, 4.0], n),
    "channel": named([0, 1, 2, 3, 0], ["phone", "email", "post", "sms"]),
    "minutes": np.tile([10.0, 5.0, 3.0, 0.5, 20.0], n),
}), path + "/candidates.parquet")
open(path + "/limits.toml", "w").write(
    f"budget = {0.2 * n}\\ncontacts = {n // 4}\\n[minutes]\\n"
    f"phone = {0.6 * n}\\nemail = {0.5 * n}\\npost = {0.2 * n}\\nsms = {0.02 * n}\\n")
"""
RIVAL = """
import sys, tomllib
import numpy as np, pyarrow.parquet as pq
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack
path = sys.argv[1]
rows = pq.read_table(path + "/candidates.parquet")
limits = tomllib.load(open(path + "/limits.toml", "rb"))
net = rows["value"].to_numpy() - rows["cost"].to_numpy()
channel = rows["channel"].combine_chunks().dictionary_decode().to_numpy(zero_copy_only=False)
shared = [rows["cost"].to_numpy(), np.ones(len(net))]
shared += [np.where(channel == name, rows["minutes"].to_numpy(), 0.0) for name in limits["minutes"]]
most = [limits["budget"], limits["contacts"], *limits["minutes"].values()]
one = csr_array((np.ones(len(net)), (rows["customer"].to_numpy(), np.arange(len(net)))))
answer = linprog(-net, A_ub=vstack([csr_array(np.array(shared)), one]),
                 b_ub=np.concatenate([most, np.ones(one.shape[0])]), bounds=(0, 1), method="highs-ipm")
print(-answer.fun)
"""


def table() -> str:
    """Return the measured table as Markdown."""
    lines = ["| customers × 5 | what | wall s | CPU s | peak MB | adds | gap |", "|---|---|---|---|---|---|---|"]
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            measured([sys.executable, "-c", MAKE, str(size), folder])
            command = [EIGENFORM, "value", "allocate", "--candidates", f"{folder}/candidates.parquet", "--limits"]
            ours = measured([*command, f"{folder}/limits.toml", "--out", f"{folder}/chosen.parquet", "--json"])
            answer = json.loads(ours[3])
            gap = f"{answer['gap']:.5%} proven"
            lines.append(_line(size, "`eigenform value allocate`", ours, answer["objective"], gap))
            if size in RIVAL_SIZES:
                rival = measured([sys.executable, "-c", RIVAL, folder])
                lines.append(_line(size, "HiGHS, interior point, linear programme", rival, float(rival[3]), "none"))
    return "\n".join(lines)


def _line(size: int, what: str, used: tuple[float, float, float, str], adds: float, gap: str) -> str:
    return f"| {size:,} | {what} | {used[0]:.1f} | {used[1]:.1f} | {used[2]:.0f} | {adds:,.1f} | {gap} |"


if __name__ == "__main__":
    print(table())
