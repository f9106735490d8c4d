"""Rules, candidates and judgements to decide about, each with a plain default."""

from dataclasses import replace
from datetime import date

import numpy as np

from eigenform.control.contracts import Cost, Effect, Means, Past, Rules, Sureness
from eigenform.coordination.contracts import Candidate
from eigenform.customers.decisions import WorthJudgement
from eigenform.offerings.contracts import GapCell, Share, attribute_subject
from eigenform.value.lifetime.worth import Worth

AS_OF = date(2026, 3, 2)
EPOCH = date(1970, 1, 1)
KINDS = ("contact_customer", "change_attribute", "talk_to_partner")


def rules(**changes):
    plain = Rules(
        means=Means(
            budget_minor=200_000,
            minutes_by_channel={"phone": 1200.0, "meeting": 960.0},
            per_kind_max={"contact_customer": 50, "change_attribute": 5, "talk_to_partner": 5},
        ),
        sureness=Sureness(short_share_tolerated=0.05, gap_tolerated=0.0, certainty=0.95, readings_min=20),
        costs={
            "contact_customer": Cost(500, 15.0, "phone"),
            "change_attribute": Cost(20_000, 120.0, "meeting"),
            "talk_to_partner": Cost(5_000, 60.0, "meeting"),
        },
        effects={
            "contact_customer": Effect(0.02, 0.02),
            "change_attribute": Effect(0.05, 0.05),
            "talk_to_partner": Effect(0.05, 0.05),
        },
        currency="GBP",
        repeat_after_days=91,
        contacts_max=2,
        contacts_window_days=30,
        holdout_share=0.10,
        holdout_weeks=13,
        policy_version=1,
    )
    return replace(plain, **changes)


def means(**changes):
    return replace(rules().means, **changes)


def candidate(subject, *, kind="contact_customer", cost=500, gain=1000.0, minutes=15.0, channel="phone"):
    return Candidate(kind, subject, cost, minutes, channel, gain, gain * 0.5, gain * 2.0, ("Because.",))


def contacts(n, *, start=0, **fields):
    """Return n contacts, each worth a little less than the one before."""
    return [candidate(f"customer:{i}", gain=100_000.0 - i, **fields) for i in range(start, start + n)]


def cell(
    category="Chairs", *, p=0.999, share=(0.2, 0.15, 0.25), exposed=1_000_000.0, quantity="promise_gap", **changes
):
    """Return a judged gap that is surely short unless told otherwise."""
    is_experience = quantity == "experience_gap"
    plain = GapCell(
        subject=attribute_subject(category, "delivery"),
        quantity=quantity,
        category=category,
        attribute="delivery",
        segment="",
        unit="days",
        mean=-1.0,
        low=-1.5,
        high=-0.5,
        p_below_0=p,
        p_below_tolerated=p if is_experience else None,
        n=100,
        last_on=AS_OF,
        short_share=Share(*share),
        p_short=None if is_experience else p,
        exposed_minor=Share(*(exposed * part for part in share)),
        customers=10,
    )
    return replace(plain, **changes)


def worth_of(means_minor, *, spread=0.5):
    """Return the judgement that the customers 0, 1, 2 … are worth so much."""
    mean = np.asarray(means_minor, float)
    ones = np.ones(len(mean))
    judged = Worth(
        mean=mean, low=mean * (1 - spread), high=mean * (1 + spread), p_alive=0.9 * ones,
        expected_purchases=3.0 * ones, expected_purchases_low=ones, expected_purchases_high=6.0 * ones,
        total_mean=float(mean.sum()), total_low=0.0, total_high=1.0, unit="money", horizon_weeks=52.0, without_spend=0,
    )  # fmt: skip
    days = np.full(len(mean), 3, np.int64)
    return WorthJudgement(np.array([f"customer:{i}" for i in range(len(mean))]), days, judged, "test 1")


def past(
    subject="customer:1",
    *,
    kind="contact_customer",
    state="waiting",
    last_ago=0,
    minutes=15.0,
    cost=500,
    channel="phone",
):
    last_day = (AS_OF - EPOCH).days - last_ago
    return Past(kind, subject, state, last_day, last_day, minutes, cost, channel)
