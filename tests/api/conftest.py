"""A leader with a token, a reader, and a ledger that holds one turn with three decisions."""

from datetime import date

import pytest
from django.test import Client

TODAY = date(2026, 3, 2)


@pytest.fixture
def token(db, now) -> str:
    """The token of a leader named ada."""
    from eigenform.desk import actions as desk
    from eigenform.staff import actions as staff

    staff.ensure_with_password("ada", "a-long-enough-password")
    return desk.issue_token("reporting", username="ada", actor="0" * 32, now=now)


@pytest.fixture
def reader_token(db, now) -> str:
    """The token of somebody who may only look."""
    from eigenform.desk import actions as desk
    from eigenform.staff import actions as staff

    staff.ensure_with_password("rob", "a-long-enough-password", role="reader")
    return desk.issue_token("looking", username="rob", actor="0" * 32, now=now)


@pytest.fixture
def program(token) -> Client:
    """A program that sends ada's token; it has no cookies and CSRF is enforced."""
    return Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def turn_with_decisions(db, now) -> list[int]:
    """Write one turn with three decisions: about an attribute, a partner that is gone, and one held out."""
    from eigenform.ledger import feedback
    from eigenform.ledger.contracts import Interval, NewDecision

    turn_seq = feedback.open_turn(
        number=1,
        as_of=TODAY,
        seed=1,
        at=now,
        actor="0" * 32,
        policy_version=1,
        model_version="test 1",
        read_up_to_seq=0,
        summary={"seen": {"order": 3}},
        inputs={},
    )

    def decision(kind: str, subject: str, *, held_out: bool | None) -> NewDecision:
        return NewDecision(
            kind=kind,
            subject=subject,
            because=("It fell short.",),
            basis="assumed",
            gain=Interval(1200.0, 300.0, 2500.0, "GBP"),
            cost_minor=500,
            channel="phone",
            minutes=15.0,
            held_out=held_out,
            propensity=0.9,
        )

    return feedback.record_decisions(
        [
            decision("change_attribute", "attribute:furniture|delivery_day|", held_out=None),
            decision("talk_to_partner", "partner:" + "b" * 32, held_out=None),
            decision("contact_customer", "customer:" + "c" * 32, held_out=True),
        ],
        turn_seq=turn_seq,
        at=now,
        actor="0" * 32,
        model_version="test 1",
        policy_version=1,
    )
