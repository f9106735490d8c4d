"""Turns and decisions written straight into the ledger, for tests that need what a turn left behind."""

from datetime import date

from eigenform.ledger import feedback
from eigenform.ledger.contracts import Interval, NewDecision
from tests.loop.firm import AS_OF, LEADER, NOW

_BY = {"at": NOW, "actor": LEADER.actor, "policy_version": 1, "model_version": "test 1"}


def turn_of(*decisions: NewDecision, number: int = 1, as_of: date = AS_OF, summary=None) -> list[int]:
    """Write a turn with these decisions; return their numbers."""
    turn_seq = feedback.open_turn(
        number=number, as_of=as_of, seed=1, read_up_to_seq=0, summary=summary or {}, inputs={}, **_BY
    )
    return feedback.record_decisions(decisions, turn_seq=turn_seq, **_BY)


def new_decision(subject: str, *, kind: str = "contact_customer", held_out: bool | None = False, **changes):
    """Return a decision about to be written; only customers are held out by chance."""
    plain = {
        "kind": kind,
        "subject": subject,
        "because": ("The relationship is worth it.",),
        "basis": "assumed",
        "gain": Interval(900.0, 100.0, 2000.0, "GBP"),
        "cost_minor": 500,
        "channel": "phone",
        "minutes": 15.0,
        "held_out": held_out,
        "propensity": {True: 0.1, False: 0.9, None: None}[held_out],
        "contrast": "Other partners." if held_out is None else "",
    }
    return NewDecision(**{**plain, **changes})
