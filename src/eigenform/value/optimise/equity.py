"""How much to spend on winning customers and how much on keeping them.

The share of prospects won by spending A on each is a(A) = C_a (1 - exp(-k_a A)), the share of customers kept a
period by spending R on each is r(R) = C_r (1 - exp(-k_r R)). A customer won brings a margin m now, and each period
kept m less what keeping costs, discounted by d:

    V(R) = m + (m - R / r) r' / (1 - r'),  r' = r / (1 + d)        equity per prospect = a V - A

The best R does not depend on A; given it, A = ln(k_a C_a V) / k_a.

Source: Blattberg and Deighton (1996), Harvard Business Review 74(4) 136-144.
"""

import math
from dataclasses import dataclass
from typing import Final

from scipy.optimize import minimize_scalar

from eigenform.base.errors import Refused

_GRID: Final = 400  # places looked at before the best is refined: V may have two humps


class ImpossibleEquity(Refused):
    """Curves, margin or discount that make no sense."""

    code = "value.impossible_equity"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The split between winning and keeping cannot be told: {reason}.")


@dataclass(frozen=True, slots=True)
class Curve:
    """The share reached by a spend: ceiling (1 - exp(-rate spend)). 0 < ceiling <= 1, rate > 0 per unit of money."""

    ceiling: float
    rate: float

    def __post_init__(self) -> None:
        if not 0 < self.ceiling <= 1:
            raise ImpossibleEquity(reason=f"the highest share that can be reached is {self.ceiling:g}, not in 0 to 1")
        if not (self.rate > 0 and math.isfinite(self.rate)):
            raise ImpossibleEquity(reason=f"the curve's rate is {self.rate:g}, not above 0")

    def at(self, spend: float) -> float:
        """Return the share reached by this spend."""
        return -self.ceiling * math.expm1(-self.rate * spend)


@dataclass(frozen=True, slots=True)
class Split:
    """The best spends and what they bring.

    keep_spend, keep_share    per customer and period, and the share kept
    win_spend, win_share      per prospect, and the share won
    customer_value            V: what a customer won is worth, the first margin included
    equity                    per prospect
    win_spend_first_margin    what would be spent on winning if only the first margin counted
    """

    keep_spend: float
    keep_share: float
    win_spend: float
    win_share: float
    customer_value: float
    equity: float
    win_spend_first_margin: float


def calibrated(spend: float, share: float, ceiling: float) -> Curve:
    """Return the curve through one observation, below a ceiling: this spend reached this share.

    Raises ImpossibleEquity unless spend > 0 and 0 < share < ceiling <= 1.
    """
    if not (spend > 0 and math.isfinite(spend)):
        raise ImpossibleEquity(reason="the spend that was observed must be above 0")
    if not 0 < share < ceiling:
        raise ImpossibleEquity(
            reason=f"the share observed ({share:g}) must lie between 0 and the ceiling ({ceiling:g})"
        )
    return Curve(ceiling, -math.log1p(-share / ceiling) / spend)


def customer_value(keep_spend: float, *, margin: float, discount: float, keep: Curve) -> float:
    """Return V(R): the margin now and what later periods bring after keeping, per customer won."""
    kept = keep.at(keep_spend)
    later = kept / (1.0 + discount)
    # (m - R / r) r' / (1 - r') with R / r x r' = R / (1 + d): no division by a share of 0
    return margin + (margin * later - keep_spend / (1.0 + discount)) / (1.0 - later)


def split(*, margin: float, discount: float, win: Curve, keep: Curve) -> Split:
    """Return the spends on winning and keeping that make equity per prospect largest.

    margin    per customer and period, > 0;  discount  per period, > 0
    """
    if not (margin > 0 and math.isfinite(margin)):
        raise ImpossibleEquity(reason="the margin per customer and period must be above 0")
    if not (discount > 0 and math.isfinite(discount)):
        raise ImpossibleEquity(reason="the discount per period must be above 0")
    keep_spend = _best_keep_spend(margin, discount, keep)
    value = customer_value(keep_spend, margin=margin, discount=discount, keep=keep)
    win_spend = _win_spend(value, win)
    return Split(
        keep_spend=keep_spend,
        keep_share=keep.at(keep_spend),
        win_spend=win_spend,
        win_share=win.at(win_spend),
        customer_value=value,
        equity=win.at(win_spend) * value - win_spend,
        win_spend_first_margin=_win_spend(margin, win),
    )


def _best_keep_spend(margin: float, discount: float, keep: Curve) -> float:
    """Look over the whole range first, then closely around the best: never more than the margin is worth for ever."""

    def loss(spend: float) -> float:
        return -customer_value(spend, margin=margin, discount=discount, keep=keep)

    top = margin  # spending more than the margin on keeping loses in every period
    grid = [top * i / _GRID for i in range(_GRID + 1)]
    best = min(range(len(grid)), key=lambda i: loss(grid[i]))
    if best == 0 and loss(grid[0]) <= loss(top / _GRID / 1000):
        return 0.0
    around = (grid[max(best - 1, 0)], grid[min(best + 1, _GRID)])
    found = minimize_scalar(loss, bounds=around, method="bounded", options={"xatol": 1e-10 * max(top, 1e-300)})
    return float(found.x)


def _win_spend(value: float, win: Curve) -> float:
    """Return ln(k C V) / k, 0 where even the first unit brings less than it costs."""
    first = win.rate * win.ceiling * value
    return math.log(first) / win.rate if first > 1 else 0.0
