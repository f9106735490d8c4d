"""Who may be contacted when: 'at most m in any d days', whatever the calendar says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many contacts in any window of so many days."""

    contacts_max: int
    window_days: int


def may_contact(days: Sequence[date], on: date, *, cap: Cap) -> bool:
    """Tell whether one more contact on the day keeps every window within the cap, past and planned ones counted.

    Windows that hold the day start on it or on one of the contacts before it, so only those are looked at.
    Source: sliding-window semantics of contact optimisation, theory block C7.
    """
    if cap.contacts_max <= 0:
        return False
    near = sorted([*(d for d in days if abs((d - on).days) < cap.window_days), on])
    starts = [d for d in near if d <= on]
    return all(
        sum(start <= d < start + timedelta(days=cap.window_days) for d in near) <= cap.contacts_max for start in starts
    )


def next_free_day(days: Sequence[date], on: date, *, cap: Cap, look_days: int = 366) -> date | None:
    """Return the first day from `on` on which a contact is within the cap, None if there is none in a year."""
    for offset in range(look_days):
        day = on + timedelta(days=offset)
        if may_contact(days, day, cap=cap):
            return day
    return None
