"""A turn's judgement and choice, before and after it was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eigenform.base.money import from_minor
from eigenform.control.contracts import Measured, Rules
from eigenform.control.decisions import Decided, Frame, Judged
from eigenform.coordination.contracts import Candidate


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A turn's judgement and choice, with the ledger's numbers once it was written."""

    frame: Frame
    rules: Rules
    judged: Judged
    decided: Decided
    measured: Measured
    summary: Mapping[str, Any]
    read_up_to_seq: int
    number: int | None = None
    ids: Sequence[int | None] = ()
    states: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.ids:
            object.__setattr__(self, "ids", [None] * len(self.in_order()))
        if not self.states:
            states = ["held_out" if held else "waiting" for _c, held in self.in_order()]
            object.__setattr__(self, "states", states)

    def in_order(self) -> list[tuple[Candidate, bool | None]]:
        """Return every decision with whether it is held out (None: not by chance), the largest net gain first."""
        done = [(c, False if c.kind == "contact_customer" else None) for c in self.decided.done]
        return [*done, *((c, True) for c in self.decided.withheld)]

    def money(self, amount_minor: float) -> float:
        """Return minor units as an amount of the reporting currency, for answers to programs."""
        return float(from_minor(amount_minor, self.rules.currency))

    def gain_of(self, candidate: Candidate) -> dict[str, Any]:
        """Return the expected gain with its interval."""
        ends = {"mean": candidate.gain_mean, "low": candidate.gain_low, "high": candidate.gain_high}
        return {**{name: self.money(v) for name, v in ends.items()}, "unit": self.rules.currency}

    def propensity(self, held_out: bool | None) -> float | None:
        """Return the probability with which chance gave this subject what it got; None where chance had no hand."""
        if held_out is None:
            return None
        return self.rules.holdout_share if held_out else 1.0 - self.rules.holdout_share
