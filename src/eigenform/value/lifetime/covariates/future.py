"""How much buying a living customer has ahead, given what the calendar says will be in force.

For a customer alive on the day of judgement T, the leaving rate is Gamma(s, beta + B(T)), so that they are still there
at u with probability ((beta + B(T)) / (beta + B(u)))^s. The expected purchases are the mean buying rate times

    integral from T to T + horizon of a(u) ((beta + B(T)) / (beta + B(u)))^s du,

which within a run of constant covariates has a closed form.
"""

import numpy as np

from eigenform.value.arrays import FloatArray
from eigenform.value.lifetime.covariates.histories import Histories
from eigenform.value.lifetime.covariates.likelihood import Rates


def weeks_of_buying(at: Rates, given: Histories, with_beta: FloatArray, horizon_weeks: float) -> FloatArray:
    """Return that integral for every customer, shape (n,); with_beta is beta + B on the day of judgement."""
    known = given.calendar
    ends_of_runs = known.ends
    begin = given.born_week + given.summary.age_weeks
    until = begin + horizon_weeks
    run = known.run_at(given.track, begin)
    last_run = known.first[given.track + 1] - 1
    grown, total, rows = with_beta.copy(), np.zeros(len(given)), np.arange(len(given))
    while len(rows):
        now = run[rows]
        stop = np.where(now < last_run[rows], np.minimum(ends_of_runs[now], until[rows]), until[rows])
        step = at.leaving[now] * np.maximum(stop - begin[rows], 0.0)
        growth = np.log1p(step / grown[rows])
        there = np.exp(-at.s * np.log(grown[rows] / with_beta[rows]))
        total[rows] += at.buying[now] / at.leaving[now] * there * grown[rows] * _lasting(at.s, growth)
        grown[rows] += step
        begin[rows] = np.maximum(stop, begin[rows])
        run[rows] += 1
        rows = rows[(stop < until[rows]) & (now < last_run[rows])]
    return total


def _lasting(s: float, growth: FloatArray) -> FloatArray:
    """Return (1 - exp(-(s - 1) g)) / (s - 1), which is g at s = 1."""
    off = (s - 1.0) * growth
    near = np.abs(off) < 1e-8
    safe = np.where(near, 1.0, off)
    return growth * np.where(near, 1.0 - 0.5 * off, -np.expm1(-safe) / safe)
