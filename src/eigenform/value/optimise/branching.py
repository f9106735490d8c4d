"""Choosing 0 or 1 under shared limits, exactly where the time allows, else with the gap known.

Why not the solver's own branch and bound: scipy's build of it writes to standard output, where a
command's answer stands, and cannot be told not to.
"""

import heapq
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array, csr_array

from eigenform.base.errors import Refused
from eigenform.value.arrays import BoolArray, FloatArray, IntArray

_CORE_MAX: Final = 5_000  # candidates that go to branch and bound
# Nodes are counted, not timed: the same input gives the same answer on every machine. Small cores get more.
_NODES_MIN: Final = 100
_NODES_MAX: Final = 2_000
_NODES_TIMES_CORE: Final = 16_000
_TOLERANCE: Final = 1e-9


class ImpossibleChoice(Refused):
    """Candidates or limits that make no sense."""

    code = "value.impossible_choice"

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Nothing can be chosen: {reason}.")


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Maximise net x with rows x <= most, every x 0 or 1; the first len(names) rows are shared limits.

    net, person  per candidate: what it adds, and the number of whom it concerns
    """

    net: FloatArray
    person: IntArray
    rows: csr_array
    most: FloatArray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Relaxed:
    """The best choice if candidates could be taken in part.

    share    part taken of each;  prices  of the rows' limits
    reduced  what a candidate adds beyond the prices of what it uses
    """

    bound: float
    share: FloatArray
    prices: FloatArray
    reduced: FloatArray


def relax(problem: Problem) -> Relaxed:
    """Solve the linear relaxation."""
    n = len(problem.net)
    relaxed = relax_within(problem, np.zeros(n), np.ones(n))
    if relaxed is None:
        raise ImpossibleChoice(reason="a limit is negative")
    return relaxed


def relax_within(problem: Problem, lower: FloatArray, upper: FloatArray) -> Relaxed | None:
    """Solve the relaxation with parts between lower and upper; None if that breaks a limit."""
    if problem.rows.shape[0] == 0:
        share = np.where(problem.net > 0, upper, lower)
        return Relaxed(float(problem.net @ share), share, np.empty(0), problem.net)
    bounds = np.stack([lower, upper], axis=1)
    answer = linprog(-problem.net, A_ub=problem.rows, b_ub=problem.most, bounds=bounds, method="highs-ds")
    if answer.status == 2:
        return None
    if answer.status != 0:
        raise ImpossibleChoice(reason=f"the linear relaxation failed ({answer.message})")
    prices = np.maximum(-answer.ineqlin.marginals, 0.0)
    return Relaxed(-float(answer.fun), answer.x, prices, problem.net - problem.rows.T @ prices)


def fill(problem: Problem, relaxed: Relaxed) -> BoolArray:
    """Take what the relaxation takes whole, best reduced cost first, then whatever still fits."""
    taken = np.zeros(len(problem.net), bool)
    left = problem.most + _TOLERANCE * np.maximum(problem.most, 1.0)
    columns = problem.rows.tocsc()
    order = np.lexsort((np.arange(len(taken)), -problem.net, -relaxed.reduced, -np.round(relaxed.share, 9)))
    if columns.nnz and columns.data.min() < 0:
        # some make room for others (a floor): what the relaxation takes goes round by round, before the rest
        whole = order[relaxed.share[order] > 1.0 - _TOLERANCE]
        while _take(columns, whole[~taken[whole]], left, taken):
            pass
    _take(columns, order[~taken[order]], left, taken)
    return taken


def _take(columns: csc_array, order: IntArray, left: FloatArray, taken: BoolArray) -> bool:
    """Take in this order whoever fits into what is left; tell whether anybody did."""
    some = False
    for candidate in order:
        begin, end = columns.indptr[candidate], columns.indptr[candidate + 1]
        uses, amount = columns.indices[begin:end], columns.data[begin:end]
        if np.all((amount <= 0) | (amount <= left[uses])):
            left[uses] -= amount
            taken[candidate] = some = True
    return some


def settle(problem: Problem, relaxed: Relaxed, taken: BoolArray) -> tuple[BoolArray, float]:
    """Improve a feasible choice as far as the node limit allows; return it and an upper bound.

    Whoever's reduced cost alone exceeds the distance to the bound stays in, or out, in every better
    choice; only the core in between is branched on.
    """
    slack = relaxed.bound - float(problem.net[taken].sum())
    if slack <= _TOLERANCE * max(relaxed.bound, 1.0):
        return taken, relaxed.bound
    edge = slack * (1.0 + 1e-9) + _TOLERANCE
    surely_in, surely_out = relaxed.reduced > edge, -relaxed.reduced > edge
    core = np.flatnonzero(~(surely_in | surely_out))
    if len(core) > _CORE_MAX:
        return taken, relaxed.bound
    rows = problem.rows[:, core]
    most = problem.most - problem.rows @ surely_in.astype(float)
    needed = np.flatnonzero(rows.maximum(0).sum(axis=1) > most)
    part = Problem(problem.net[core], problem.person[core], csr_array(rows[needed]), most[needed], problem.names)
    inner, bound = _branch(part, taken[core])
    found = surely_in.copy()
    found[core] = inner
    fixed = float(problem.net[surely_in].sum())
    return found, min(relaxed.bound, fixed + bound)


def _branch(problem: Problem, taken: BoolArray) -> tuple[BoolArray, float]:
    """Branch on the most undecided candidate, most promising node first."""
    best, best_net = taken, float(problem.net[taken].sum())
    n = len(taken)
    start = (np.zeros(n), np.ones(n))
    nodes = [(-np.inf, 0, start)]
    made, done = 0, 0
    enough = int(np.clip(_NODES_TIMES_CORE // n, _NODES_MIN, _NODES_MAX))
    while nodes and done < enough:
        promise, _, (lower, upper) = heapq.heappop(nodes)
        if -promise <= best_net + _TOLERANCE * max(abs(best_net), 1.0):
            return best, best_net
        done += 1
        relaxed = relax_within(problem, lower, upper)
        if relaxed is None or relaxed.bound <= best_net + _TOLERANCE * max(abs(best_net), 1.0):
            continue
        rounded = fill(problem, relaxed)
        if problem.net[rounded].sum() > best_net:
            best, best_net = rounded, float(problem.net[rounded].sum())
        undecided = np.minimum(relaxed.share - lower, upper - relaxed.share)
        candidate = int(np.argmax(undecided))
        if undecided[candidate] <= 1e-7:
            continue  # whole: fill has taken exactly this
        for whole in (1.0, 0.0):
            made += 1
            limits = (lower.copy(), upper.copy())
            limits[0][candidate] = limits[1][candidate] = whole
            heapq.heappush(nodes, (-relaxed.bound, made, limits))
    bound = max([best_net, *(-promise for promise, _, _ in nodes)])
    return best, bound
