"""Candidates as they come in, checked and put in order of their subjects."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.optimise.branching import ImpossibleChoice
from eigenform.value.optimise.market import Limits, Market, barred_sets

_WAYS_MAX: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Columns of candidates in any order, shape (n,) each."""

    cost: FloatArray
    net: FloatArray
    subject: IntArray
    channel: IntArray
    minutes: FloatArray
    offer: IntArray
    segment: IntArray
    is_contact: BoolArray

    @classmethod
    def of(
        cls,
        cost: FloatArray,
        net: FloatArray,
        subject: IntArray,
        channel: IntArray | None,
        minutes: FloatArray | None,
        offer: IntArray | None,
        segment: IntArray | None,
        is_contact: BoolArray | None = None,
    ) -> "Candidates":
        """Return the columns, those not given as zeros that take no memory; nothing is copied without need."""
        cost, net = _floats(cost), np.asarray(net, float)
        none = np.broadcast_to(np.int64(0), cost.shape)
        return cls(
            cost,
            net,
            np.asarray(subject),
            none if channel is None else np.asarray(channel),
            np.broadcast_to(np.float64(0), cost.shape) if minutes is None else _floats(minutes),
            none if offer is None else np.asarray(offer),
            none if segment is None else np.asarray(segment),
            np.broadcast_to(np.True_, cost.shape) if is_contact is None else np.asarray(is_contact, bool),
        )

    def columns(self) -> tuple[np.ndarray, ...]:
        return (self.net, self.subject, self.channel, self.minutes, self.offer, self.segment, self.is_contact)


def refuse(given: Candidates, limits: Limits) -> None:
    """Raise ImpossibleChoice for what makes no sense."""
    cost = given.cost
    if cost.ndim != 1 or any(values.shape != cost.shape for values in given.columns()):
        raise ImpossibleChoice(reason="cost, gain, subject, channel and minutes must have one entry per candidate")
    if not all(np.isfinite(values).all() for values in (cost, given.net, given.minutes)):
        raise ImpossibleChoice(reason="cost, gain and minutes must be finite numbers")
    if (cost < 0).any() or (given.minutes < 0).any():
        raise ImpossibleChoice(reason="a cost or a number of minutes is negative; a refund is not a contact")
    if any((numbers < 0).any() for numbers in (given.channel, given.offer, given.segment)):
        raise ImpossibleChoice(reason="channels, offers and segments are numbered from 0")
    named = [limits.budget, limits.contacts_max, *limits.minutes.values(), *limits.floors.values()]
    if any(limit is not None and not limit >= 0 for limit in named) or limits.per_subject_max < 0:
        raise ImpossibleChoice(reason="a limit is negative")
    if sum(limits.floors.values()) > 1:
        raise ImpossibleChoice(reason="the floors ask for more than all contacts")
    if any(a == b for a, b in limits.excludes):
        raise ImpossibleChoice(reason="an offer excludes itself; limit the candidates per subject instead")
    if limits.per_subject_max > 1 and len(barred_sets(limits.excludes)) > _WAYS_MAX:
        raise ImpossibleChoice(reason=f"the exclusions can be met in more than {_WAYS_MAX} ways; name fewer")


def market_of(given: Candidates, limits: Limits) -> tuple[Market, IntArray]:
    """Return the candidates that add something in order of their subjects, and their numbers as given."""
    net = given.net
    numbers, whole = _order(given.subject, (net > 0) & (limits.per_subject_max > 0))
    subject = given.subject if whole else given.subject[numbers]
    first = np.ones(len(subject), bool)
    first[1:] = subject[1:] != subject[:-1]
    dense = whole and len(subject) > 0 and subject[0] == 0 and subject[-1] == np.count_nonzero(first) - 1
    market = Market(
        net=net if whole else net[numbers],
        cost=given.cost if whole else given.cost[numbers],
        minutes=given.minutes if whole else given.minutes[numbers],
        subject=subject if dense else np.cumsum(first, dtype=np.int32) - np.int32(1),
        channel=given.channel if whole else given.channel[numbers],
        offer=given.offer if whole else given.offer[numbers],
        segment=given.segment if whole else given.segment[numbers],
        is_contact=given.is_contact if whole else given.is_contact[numbers],
        starts=np.append(np.flatnonzero(first), len(subject)),
        limits=limits,
    )
    return market, numbers


def _order(subject: IntArray, worthwhile: BoolArray) -> tuple[IntArray, bool]:
    """Return the numbers in order of their subjects, and whether that is all of them as they stand."""
    short: type = np.int32 if len(subject) < 2**31 else np.int64
    if worthwhile.all() and (subject[1:] >= subject[:-1]).all():
        return np.arange(len(subject), dtype=short), True
    numbers: IntArray = np.flatnonzero(worthwhile).astype(short)
    mine = subject[numbers]
    if (mine[1:] >= mine[:-1]).all():
        return numbers, False
    return numbers[np.argsort(mine, kind="stable")], False


def _floats(values: FloatArray) -> FloatArray:
    """Take numbers as they are if they are single or double precision: single ones halve the memory of millions."""
    values = np.asarray(values)
    return values if values.dtype in (np.float32, np.float64) else values.astype(float)
