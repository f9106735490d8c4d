"""A firm of any size for the pages' benchmark: facts by bulk SQL, judgements through the ledger's own door."""

from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from eigenform.ledger import feedback
from eigenform.ledger.contracts import EstimateRow, Interval, NewDecision

TODAY = date(2026, 1, 1)
SEGMENTS = ("north", "south", "east", "west", "islands")
COUNTRIES = ("GB", "IE", "FR", "DE", "NL", "BE", "ES", "IT", "PT", "SE", "NO", "DK")
FIRST = tuple(
    "Ada Bo Cleo Dan Eva Finn Gus Hana Ines Jon Kim Lena Max Nora Olga Pia Quin Rosa Sam Tess".split()  # noqa: SIM905 - names read better as a line
)
LAST = tuple(
    "Hart Lind Berg Okafor Novak Silva Meyer Dubois Rossi Jansen Larsen Kaya Moreau Weber Costa Ito Khan Diaz".split()  # noqa: SIM905 - names read better as a line
)
CATEGORIES = tuple(f"Category {n:02}" for n in range(40))


def build(customers: int) -> None:
    """Fill the database by bulk SQL; figures follow from the row number, so that two builds are alike."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns, rows in _tables(customers):
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    _ledger(customers)


def _day(offset: int) -> str:
    return (TODAY - timedelta(days=offset)).isoformat()


def _mix(i: int) -> int:
    """Spread row numbers, so that neighbours in the table are not neighbours in the sort order."""
    return (i * 2654435761) & 0xFFFFFFFF


def _tables(n: int):
    many = range(1, n + 1)
    yield (
        "customers_customer",
        ("id", "source", "key", "custom", "subject", "kind", "name", "segment", "country"),
        (
            (
                i,
                "bench",
                f"C{i:06}",
                "{}",
                f"{i:032x}",
                "organisation" if i % 10 == 0 else "person",
                f"{FIRST[_mix(i) % 20]} {LAST[_mix(i) // 32 % 18]} {i % 977}",
                "rare" if i % 1000 == 0 else SEGMENTS[_mix(i) % 5],
                COUNTRIES[_mix(i) // 8 % 12],
            )
            for i in many
        ),
    )
    yield (
        "customers_contact",
        ("source", "key", "custom", "customer_id", "name", "email"),
        (("bench", f"K{i}", "{}", i, f"{FIRST[i % 20]} Agent", f"agent{i}@example.org") for i in many if i % 5 == 0),
    )
    yield (
        "offerings_offering",
        ("id", "source", "key", "custom", "name", "category"),
        ((i + 1, "bench", f"F{i}", "{}", f"Offering {i}", CATEGORIES[i % 40]) for i in range(400)),
    )
    yield (
        "supply_chain_partner",
        ("id", "source", "key", "custom", "subject", "name"),
        ((i + 1, "bench", f"P{i}", "{}", f"{i:032x}", f"Partner {i}") for i in range(50)),
    )
    orders = range(1, 3 * n + 1)
    yield (
        "sales_order",
        ("id", "source", "key", "custom", "customer_id", "ordered_on", "state", "currency"),
        (
            (
                j,
                "bench",
                f"O{j:07}",
                "{}",
                (j - 1) // 3 + 1,
                _day(_mix(j) % 730),
                "open" if j % 50 == 0 else "done",
                "GBP",
            )
            for j in orders
        ),
    )
    yield (
        "sales_orderline",
        ("source", "key", "custom", "order_id", "offering_id", "kind", "quantity", "unit_price", "amount_minor"),
        (("bench", f"L{j}", "{}", j, _mix(j) % 400 + 1, "sale", 1, 10, 500 + _mix(j) % 9000) for j in orders),
    )
    yield (
        "offerings_promise",
        ("source", "key", "custom", "subject_kind", "subject_key", "attribute", "level_on", "unit"),
        (("bench", f"R{j}", "{}", "order", f"O{j:07}", "delivery", _day(_mix(j) % 730 - 5), "date") for j in orders),
    )
    yield (
        "supply_chain_delivery",
        ("source", "key", "custom", "subject_kind", "subject_key", "attribute", "delivered_on", "partner_id"),
        (
            ("bench", f"D{j}", "{}", "order", f"O{j:07}", "delivery", _day(_mix(j) % 730 - j % 7), j % 50 + 1)
            for j in orders
            if j % 50
        ),
    )
    yield (
        "service_answer",
        (
            "source",
            "key",
            "custom",
            "customer_id",
            "attribute",
            "kind",
            "score",
            "scale_min",
            "scale_max",
            "answered_on",
            "text",
        ),
        (("bench", f"A{i}", "{}", i, "overall", "satisfaction", 1 + i % 5, 1, 5, _day(i % 600), "") for i in many),
    )
    yield (
        "marketing_touch",
        ("source", "key", "custom", "customer_id", "channel", "touched_on"),
        (("bench", f"T{i}", "{}", i, "phone", _day(i % 500)) for i in many if i % 2),
    )
    yield (
        "customers_standing",
        (
            "customer_id",
            "turn_number",
            "as_of",
            "orders_count",
            "last_order_on",
            "revenue_52w_minor",
            "worth_mean_minor",
            "worth_low_minor",
            "worth_high_minor",
            "p_alive",
            "promises_kept",
            "promises_broken",
            "model_version",
            "p_alive_before",
            "expected_purchases",
            "expected_purchases_low",
            "expected_purchases_high",
            "first_order_on",
            "purchase_days",
            "spend_minor",
            "slipping_minor",
        ),
        (
            (i, 1, _day(0), 3, _day(_mix(i) % 730), 0 if i % 3 == 0 else _mix(i) % 90_000)
            + ((None,) * 3 if i % 20 == 0 else (float(w := _mix(i * 7) % 90_000), w * 0.4, w * 1.9))
            + (0.7, 2, i % 3, "bg-nbd 1", 0.9, 2.4, 0.0, 5.0, _day(900), 3, 4200.0)
            + (float(_mix(i) % 9_000) if i % 20 == 1 else None,)
            for i in many
        ),
    )


def _ledger(n: int) -> None:
    """A turn as the loop writes it: an estimate per customer and cell, decisions that wait, a summary."""
    now = datetime(2026, 1, 1, 6, 0, tzinfo=UTC)
    cells = [_cell(c, s) for c in CATEGORIES for s in ("", *SEGMENTS)]
    shown = [
        {"subject": r.subject, "quantity": r.quantity, "mean": r.mean, "low": r.low, "high": r.high, "n": r.n}
        | {"unit": r.unit}
        | {k: v for k, v in r.facts.items() if k != "trajectory"}
        for r in cells
    ]
    summary = {
        "seen": {"orders": 3 * n, "customers": n}, "estimates": n, "decisions": 40, "held_out": 0, "currency": "GBP",
        "zone": "Europe/London", "simulated": False, "satisfaction_by_promise": {},
        "promises": {"made": 3 * n, "kept": 2 * n, "broken": n, "broken_late": n, "broken_undelivered": 0, "open": 0,
                     "withdrawn": 0, "unknown": 0},
        "worth": {"mean": 4.1e9, "low": 3.9e9, "high": 4.3e9, "n": n, "unit": "GBP", "basis": "revenue",
                  "horizon_weeks": 52},
        "worth_report": _worth_report(n),
        "worth_reason": None, "worth_decides": None, "experience_reason": "no expectation was asked",
        "cells": shown[:50], "partners": [], "worth_histogram": {"edges": [0, 1e4, 5e4, 9e4], "counts": [n // 3] * 3},
        "warnings": [],
    }  # fmt: skip
    by = {"at": now, "actor": "0" * 32, "policy_version": 1, "model_version": "bench 1"}
    seq = feedback.open_turn(number=1, as_of=TODAY, seed=1, read_up_to_seq=0, summary=summary, inputs={}, **by)
    worth = [EstimateRow(f"customer:{i:032x}", "worth_minor", 4e4, 2e4, 8e4, 3, "GBP") for i in range(1, n + 1)]
    feedback.record_estimates([*worth, *cells], turn_seq=seq, **by)
    feedback.record_decisions(
        [
            NewDecision("contact_customer", f"customer:{i * 97:032x}", ("Two promises of three were broken.",),
                        "assumed", Interval(2000, 300, 4100, "GBP"), 500, "phone", 15, False, 0.9)
            for i in range(1, min(41, n // 97))
        ],
        turn_seq=seq, **by,
    )  # fmt: skip


def _worth_report(n: int) -> dict[str, object]:
    """A report as long as a turn's can be: 24 bins, 41 points, 16 cohorts, a hold-out of a year."""
    money = {"mean": 2.5e8, "low": 2.4e8, "high": 2.6e8}
    tried = {
        "score": 0.8,
        "mae": 0.9,
        "expected": 9e4,
        "low": 8.9e4,
        "high": 9.1e4,
        "coverage_80": 0.8,
        "coverage_80_interval": 0.87,
    }
    trial = {
        "cut_on": "2025-01-02", "weeks": 52, "customers": n, "purchases": 90_000, "model": "bg-nbd",
        "tried": [{"model": name, **tried} for name in ("bg-nbd", "mbg-nbd", "pareto-nbd")],
        "by_week": [{"predicted": 1730.0, "low": 1680.0, "high": 1780.0, "actual": 1700 + i} for i in range(52)],
        "by_group": [{"customers": n / 10, "predicted": g, "actual": g, "low": g, "high": g + 0.1} for g in range(10)],
        "coverage_80": 0.8, "coverage_80_interval": 0.87, "mae": 0.9, "naive_mae": 1.0,
        "naive_wins": False, "drift": None,
    }  # fmt: skip
    alive = {"mean": 5e3, "low": 4.9e3, "high": 5.1e3}
    return {
        "alive": {"mean": 7e4, "low": 6.9e4, "high": 7.1e4}, "model": "bg-nbd", "because": "Why.", "trial": trial,
        "edges_minor": [0.0, *(100.0 * 1.5**i for i in range(24))], "counts": [n // 24] * 24,
        "concentration": [[i / 40, (i / 40) ** 0.5] for i in range(41)],
        "top_tenth": {"mean": 0.3, "low": 0.28, "high": 0.32},
        "cohorts": [{"name": f"20{22 + q // 4} Q{q % 4 + 1}", "customers": n // 16, "alive": alive,
                     "worth_minor": money} for q in range(16)],
        "slipping": {"customers": n // 20, "worth_minor": money, "lost_minor": 2e7},
    }  # fmt: skip


def _cell(category: str, segment: str):
    facts = {
        "category": category, "attribute": "delivery", "segment": segment, "unit": "days", "p_below_0": 0.9,
        "last_on": "2025-12-30", "short_share": {"mean": 0.3, "low": 0.25, "high": 0.35}, "better": "lower",
        "exposed_minor": {"mean": 5e6, "low": 4e6, "high": 6e6}, "n_customers": 900, "warnings": [], "reason": None,
        "decides": None,
        "trajectory": [] if segment else [[_day(7 * (59 - k)), -1.0, -1.6, -0.4, 40] for k in range(60)],
    }  # fmt: skip
    return EstimateRow(f"attribute:{category}|delivery|{segment}", "promise_gap", -1.0, -1.5, -0.5, 900, "days", facts)
