"""Purchases of customers who live, buy and leave as BG/NBD says, for amounts as Gamma-Gamma says.

Rate of buying        lambda ~ Gamma(r, rate alpha), per week
Leaving               with probability p ~ Beta(a, b) after each repeat purchase
Amount of a purchase  ~ Gamma(shape p, rate nu), nu ~ Gamma(shape q, rate gamma)

Source: Fader, Hardie and Lee (2005), Marketing Science 24(2) 275-284; Fader and Hardie (2013),
brucehardie.com/notes/025.
"""

from dataclasses import dataclass

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray, frozen
from eigenform.value.lifetime import bg_nbd, gamma_gamma


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """What drives each of n customers, arrays of shape (n,); nobody in a real firm sees them.

    rate_per_week      purchases a week while alive, > 0
    leave_probability  of leaving after each repeat purchase, in (0, 1)
    mean_spend         mean amount of a purchase, in money
    spend_shape        shape of the amounts about their mean, the same for all
    """

    rate_per_week: FloatArray
    leave_probability: FloatArray
    mean_spend: FloatArray
    spend_shape: float

    def __post_init__(self) -> None:
        for name in ("rate_per_week", "leave_probability", "mean_spend"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.rate_per_week)


@dataclass(frozen=True, slots=True, eq=False)
class Purchases:
    """Every purchase, shape (m,), by customer and time; and who is alive at the end, shape (n,).

    customer  number of the customer, 0 to n - 1
    week      of the purchase, from the start of the world; a customer's first one is the week they came
    amount    in money
    """

    customer: IntArray
    week: FloatArray
    amount: FloatArray
    is_alive: BoolArray

    def __post_init__(self) -> None:
        for name, dtype in (("customer", int), ("week", float), ("amount", float), ("is_alive", bool)):
            object.__setattr__(self, name, frozen(getattr(self, name), dtype))


def draw_traits(
    customers: int, *, counts: bg_nbd.Parameters, amounts: gamma_gamma.Parameters, rng: np.random.Generator
) -> Traits:
    """Draw what drives each customer from the two populations."""
    spend_rate = rng.gamma(amounts.q, 1.0 / amounts.gamma, customers)
    return Traits(
        rate_per_week=np.maximum(rng.gamma(counts.r, 1.0 / counts.alpha_weeks, customers), 1e-12),
        leave_probability=np.clip(rng.beta(counts.a, counts.b, customers), 1e-12, 1.0 - 1e-12),
        mean_spend=amounts.p / spend_rate,
        spend_shape=amounts.p,
    )


def simulate_purchases(
    traits: Traits, *, came_week: FloatArray, end_week: float, rng: np.random.Generator
) -> Purchases:
    """Return all purchases up to end_week of customers whose first purchase is at came_week, shape (n,).

    The next purchase of everybody still there is drawn at once, round by round, until nobody is left
    who buys before the end.
    """
    week = np.array(came_week, float)
    is_alive = np.ones(len(traits), dtype=bool)
    buying = np.flatnonzero(week <= end_week)
    who, when = [buying], [week[buying]]
    while len(buying):
        week[buying] += rng.exponential(1.0 / traits.rate_per_week[buying])
        buying = buying[week[buying] <= end_week]
        who.append(buying)
        when.append(week[buying])
        leaves = rng.random(len(buying)) < traits.leave_probability[buying]
        is_alive[buying[leaves]] = False
        buying = buying[~leaves]
    customer, weeks = np.concatenate(who), np.concatenate(when)
    order = np.lexsort((weeks, customer))
    customer, weeks = customer[order], weeks[order]
    amount = rng.gamma(traits.spend_shape, traits.mean_spend[customer] / traits.spend_shape)
    return Purchases(customer=customer, week=weeks, amount=amount, is_alive=is_alive)


def expected_value(traits: Traits, is_alive: BoolArray, *, horizon_weeks: float) -> FloatArray:
    """Return what each customer will truly spend on average within the horizon, in money, shape (n,).

    Who is alive buys at rate lambda and stays through a time s with probability exp(-lambda p s), so that
    the expected number of purchases is (1 - exp(-lambda p h)) / p. Who left buys nothing. Undiscounted.
    """
    leave = traits.leave_probability
    purchases = -np.expm1(-traits.rate_per_week * leave * horizon_weeks) / leave
    return np.where(is_alive, purchases * traits.mean_spend, 0.0)
