"""A small firm on which pages are tried: three people, four customers, one partner, one turn with six decisions."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from eigenform.ledger import feedback as ledger
from eigenform.ledger.contracts import Interval, NewDecision
from eigenform.policy import actions as policy
from eigenform.policy.contracts import Document, Firm
from eigenform.records.scope import SYSTEM

PASSWORD = "a long enough phrase"
AS_OF = date(2026, 2, 27)
MODEL = "bg-nbd 1"
CUSTOMERS = ("Ada Hart", "Ben Stone", "=2+3", "Dora Lind")


@dataclass(frozen=True)
class SmallFirm:
    """What the fixture wrote: ids by name, the turn and its decisions by subject."""

    staff: dict[str, Any]
    customers: dict[str, Any]
    partner_subject: str
    turn_number: int
    turn_seq: int
    contacts: dict[str, int]  # customer's name: decision
    held_out: int
    change: int
    talk: int


@pytest.fixture(autouse=True)
def _clean_and_quick(settings) -> None:
    """Nothing cached from another test, and no slow hash: sessions and limits are tried, not the hash."""
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def words(response: Any) -> str:
    """Return what a reader sees of a page: its text without marks, with single spaces."""
    text = unescape(re.sub(r"<[^>]*>", " ", response.content.decode()))
    return re.sub(r" ([.,;:])", r"\1", " ".join(text.split()))


@pytest.fixture
def people(db) -> dict[str, Any]:
    """Lea leads, Max is a member, Rita reads."""
    from eigenform.staff.models import Staff

    roles = {"Lea": "leader", "Max": "member", "Rita": "reader"}
    return {name: Staff.objects.create_user(name, PASSWORD, role=role) for name, role in roles.items()}


@pytest.fixture
def as_person(people) -> Callable[[str], Client]:
    """A browser in which somebody is signed in."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(people[name])
        return client

    return sign_in


@pytest.fixture
def firm_policy(db, now) -> None:
    """A policy in pounds."""
    document = replace(Document(), firm=Firm(name="Oak & Co", currency="GBP", zone="Europe/London"))
    policy.adopt(document, author="Lea", reason="We begin.", scope=SYSTEM, now=now)


@pytest.fixture
def small_firm(people, firm_policy, now) -> SmallFirm:
    """The firm after its first turn."""
    from eigenform.customers.models import Customer
    from eigenform.supply_chain.models import Partner

    customers = {}
    for i, name in enumerate(CUSTOMERS):
        row = Customer.objects.create(source="t", key=str(i), name=name)
        row.refresh_from_db()
        customers[name] = row
    partner = Partner.objects.create(source="t", key="p1", name="Northern Freight")
    partner.refresh_from_db()
    turn_seq = write_turn(now, summary(f"partner:{partner.subject}"))
    contacts = [contact(f"customer:{c.subject}") for c in customers.values()]
    decisions = [
        *contacts[:3],
        change(),
        talk(f"partner:{partner.subject}"),
        replace(contacts[3], held_out=True, propensity=0.1),
    ]
    seqs = ledger.record_decisions(
        decisions, turn_seq=turn_seq, at=now, actor=SYSTEM.actor, model_version=MODEL, policy_version=1
    )
    return SmallFirm(
        staff=people,
        customers=customers,
        partner_subject=f"partner:{partner.subject}",
        turn_number=1,
        turn_seq=turn_seq,
        contacts=dict(zip(CUSTOMERS[:3], seqs[:3], strict=True)),
        change=seqs[3],
        talk=seqs[4],
        held_out=seqs[5],
    )


def write_turn(now: datetime, told: dict[str, Any], *, number: int = 1) -> int:
    """Write a turn with this summary."""
    return ledger.open_turn(
        number=number,
        as_of=AS_OF,
        seed=1,
        at=now,
        actor=SYSTEM.actor,
        policy_version=1,
        model_version=MODEL,
        read_up_to_seq=ledger_seq(),
        summary=told,
        inputs={},
    )


def ledger_seq() -> int:
    """Return the newest entry's number."""
    from eigenform.ledger import queries

    return queries.last_seq()


def contact(subject: str, *, mean: float = 9_640.0) -> NewDecision:
    """A call worth £96.40 or so."""
    return NewDecision(
        kind="contact_customer",
        subject=subject,
        because=("The relationship is worth GBP 4,820 over the next 52 weeks.", "They are still a customer."),
        basis="assumed",
        gain=Interval(mean, 1_200.0, 21_000.0, "GBP"),
        cost_minor=500,
        channel="phone",
        minutes=15.0,
        held_out=False,
        propensity=0.9,
        due_on=date(2026, 3, 5),
        facts={"worth_minor": [482_000.0, 300_000.0, 700_000.0], "effect": [0.02, 0.02], "n": 12},
    )


def change() -> NewDecision:
    """A change of the day on which furniture is delivered."""
    return NewDecision(
        kind="change_attribute",
        subject="attribute:furniture|delivery_day|",
        because=("In furniture, 22.0% of the last 52 weeks' promises about delivery_day fell short.",),
        basis="assumed",
        gain=Interval(240_000.0, 20_000.0, 500_000.0, "GBP"),
        cost_minor=20_000,
        channel="meeting",
        minutes=120.0,
        held_out=None,
        propensity=None,
        contrast="A staggered release.",
        facts={"exposed_minor": [4_800_000.0, 3_900_000.0, 5_700_000.0], "effect": [0.05, 0.05], "n": 88},
    )


def talk(subject: str) -> NewDecision:
    """A talk with the partner."""
    return replace(
        change(), kind="talk_to_partner", subject=subject, cost_minor=5_000, contrast="Its later deliveries."
    )


def summary(partner_subject: str) -> dict[str, Any]:
    """A turn's summary with one attribute that falls short, one that cannot be told, one partner and worth."""
    cell = {
        "subject": "attribute:furniture|delivery_day|",
        "quantity": "promise_gap",
        "category": "furniture",
        "attribute": "delivery_day",
        "segment": "",
        "unit": "days",
        "mean": -1.3,
        "low": -1.9,
        "high": -0.7,
        "n": 88,
        "last_on": "2026-02-20",
        "p_below_0": 0.99,
        "short_share": {"mean": 0.22, "low": 0.18, "high": 0.27},
        "exposed_minor": {"mean": 4_800_000.0, "low": 3_900_000.0, "high": 5_700_000.0},
        "reason": None,
    }
    unknown = {
        **cell,
        "subject": "attribute:lamps|delivery_day|",
        "category": "lamps",
        "mean": None,
        "n": 3,
        "short_share": None,
        "exposed_minor": None,
        "reason": "3 readings are too few; 20 would decide.",
    }
    return {
        "seen": {"orders": 1_204, "promises": 310},
        "promises": {
            "made": 310, "kept": 240, "broken": 62, "broken_late": 54, "broken_undelivered": 8, "open": 6,
            "withdrawn": 2, "unknown": 0,
        },
        "satisfaction_by_promise": {"kept": {"mean": 4.3, "low": 4.2, "high": 4.4, "n": 200}},
        "estimates": 7,
        "decisions": 6,
        "held_out": 1,
        "currency": "GBP",
        "zone": "Europe/London",
        "simulated": False,
        "worth": {
            "mean": 48_213_000.0, "low": 31_200_000.0, "high": 66_900_000.0, "n": 312, "unit": "GBP",
            "basis": "revenue",
        },
        "worth_reason": None,
        "worth_decides": None,
        "experience_reason": "No expectation was asked.",
        "cells": [cell, unknown],
        "partners": [{**cell, "subject": partner_subject, "quantity": "partner_gap", "n": 40}],
        "worth_histogram": {"edges": [0.0, 50_000.0, 100_000.0], "counts": [290, 22]},
        "warnings": ["7 orders are in other currencies than GBP; without a dated rate they are left out."],
    }  # fmt: skip
