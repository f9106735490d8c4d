"""Who may be contacted when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from eigenform.value.optimise.windows import legal_days


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
