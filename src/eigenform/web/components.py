"""What the shared components show: frozen descriptions that a page fills and a template tag draws.

`docs/guide/design.md` shows each beside its tag. Nothing here computes a judgement; texts come ready from the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from eigenform.web.figures import CannotTell, Figure, currency_prefix


@dataclass(frozen=True, slots=True)
class Fact:
    """One reason in plain words and the page that shows its evidence."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter, view or sort order in words; `active` ones link to the list without them."""

    label: str
    href: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """Keyset paging: links to the page before and after, empty where there is none, and what is shown in words."""

    text: str
    previous_href: str = ""
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """A decision that a person can take. Without `approve_action` it only tells; `state` is shown as it is.

    kind, subject   "Contact customer", "Ada Hart"
    held_out        in words: "10 % are left alone at random", "not held out"; empty if it does not apply
    may_decide      who may: "You may decide up to £5,000"
    *_action        addresses for POST; decline sends `reason`
    reasons         common reasons for declining, offered while typing
    """

    id: str
    kind: str
    subject: str
    because: tuple[Fact, ...]
    gain: Figure | CannotTell
    cost: str
    state: str
    subject_href: str = ""
    held_out: str = ""
    may_decide: str = ""
    formula_href: str = ""
    approve_action: str = ""
    decline_action: str = ""
    later_action: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened: on the firm's side or on the customer's."""

    happened_at: datetime | date
    side: Literal["firm", "customer"]
    kind: str
    text: str
    icon: str = "info"
    href: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """A job under way. While `state` is running the bar asks `poll_href` again, whose answer is this component alone."""

    id: str
    label: str
    state: Literal["running", "done", "failed"]
    done: int
    poll_href: str
    total: int | None = None
    rate: str = ""
    left: str = ""

    @property
    def words(self) -> str:
        """What stands below the bar: how much of how much, how fast, how long."""
        amount = f"{self.done:,}" if self.total is None else f"{self.done:,} of {self.total:,}"
        return ", ".join(part for part in (amount, self.rate, self.left) if part)


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a series; x is an ISO date, a number or a name. low and high are the ends of its interval."""

    x: str | float
    mean: float
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A named line or set of bars."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, its table and its sentence.

    kind         line_band (over time or a number, any number of series), histogram or bars (one series)
    sentence     what to see
    y_currency   if given, values are minor units of it
    y_reference  a line to compare with, such as 0 for residuals
    """

    id: str
    kind: Literal["line_band", "histogram", "bars"]
    title: str
    sentence: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    y_currency: str = ""
    y_suffix: str = ""
    y_zero: bool = False
    y_reference: float | None = None
    csv_href: str = ""

    @property
    def y_prefix(self) -> str:
        return currency_prefix(self.y_currency) if self.y_currency else ""
