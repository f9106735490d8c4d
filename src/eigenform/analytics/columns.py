"""A turn's tables as the columns that the packages' contracts take. Plain arrays, no engine."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eigenform.analytics.frames import numbers, texts

SHORT_STATUS = ("broken_late", "broken_undelivered", "broken_short")


def readings(table: pa.Table) -> dict[str, NDArray]:
    """Return the promises that are over as columns of `offerings.contracts.Readings`."""
    status = np.array(texts(table, "status"), dtype=object)
    over = np.isin(status.astype(str), ("kept", *SHORT_STATUS)) if len(status) else np.zeros(0, bool)
    columns: dict[str, NDArray] = {
        name: _text(table, name)[over] for name in ("category", "attribute", "segment", "unit")
    }
    columns |= {name: _subjects(table, name)[over] for name in ("partner", "customer")}
    columns["gap"] = numbers(table, "gap")[over]
    columns["short"] = np.isin(status[over].astype(str), SHORT_STATUS).astype(float)
    columns["day"] = numbers(table, "happened_on")[over]
    columns["weight"] = numbers(table, "weight")[over]
    return columns


def answers(table: pa.Table) -> dict[str, NDArray]:
    """Return expectation and experience answers as columns of `offerings.decisions.Answers`; higher is better."""
    names = ("category", "attribute", "segment", "kind", "unit", "channel", "half")
    columns: dict[str, NDArray] = {name: _text(table, name) for name in names}
    columns["customer"] = _subjects(table, "customer")
    sign = np.where(_text(table, "better") == "lower", -1.0, 1.0)
    columns["score"] = numbers(table, "score") * sign
    columns["day"] = numbers(table, "answered_on")
    columns["weight"] = numbers(table, "weight")
    return columns


def purchases(table: pa.Table, sampled_sources: frozenset[str]) -> dict[str, NDArray]:
    """Return purchase histories as columns of `customers.decisions.Purchases`."""
    return {
        "subject": np.array([f"customer:{s}" for s in texts(table, "subject")], dtype=str),
        "repeats": numbers(table, "repeats"),
        "last_week": numbers(table, "last_week"),
        "age_weeks": numbers(table, "age_weeks"),
        "mean_spend_minor": numbers(table, "mean_spend_minor"),
        "whole": np.array([source not in sampled_sources for source in texts(table, "source")], dtype=bool),
    }


def purchases_before(table: pa.Table, sampled_sources: frozenset[str]) -> dict[str, NDArray]:
    """Return what was known on an earlier day as columns of `customers.decisions.Earlier`."""
    columns: dict[str, NDArray] = {
        name: numbers(table, name) for name in ("repeats", "last_week", "age_weeks", "bought_since")
    }
    columns["whole"] = np.array([source not in sampled_sources for source in texts(table, "source")], dtype=bool)
    return columns


def weeks_of_purchases(table: pa.Table, sampled_sources: frozenset[str]) -> NDArray[np.float64]:
    """Return the week of every purchase since the earlier day, of sources whose histories are whole."""
    whole = np.array([source not in sampled_sources for source in texts(table, "source")], dtype=bool)
    return np.repeat(numbers(table, "week")[whole], numbers(table, "purchases")[whole].astype(np.int64))


def promise_counts(table: pa.Table) -> dict[str, int]:
    """Return how many promises there are, each counted once, by what became of them."""
    first = np.unique(numbers(table, "promise_id"), return_index=True)[1]
    every = texts(table, "status")
    status = [every[row] for row in first]
    count = {
        name: status.count(name)
        for name in ("kept", "broken_late", "broken_undelivered", "broken_short", "open", "withdrawn", "unknown")
    }
    broken = count["broken_late"] + count["broken_undelivered"] + count["broken_short"]
    return {"made": len(status), "broken": broken, **count}


def promises_by_customer(table: pa.Table) -> dict[str, tuple[int, int]]:
    """Return promises kept and broken by customer subject, each promise counted once."""
    out: dict[str, list[int]] = {}
    seen: set[float] = set()
    rows = zip(numbers(table, "promise_id").tolist(), texts(table, "customer"), texts(table, "status"), strict=True)
    for promise, customer, status in rows:
        if not customer or promise in seen or status not in ("kept", *SHORT_STATUS):
            continue
        seen.add(promise)
        out.setdefault(f"customer:{customer}", [0, 0])[int(status != "kept")] += 1
    return {subject: (kept, broken) for subject, (kept, broken) in out.items()}


def _text(table: pa.Table, name: str) -> NDArray[np.str_]:
    return np.array(texts(table, name), dtype=str)


def _subjects(table: pa.Table, name: str) -> NDArray[np.str_]:
    kind = "customer" if name == "customer" else "partner"
    return np.array([f"{kind}:{s}" if s else "" for s in texts(table, name)], dtype=str)
