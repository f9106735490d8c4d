"""MBG/NBD: how often customers buy, and when they silently leave, be it after the very first purchase.

As BG/NBD, with one chance more: customers may leave right after their first purchase, with the same probability as
after any other. So somebody who never came back can be gone, and P(alive) falls with every silent week.

Source: Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer base
analysis, International Journal of Research in Marketing 24(3) 201-209; the same model as the CBG/NBD of Hoppe and
Wagner (2007), Marketing - Journal of Research and Management 3(2) 75-90; docs/algorithms/mbg-nbd.md.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from eigenform.value.lifetime import beta_geometric
from eigenform.value.lifetime.beta_geometric import (
    NAMES,
    Simulated,
    count_mass,
    expected_if_alive,
    expected_new,
    expected_purchases,
    log_likelihood,
    probability_alive,
    score,
    simulate,
)
from eigenform.value.lifetime.cells import Cells, collapse
from eigenform.value.lifetime.estimation import Objective, Prior
from eigenform.value.lifetime.fitted import Fitted
from eigenform.value.lifetime.summary import Summary

__all__ = [
    "NAMES",
    "WEAK_PRIOR",
    "Fit",
    "Parameters",
    "Simulated",
    "count_mass",
    "expected_if_alive",
    "expected_new",
    "expected_purchases",
    "fit",
    "log_likelihood",
    "objective",
    "probability_alive",
    "score",
    "simulate",
]

# For samples too small to speak alone. A typical customer buys every few months and a typical share of
# a fifth leaves after a purchase; each is believed within a factor of 3 (alpha 7) either way.
WEAK_PRIOR: Final = Prior(medians=(0.5, 8.0, 0.6, 2.5), log_sds=(1.0, 2.0, 1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Parameters(beta_geometric.BetaGeometric):
    """The spread of buying rates and of leaving over all customers; all positive.

    r, alpha_weeks  shape and rate of the gamma distribution of purchases per week (mean r / alpha_weeks)
    a, b            beta distribution of the probability to leave after a purchase, the first too (mean a / (a + b))
    """

    model: ClassVar[str] = "MBG/NBD"
    first_chances: ClassVar[int] = 1


Fit = Fitted[Parameters]


def fit(summary: Summary | Cells, *, prior: Prior | None = None) -> Fit:
    """Fit the four parameters by maximum likelihood, or with a prior to the posterior mode.

    Equal histories are counted once with their weight. Without a prior this is plain maximum likelihood;
    WEAK_PRIOR is for small samples. Never falls back in silence: read status.
    """
    return beta_geometric.fit(Parameters, summary, start=(0.5, 0.8, 2.5), prior=prior)


def objective(summary: Summary | Cells) -> Objective:
    """Return the log-likelihood and its gradient as a function of the log-parameters, in the order of NAMES."""
    return beta_geometric.objective(Parameters, collapse(summary))
