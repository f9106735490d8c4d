"""Who may be contacted how and when, and which days can be meant. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from eigenform.value.optimise.windows import legal_days

GIVEN, REFUSED = "given", "refused"

A_DAY = timedelta(days=1)  # the firm's day may be the one before or after that of UTC
PLAN_AHEAD_MAX = timedelta(days=366)


def may_reach(said: str | None, *, needs_consent: bool) -> bool:
    """Tell whether a channel may be used: no refusal of it, and consent to it where the offer needs that.

    said  `given`, `refused` or, where nothing was said, None
    """
    return said != REFUSED and (said == GIVEN or not needs_consent)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many contacts in any window of so many days, whatever the calendar says."""

    contacts_max: int
    window_days: int


def may_contact(days: Sequence[date], on: date, *, cap: Cap) -> bool:
    """Tell whether one more contact on the day keeps the cap, contacts made and planned counted."""
    return legal_days(
        [d.toordinal() for d in days], [on.toordinal()], contacts_max=cap.contacts_max, window_days=cap.window_days
    )[0]


def next_free_day(days: Sequence[date], on: date, *, cap: Cap, look_days: int = 366) -> date | None:
    """Return the first weekday from `on` on which a contact keeps the cap, None if there is none so soon."""
    for offset in range(look_days):
        day = on + timedelta(days=offset)
        if day.weekday() < 5 and may_contact(days, day, cap=cap):
            return day
    return None


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last, both included."""

    first: date
    last: date

    def __contains__(self, on: date) -> bool:
        return self.first <= on <= self.last


def due_days(*, as_of: date, today: date) -> Days:
    """Return the days for which work can be planned: not before its decision, and at most a year ahead."""
    return Days(_first_day(as_of, today), max(as_of, today) + PLAN_AHEAD_MAX)


def done_days(*, as_of: date, today: date, due_on: date) -> Days:
    """Return the days on which work can have been done: from its decision until now, or until it was due."""
    return Days(_first_day(as_of, today), max(today, due_on) + A_DAY)


def _first_day(as_of: date, today: date) -> date:
    """Return the day of the decision; for a decision as of a day that lies ahead, the present day."""
    return min(as_of, today - A_DAY)
