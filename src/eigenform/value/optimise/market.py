"""Candidates grouped by subject, and what each subject would take at given prices of the shared limits.

A price decomposition asks again and again: if a unit of budget, a contact, a minute cost so much more, what
would be chosen for each subject alone? The answer needs one pass over the candidates, in blocks that fit a
processor's cache, so that millions of candidates cost no more memory than their columns.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray

_BLOCK: Final = 32_768  # subjects worked on at once


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent. None, or a channel that is not named, means no limit.

    budget           money for all chosen, in the unit of cost
    contacts_max     how many contacts may be chosen
    minutes          per channel number, minutes of staff time
    per_subject_max  how many per subject
    excludes         pairs of offer numbers that no subject may get together
    floors           per segment number, the least share of all chosen that must be of it
    """

    budget: float | None = None
    contacts_max: int | None = None
    minutes: Mapping[int, float] = field(default_factory=dict)
    per_subject_max: int = 1
    excludes: frozenset[tuple[int, int]] = frozenset()
    floors: Mapping[int, float] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Name the shared limits in the order in which prices stand."""
        named = [("budget", self.budget), ("contacts", self.contacts_max)]
        return (
            *(name for name, most in named if most is not None),
            *(f"minutes {number}" for number in self.minutes),
            *(f"floor {number}" for number in self.floors),
        )

    def most(self) -> FloatArray:
        """Return what there is of each shared limit; a floor is written so that its use may not exceed 0."""
        single = [float(most) for most in (self.budget, self.contacts_max) if most is not None]
        return np.array([*single, *self.minutes.values(), *(0.0 for _ in self.floors)], float)


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Candidates in order of their subject, each of which adds something (net > 0).

    net, cost, minutes       per candidate, shape (n,); cost and minutes may be of single precision
    subject                  number of its subject, ascending from 0 without a hole, shape (n,)
    channel, offer, segment  numbers from 0, shape (n,)
    is_contact               whether it counts as a contact, shape (n,)
    starts                   first candidate of each subject and n at the end, shape (subjects + 1,)
    """

    net: FloatArray
    cost: FloatArray
    minutes: FloatArray
    subject: IntArray
    channel: IntArray
    offer: IntArray
    segment: IntArray
    is_contact: BoolArray
    starts: IntArray
    limits: Limits

    def blocks(self) -> Iterator[slice]:
        """Cut the candidates between subjects."""
        edges = self.starts[:-1][::_BLOCK].tolist()
        yield from (slice(a, b) for a, b in pairwise([*edges, len(self.net)]))

    def of_subjects(self, wanted: IntArray) -> tuple["Market", IntArray]:
        """Return the candidates of some subjects (ascending) as a market, and their places in this one."""
        sizes = np.diff(self.starts)[wanted]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        places = np.repeat(self.starts[wanted] - starts[:-1], sizes) + np.arange(starts[-1])
        subject = np.repeat(np.arange(len(wanted)), sizes)
        part = Market(
            net=self.net[places],
            cost=self.cost[places],
            minutes=self.minutes[places],
            subject=subject,
            channel=self.channel[places],
            offer=self.offer[places],
            segment=self.segment[places],
            is_contact=self.is_contact[places],
            starts=starts,
            limits=self.limits,
        )
        return part, places

    def uses(self, chosen: IntArray) -> FloatArray:
        """Return how much of each shared limit the chosen candidates use."""
        return self.uses_each(chosen).sum(axis=1)

    def uses_each(self, chosen: IntArray) -> FloatArray:
        """Return how much of each shared limit each of the chosen candidates uses, shape (limits, chosen)."""
        limits = self.limits
        rows: list[FloatArray] = []
        if limits.budget is not None:
            rows.append(self.cost[chosen].astype(float))
        if limits.contacts_max is not None:
            rows.append(self.is_contact[chosen].astype(float))
        channel = self.channel[chosen] if limits.minutes else None
        rows.extend(np.where(channel == number, self.minutes[chosen], 0.0) for number in limits.minutes)
        segment = self.segment[chosen] if limits.floors else None
        rows.extend(np.asarray(share - (segment == number), float) for number, share in limits.floors.items())
        return np.stack(rows) if rows else np.empty((0, len(chosen)))

    def reduced(self, prices: FloatArray, block: slice) -> FloatArray:
        """Return what each candidate of a block adds beyond the prices of what it uses."""
        limits, at = self.limits, iter(prices.tolist())
        left = self.net[block].copy()
        if limits.budget is not None:
            left -= np.multiply(self.cost[block], next(at), dtype=float)
        if limits.contacts_max is not None:
            left -= np.multiply(self.is_contact[block], next(at), dtype=float)
        if limits.minutes:
            rate = _table(dict(zip(limits.minutes, at, strict=False)), self.channel[block])
            left -= rate * self.minutes[block]
        if limits.floors:
            left -= _offsets(limits.floors, prices[-len(limits.floors) :], self.segment[block])
        return left

    def best(self, prices: FloatArray, block: slice) -> IntArray:
        """Return what the subjects of a block take at these prices, ascending places in the market."""
        starts = self._starts_within(block)
        return block.start + taken_at(self.reduced(prices, block), starts, self.offer[block], self.limits)

    def margins(self, prices: FloatArray) -> FloatArray:
        """Return per subject by how much its choice is clear: what the nearest other choice would lose."""
        parts = []
        for block in self.blocks():
            values, starts = self.reduced(prices, block), self._starts_within(block)
            parts.append(_margin(values, starts, self.limits.per_subject_max))
        return np.concatenate(parts) if parts else np.empty(0)

    def _starts_within(self, block: slice) -> IntArray:
        first, last = self.subject[block.start], self.subject[block.stop - 1]
        found: IntArray = self.starts[first : last + 1] - block.start
        return found


def _table(by_number: Mapping[int, float], numbers: IntArray) -> FloatArray:
    """Look each number's value up, 0 where none is named."""
    table = np.zeros(max([int(numbers.max(initial=0)), *by_number]) + 1)
    table[list(by_number)] = list(by_number.values())
    found: FloatArray = table[numbers]
    return found


def _offsets(floors: Mapping[int, float], prices: FloatArray, segments: IntArray) -> FloatArray:
    """Return what a contact of each segment pays for the floors of others, less what it is paid for its own."""
    paid = float(np.dot(prices, list(floors.values())))
    return paid - _table(dict(zip(floors, prices.tolist(), strict=True)), segments)


def _leaders(values: FloatArray, starts: IntArray, owner: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the first place of each subject's largest value, and the value."""
    largest = np.maximum.reduceat(values, starts)
    places = np.flatnonzero(values == largest[owner])
    mine = owner[places]
    first = np.ones(len(places), bool)
    first[1:] = mine[1:] != mine[:-1]
    return places[first], largest


def _owners(starts: IntArray, n: int) -> IntArray:
    return np.repeat(np.arange(len(starts)), np.diff(starts, append=n))


def taken_at(values: FloatArray, starts: IntArray, offer: IntArray, limits: Limits) -> IntArray:
    """Return the places that add most within each subject, at most so many and no two that exclude each other.

    values  what each place adds, may be spent as scratch;  starts  first place of each subject
    """
    owner = _owners(starts, len(values))
    if limits.per_subject_max == 1 or not limits.excludes:
        return _largest(values, starts, owner, limits.per_subject_max)[0]
    best_places: list[IntArray] = []
    best = np.full(len(starts), -1.0)
    winner = np.zeros(len(starts), np.int64)
    for number, barred in enumerate(barred_sets(limits.excludes)):
        masked = np.where(np.isin(offer, list(barred)), -np.inf, values)
        places, worth = _largest(masked, starts, owner, limits.per_subject_max)
        best_places.append(places)
        winner[worth > best] = number
        best = np.maximum(best, worth)
    kept = [places[winner[owner[places]] == number] for number, places in enumerate(best_places)]
    return np.sort(np.concatenate(kept))


def _largest(values: FloatArray, starts: IntArray, owner: IntArray, most: int) -> tuple[IntArray, FloatArray]:
    """Return up to `most` places above 0 of each subject, the largest, and their sum per subject."""
    found, worth = [np.zeros(0, np.int64)], np.zeros(len(starts))
    for turn in range(most):
        places, largest = _leaders(values, starts, owner)
        wanted = largest > 0
        if not wanted.any():
            break
        found.append(places[wanted])
        worth[wanted] += largest[wanted]
        if turn + 1 < most:
            values[places] = -np.inf
    return np.sort(np.concatenate(found)), worth


def _margin(values: FloatArray, starts: IntArray, most: int) -> FloatArray:
    owner = _owners(starts, len(values))
    ahead = np.full(len(starts), np.inf)
    for _ in range(most):
        places, largest = _leaders(values, starts, owner)
        ahead = np.minimum(ahead, np.abs(largest))
        values[places] = -np.inf
    return np.where(largest > 0, np.minimum(ahead, largest - np.maximum(_leaders(values, starts, owner)[1], 0)), ahead)


def barred_sets(excludes: frozenset[tuple[int, int]]) -> list[frozenset[int]]:
    """Return every smallest way to break all exclusions: the offers left out, in a fixed order."""
    ways: set[frozenset[int]] = {frozenset()}
    for a, b in sorted(excludes):
        ways = {way | {one} for way in ways for one in (a, b) if not ({a, b} & way)} | {
            way for way in ways if {a, b} & way
        }
        ways = {way for way in ways if not any(other < way for other in ways)}
    return sorted(ways, key=sorted)


def exclusions_of(excludes: frozenset[tuple[int, int]], offer: IntArray) -> BoolArray:
    """Tell which candidates have an offer that excludes another."""
    named = sorted({number for pair in excludes for number in pair})
    return np.isin(offer, named)
