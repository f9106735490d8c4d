"""Who was treated, who was left alone, with which probability, and what came of it: the ground of every effect."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from eigenform.base.errors import Refused
from eigenform.value.arrays import BoolArray, FloatArray, frozen

PER_ARM_MIN: Final = 20
DIFFERENT_MIN: Final = 5  # as for shares: an arm in which 3 of 1,000 bought has no normal mean
SOUND_P_MIN: Final = 0.001  # below this an assignment was hardly drawn as stated; the customary bar for share checks


class ImpossibleTrial(Refused):
    """Outcomes, arms or propensities from which no effect can be measured whatever their number."""

    code = "value.impossible_trial"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The effect cannot be measured: {reason}.")


class TooFewToTell(Refused):
    """Too few were treated or left alone, or too few of them did anything, for an effect with an honest interval."""

    code = "value.too_few_to_tell"

    def __init__(self, *, reason: str, decides: str, treated: int, withheld: int) -> None:
        self.reason, self.decides, self.treated, self.withheld = reason, decides, treated, withheld
        super().__init__(f"The effect cannot be told: {reason}. {decides}")


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What became of n subjects of whom chance chose some.

    outcome     (n,) in any unit
    treated     (n,) True for those assigned to be treated, carried out or not (intention to treat)
    propensity  (n,) known probability of being assigned to treatment, strictly between 0 and 1

    Raises ImpossibleTrial if the shapes disagree, a number is not finite or a propensity is 0 or 1.
    """

    outcome: FloatArray
    treated: BoolArray
    propensity: FloatArray

    def __post_init__(self) -> None:
        outcome, treated = np.asarray(self.outcome, float), np.asarray(self.treated, bool)
        propensity = np.broadcast_to(np.asarray(self.propensity, float), outcome.shape)
        if outcome.ndim != 1 or treated.shape != outcome.shape:
            raise ImpossibleTrial(reason=f"outcomes have shape {outcome.shape}, arms {treated.shape}")
        if not np.isfinite(outcome).all():
            raise ImpossibleTrial(reason="an outcome is not a finite number")
        if not ((propensity > 0) & (propensity < 1)).all():
            raise ImpossibleTrial(reason="a probability of being treated is 0, 1 or none: chance had no hand there")
        for name, values, kind in (
            ("outcome", outcome, float),
            ("treated", treated, bool),
            ("propensity", propensity, float),
        ):
            object.__setattr__(self, name, frozen(values, kind))

    @property
    def n_treated(self) -> int:
        """How many were assigned to treatment."""
        return int(self.treated.sum())

    @property
    def n_withheld(self) -> int:
        """How many chance left alone."""
        return len(self.treated) - self.n_treated

    @property
    def weight(self) -> FloatArray:
        """One over the probability of the arm that each got, shape (n,)."""
        return 1.0 / np.where(self.treated, self.propensity, 1.0 - self.propensity)

    def of(self, rows: BoolArray) -> "Trial":
        """Return the trial of a part of the subjects; the part must not be cut by what came of it."""
        return Trial(self.outcome[rows], self.treated[rows], self.propensity[rows])

    def with_outcome(self, outcome: FloatArray) -> "Trial":
        """Return the same assignment with another outcome."""
        return Trial(outcome, self.treated, self.propensity)

    def require_enough(self) -> None:
        """Refuse with TooFewToTell where an arm is too small, or too few in it differ from the commonest outcome."""
        counts = {"treated": self.n_treated, "withheld": self.n_withheld}
        for name, arm in (("treated", self.treated), ("withheld", ~self.treated)):
            if counts[name] < PER_ARM_MIN:
                more = PER_ARM_MIN - counts[name]
                were = "was" if counts[name] == 1 else "were"
                reason = f"{counts[name]:,} {were} {name}, at least {PER_ARM_MIN} are needed"
                raise TooFewToTell(reason=reason, decides=f"{more:,} more {name} would do.", **counts)
            times = np.unique(self.outcome[arm], return_counts=True)[1]
            different = int(counts[name] - times.max())
            if different < DIFFERENT_MIN:
                reason = f"the outcome of only {different:,} of {counts[name]:,} {name} differs from the others'"
                raise TooFewToTell(
                    reason=reason,
                    decides=f"At least {DIFFERENT_MIN} must differ: a longer window or more {name} would do.",
                    **counts,
                )


@dataclass(frozen=True, slots=True)
class Drawn:
    """Whether the assignment looks drawn as stated.

    p_shares   probability of arm sizes at least so far from the propensities' sum, if chance drew as stated
    p_balance  likewise of differences between the arms in what was known before, the most telling one counted for all
    """

    p_shares: float
    p_balance: float | None

    @property
    def is_sound(self) -> bool:
        """Whether neither is below 0.001."""
        return min(self.p_shares, 1.0 if self.p_balance is None else self.p_balance) >= SOUND_P_MIN


def drawn(trial: Trial, before: FloatArray | None = None) -> Drawn:
    """Return whether arm sizes, and the means of what was known before (n, k), are as chance leaves them."""
    e = trial.propensity
    sd = float(np.sqrt((e * (1.0 - e)).sum()))
    p_shares = _two_sided((trial.n_treated - float(e.sum())) / sd) if sd > 0 else 1.0
    if before is None or not trial.n_treated or not trial.n_withheld:
        return Drawn(p_shares, None)
    columns = np.asarray(before, float).reshape(len(e), -1).T
    p = [_two_sided(_imbalance(trial, column)) for column in columns if np.ptp(column) > 0]
    return Drawn(p_shares, min(1.0, len(p) * min(p)) if p else None)


def _imbalance(trial: Trial, known: FloatArray) -> float:
    """Return the weighted difference of the arms' means over its standard error."""
    centred = known - known.mean()
    signed = np.where(trial.treated, trial.weight, -trial.weight) * centred
    return float(signed.sum() / np.sqrt(np.square(signed).sum()))


def _two_sided(z: float) -> float:
    return float(2.0 * ndtr(-abs(z)))
