"""Which purchase model tells worth: those at hand are tried on purchases that they have not seen.

Each is fitted to the histories as of an earlier day and asked for the purchases since. The best by calibrated error (a
proper score: it pays for telling the whole range of what each customer did, not only the mean) is used; of those that
chance cannot tell from it the plainest, so that worth does not change its ground from turn to turn by luck. Where too
little is known for such a trial, BG/NBD is used, and the reason is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from eigenform.value.lifetime import Summary
from eigenform.value.lifetime import worth as engine
from eigenform.value.lifetime.compare import compare
from eigenform.value.lifetime.holdout import Holdout
from eigenform.value.lifetime.holdout_parts import Decile, Week

# The plainest first.
NAMES: Final = MappingProxyType({"bg-nbd": "BG/NBD", "mbg-nbd": "MBG/NBD", "pareto-nbd": "Pareto/NBD"})
PLAIN: Final = "bg-nbd"
HISTORY_WEEKS_MIN: Final = 26
BOUGHT_MIN: Final = 100  # purchases in the hold-out; fewer cannot tell good from lucky
_ALIKE_ERRORS: Final = 2.0  # a mean difference below so many standard errors may be chance
_DRAWS: Final = 24  # of the parameters at most: a trial compares models, it need not be exact to the last digit


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """What was known on the day of the cut, and what was bought in the `weeks` since; arrays of shape (n,).

    whole          False where the source declares sampled histories
    week_of_purchase  the week (from 1) of every purchase since, of customers known then
    history_weeks  from the beginning of the base's history to today
    """

    cut_on: date
    weeks: int
    history_weeks: float
    repeats: NDArray[np.float64]
    last_week: NDArray[np.float64]
    age_weeks: NDArray[np.float64]
    bought_since: NDArray[np.float64]
    whole: NDArray[np.bool_]
    week_of_purchase: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tried:
    """How one model did: mean CRPS a customer, mean absolute error, purchases expected with interval, coverage."""

    model: str
    score: float
    mae: float
    expected: float
    low: float
    high: float
    coverage_80: float
    coverage_80_interval: float


@dataclass(frozen=True, slots=True)
class Trial:
    """The hold-out: from the cut on, so many weeks, customers and purchases; how every model and the naive rule did."""

    cut_on: str
    weeks: int
    customers: int
    purchases: int
    model: str
    tried: tuple[Tried, ...]
    by_week: tuple[Week, ...]
    by_group: tuple[Decile, ...]
    coverage_80: float
    coverage_80_interval: float
    mae: float
    naive_mae: float
    naive_wins: bool
    drift: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The purchase model in use, and why."""

    model: str
    because: str
    trial: Trial | None = None


def choose(earlier: Earlier | None, *, rng: np.random.Generator) -> Chosen:
    """Return the model that did best on the hold-out, or BG/NBD with the reason why none could be tried."""
    if earlier is None:
        return Chosen(PLAIN, "This turn kept no earlier day to try models on; BG/NBD is used.")
    summary = Summary(*(column[earlier.whole] for column in (earlier.repeats, earlier.last_week, earlier.age_weeks)))
    bought = earlier.bought_since[earlier.whole]
    if reason := _too_little(earlier, summary, bought):
        return Chosen(PLAIN, f"{reason} BG/NBD is used until then.")
    compared = compare(
        summary,
        bought,
        weeks=float(earlier.weeks),
        rng=rng,
        week_of_actual=earlier.week_of_purchase,
        draws=_DRAWS,
    )
    held = {one.model: one.holdout for one in compared.models if one.holdout is not None}
    if not held:
        return Chosen(PLAIN, "No model settled on the histories as of the cut; BG/NBD is used.")
    alike = _alike(held)
    used = next(name for name in NAMES if name in alike)
    return Chosen(used, _because(used, held, alike), _trial(used, held, earlier, int(bought.sum()), len(summary)))


def _alike(held: Mapping[str, Holdout]) -> list[str]:
    """Return the models whose score chance cannot tell from the best, itself among them; customers are paired."""
    best = min(held.values(), key=lambda h: h.crps)
    alike = []
    for name, one in held.items():
        worse = one.crps_each - best.crps_each
        if one is best or worse.mean() < _ALIKE_ERRORS * worse.std() / np.sqrt(len(worse)):
            alike.append(name)
    return alike


def _too_little(earlier: Earlier, summary: Summary, bought: NDArray[np.float64]) -> str:
    """Return in a sentence why models cannot be tried; empty if they can."""
    if earlier.history_weeks < HISTORY_WEEKS_MIN:
        weeks = int(earlier.history_weeks)
        return f"The purchase history reaches back {weeks} weeks; models are tried from {HISTORY_WEEKS_MIN} weeks on."
    if missing := engine.enough(summary):
        return f"On the day of the cut, {missing}."
    if bought.sum() < BOUGHT_MIN:
        return (
            f"Only {bought.sum():.0f} purchases fell in the hold-out of {earlier.weeks} weeks; {BOUGHT_MIN} would tell "
            "a good model from a lucky one."
        )
    return ""


def _because(used: str, held: Mapping[str, Holdout], alike: list[str]) -> str:
    worse = [f"{held[name].crps:.4f} ({label})" for name, label in NAMES.items() if name in held and name not in alike]
    close = [f"{held[name].crps:.4f} ({label})" for name, label in NAMES.items() if name in alike and name != used]
    why = f"{NAMES[used]} is used: its calibrated error was {held[used].crps:.4f}"
    why += f", against {' and '.join(worse)}." if worse else "."
    if close:
        why += f" Too close to tell apart: {' and '.join(close)}; {NAMES[used]} is the plainest of them."
    unsettled = [label for name, label in NAMES.items() if name not in held]
    return f"{why} {' and '.join(unsettled)} did not settle and stayed out." if unsettled else why


def _trial(used: str, held: Mapping[str, Holdout], earlier: Earlier, purchases: int, customers: int) -> Trial:
    told = held[used]
    return Trial(
        cut_on=earlier.cut_on.isoformat(),
        weeks=earlier.weeks,
        customers=customers,
        purchases=purchases,
        model=used,
        tried=tuple(_tried(name, held[name]) for name in NAMES if name in held),
        by_week=told.by_week,
        by_group=told.by_decile,
        coverage_80=told.coverage_80,
        coverage_80_interval=told.coverage_80_interval,
        mae=told.mae,
        naive_mae=told.naive_mae,
        naive_wins=told.naive_wins,
        drift=told.drift,
    )


def _tried(name: str, held: Holdout) -> Tried:
    return Tried(
        model=name,
        score=held.crps,
        mae=held.mae,
        expected=held.predicted,
        low=held.predicted_low,
        high=held.predicted_high,
        coverage_80=held.coverage_80,
        coverage_80_interval=held.coverage_80_interval,
    )
