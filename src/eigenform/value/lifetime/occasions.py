"""The ways in which a pattern of occasions can have come about, for BG/BB: still a customer, or gone at some occasion.

Every factor is a rising factorial of a parameter by a whole number of steps, so each comes from a table as long as the
longest history, whatever the number of customers.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from scipy.special import digamma

from eigenform.value.arrays import FloatArray, IntArray
from eigenform.value.lifetime.beta_geometric import log_rising
from eigenform.value.lifetime.summary import ImpossibleHistory, Summary, refuse_rows

_WAYS_MAX: Final = 20_000_000  # 160 MB an array


class BetaBernoulli(Protocol):
    """The parameters of BG/BB."""

    @property
    def alpha(self) -> float: ...
    @property
    def beta(self) -> float: ...
    @property
    def gamma(self) -> float: ...
    @property
    def delta(self) -> float: ...


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """One way per pattern to be a customer still, and one to be gone for each occasion since the last one used.

    repeats, age   occasions used and had, shape (n,)
    row, stayed    of each way to be gone: whose pattern, and after how many occasions, shape (ways,), rows in order
    """

    repeats: IntArray
    age: IntArray
    row: IntArray
    stayed: IntArray

    @classmethod
    def of(cls, summary: Summary) -> "Ways":
        """Return the ways of each pattern. Raises ImpossibleHistory for weeks that are no whole occasions."""
        x, last, age = summary.repeats, summary.last_week, summary.age_weeks
        refuse_rows(age != np.floor(age), "age_weeks must be a whole number of occasions here")
        refuse_rows(last != np.floor(last), "last_week must be the number of an occasion here")
        refuse_rows(x > last, "more occasions were used than there were up to the last one used")
        gaps = (age - last).astype(np.int64)
        if gaps.sum() > _WAYS_MAX:
            raise ImpossibleHistory(
                reason="the histories have too many occasions; count in longer periods, or use BG/NBD"
            )
        row = np.repeat(np.arange(len(gaps)), gaps)
        since = np.arange(len(row)) - np.repeat(np.cumsum(gaps) - gaps, gaps)
        return cls(x.astype(np.int64), age.astype(np.int64), row, last.astype(np.int64)[row] + since)

    def logs(self, p: BetaBernoulli) -> tuple[FloatArray, FloatArray]:
        """Return ln of the chance of each pattern and of staying, shape (n,), and of each way to be gone, (ways,)."""
        x, n, m = self.repeats, self.age, self.stayed
        used, unused, had, stays, chances = (
            log_rising(start, self._steps) for start in (p.alpha, p.beta, p.alpha + p.beta, p.delta, p.gamma + p.delta)
        )
        silent = used[x] + unused[n - x] - had[n] + stays[n] - chances[n]
        x = x[self.row]
        gone = used[x] + unused[m - x] - had[m] + stays[m] - chances[m + 1] + np.log(p.gamma)
        return silent, gone

    def slopes(self, p: BetaBernoulli) -> tuple[FloatArray, FloatArray]:
        """Return the derivatives of both logs by alpha, beta, gamma and delta, shapes (4, n) and (4, ways)."""
        x, n, m = self.repeats, self.age, self.stayed
        used, unused, had, stays, chances = (
            digamma(start + self._steps) - digamma(start)
            for start in (p.alpha, p.beta, p.alpha + p.beta, p.delta, p.gamma + p.delta)
        )
        silent = np.stack([used[x] - had[n], unused[n - x] - had[n], -chances[n], stays[n] - chances[n]])
        x = x[self.row]
        last = chances[m + 1]
        gone = np.stack([used[x] - had[m], unused[m - x] - had[m], 1.0 / p.gamma - last, stays[m] - last])
        return silent, gone

    def log_sums(self, gone: FloatArray) -> FloatArray:
        """Return ln of the summed chances of each pattern's ways to be gone, shape (n,); -inf where there is none."""
        sums = np.full(len(self.repeats), -np.inf)
        if len(gone):
            begins = np.flatnonzero(np.diff(self.row, prepend=-1))
            sums[self.row[begins]] = np.logaddexp.reduceat(gone, begins)
        return sums

    @property
    def _steps(self) -> FloatArray:
        return np.arange(self.age.max(initial=0) + 2.0)
