"""Contact caps that hold in every stretch of days, not in calendar months.

A calendar cap doubles at the month's end. Here "at most m contacts in any d days" counts what was done
before and what is already planned after the day in question.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence

from eigenform.base.errors import Refused


class ImpossibleCap(Refused):
    """A contact cap that means nothing."""

    code = "value.impossible_contact_cap"

    def __init__(self, *, contacts_max: int, window_days: int) -> None:
        self.contacts_max = contacts_max
        self.window_days = window_days
        super().__init__(
            f"At most {contacts_max} contacts in any {window_days} days is no rule: "
            "contacts must be 0 or more and days 1 or more."
        )


def legal_days(
    past_days: Sequence[int], candidate_days: Sequence[int], *, contacts_max: int, window_days: int
) -> list[bool]:
    """Return for each candidate day, in the given order, whether a contact on it keeps the cap.

    past_days       day numbers of contacts made or planned for one customer, any order, repeats count
    candidate_days  day numbers wished for; one that is granted counts against those after it in the list
    contacts_max    most contacts in any window_days consecutive days, both ends included

    A contact is legal if no window of window_days days that holds it then holds more than contacts_max.
    If the past already breaks the cap, days whose windows touch the breach are illegal, others are not.
    """
    if contacts_max < 0 or window_days < 1:
        raise ImpossibleCap(contacts_max=contacts_max, window_days=window_days)
    taken = sorted(past_days)
    answers = []
    for day in candidate_days:
        legal = _fits(taken, day, contacts_max, window_days)
        if legal:
            insort(taken, day)
        answers.append(legal)
    return answers


def _fits(taken: Sequence[int], day: int, contacts_max: int, window_days: int) -> bool:
    """Check the windows that begin on a contact or on the day itself: one of them is the fullest."""
    begins = {day, *taken[bisect_left(taken, day - window_days + 1) : bisect_left(taken, day + 1)]}
    fullest = max(bisect_left(taken, begin + window_days) - bisect_left(taken, begin) for begin in begins)
    return fullest + 1 <= contacts_max
