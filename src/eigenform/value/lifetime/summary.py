"""What lifetime models know of a customer: how often, how lately, since when, and for how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.base.errors import Refused
from eigenform.value.arrays import BoolArray, FloatArray, frozen

_BLOCK: Final = 65_536  # rows checked at a time: half a megabyte an array


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

    Raises ImpossibleHistory, naming the first bad row. The arrays are read-only, and copied unless
    they and what they are views of already were.
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
                object.__setattr__(self, name, _kept(values))
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
        return float(len(self)) if self.weight is None else float(self.weight.sum())

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
        """Check a block of rows at a time: no array as long as the base is made for it."""
        for begin in range(0, len(self), _BLOCK):
            rows = slice(begin, begin + _BLOCK)
            for bad, reason in self._impossible(rows):
                refuse_rows(bad, reason, first_row=begin)

    def _impossible(self, rows: slice) -> Iterator[tuple[BoolArray, str]]:
        x, last, age = self.repeats[rows], self.last_week[rows], self.age_weeks[rows]
        finite = "repeats, last_week, age_weeks and weight must be finite numbers"
        yield ~(np.isfinite(x) & np.isfinite(last) & np.isfinite(age)), finite
        yield (x < 0) | (x != np.floor(x)), "repeats must be a whole number, 0 or more"
        yield last < 0, "last_week lies before the first purchase"
        yield last > age, "the last purchase lies after the day of judgement (last_week > age_weeks)"
        yield (x == 0) & (last > 0), "there is a last purchase but no repeat purchase"
        yield (x > 0) & (last == 0), "repeat purchases at the moment of the first one are one purchase"
        if self.weight is not None:
            yield ~np.isfinite(self.weight[rows]), finite
            yield self.weight[rows] < 0, "weight is negative"
        if self.mean_spend is not None:
            yield np.isinf(self.mean_spend[rows]), "mean_spend is infinite"


def refuse_rows(bad: BoolArray, reason: str, *, first_row: int = 0) -> None:
    """Raise ImpossibleHistory for the first row that is bad, counted from first_row."""
    if bad.any():
        raise ImpossibleHistory(reason=reason, row=first_row + int(np.argmax(bad)))


def _kept(values: object) -> FloatArray:
    """Return the values as read-only numbers: a copy, unless nobody can write to them any more."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64 and not _writeable(values):
        return values
    return frozen(values)


def _writeable(values: object) -> bool:
    """Return whether an array, or one that it is a view of, can still be written to."""
    while isinstance(values, np.ndarray):
        if values.flags.writeable:
            return True
        values = values.base
    return False
