"""The truth of a simulated firm, and whether a judgement found it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import rankdata

from eigenform.value.arrays import FloatArray, frozen

TOP_CUSTOMERS: Final = 50
TOP_SHARE_MIN: Final = 0.3
RANK_CORRELATION_MIN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted on purpose, to be found: the attribute that disappoints and the partner who is late."""

    category: str
    attribute: str
    partner: str


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What is true of the firm on the last day.

    planted         None in a firm where nothing is amiss
    gaps            true mean gap of each (category, attribute) over the segments, in points, shape (attributes,)
    late_shares     true chance of each partner to be late, shape (partners,)
    customers       keys, shape (n,)
    future_value    expected spend of each in the horizon, in money, shape (n,)
    segment         segment of each customer, shape (n,)
    horizon_weeks   over which the value counts
    """

    planted: Planted | None
    gaps: FloatArray
    late_shares: FloatArray
    customers: np.ndarray
    future_value: FloatArray
    segment: np.ndarray
    horizon_weeks: float

    def __post_init__(self) -> None:
        for name in ("gaps", "late_shares", "future_value"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def best_customers(self) -> tuple[str, ...]:
        """Keys of the customers worth most, best first."""
        best = np.argsort(-self.future_value, kind="stable")[:TOP_CUSTOMERS]
        return tuple(str(key) for key in self.customers[best])

    @property
    def best_segment(self) -> str:
        """Segment whose customers are worth most on average."""
        return _best_segment(self.segment, self.future_value)


@dataclass(frozen=True, slots=True)
class Found:
    """What a turn says: changes and talks that it would make, in its own order, best first."""

    attributes: Sequence[tuple[str, str]]  # (category, attribute)
    partners: Sequence[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a judgement agrees with the truth.

    attribute      the planted attribute is the first that a change is decided for
    partner        the planted partner is the first with whom to talk
    worth          the customers worth most were found: all three figures below suffice
    top_share      share of the truly best customers among the equally many that are thought best
    rank_correlation  Spearman's, over all customers
    best_segment   the segment worth most per head is the one thought so
    silent         neither a change nor a talk is decided
    """

    attribute: bool
    partner: bool
    worth: bool
    top_share: float
    rank_correlation: float
    best_segment: bool
    silent: bool

    @property
    def found_all(self) -> bool:
        """Whether everything that was planted was found."""
        return self.attribute and self.partner and self.worth


def judge(truth: Truth, found: Found, estimated_worth: FloatArray) -> Verdict:
    """Compare what was found with the truth.

    estimated_worth  of each customer of `truth.customers`, shape (n,), nan where it cannot be told

    Which customers are worth most cannot be known: rates and leaving are hidden, and luck decides who
    bought lately. By chance TOP_CUSTOMERS / n of the best would be named (3 % of 1,500); we ask for
    TOP_SHARE_MIN of them, a rank correlation of RANK_CORRELATION_MIN and the right best segment.
    """
    planted = truth.planted
    value = np.where(np.isfinite(estimated_worth), estimated_worth, -np.inf)
    best = np.argsort(-value, kind="stable")[:TOP_CUSTOMERS]
    top_share = len(set(truth.best_customers) & {str(key) for key in truth.customers[best]}) / TOP_CUSTOMERS
    told = np.isfinite(estimated_worth)
    correlation = _rank_correlation(value, truth.future_value) if told.any() else 0.0
    best_segment = bool(told.any()) and _best_segment(truth.segment[told], estimated_worth[told]) == truth.best_segment
    return Verdict(
        attribute=planted is not None and list(found.attributes)[:1] == [(planted.category, planted.attribute)],
        partner=planted is not None and list(found.partners)[:1] == [planted.partner],
        worth=top_share >= TOP_SHARE_MIN and correlation >= RANK_CORRELATION_MIN and best_segment,
        top_share=top_share,
        rank_correlation=correlation,
        best_segment=best_segment,
        silent=not found.attributes and not found.partners,
    )


def _rank_correlation(one: FloatArray, other: FloatArray) -> float:
    a, b = rankdata(one), rankdata(other)
    spread = a.std() * b.std()
    return float(np.mean((a - a.mean()) * (b - b.mean())) / spread) if spread > 0 else 0.0


def _best_segment(segment: np.ndarray, worth: FloatArray) -> str:
    names = np.unique(segment)
    return str(names[np.argmax([worth[segment == name].mean() for name in names])])
