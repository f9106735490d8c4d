"""Numbers as a page may show them: never bare, never with more digits than their interval supports.

A `Figure` is an estimate with its interval and what it rests on; `CannotTell` stands where there is none. Both go to
the template tag `estimate`. Money is in minor units (pence) under a currency code, as everywhere in Eigenform.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from eigenform.base.money import minor_exponent

_CURRENCY = re.compile(r"[A-Z]{3}")
_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "BRL": "R$", "JPY": "¥"}
_SHORTER = ((1e9, "bn", 1e9, 1e7), (1e6, "m", 1e6, 1e4), (1e3, "k", 1e4, 1e2))  # divisor, letter, from, finest step
_TWO_DIGITS_BELOW = 3.55  # particle physics' rule: an uncertainty of 0.12 keeps two digits, one of 0.4 keeps one
_MINUS = "\N{MINUS SIGN}"
_NO_BREAK = "\N{NO-BREAK SPACE}"


class Basis(StrEnum):
    """What a figure rests on."""

    MEASURED = "measured"
    ASSUMED = "assumed"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class CannotTell:
    """A figure that the data do not support: what is missing, how much of it would decide, where to go and get it."""

    reason: str
    decides: str = ""
    href: str = ""
    label: str = ""

    @property
    def tip(self) -> str:
        return f"{self.reason} {self.decides}".strip()


@dataclass(frozen=True, slots=True)
class Figure:
    """An estimate as shown to people.

    mean, low, high  in `unit`; low and high are the ends of the interval. The mean may lie outside it (skewed tails).
    unit             a currency code (then minor units), "share" (0 to 1, shown in per cent) or a plural noun
    n                observations behind it
    signed           a residual: below zero is a shortfall, above zero a surplus
    stale            older than policy allows; the page says so
    href             the evidence

    Raises ValueError if a number is not finite or the interval is upside down.
    """

    mean: float
    low: float
    high: float
    unit: str
    n: int
    age_days: int
    model_version: str
    basis: Basis = Basis.MEASURED
    stale: bool = False
    signed: bool = False
    href: str = ""
    interval_share: float = 0.8

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.mean, self.low, self.high))):
            raise ValueError(f"An estimate needs finite numbers, got {self.mean}, {self.low}, {self.high}.")
        if self.low > self.high:
            raise ValueError(f"The interval runs from {self.low} to {self.high}; low must not exceed high.")

    @property
    def step(self) -> float:
        """The last digit that the interval supports, in the unit as shown."""
        factor = shown_factor(self.unit)
        digits = 2 if self.is_most_likely_nothing else 3
        return supported_step(self.mean * factor, self.low * factor, self.high * factor, digits_if_exact=digits)

    @property
    def is_most_likely_nothing(self) -> bool:
        """Whether the whole interval is zero and the mean is not: few bring all of it, and no one knows which."""
        return self.low == self.high == 0 < self.mean

    @property
    def text(self) -> str:
        return self._format(self.mean)

    @property
    def interval_text(self) -> str:
        """Both ends; the unit once if it stands behind the number."""
        low, high = self._format(self.low), self._format(self.high)
        if not _CURRENCY.fullmatch(self.unit):
            low = low.split(_NO_BREAK)[0]
            if self.unit != "share" and low != high.split(_NO_BREAK)[0]:
                high = f"{high.split(_NO_BREAK)[0]}{_NO_BREAK}{self.unit}".rstrip(_NO_BREAK)
        return f"{low} to {high}"

    def _format(self, value: float) -> str:
        largest = max(abs(self.mean), abs(self.low), abs(self.high))
        return format_value(value, self.unit, step=self.step, largest=largest)

    @property
    def tip(self) -> str:
        """One line for the tooltip and for screen readers: interval, n, age, model version, basis."""
        days = "today" if self.age_days == 0 else f"{self.age_days:,} day{'' if self.age_days == 1 else 's'} old"
        stale = ", stale" if self.stale else ""
        nothing = "most likely nothing; " if self.is_most_likely_nothing else ""
        return (
            f"{nothing}{self.interval_share * 100:.0f}{_NO_BREAK}% interval {self.interval_text}; n {self.n:,}; "
            f"{days}{stale}; model {self.model_version}; {self.basis.value}"
        )

    @property
    def sense(self) -> str:
        """`shortfall` or `surplus` if the whole interval lies on one side of zero, else empty: then nobody can say."""
        if not self.signed or self.low <= 0 <= self.high:
            return ""
        return "shortfall" if self.high < 0 else "surplus"


class Scale(NamedTuple):
    """The common scale of several figures, so that their bars can be compared."""

    min: float
    max: float

    def percent(self, value: float) -> float:
        """Return where the value stands, 0 to 100; what lies beyond an end stands at that end."""
        return round(100 * min(max((value - self.min) / (self.max - self.min), 0.0), 1.0), 2)


def common_scale(figures: Iterable[Figure | CannotTell | None], *, zero: bool = True) -> Scale:
    """Return the scale that holds all intervals, and zero unless told otherwise; without figures 0 to 1."""
    shown = [figure for figure in figures if isinstance(figure, Figure)]
    ends = [end for f in shown for end in (f.low, f.mean, f.high)] + ([0.0] if zero or not shown else [])
    low, high = min(ends), max(ends)
    return Scale(low, high if high > low else low + 1.0)


def supported_step(mean: float, low: float, high: float, *, digits_if_exact: int = 3) -> float:
    """Return the power of ten of the last digit worth showing.

    Half the interval keeps two digits if it begins with 1, 2 or 3 (up to 3.55), else one. An interval of no width says
    nothing about digits: then `digits_if_exact` significant ones of the mean, but never coarser than 1 below 10,000.
    """
    half = (high - low) / 2
    if half == 0:
        exponent = math.floor(math.log10(abs(mean))) + 1 - digits_if_exact if mean else 0
        return 10.0 ** (min(exponent, 0) if abs(mean) < 10_000 else exponent)
    exponent = math.floor(math.log10(half))
    return 10.0 ** (exponent - 1 if half / 10.0**exponent < _TWO_DIGITS_BELOW else exponent)


def format_value(value: float, unit: str, *, step: float, largest: float | None = None) -> str:
    """Return the value rounded to the step (in the unit as shown), with its unit: "£48k", "−1.3 days", "34 %".

    Money beside other money is shortened like the `largest` of them, so that "£0.3m to £6.7m" keeps one letter.
    """
    factor = shown_factor(unit)
    rounded = round(value * factor / step) * step
    sign = _MINUS if rounded < 0 else ""
    if _CURRENCY.fullmatch(unit):
        shortened = _short(abs(rounded), step, largest=max(abs(value), abs(largest or 0.0)) * factor)
        return f"{sign}{currency_prefix(unit)}{shortened}"
    number = sign + _plain(abs(rounded), step)
    if unit == "share":
        return f"{number}{_NO_BREAK}%"
    noun = unit[:-1] if abs(rounded) == 1 and unit.endswith("s") else unit
    return f"{number}{_NO_BREAK}{noun}".rstrip(_NO_BREAK)


def format_money(amount_minor: int, currency: str) -> str:
    """Return a counted amount to its last minor unit, "£1,234.50": for what was paid, not for what was estimated."""
    exponent = minor_exponent(currency)
    sign = _MINUS if amount_minor < 0 else ""
    return f"{sign}{currency_prefix(currency)}{abs(amount_minor) / 10**exponent:,.{exponent}f}"


def currency_prefix(currency: str) -> str:
    """Return the sign that readers know, else the code and a space that does not break; nothing for no currency."""
    if not currency:
        return ""
    return _SYMBOLS.get(currency, f"{currency}{_NO_BREAK}")


def shown_factor(unit: str) -> float:
    """Return by what a stored number is multiplied to be shown: shares in per cent, money in main units."""
    if unit == "share":
        return 100.0
    return 10.0 ** -minor_exponent(unit) if _CURRENCY.fullmatch(unit) else 1.0


def _plain(value: float, step: float) -> str:
    return f"{value:,.{max(0, -round(math.log10(step)))}f}"


def _short(value: float, step: float, *, largest: float) -> str:
    for divisor, letter, from_value, finest_step in _SHORTER:
        if value and largest >= from_value and step >= finest_step:
            return _plain(value / divisor, min(step / divisor, 1.0)) + letter
    return _plain(value, step)
