"""A turn's table of outcomes as trials: who was chosen and who left alone, in whose window, with what known before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from eigenform.analytics import frames
from eigenform.ledger.contracts import Past
from eigenform.value.arrays import BoolArray, FloatArray
from eigenform.value.response.trial import Trial

_EPOCH = date(1970, 1, 1)
_SEGMENTS_MAX = 20
_KNOWN = ("before_minor", "year_before_minor", "orders_year_before", "days_since_last")


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Columns of shape (n,): one customer of one decision or campaign each.

    own         probability of the arm that the customer got
    is_over     whether the whole window lies behind the turn's day; only these are measured
    known       (n, k) what was known before
    stake       worth of the relationship when it was decided; nan for campaigns and where it was not known
    """

    campaign: np.ndarray
    segment: np.ndarray
    turn: np.ndarray
    offer: np.ndarray
    treated: BoolArray
    own: FloatArray
    day: FloatArray
    is_over: BoolArray
    margin_minor: FloatArray
    bought: FloatArray
    known: FloatArray
    stake: FloatArray

    def trial(self, rows: BoolArray, outcome: str) -> Trial:
        """Return the trial of these rows with one outcome. Raises ImpossibleTrial."""
        values = self.margin_minor if outcome == "margin" else self.bought
        return Trial(values[rows], self.treated[rows], propensity(self.treated[rows], self.own[rows]))

    def covariates(self, rows: BoolArray) -> FloatArray:
        """Return what was known before of these rows, the commonest segments as columns of 0 and 1."""
        names, times = np.unique(self.segment[rows], return_counts=True)
        kept = names[np.argsort(-times, kind="stable")][1:_SEGMENTS_MAX]  # the commonest is what the others differ from
        marks = [(self.segment[rows] == name).astype(float) for name in kept]
        return np.column_stack([self.known[rows], *marks])

    def days(self, rows: BoolArray) -> tuple[date, date]:
        """Return the first and the last day on which any of these was decided."""
        return day_of(self.day[rows].min()), day_of(self.day[rows].max())


def read(table: pa.Table, past: Sequence[Past], *, as_of: date, window_days: int) -> Outcomes:
    """Return the table's columns, with what the ledger knew of each decision."""
    made = {float(p.seq): p for p in past}
    seqs = frames.numbers(table, "decision_seq").tolist()
    of = [made.get(seq) for seq in seqs]
    day = frames.numbers(table, "assigned_on")
    first = np.array([1.0 if seq else 0.0 for seq in seqs])  # a decision's window begins the day after
    known = np.column_stack([frames.numbers(table, name) for name in _KNOWN])
    known[:, -1] = np.log1p(np.maximum(known[:, -1], 0.0))
    return Outcomes(
        campaign=np.array(frames.texts(table, "campaign"), dtype=str),
        segment=np.array(frames.texts(table, "segment"), dtype=str),
        turn=np.array([p.turn if p else 0 for p in of], dtype=np.int64),
        offer=np.array([(p.offer or p.kind) if p else "" for p in of], dtype=str),
        treated=frames.numbers(table, "treated") > 0.5,
        own=frames.numbers(table, "propensity"),
        day=day,
        is_over=day + first + window_days - 1 <= (as_of - _EPOCH).days,
        margin_minor=frames.numbers(table, "after_minor"),
        bought=(frames.numbers(table, "orders_after") > 0).astype(float),
        known=known,
        stake=np.array([p.stake_minor if p and p.stake_minor else np.nan for p in of], dtype=float),
    )


def propensity(treated: BoolArray, own: FloatArray) -> FloatArray:
    """Return each one's probability of being treated, given that they are in one of the two arms.

    own  probability of what each got. Equal within each arm (say 1/3 and 1/3 of three arms): their proportion. Else
         there are but two arms, and who was left alone with probability p was treated with 1 - p.
    """
    chosen, left = own[treated], own[~treated]
    if len(chosen) and len(left) and np.ptp(chosen) == 0 and np.ptp(left) == 0 and chosen[0] + left[0] > 0:
        return np.full(len(own), chosen[0] / (chosen[0] + left[0]))
    return np.where(treated, own, 1.0 - own)


def day_of(days: float) -> date:
    """Return the day so many days after 1 January 1970."""
    return _EPOCH + timedelta(days=int(days))
