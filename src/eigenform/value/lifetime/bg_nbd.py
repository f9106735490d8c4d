"""BG/NBD: how often customers buy, and when they silently leave.

While a customer lives, purchases come as a Poisson process with a rate of the customer's own, drawn
from Gamma(r, alpha). After every repeat purchase the customer leaves with a probability of their own,
drawn from Beta(a, b). Nobody sees the leaving.

Who never came back gets P(alive) = 1: the model lets people leave only after a repeat purchase. That is a property of
the model, not a finding about the customer; `mbg_nbd` lets them leave after the first purchase too.

Source: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2)
275-284; docs/algorithms/bg-nbd.md.
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
    a, b            beta distribution of the probability to leave after a repeat purchase (mean a / (a + b))
    """

    model: ClassVar[str] = "BG/NBD"
    first_chances: ClassVar[int] = 0


Fit = Fitted[Parameters]


def fit(summary: Summary | Cells, *, prior: Prior | None = None) -> Fit:
    """Fit the four parameters by maximum likelihood, or with a prior to the posterior mode.

    Equal histories are counted once with their weight, so a million customers cost what their distinct
    histories cost. Without a prior this is plain maximum likelihood as published; WEAK_PRIOR is for
    small samples. Never falls back in silence: read status.
    """
    return beta_geometric.fit(Parameters, summary, start=(0.5, 0.8, 2.5), prior=prior)


def objective(summary: Summary | Cells) -> Objective:
    """Return the log-likelihood and its gradient as a function of the log-parameters, in the order of NAMES."""
    return beta_geometric.objective(Parameters, collapse(summary))
