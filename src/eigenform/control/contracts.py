"""What means there are to share, and what it takes before anybody is troubled. Policy's limits come down as these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from eigenform.base.errors import Refused
from eigenform.ledger.contracts import Basis, EffectRow, Past

__all__ = [
    "Cost", "Effect", "EffectRow", "Learnt", "Means", "Measured", "Offer", "Past", "Rules", "Sureness", "TooFarAhead",
    "TurnOvertaken", "Uplift",
]  # fmt: skip


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
class Offer:
    """A way to contact a customer; the one without a name is the plain contact."""

    name: str
    cost: Cost
    needs_consent: bool = False
    excludes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Under which its effect is assumed and measured."""
        return self.name or "contact_customer"


@dataclass(frozen=True, slots=True)
class Effect:
    """The share of what is at stake that an action saves or wins: assumed until it is measured."""

    mean: float
    sd: float
    basis: Basis = "assumed"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a turn reckons with for one kind of contact or offer, in one segment or all, and why.

    All but weight, n and basis are shares of what a relationship is worth; measured_* are None before a measurement.
    """

    key: str
    segment: str
    prior_mean: float
    prior_sd: float
    measured_mean: float | None
    measured_sd: float | None
    mean: float
    sd: float
    low: float
    high: float
    weight: float
    n: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Uplift:
    """Whether a ranking by what was known before finds those whom a plan or campaign moves: the Qini curve.

    share, gain, gain_low, gain_high  points of the curve: treated share of the base, gain per customer of the base
    area …, null_low, null_high, p_null  what the ranking wins over treating at random, and what chance alone wins
    """

    scope: str
    name: str
    outcome: str
    n: int
    share: tuple[float, ...]
    gain: tuple[float, ...]
    gain_low: tuple[float, ...]
    gain_high: tuple[float, ...]
    area: float
    area_low: float
    area_high: float
    null_low: float
    null_high: float
    p_null: float


@dataclass(frozen=True, slots=True)
class Measured:
    """All that earlier decisions and campaigns are measured to have changed, and what is learnt from it."""

    window_days: int
    currency: str
    rows: tuple[EffectRow, ...] = ()
    uplifts: tuple[Uplift, ...] = ()
    learnt: tuple[Learnt, ...] = ()


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
    effects_by_segment: Mapping[str, Mapping[str, Effect]] = field(default_factory=dict)  # once measured
    offers: tuple[Offer, ...] = ()  # besides the plain contact
    minutes_by_person: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # channel -> person -> minutes
    facts: Mapping[str, str] = field(default_factory=dict)

    def contact_offers(self) -> tuple[Offer, ...]:
        """Return every way to contact a customer, the plain contact first."""
        return (Offer("", self.costs["contact_customer"]), *self.offers)

    @property
    def window_days(self) -> int:
        """How long after a decision its effect is looked for: as long as hold-out and rest keep the arms apart."""
        return min(7 * self.holdout_weeks, self.repeat_after_days or 7 * self.holdout_weeks)
