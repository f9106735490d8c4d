"""Effort shared out from a file: which of the candidates, within limits, add most. No Django.

allocate(candidates, limits, out, objective="net") -> Allocation
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eigenform.analytics.allocation import limits as named_limits
from eigenform.analytics.allocation.candidates import CandidateFile, Names, give_back, shortened
from eigenform.analytics.allocation.limits import NamedLimits
from eigenform.analytics.allocation.refusals import CandidatesColumnMissing
from eigenform.value.optimise.choose import Choice, Limits, choose_net

__all__ = ["Allocation", "allocate"]

Objective = Literal["net", "value"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """What was chosen, how good it is at best, what the limits cost and how much of them is used.

    objective  sum of value - cost, or of value, over the chosen;  bound  no choice can be better
    gap        (bound - objective) / bound;  prices  what one more unit of each limit would add
    """

    chosen: int
    candidates: int
    objective: float
    bound: float
    gap: float
    prices: Mapping[str, Any]
    used: Mapping[str, Any]
    seconds: float
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it under the names that programs rely on."""
        return {
            "chosen": self.chosen,
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "prices": dict(self.prices),
            "seconds": round(self.seconds, 3),
            "candidates": self.candidates,
            "used": dict(self.used),
            "warnings": list(self.warnings),
        }


def allocate(candidates: Path, limits: Path, out: Path, *, objective: Objective = "net") -> Allocation:
    """Choose among the candidates of a file, within the limits of a TOML file, and write the chosen rows.

    candidates  csv, csv.gz or parquet: customer, offer, value (margin it adds before cost), cost, channel, minutes
                and, if a floor is named, segment
    objective   "net": sum of value - cost; candidates that lose are never chosen. "value": sum of value

    Raises refusals of `allocation.refusals` and value's ImpossibleChoice.
    """
    began = time.perf_counter()
    with _small_memory():
        return _allocated(candidates, limits, out, objective, began)


@contextmanager
def _small_memory() -> Iterator[None]:
    """Let the system's own allocator serve the reading: it gives back what one column took before the next."""
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def _allocated(candidates: Path, limits: Path, out: Path, objective: Objective, began: float) -> Allocation:
    named = named_limits.read(limits)
    source = CandidateFile(candidates)
    if named.floors and "segment" not in source.schema.names:
        raise CandidatesColumnMissing(file=source.file, missing=["segment"], known=source.schema.names)
    given = _columns(source, named, objective)
    give_back()
    found = choose_net(limits=_numbered(named, given), **_arguments(given))
    chosen = np.zeros(source.rows, bool)
    chosen[found.chosen if given.rows is None else given.rows[found.chosen]] = True
    answer = _answer(found, named, given, source.rows)
    del found, given  # the chosen rows are read anew: there is room for them only now
    source.write(chosen, out)
    return replace(answer, seconds=time.perf_counter() - began)


def _answer(found: Choice, named: NamedLimits, given: "_Columns", candidates: int) -> Allocation:
    return Allocation(
        chosen=len(found.chosen),
        candidates=candidates,
        objective=found.objective,
        bound=found.bound,
        gap=found.gap,
        prices=_prices(found, named, given),
        used=_used(found, named, given),
        seconds=0.0,
        warnings=_warnings(named, given),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """The candidates that may be chosen, as numbers; rows (n,) are their places in the file, None if all in order."""

    rows: NDArray[Any] | None
    net: NDArray[np.float64]
    cost: NDArray[Any]
    minutes: NDArray[Any]
    customer: NDArray[Any]
    offer: Names
    channel: Names
    segment: Names | None


def _columns(source: CandidateFile, named: NamedLimits, objective: Objective) -> _Columns:
    """Read what is needed of the rows that add something, each column sorted and cut before the next is read."""
    customer = source.numbered("customer")
    rows = None if (customer[1:] >= customer[:-1]).all() else np.argsort(customer, kind="stable").astype(np.int32)
    cost, net = source.numbers("cost", least=0.0), source.numbers("value")
    if objective == "net":
        net -= cost
    worthwhile = net > 0
    if not worthwhile.all():
        rows = np.flatnonzero(worthwhile).astype(np.int32) if rows is None else rows[worthwhile[rows]]

    def cut(values: NDArray[Any]) -> NDArray[Any]:
        return values if rows is None else values[rows]

    def cut_names(column: str) -> Names:
        found = source.names(column)
        return Names(cut(found.codes), found.names)

    del worthwhile
    net = cut(net)
    customer = _without_holes(cut(customer))
    short_cost = shortened(cut(cost))
    del cost
    minutes = shortened(cut(source.numbers("minutes", least=0.0)))
    segment = cut_names("segment") if named.floors else None
    return _Columns(rows, net, short_cost, minutes, customer, cut_names("offer"), cut_names("channel"), segment)


def _without_holes(customer: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number customers anew from 0, those left out not counted, so that no second column of numbers is needed."""
    first = np.ones(len(customer), bool)
    first[1:] = customer[1:] != customer[:-1]
    found: NDArray[np.int32] = np.cumsum(first, dtype=np.int32)
    found -= 1
    return found


def _arguments(given: _Columns) -> dict[str, Any]:
    return {
        "cost": given.cost,
        "net": given.net,
        "subject": given.customer,
        "channel": given.channel.codes,
        "minutes": given.minutes,
        "offer": given.offer.codes,
        "segment": given.segment.codes if given.segment else None,
    }


def _numbered(named: NamedLimits, given: _Columns) -> Limits:
    """Return the limits by number; what no candidate has limits nothing, except a floor that nobody can fill."""
    channel = {name: number for number, name in enumerate(given.channel.names)}
    offer = {name: number for number, name in enumerate(given.offer.names)}
    segment = {name: number for number, name in enumerate(given.segment.names)} if given.segment else {}
    beyond = len(segment)
    return Limits(
        budget=named.budget,
        contacts_max=named.contacts,
        minutes={channel[name]: most for name, most in named.minutes.items() if name in channel},
        per_subject_max=named.per_customer,
        excludes=frozenset((offer[a], offer[b]) for a, b in sorted(named.exclude) if a in offer and b in offer),
        floors={segment.get(name, beyond + n): share for n, (name, share) in enumerate(named.floors.items()) if share},
    )


def _prices(found: Choice, named: NamedLimits, given: _Columns) -> dict[str, Any]:
    by_name = {given.channel.names[number]: price for number, price in found.minute_price.items()}
    prices: dict[str, Any] = {
        "budget": found.budget_price,
        "contacts": found.contact_price,
        "minutes": {name: by_name.get(name, 0.0) for name in named.minutes},
    }
    if named.floors and given.segment:
        names = dict(enumerate(given.segment.names))
        prices["floors"] = {names[number]: price for number, price in found.floor_price.items() if number in names}
    return prices


def _used(found: Choice, named: NamedLimits, given: _Columns) -> dict[str, Any]:
    minutes = np.bincount(
        given.channel.codes[found.chosen], given.minutes[found.chosen], minlength=len(given.channel.names)
    )
    by_name = dict(zip(given.channel.names, minutes.tolist(), strict=True))
    return {
        "budget": float(given.cost[found.chosen].sum()),
        "contacts": len(found.chosen),
        "minutes": {name: by_name.get(name, 0.0) for name in named.minutes},
    }


def _warnings(named: NamedLimits, given: _Columns) -> tuple[str, ...]:
    """Say which names of the limits no candidate has: a slip of the pen must not pass as a rule."""
    offers = {name for pair in named.exclude for name in pair}
    known = (
        ("minutes", set(named.minutes) - set(given.channel.names), "channel"),
        ("exclude", offers - set(given.offer.names), "offer"),
        ("floors", set(named.floors) - set(given.segment.names if given.segment else ()), "segment"),
    )
    return tuple(
        f"[{table}] names {', '.join(sorted(odd))}, but no candidate has such a {what}."
        for table, odd, what in known
        if odd
    )
