"""What counts as one moment of purchase: a day, an instant, or a period of the calendar; each a whole number.

SQL works on these numbers alone, so that counts come out the same on every engine; `Moments` says how a date or a
time of the log becomes one, and how differences of them become units of time.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from eigenform.analytics.purchase_log.contracts import DAYS_PER_UNIT, Unit, Window

EPOCH: Final = date(1970, 1, 1)  # a Thursday
_MONDAY: Final = 3  # days from Monday to the epoch's weekday
_MICROSECONDS_PER_DAY: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Moments:
    """How moments are counted: by day, by microsecond or by period of the unit."""

    kind: Literal["day", "instant", "period"]
    unit: Unit

    @property
    def per_unit(self) -> float:
        """How many moments one unit of time has."""
        if self.kind == "period":
            return 1.0
        days = DAYS_PER_UNIT[self.unit]
        return days if self.kind == "day" else days * _MICROSECONDS_PER_DAY

    def last(self, day: date) -> int:
        """Return the last moment that still belongs to a day."""
        return self.end(day) - 1 if self.kind == "instant" else self.end(day)

    def end(self, day: date) -> int:
        """Return the moment up to which ages are counted when a day is the last."""
        days = (day - EPOCH).days
        if self.kind == "day":
            return days
        if self.kind == "instant":
            return (days + 1) * _MICROSECONDS_PER_DAY
        return {
            "day": days,
            "week": (days + _MONDAY) // 7,
            "month": day.year * 12 + day.month,
            "year": day.year,
        }[self.unit]

    def completes(self, day: date) -> bool:
        """Return whether a day is the last of its moment: no period is cut in two."""
        return self.kind != "period" or self.end(day + timedelta(days=1)) > self.end(day)

    def sql(self, at: str, day: str) -> str:
        """Return DuckDB's expression of the moment of a time and of its day's number."""
        if self.kind == "day":
            return day
        if self.kind == "instant":
            return f"epoch_us({at})"
        return {
            "day": day,
            "week": f"CAST(floor(({day} + {_MONDAY}) / 7e0) AS BIGINT)",
            "month": f"CAST(year({at}) * 12 + month({at}) AS BIGINT)",
            "year": f"CAST(year({at}) AS BIGINT)",
        }[self.unit]


def moments(window: Window) -> Moments:
    """Return how the moments of a window are counted."""
    if window.counted:
        return Moments("period", window.unit)
    return Moments("instant" if window.grain == "exact" else "day", window.unit)
