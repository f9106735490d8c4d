"""Money shared out over efforts whose returns diminish, until the last unit brings the same everywhere.

Each effort returns c (1 - exp(-k b)) for a budget b. The best split of B makes the marginal returns c k exp(-k b)
equal to one price wherever anything is spent; an effort whose first unit brings less than that gets nothing. The
price is what one more unit of the whole budget would bring.

Source: Everett (1963), Operations Research 11(3) 399-417 (one multiplier for a shared resource).
"""

from dataclasses import dataclass

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import FloatArray


class ImpossibleReturns(Refused):
    """Return curves or a budget that make no sense."""

    code = "value.impossible_returns"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The budget cannot be shared: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """How much each effort gets, what one more unit of budget would bring, and what all return.

    budgets  shape (n,), sums to the budget;  price  per unit of budget;  returns  shape (n,);  total  their sum
    """

    budgets: FloatArray
    price: float
    returns: FloatArray
    total: float


def returned(ceilings: FloatArray, rates: FloatArray, budgets: FloatArray) -> FloatArray:
    """Return what each effort brings: ceiling (1 - exp(-rate budget)), shape (n,)."""
    found: FloatArray = -np.asarray(ceilings, float) * np.expm1(-np.asarray(rates, float) * np.asarray(budgets, float))
    return found


def share_out(ceilings: FloatArray, rates: FloatArray, budget: float) -> Shared:
    """Share a budget over efforts so that the total return is largest.

    ceilings  what each effort returns at most, >= 0, shape (n,), in the unit of the return
    rates     how fast it comes near that, > 0, shape (n,), per unit of budget
    budget    to be shared, >= 0

    Efforts join in order of what their first unit brings (ceiling x rate); with m of them the price follows in
    closed form, ln price = (sum of ln(c k) / k - budget) / sum of 1 / k. Raises ImpossibleReturns.
    """
    ceilings, rates = np.asarray(ceilings, float), np.asarray(rates, float)
    _refuse(ceilings, rates, budget)
    first = ceilings * rates
    order = np.argsort(-first, kind="stable")
    order = order[first[order] > 0]
    if len(order) == 0:
        return Shared(np.zeros(len(rates)), 0.0, np.zeros(len(rates)), 0.0)
    logs = np.log(first[order])
    log_price = (np.cumsum(logs / rates[order]) - budget) / np.cumsum(1.0 / rates[order])
    after = np.append(logs[1:], -np.inf)
    joined = int(np.argmax(log_price >= after)) + 1  # the next one's first unit brings no more than the price
    budgets = np.zeros(len(rates))
    with_share = order[:joined]
    budgets[with_share] = np.maximum(logs[:joined] - log_price[joined - 1], 0.0) / rates[with_share]
    found = returned(ceilings, rates, budgets)
    return Shared(budgets, float(np.exp(log_price[joined - 1])), found, float(found.sum()))


def _refuse(ceilings: FloatArray, rates: FloatArray, budget: float) -> None:
    if ceilings.ndim != 1 or ceilings.shape != rates.shape:
        raise ImpossibleReturns(reason="every effort needs one ceiling and one rate")
    if not (np.isfinite(ceilings).all() and np.isfinite(rates).all() and np.isfinite(budget)):
        raise ImpossibleReturns(reason="ceilings, rates and the budget must be finite numbers")
    if (ceilings < 0).any() or (rates <= 0).any():
        raise ImpossibleReturns(reason="a ceiling is below 0 or a rate not above 0")
    if budget < 0:
        raise ImpossibleReturns(reason="the budget is below 0")
