"""Names and addresses of people and firms who do not exist, from short lists."""

import numpy as np

from eigenform.value.arrays import BoolArray, IntArray
from eigenform.value.dynamics import firm
from eigenform.value.dynamics.plan import Plan
from eigenform.value.dynamics.purchases import Purchases
from eigenform.value.dynamics.tables import Table, order_day

ROLES = ("Owner", "Buyer", "Head chef", "Manager")


def customer_keys(customers: int) -> np.ndarray:
    """Return the firm's own numbers of its customers, shape (customers,)."""
    return np.array([f"C{number:05d}" for number in range(1, customers + 1)])


def tables(segment: IntArray, bought: Purchases, plan: Plan, rng: np.random.Generator) -> dict[str, Table]:
    """Return customers, their contacts and the firm's staff. Addresses and numbers are of ranges kept for fiction."""
    n = len(segment)
    keys, is_firm = customer_keys(n), segment >= firm.ORGANISATIONS_FROM
    first, last = rng.choice(firm.FIRST_NAMES, n), rng.choice(firm.LAST_NAMES, n)
    person = np.char.add(np.char.add(first, " "), last)
    house = _houses(segment, last, rng)
    since = np.full(n, plan.days)
    np.minimum.at(since, bought.customer, order_day(plan, bought))
    host = np.where(is_firm, "example.com", "example.org")
    mailbox = [f"{f}.{s}.{k[1:]}@{h}".lower() for f, s, k, h in zip(first, last, keys, host, strict=True)]
    customers = {
        "customer_no": keys,
        "type": np.where(is_firm, "company", "private"),
        "name": np.where(is_firm, house, person),
        "segment": np.array(firm.SEGMENTS)[segment],
        "country": rng.choice(["GB", "GB", "GB", "GB", "GB", "GB", "GB", "GB", "IE", "FR"], n),
        "customer_since": plan.date(since),
    }
    contacts = {
        "contact_no": np.char.add(keys, "-1"),
        "customer_no": keys,
        "name": person,
        "email": np.array(mailbox),
        "phone": np.array([f"01632 960{number:03d}" for number in rng.integers(0, 1000, n)]),
        "position": np.where(is_firm, rng.choice(ROLES, n), "Private customer"),
    }
    return {"customers": customers, "contacts": contacts, "staff": _staff()}


def _houses(segment: IntArray, last: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a name for each house, as if all customers were firms."""
    n = len(segment)
    is_shop: BoolArray = segment == len(firm.SEGMENTS) - 1
    ending = np.where(is_shop, rng.choice(firm.SHOP_LAST, n), rng.choice(firm.RESTAURANT_LAST, n))
    beginning = np.where(is_shop, last, np.char.add("The ", rng.choice(firm.HOUSE_FIRST, n)))
    return np.char.add(
        np.char.add(np.char.add(beginning, " "), rng.choice(firm.HOUSE_FIRST, n)), np.char.add(" ", ending)
    )


def _staff() -> Table:
    return {
        "staff_no": np.array([person[0] for person in firm.STAFF]),
        "name": np.array([person[1] for person in firm.STAFF]),
        "team": np.array([person[2] for person in firm.STAFF]),
    }
