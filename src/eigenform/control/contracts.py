"""What means there are to share, and what it takes before anybody is troubled. Policy's limits come down as these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from eigenform.base.errors import Refused
from eigenform.ledger.contracts import Past

__all__ = ["Cost", "Effect", "Means", "Past", "Rules", "Sureness", "TooFarAhead", "TurnOvertaken"]


class TurnOvertaken(Refused):
    """Another turn was written while this one was deciding: both would give out the same means."""

    code = "control.turn_overtaken"

    def __init__(self, *, turn: int) -> None:
        self.turn = turn
        super().__init__(
            f"Meanwhile turn {turn} was made. This one was not written; run it again if it is still wanted."
        )


class TooFarAhead(Refused):
    """A turn as of a day of which nothing can be known yet."""

    code = "control.too_far_ahead"

    def __init__(self, *, as_of: date, latest: date) -> None:
        self.as_of, self.latest = as_of, latest
        super().__init__(f"Nothing can be judged as of {as_of}: the latest day that makes sense today is {latest}.")


@dataclass(frozen=True, slots=True)
class Means:
    """What one turn may use; money in minor units. What open decisions still hold is taken off before."""

    budget_minor: int
    minutes_by_channel: Mapping[str, float]
    per_kind_max: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one action costs and through which channel it goes."""

    cost_minor: int
    minutes: float
    channel: str


@dataclass(frozen=True, slots=True)
class Effect:
    """The share of what is at stake that an action saves or wins: assumed until it is measured."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Sureness:
    """From when a shortfall counts, and how sure the judgement must be."""

    short_share_tolerated: float
    gap_tolerated: float
    certainty: float
    readings_min: int


@dataclass(frozen=True, slots=True)
class Rules:
    """All that limits a turn's choice."""

    means: Means
    sureness: Sureness
    costs: Mapping[str, Cost]
    effects: Mapping[str, Effect]
    currency: str
    repeat_after_days: int
    contacts_max: int
    contacts_window_days: int
    holdout_share: float
    holdout_weeks: int
    policy_version: int
    plan_ahead_days: int = 28
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def window_days(self) -> int:
        """How long after a decision its effect is looked for: as long as chance, or the rest after it, keeps arms apart."""
        return min(7 * self.holdout_weeks, self.repeat_after_days or 7 * self.holdout_weeks)
