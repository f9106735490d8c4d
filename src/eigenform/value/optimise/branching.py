"""Choosing 0 or 1 under shared limits, exactly where a counted effort allows, else with the gap known."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, csr_array, diags_array

from eigenform.base.errors import Refused
from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.optimise.quiet import quiet

_CORE_MAX: Final = 5_000  # candidates that go to branch and bound
# Nodes are counted, not timed: the same input gives the same answer on every machine. Small cores get more.
_NODES_MIN: Final = 20
_NODES_MAX: Final = 300
_NODES_TIMES_CORE: Final = 30_000
_LARGEST: Final = 1e3  # the largest gain as the solver sees it: its tolerances are absolute
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
    inner, bound = _branch(part, taken[core]) if len(needed) else (part.net > 0, float(np.maximum(part.net, 0).sum()))
    found = surely_in.copy()
    found[core] = inner
    fixed = float(problem.net[surely_in].sum())
    return found, min(relaxed.bound, fixed + bound)


def _branch(problem: Problem, taken: BoolArray) -> tuple[BoolArray, float]:
    """Return the best choice, or the one given if that is as good, and what no choice can beat (HiGHS)."""
    n, at_hand = len(taken), float(problem.net[taken].sum())
    scale = _LARGEST / float(problem.net.max(initial=_TOLERANCE))
    unit = 1.0 / np.maximum(abs(problem.rows).max(axis=1).toarray().ravel(), _TOLERANCE)
    nodes = int(np.clip(_NODES_TIMES_CORE // n, _NODES_MIN, _NODES_MAX))
    with quiet():
        answer = milp(
            -problem.net * scale,
            constraints=LinearConstraint(diags_array(unit) @ problem.rows, -np.inf, problem.most * unit),
            integrality=np.ones(n),
            bounds=Bounds(0.0, 1.0),
            options={"node_limit": nodes, "mip_rel_gap": 0.0, "presolve": False},
        )
    told = answer.get("mip_dual_bound")
    bound = np.inf if told is None or not np.isfinite(told) else -told / scale
    if answer.x is None:
        return taken, max(bound, at_hand)
    found = answer.x > 0.5
    worth = float(problem.net[found].sum())
    room = problem.most + _TOLERANCE * np.maximum(problem.most, 1.0)
    if worth <= at_hand or (problem.rows @ found > room).any():
        return taken, max(bound, at_hand)
    return found, max(bound, worth)
