"""Stretches of time that rules speak of."""

from datetime import date, timedelta

EPOCH_MONDAY = date(2001, 1, 1)
WEEKS_PER_YEAR = 52.1775


def period_of(day: date, *, weeks: int) -> int:
    """Return the number of the period of so many weeks that the day falls in, counted from a fixed Monday."""
    return (day - EPOCH_MONDAY).days // (7 * weeks)


def period_ends_on(day: date, *, weeks: int) -> date:
    """Return the last day of the period that the day falls in."""
    return EPOCH_MONDAY + timedelta(days=7 * weeks * (period_of(day, weeks=weeks) + 1) - 1)
