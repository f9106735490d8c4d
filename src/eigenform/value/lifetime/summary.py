"""What lifetime models know of a customer: how often, how lately, since when, and for how much."""

from dataclasses import dataclass

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import BoolArray, FloatArray, frozen


class ImpossibleHistory(Refused):
    """A purchase history that cannot have happened."""

    code = "value.impossible_history"

    def __init__(self, *, reason: str, row: int | None = None) -> None:
        self.reason = reason
        self.row = row
        where = "" if row is None else f" in row {row} (counted from 0)"
        super().__init__(f"The purchase histories are impossible{where}: {reason}. Mend the row or leave it out.")


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """Purchase histories of n customers, each array of shape (n,).

    repeats     purchase events after the first, whole numbers >= 0
    last_week   week of the last purchase, counted from the first; 0 if repeats == 0
    age_weeks   weeks from the first purchase to the day of judgement, >= last_week
    mean_spend  mean amount of the repeat purchase days, nan where there is none; None if no amounts are
                known. The first purchase stays out: it is often a trial and biases the spend model
    weight      how many customers a row stands for, >= 0; None means one each

    Raises ImpossibleHistory, naming the first bad row. The arrays are copied and read-only.
    Source: Fader, Hardie and Lee (2005), Marketing Science 24(2) 275-284 (x, t_x, T);
    Fader and Hardie (2013), brucehardie.com/notes/025 (spend).
    """

    repeats: FloatArray
    last_week: FloatArray
    age_weeks: FloatArray
    mean_spend: FloatArray | None = None
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        for name in ("repeats", "last_week", "age_weeks", "mean_spend", "weight"):
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, frozen(values))
        self._refuse_wrong_shapes()
        self._refuse_impossible_rows()

    def __len__(self) -> int:
        return len(self.repeats)

    @property
    def weights(self) -> FloatArray:
        """How many customers each row stands for, ones if nothing was said."""
        return np.ones(len(self)) if self.weight is None else self.weight

    @property
    def customers(self) -> float:
        """How many customers all rows stand for."""
        return float(self.weights.sum())

    @property
    def spend(self) -> FloatArray:
        """Mean spend with nan for all if no amounts are known."""
        return np.full(len(self), np.nan) if self.mean_spend is None else self.mean_spend

    def rows(self, chosen: slice | BoolArray) -> "Summary":
        """Return the histories of some rows."""
        return Summary(
            self.repeats[chosen],
            self.last_week[chosen],
            self.age_weeks[chosen],
            None if self.mean_spend is None else self.mean_spend[chosen],
            None if self.weight is None else self.weight[chosen],
        )

    def _refuse_wrong_shapes(self) -> None:
        if self.repeats.ndim != 1:
            raise ImpossibleHistory(
                reason=f"repeats has {self.repeats.ndim} dimensions, expected one number a customer"
            )
        for name in ("last_week", "age_weeks", "mean_spend", "weight"):
            values = getattr(self, name)
            if values is not None and values.shape != self.repeats.shape:
                raise ImpossibleHistory(reason=f"{name} has shape {values.shape}, repeats has {self.repeats.shape}")

    def _refuse_impossible_rows(self) -> None:
        x, last, age, weight = self.repeats, self.last_week, self.age_weeks, self.weights
        known = np.isfinite(x) & np.isfinite(last) & np.isfinite(age) & np.isfinite(weight)
        _refuse(~known, "repeats, last_week, age_weeks and weight must be finite numbers")
        _refuse((x < 0) | (x != np.floor(x)), "repeats must be a whole number, 0 or more")
        _refuse(last < 0, "last_week lies before the first purchase")
        _refuse(last > age, "the last purchase lies after the day of judgement (last_week > age_weeks)")
        _refuse((x == 0) & (last > 0), "there is a last purchase but no repeat purchase")
        _refuse((x > 0) & (last == 0), "repeat purchases at the moment of the first one are one purchase")
        _refuse(weight < 0, "weight is negative")
        if self.mean_spend is not None:
            _refuse(np.isinf(self.mean_spend), "mean_spend is infinite")


def _refuse(bad: BoolArray, reason: str) -> None:
    if bad.any():
        raise ImpossibleHistory(reason=reason, row=int(np.argmax(bad)))
