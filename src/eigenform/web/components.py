"""What the shared components show: frozen descriptions that a page fills and a template tag draws.

`docs/guide/design.md` shows each beside its tag. Nothing here computes a judgement; texts come ready from the page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from eigenform.web.figures import CannotTell, Figure, format_value, shown_factor, supported_step


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
class Choice:
    """One line of a select box."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """A decision that a person can take. Without `approve_action` it only tells; `state` is shown as it is.

    kind, subject   "Contact customer", "Ada Hart"
    held_out        in words: "10 % are left alone at random", "not held out"; empty if it does not apply
    may_decide      who may: "You may decide up to £5,000"
    *_action        addresses for POST; decline sends `reason`
    reasons         common reasons for declining, offered while typing
    assignees       who can be given the work when it is approved, the first one chosen; sent as `assignee_id`
    due_on          the day proposed for it, ISO; sent as `due_on`
    report_action   address for POST of `outcome` (done or failed), `done_on` and `reason`; for approved work
    done_on         the day proposed for that, ISO
    notice          what went wrong with the last try
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
    assignees: tuple[Choice, ...] = ()
    due_on: str = ""
    report_action: str = ""
    done_on: str = ""
    notice: str = ""


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
    """A job under way. While it is running the bar asks `poll_href` again, whose answer is this component alone."""

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
    """A value of a series; x is an ISO date, a number or a name. low and high are the ends of its interval.

    Raises ValueError for a number that is not finite: leave such a point out.
    """

    x: str | float
    mean: float
    low: float | None = None
    high: float | None = None
    n: int | None = None

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.mean, self.low, self.high) if value is not None):
            raise ValueError(f"A point needs finite numbers, got {self}.")


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


def point_texts(chart: Chart, point: Point) -> tuple[str, str, str]:
    """Return mean, low and high in words, rounded as the interval allows; without one to four digits of the mean."""
    factor = shown_factor(chart.y_currency)
    ends = [value for value in (point.low, point.high) if value is not None]
    low, high = (point.low, point.high) if len(ends) == 2 else (point.mean, point.mean)
    step = supported_step(point.mean * factor, low * factor, high * factor, digits_if_exact=4)
    if not ends and not chart.y_currency and _counts(chart):
        step = 1.0
    texts = [
        "–" if value is None else format_value(value, chart.y_currency, step=step) + chart.y_suffix
        for value in (point.mean, point.low, point.high)
    ]
    return texts[0], texts[1], texts[2]


def _counts(chart: Chart) -> bool:
    """Whether all that has no interval is a whole number: then it was counted, and is shown to the last one."""
    exact = (point.mean for series in chart.series for point in series.points if point.low is None)
    return all(float(mean).is_integer() for mean in exact)
