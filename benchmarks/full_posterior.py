"""The full posterior of four population parameters

4,000 weighted draws on the CDNOW sample: peak, curvature, a pilot round, importance weights, under the models' weak
priors. Each row is a process of its own; its imports and reading are left out, the fit counts. Effective draws are what
the weighted ones are worth. `lifetimes` has no posterior; samplers take 13 to 17 CPU seconds for BG/NBD (measured
elsewhere on a machine of this kind) and did not end in ten minutes for Pareto/NBD.
"""

import tempfile
from pathlib import Path

from benchmarks import _measure
from benchmarks.fresh_fit import write_sample

OURS = """
import sys, time
from datetime import date
import numpy as np
from eigenform.analytics import purchase_log
from eigenform.value.lifetime import bg_nbd, cells, mbg_nbd, pareto_nbd, posterior
log = purchase_log.read(
    sys.argv[2], purchase_log.Columns("customer", "date"), purchase_log.Window(until_on=date(1997, 9, 30))
)
model = {"BG/NBD": bg_nbd, "MBG/NBD": mbg_nbd, "Pareto/NBD": pareto_nbd}[sys.argv[1]]
base = cells.collapse(log.summary)
began = time.process_time()
prior, rng = model.WEAK_PRIOR, np.random.default_rng(1)
found = posterior.posterior(model.fit(base, prior=prior), model.objective(base), prior=prior, draws=4000, rng=rng)
told = [f"{mean:.3f} ± {sd:.3f}" for mean, sd in zip(found.mean, found.sd)]
print(time.process_time() - began, found.effective, found.method, *told, sep="|")
"""


def table() -> str:
    """Return the measured table as Markdown."""
    lines = ["| model | CPU s | effective draws | method | posterior mean ± sd |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cdnow.csv"
        write_sample(log)
        for name in ("BG/NBD", "MBG/NBD", "Pareto/NBD"):
            run = _measure.python(OURS, name, str(log))
            cpu, effective, method, *found = run.text.strip().splitlines()[-1].split("|")
            lines.append(f"| {name} | {float(cpu):.2f} | {float(effective):,.0f} | {method} | {', '.join(found)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
