"""What others may hold of the ledger: turns, decisions with their state, deeds, estimates. Plain and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from eigenform.base.errors import Refused
from eigenform.base.money import from_minor

Basis = Literal["assumed", "measured"]

# What a decision's latest deed makes of it. No deed yet: it waits for a person.
STATE_AFTER = {
    "held_out": "held_out",
    "approved": "approved",
    "declined": "declined",
    "later": "waiting",
    "done": "done",
    "failed": "failed",
}
WAITING = "waiting"


class NoSuchDecision(Refused):
    """There is no decision of that number."""

    code = "ledger.no_such_decision"

    def __init__(self, *, decision: int) -> None:
        self.decision = decision
        super().__init__(f"There is no decision {decision}. The page Turns lists those that exist.")


class NoSuchTurn(Refused):
    """There is no turn of that number."""

    code = "ledger.no_such_turn"

    def __init__(self, *, turn: int, known: tuple[int, ...]) -> None:
        self.turn, self.known = turn, known
        hint = f"Turns so far: {known[0]} to {known[-1]}." if known else "No turn was made yet: run `eigenform turn`."
        super().__init__(f"There is no turn {turn}. {hint}")


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the ends of its 80 % interval."""

    mean: float
    low: float
    high: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """One figure about one subject, as a turn judged it."""

    subject: str
    quantity: str
    mean: float | None
    low: float | None
    high: float | None
    n: int = 0
    unit: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # last_on, p_below_0, reason when it cannot be told …
    as_of: date | None = None
    model_version: str = ""
    recorded_seq: int = 0


@dataclass(frozen=True, slots=True)
class EffectRow:
    """What a plan, an offer, a segment or a campaign is measured to have changed per customer, or why nobody can tell.

    scope    all, plan, offer, segment or campaign; `name` says which
    outcome  margin (minor units) or bought (a share)
    """

    scope: str
    name: str
    outcome: str
    mean: float | None
    low: float | None
    high: float | None
    sd: float | None
    unit: str
    method: str
    treated: int
    withheld: int
    window_days: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    as_of: date | None = None
    recorded_seq: int = 0


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision about to be written. `because` are at most three facts in plain words, each a text and a link key."""

    kind: str
    subject: str
    because: tuple[str, ...]
    basis: Basis
    gain: Interval  # minor units of the reporting currency
    cost_minor: int
    channel: str
    minutes: float
    held_out: bool | None
    propensity: float | None
    contrast: str = ""  # what will measure it, where nobody is held out
    due_on: date | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    derived_from: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision as it stands in the ledger, with what became of it."""

    seq: int
    turn_number: int
    as_of: date
    kind: str
    subject: str
    because: tuple[str, ...]
    basis: str
    gain: Interval
    cost_minor: int
    channel: str
    minutes: float
    held_out: bool | None
    propensity: float | None
    contrast: str
    due_on: date | None
    facts: Mapping[str, Any]
    state: str
    policy_version: int
    model_version: str


@dataclass(frozen=True, slots=True)
class DeedRecord:
    """What was done or expressly not done."""

    seq: int
    verb: str
    subject: str
    happened_at: datetime
    actor: str
    decision_seq: int | None
    reason: str
    propensity: float | None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn, with the answer that it gave."""

    seq: int
    number: int
    as_of: date
    seed: int
    policy_version: int
    model_version: str
    read_up_to_seq: int
    recorded_at: datetime
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Past:
    """One decision of an earlier turn, with what became of it: what the next turn must know so as not to repeat it."""

    kind: str
    subject: str
    state: str
    decided_day: int  # days since 1970-01-01
    last_day: int
    minutes: float
    cost_minor: int
    channel: str
    seq: int = 0
    turn: int = 0
    offer: str = ""
    stake_minor: float | None = None  # what the relationship was worth when it was decided


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """What a turn answers to whoever ran it; `to_json` gives the keys that programs rely on."""

    turn: int | None  # None on a dry run: nothing was written
    as_of: date
    seed: int
    policy_version: int
    summary: Mapping[str, Any]
    decisions: tuple[Mapping[str, Any], ...]
    seconds: float
    dry_run: bool = False
    replayed: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the answer as plain JSON values."""
        worth = self.summary.get("worth")
        return {
            "turn": self.turn,
            "as_of": self.as_of.isoformat(),
            "seed": self.seed,
            "policy_version": self.policy_version,
            "seen": self.summary["seen"],
            "promises": self.summary["promises"],
            "estimates": self.summary["estimates"],
            "decisions": [dict(d) for d in self.decisions],
            "held_out": self.summary["held_out"],
            "seconds": round(self.seconds, 3),
            "dry_run": self.dry_run,
            "replayed": self.replayed,
            **{
                k: v
                for k, v in self.summary.items()
                if k not in ("seen", "promises", "estimates", "decisions", "held_out", "worth")
            },
            "worth": None if worth is None else _in_whole_currency(worth),
        }


def _in_whole_currency(worth: Mapping[str, Any]) -> dict[str, Any]:
    """Return the worth of the base in the currency that it names, as gains are told; kept are minor units."""
    ends = {end: float(from_minor(worth[end], worth["unit"])) for end in ("mean", "low", "high")}
    return {**worth, **ends}
