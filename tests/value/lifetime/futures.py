"""Futures made up one by one, as a slow and independent witness of the tables."""

import numpy as np

from eigenform.value.lifetime import gamma_gamma


def bg_futures(p, spend, history, draws, rng, *, weeks, discount_per_week=0.0):
    """Return counts and discounted sums of one history's many futures under BG/NBD, arrays of shape (draws,)."""
    from eigenform.value.lifetime import bg_nbd

    x, age = history.repeats[0], history.age_weeks[0]
    alive = rng.random(draws) < bg_nbd.probability_alive(p, history)[0]
    rate = rng.gamma(p.r + x, 1.0 / (p.alpha_weeks + age), draws)
    arrivals = np.where(alive, rng.poisson(rate * weeks), 0)
    leaves_after = rng.geometric(np.clip(rng.beta(p.a, p.b + x, draws), 1e-15, 1.0))
    counts = np.minimum(arrivals, leaves_after)
    shape, scale = gamma_gamma.posterior(spend, history.repeats, history.spend)
    nu = rng.gamma(shape[0], 1.0 / scale[0], draws)
    whose = np.repeat(np.arange(draws), arrivals)
    when = rng.uniform(0.0, weeks, len(whose))
    order = np.lexsort((when, whose))
    rank = np.arange(len(whose)) - np.repeat(np.cumsum(arrivals) - arrivals, arrivals)
    made = rank < counts[whose]
    amount = rng.gamma(spend.p, 1.0, made.sum()) / nu[whose[made]]
    sums = np.bincount(whose[made], weights=amount * np.exp(-discount_per_week * when[order][made]), minlength=draws)
    return counts, sums
