"""The short way from a simulated firm to a verdict: its tables as a turn reads them, judged and decided without a home.

The long way, files and mapping and database, is walked by the test of the command; both must read the same.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa

from eigenform.control.decisions import Decided, Frame, Judged, decide, judge
from eigenform.loop import rules_of
from eigenform.policy.contracts import Document, Firm, PolicyVersion
from eigenform.value.dynamics import firm
from eigenform.value.dynamics.plan import Plan
from eigenform.value.dynamics.truth import Found, Verdict
from eigenform.value.dynamics.truth import judge as compare
from eigenform.value.dynamics.world import World, simulate

PROMISE_COLUMNS = (
    *("promise_id", "attribute", "unit", "category", "segment", "customer", "partner"),
    *("weight", "gap", "status", "happened_on"),
)


def inputs(world: World) -> dict[str, pa.Table]:
    """The tables that a turn on the last day would read from a home into which the firm's files were loaded."""
    return {
        "purchases": _purchases(world),
        "promise_readings": _promises(world),
        "answers": _answers(world),
        "contacts": pa.table({"customer": pa.array([], pa.string()), "contacted_on": pa.array([], pa.date32())}),
        "money": _money(world),
    }


def turn(world: World, document: Document, seed: int) -> tuple[Judged, Decided]:
    """Judge and decide on the last day, nothing having been decided before."""
    frame = Frame(
        as_of=_day(world.plan.last_day),
        seed=seed,
        horizon_weeks=document.horizon_weeks,
        discount_per_year=document.discount_per_year,
        sampled_sources=frozenset(),
        left_alone_segments=frozenset(),
    )
    in_force = PolicyVersion(1, document, "Eigenform", "defaults", datetime(2026, 1, 1, tzinfo=UTC))
    rules, tables = rules_of(in_force), inputs(world)
    judged = judge(tables, frame, rules)
    return judged, decide(judged, tables, [], frame, rules)


def verdict(seed: int, plan: Plan, document: Document | None = None) -> tuple[World, Found, Verdict]:
    """Simulate a firm, run one turn, and compare with the truth."""
    world = simulate(plan, np.random.default_rng(seed))
    judged, decided = turn(world, document or Document(firm=Firm(currency="GBP")), seed)
    found = Found(
        attributes=[(c.facts["category"], c.facts["attribute"]) for c in decided.done if c.kind == "change_attribute"],
        partners=[c.subject.removeprefix("partner:") for c in decided.done if c.kind == "talk_to_partner"],
    )
    worth = judged.worth.worth
    by_subject = dict(zip(judged.worth.subject.tolist(), worth.mean.tolist() if worth else [], strict=False))
    told = np.array([by_subject.get(f"customer:{key}", np.nan) for key in world.truth.customers])
    return world, found, compare(world.truth, found, told)


def _day(value: np.datetime64) -> date:
    return value.astype("datetime64[D]").astype(object)


def _segment_of(world: World) -> dict[str, str]:
    return dict(zip(world.tables["customers"]["customer_no"], world.tables["customers"]["segment"], strict=True))


def _category_of(world: World) -> dict[str, str]:
    return dict(zip(world.tables["products"]["product_no"], world.tables["products"]["category"], strict=True))


def _order_amounts(world: World) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Amount and margin of each order, in pence."""
    lines = world.tables["order_lines"]
    number, place = np.unique(lines["order_no"], return_inverse=True)
    amount = np.bincount(place, weights=np.rint(100 * lines["quantity"] * lines["net_price"]))
    margin = np.bincount(place, weights=np.rint(100 * lines["margin"]))
    return dict(zip(number, amount, strict=True)), dict(zip(number, margin, strict=True))


def _purchases(world: World) -> pa.Table:
    orders, last = world.tables["orders"], world.plan.last_day
    amounts, margins = _order_amounts(world)
    segment = _segment_of(world)
    days: dict[str, dict[int, float]] = {}
    revenue: dict[str, float] = {}
    counted = orders["status"] != "cancelled"
    rows = zip(orders["order_no"][counted], orders["customer_no"][counted], orders["ordered_on"][counted], strict=True)
    for number, customer, ordered_on in rows:
        ago = int((last - ordered_on).astype(int))
        of_customer = days.setdefault(customer, {})
        of_customer[ago] = of_customer.get(ago, 0.0) + margins[number]
        revenue[customer] = revenue.get(customer, 0.0) + (amounts[number] if ago < 364 else 0.0)
    subjects = sorted(days)
    age = np.array([max(days[s]) for s in subjects]) / 7.0
    later = [[spent for ago, spent in days[s].items() if ago < max(days[s])] for s in subjects]
    return pa.table(
        {
            "subject": subjects,
            "source": ["demo"] * len(subjects),
            "segment": [segment[s] for s in subjects],
            "repeats": [float(len(days[s]) - 1) for s in subjects],
            "last_week": age - np.array([min(days[s]) for s in subjects]) / 7.0,
            "age_weeks": age,
            "mean_spend_minor": pa.array([float(np.mean(a)) if a else None for a in later], pa.float64()),
            "revenue_52w_weighted_minor": [revenue[s] for s in subjects],
        }
    )


def _promises(world: World) -> pa.Table:
    orders, last = world.tables["orders"], world.plan.last_day
    came = dict(zip(world.tables["deliveries"]["order_no"], world.tables["deliveries"]["delivered_on"], strict=True))
    partners = dict(zip(world.tables["carriers"]["carrier_no"], world.tables["carriers"]["name"], strict=True))
    category, segment = _category_of(world), _segment_of(world)
    lines = world.tables["order_lines"]
    categories: dict[str, set[str]] = {}
    for number, product in zip(lines["order_no"], lines["product_no"], strict=True):
        categories.setdefault(number, set()).add(category[product])
    rows = []
    for i, number in enumerate(orders["order_no"]):
        promised, delivered = orders["promised_on"][i], came.get(number)
        gap = None if delivered is None else float((promised - delivered).astype(int))
        status = _status(orders["status"][i], gap, promised < last)
        for name in sorted(categories[number]):
            customer = orders["customer_no"][i]
            day = promised if delivered is None else delivered
            about = (segment[customer], customer, partners[orders["carrier_no"][i]])
            rows.append((i, firm.DELIVERY, "days", name, *about, 1.0, gap, status, _day(day)))
    return pa.table(dict(zip(PROMISE_COLUMNS, map(list, zip(*rows, strict=True)), strict=True)))


def _status(state: str, gap: float | None, is_over: bool) -> str:
    if state == "cancelled":
        return "withdrawn"
    if gap is not None:
        return "kept" if gap >= 0 else "broken_late"
    return "broken_undelivered" if is_over else "open"


def _answers(world: World) -> pa.Table:
    survey = world.tables["survey"]
    category, segment = _category_of(world), _segment_of(world)
    better = {(q.category, q.name): q.better for q in firm.QUALITIES}
    kept = survey["asked"] != "satisfaction"
    column = {name: values[kept] for name, values in survey.items()}
    categories = [category[p] for p in column["product_no"]]
    return pa.table(
        {
            "category": categories,
            "attribute": column["question"],
            "segment": [segment[c] for c in column["customer_no"]],
            "customer": column["customer_no"],
            "kind": column["asked"],
            "score": column["score"].astype(float),
            "better": [better[pair] for pair in zip(categories, column["question"], strict=True)],
            "unit": ["points"] * int(kept.sum()),
            "channel": column["channel"],
            "half": column["half"],
            "answered_on": pa.array(column["answered_on"].astype("datetime64[D]"), pa.date32()),
            "weight": np.ones(int(kept.sum())),
        }
    )


def _money(world: World) -> pa.Table:
    lines = world.tables["order_lines"]
    margin = 100 * lines["margin"]
    sold = float(margin[lines["kind"] == "sale"].sum())
    return pa.table({"sold_minor": [sold], "taken_back_minor": [0.0]})
