"""Fits that scores can stand on: plain maximum likelihood, else the model's weak prior, and then it is said."""

from dataclasses import dataclass
from typing import Any

from eigenform.analytics.lifetime.bases import Base, spend_unknown
from eigenform.analytics.lifetime.contracts import Belief
from eigenform.analytics.lifetime.fitting import fitted
from eigenform.analytics.lifetime.named import SPEND_NAME
from eigenform.value.lifetime.fitted import Fitted, NotConverged

_EMPTY = "the value columns are empty"


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """A fit of purchases that found its peak, with the prior that it took and what one should know of that."""

    model: str
    fit: Fitted[Any]
    prior: Belief
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SettledSpend:
    """A fit of amounts, or none and the reason said."""

    fit: Fitted[Any] | None
    prior: Belief = "none"
    said: tuple[str, ...] = ()


def settled(model: str, read: Base, *, prior: Belief) -> Settled:
    """Return the fit that scores stand on. Raises NotConverged if not even the weak prior settles it."""
    found = fitted(model, read, prior=prior)
    if found.converged:
        return Settled(model, found, prior)
    weak = fitted(model, read, prior="weak")
    if not weak.converged:
        raise NotConverged(status=weak.status)
    return Settled(model, weak, "weak", (_fell_back(model, found.status),))


def settled_spend(read: Base, *, prior: Belief, seen_min: float) -> SettledSpend:
    """Return the fit of amounts that values stand on, or none with the reason; never raises for what amounts say.

    seen_min  the fewest usable amounts of a customer: their expected amount must be finite too
    """
    if read.summary.mean_spend is None and not read.amounts_named:
        return no_amounts()
    unknown = spend_unknown(read.summary)
    if unknown is not None:
        return SettledSpend(None, said=(f"Value cannot be told, and {_EMPTY}: {unknown}.",))
    found = fitted(SPEND_NAME, read, prior=prior)
    trouble = _trouble(found, seen_min)
    if trouble is None:
        return SettledSpend(found, prior)
    weak = fitted(SPEND_NAME, read, prior="weak")
    weak_trouble = _trouble(weak, seen_min)
    if weak_trouble is None:
        return SettledSpend(weak, "weak", (_fell_back(SPEND_NAME, trouble),))
    return SettledSpend(None, said=(f"Value cannot be told, and {_EMPTY}: {SPEND_NAME} is {weak_trouble}.",))


def no_amounts() -> SettledSpend:
    """Return that no amounts were named."""
    return SettledSpend(None, said=(f"There are no amounts (--amount), so that {_EMPTY}.",))


def _trouble(found: Fitted[Any], seen_min: float) -> str | None:
    """Return why amounts cannot be expected from a fit, None if they can."""
    if not found.converged:
        return found.status
    at = found.parameters
    return None if at.q + at.p * seen_min > 1.0 else f"so wide (q = {at.q:.3g}) that customers have no finite mean"


def _fell_back(model: str, status: str) -> str:
    return f"Plain maximum likelihood of {model} was {status}. So its weak prior was used, as --prior weak does."
