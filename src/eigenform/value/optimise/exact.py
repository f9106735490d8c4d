"""Choosing exactly: all candidates at once if there are few, else those that a proven bound leaves open."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.optimise.branching import fill, relax, settle
from eigenform.value.optimise.market import Market, exclusions_of
from eigenform.value.optimise.rows import problem_of

_EDGES: Final = (40, 250)  # subjects tried for a better choice before the proof, more if those were too few
_OPEN_MAX: Final = 3_000  # candidates in one proof
_ROUNDS: Final = 2
_FEWER: Final = 0.5  # another proof is tried if a better choice leaves at most this share of subjects open
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Which candidates are chosen, the prices of the limits, and what no choice can beat."""

    chosen: BoolArray
    prices: FloatArray
    bound: float


def solve(market: Market, *, is_quick: bool = False) -> Solved:
    """Choose from all candidates at once; a quick choice is not proven, its bound holds all the same."""
    most = market.limits.most()
    problem = problem_of(market, most)
    relaxed = relax(problem)
    found = Solved(fill(problem, relaxed), relaxed.prices[: len(most)], relaxed.bound)
    return found if is_quick else prove(market, found)


def prove(market: Market, found: Solved) -> Solved:
    """Improve a feasible choice, or prove it best, as long as few enough candidates are open.

    A better choice differs from what a subject takes at the prices only if that loses less than the distance
    between bound and choice. So all other subjects are settled, and the rest is solved exactly.
    """
    margins = _margins(market, found.prices)
    at_prices = [market.best(found.prices, block) for block in market.blocks()]
    alone: IntArray = np.concatenate(at_prices) if at_prices else np.zeros(0, np.int64)
    for edge in _EDGES:
        if edge < len(margins) and (edge == _EDGES[0] or _open_count(market, margins, found) > _OPEN_MAX):
            found, _bound = _anew(market, found, alone, np.sort(np.argsort(margins, kind="stable")[:edge]))
    tried = np.inf
    for _ in range(_ROUNDS):
        unclear = np.flatnonzero(margins <= _slack(market, found))
        crowd = _open_count(market, margins, found)
        if not _slack(market, found) or crowd > min(_OPEN_MAX, _FEWER * tried):
            break
        tried = crowd
        better, bound = _anew(market, found, alone, unclear)
        bound = min(found.bound, max(bound, float(market.net[better.chosen].sum())))
        found = Solved(better.chosen, found.prices, bound)
    return found


def _open_count(market: Market, margins: FloatArray, found: Solved) -> int:
    """Return how many candidates belong to subjects whose choice the bound leaves open."""
    return int(np.diff(market.starts)[margins <= _slack(market, found)].sum())


def _slack(market: Market, found: Solved) -> float:
    """Return what a better choice could still add, 0 if that is only the rounding of numbers."""
    slack = found.bound - float(market.net[found.chosen].sum())
    return slack * (1 + 1e-9) if slack > _TOLERANCE * max(found.bound, 1.0) else 0.0


def _anew(market: Market, found: Solved, alone: IntArray, subjects: IntArray) -> tuple[Solved, float]:
    """Choose anew for some subjects, the others as they would alone; return the better choice and a bound on such."""
    most = market.limits.most()
    opened = np.zeros(len(market.starts) - 1, bool)
    opened[subjects] = True
    settled = alone[~opened[market.subject[alone]]]
    part, places = market.of_subjects(subjects)
    left = most - market.uses(settled)
    if (left < -_TOLERANCE * np.maximum(most, 1.0)).any() and not market.limits.floors:
        return found, 0.0  # the settled alone break a limit
    problem = problem_of(part, np.maximum(left, 0.0) if not market.limits.floors else left)
    relaxed = relax(problem)
    taken, inner = settle(problem, relaxed, fill(problem, relaxed))
    chosen = np.zeros(len(market.net), bool)
    chosen[settled] = True
    chosen[places[taken]] = True
    bound = float(market.net[settled].sum()) + inner
    better = market.net[chosen].sum() > market.net[found.chosen].sum() and _keeps(market, chosen, most)
    return (Solved(chosen, found.prices, found.bound) if better else found), bound


def _margins(market: Market, prices: FloatArray) -> FloatArray:
    """Return the subjects' margins, 0 where an exclusion may matter: there they are not sure."""
    margins = market.margins(prices)
    if market.limits.excludes and market.limits.per_subject_max > 1:
        margins[market.subject[exclusions_of(market.limits.excludes, market.offer)]] = 0.0
    return margins


def _keeps(market: Market, chosen: BoolArray, most: FloatArray) -> bool:
    use = market.uses(np.flatnonzero(chosen))
    return bool((use <= most + _TOLERANCE * np.maximum(most, 1.0)).all())
