"""Deliveries by partners against a promised day: mostly early, sometimes late, rarely never."""

from dataclasses import dataclass

import numpy as np

from eigenform.value.arrays import FloatArray, IntArray, frozen

PROMISED_DAYS_MIN = 3
EARLY_DAYS_SHARES = (0.45, 0.30, 0.17, 0.08)  # of the kept promises: on the day, one, two, three days early


@dataclass(frozen=True, slots=True, eq=False)
class Deliveries:
    """What was promised and what came, one entry per order, shape (m,); days from the start of the world.

    partner         number of the partner who delivers
    promised_day    last day on which the promise is kept
    delivered_day   nan where nothing ever came
    """

    partner: IntArray
    promised_day: IntArray
    delivered_day: FloatArray

    def __post_init__(self) -> None:
        for name, dtype in (("partner", int), ("promised_day", int), ("delivered_day", float)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))


def deliver(
    ordered_day: IntArray,
    *,
    partner_shares: FloatArray,
    late_shares: FloatArray,
    lost_share: float,
    days_late_mean: float,
    rng: np.random.Generator,
) -> Deliveries:
    """Promise a day for each order and let a partner deliver it.

    partner_shares  share of the orders that each partner gets, shape (partners,), sums to 1
    late_shares     share of each partner's deliveries that come after the promised day, shape (partners,)
    lost_share      share that never comes
    days_late_mean  mean days after the promised day, of the late ones; geometric, at least 1

    A late delivery comes 1 day late or more, a kept promise 0 to 3 days early: its mean gap is positive
    even for a partner who is often late, so that a mean alone hides them.
    """
    orders = len(ordered_day)
    partner = rng.choice(len(partner_shares), size=orders, p=partner_shares)
    promised = ordered_day + PROMISED_DAYS_MIN + rng.poisson(1.2, orders)
    is_late = rng.random(orders) < late_shares[partner]
    early_days = rng.choice(len(EARLY_DAYS_SHARES), size=orders, p=EARLY_DAYS_SHARES)
    late_days = rng.geometric(1.0 / days_late_mean, orders)
    delivered = np.where(is_late, promised + late_days, np.maximum(promised - early_days, ordered_day + 1)).astype(
        float
    )
    delivered[rng.random(orders) < lost_share] = np.nan
    return Deliveries(partner=partner, promised_day=promised, delivered_day=delivered)
