"""What else passes between the firm and its customers: letters, enquiries, quotes, complaints."""

import numpy as np

from eigenform.value.arrays import IntArray
from eigenform.value.dynamics import firm
from eigenform.value.dynamics.plan import Plan
from eigenform.value.dynamics.tables import Orders, Table

CAMPAIGNS = (("Spring letter", 0.8, 0.5), ("Summer letter", 0.55, 0.4), ("Autumn letter", 0.3, 0.5))
LEADS, OPPORTUNITIES, CASES = 80, 60, 160
CASE_TEXTS = (
    ("complaint", "The parcel arrived with a dented corner."),
    ("complaint", "The handle is loose after three weeks."),
    ("question", "Can it go into the dishwasher?"),
    ("question", "Do you sell the lid by itself?"),
    ("return", "Ordered the wrong size and would like to send it back."),
    ("praise", "Bought the second one as a present, thank you."),
)


def tables(plan: Plan, orders: Orders, segment: IntArray, rng: np.random.Generator) -> dict[str, Table]:
    """Return the contact log, leads, opportunities, cases and their events."""
    return {
        "contact_log": _contact_log(plan, orders, rng),
        "leads": _leads(plan, rng),
        "opportunities": _opportunities(plan, segment, rng),
        **_cases(plan, orders, rng),
    }


def _contact_log(plan: Plan, orders: Orders, rng: np.random.Generator) -> Table:
    """Letters that chance decided about: each customer known by then got one with the stated probability, or none.

    The letters move nobody: who got one buys as everybody does. Whoever measures them must find that.
    """
    first_day = np.full(plan.customers, plan.days + 1)
    np.minimum.at(first_day, orders.bought.customer, orders.day)
    keys = np.array([f"C{number:05d}" for number in range(1, plan.customers + 1)])
    customer, day, campaign, propensity, direction = [], [], [], [], []
    for name, before_end_share, probability in CAMPAIGNS:
        sent_day = int(plan.days * (1.0 - before_end_share))
        gets_one = rng.random(plan.customers) < probability
        known = np.flatnonzero(first_day < sent_day)
        customer.append(known)
        day.append(np.full(len(known), sent_day))
        campaign.append(np.full(len(known), name))
        propensity.append(np.where(gets_one[known], probability, 1.0 - probability))
        direction.append(np.where(gets_one[known], "out", "withheld"))
    who = np.concatenate(customer)
    return {
        "touch_no": np.array([f"L{number:05d}" for number in range(1, len(who) + 1)]),
        "customer_no": keys[who],
        "channel": np.full(len(who), "email"),
        "direction": np.concatenate(direction),
        "campaign": np.concatenate(campaign),
        "sent_on": plan.date(np.concatenate(day)),
        "propensity": np.concatenate(propensity),
    }


def _leads(plan: Plan, rng: np.random.Generator) -> Table:
    day = np.sort(rng.integers(0, plan.days, LEADS))
    closed = day + rng.integers(3, 60, LEADS)
    state = np.where(closed > plan.days, "open", rng.choice(["won", "lost"], LEADS, p=[0.4, 0.6]))
    return {
        "lead_no": np.array([f"E{number:04d}" for number in range(1, LEADS + 1)]),
        "origin": rng.choice(["trade fair", "web form", "recommendation"], LEADS),
        "channel": rng.choice(["email", "phone", "meeting"], LEADS),
        "created_on": plan.date(day),
        "state": state,
        "closed_on": plan.date(np.where(state == "open", np.nan, closed)),
    }


def _opportunities(plan: Plan, segment: IntArray, rng: np.random.Generator) -> Table:
    firms = np.flatnonzero(segment >= firm.ORGANISATIONS_FROM)
    opened = np.sort(rng.integers(0, plan.days, OPPORTUNITIES))
    closed = opened + rng.integers(10, 120, OPPORTUNITIES)
    stage = np.where(closed > plan.days, "quoted", rng.choice(["won", "lost"], OPPORTUNITIES, p=[0.45, 0.55]))
    return {
        "opportunity_no": np.array([f"Q{number:04d}" for number in range(1, OPPORTUNITIES + 1)]),
        "customer_no": np.array([f"C{number + 1:05d}" for number in rng.choice(firms, OPPORTUNITIES)]),
        "product_no": rng.choice([p.number for p in firm.PRODUCTS], OPPORTUNITIES),
        "owner_no": rng.choice([person[0] for person in firm.STAFF], OPPORTUNITIES),
        "stage": stage,
        "opened_on": plan.date(opened),
        "closed_on": plan.date(np.where(stage == "quoted", np.nan, closed)),
        "amount": np.round(rng.gamma(3.0, 250.0, OPPORTUNITIES), 2),
    }


def _cases(plan: Plan, orders: Orders, rng: np.random.Generator) -> dict[str, Table]:
    order = rng.choice(np.flatnonzero(orders.has_arrived), CASES, replace=False)
    opened = orders.delivered.delivered_day[order] + rng.integers(1, 30, CASES)
    order, opened = order[opened <= plan.days], opened[opened <= plan.days]
    closed = opened + rng.integers(0, 15, len(order))
    closed[closed > plan.days] = np.nan
    topic = rng.integers(len(CASE_TEXTS), size=len(order))
    number = np.array([f"V{number:04d}" for number in range(1, len(order) + 1)])
    answered = np.isfinite(closed)
    cases = {
        "case_no": number,
        "customer_no": orders.customer_no[order],
        "product_no": np.array([p.number for p in firm.PRODUCTS])[orders.product[order]],
        "kind": np.array([text[0] for text in CASE_TEXTS])[topic],
        "opened_on": plan.date(opened),
        "closed_on": plan.date(closed),
        "channel": rng.choice(["email", "phone"], len(order)),
        "text": np.array([text[1] for text in CASE_TEXTS])[topic],
    }
    clock = [np.char.add(np.datetime_as_string(plan.date(day)), "T10:00:00") for day in (opened, closed[answered])]
    events = {
        "case_no": np.concatenate([number, number[answered]]),
        "event": np.repeat(["opened", "closed"], [len(number), int(answered.sum())]),
        "occurred_at": np.concatenate(clock),
    }
    return {"cases": cases, "case_events": events}
