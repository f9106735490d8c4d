"""A choice for very many subjects: prices decide for nearly all, an exact solver for those they leave undecided.

1. `dual.price` finds prices of the limits and with them a bound that no choice can beat.
2. At these prices every subject chooses alone. Where several choices are equally good the passes behind the
   prices are mixed over the subjects in the shares that use the limits up.
3. What is still too much is taken back where it loses least, so that every limit holds.
4. The subjects whose choice is least clear are chosen anew, together, by the linear programme of the limits that
   the others leave; its prices give a second bound, and the lower of the two counts.

Deterministic: no chance enters, alike candidates go by lower number. Memory is that of the columns.
"""

from typing import Final

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.optimise.branching import fill, relax
from eigenform.value.optimise.dual import Priced, bound_at, price
from eigenform.value.optimise.exact import Solved
from eigenform.value.optimise.market import Market
from eigenform.value.optimise.rows import problem_of

_CORE: Final = 4_000  # subjects that are chosen together, exactly
_GOLDEN: Final = 0.6180339887498949  # its multiples fill the unit interval evenly
_TOLERANCE: Final = 1e-9


def decompose(market: Market) -> Solved:
    """Choose by prices: the choice keeps every limit, and the prices are those of the lower bound."""
    most = market.limits.most()
    priced = price(market)
    chosen = np.zeros(len(market.net), bool)
    chosen[_shed(market, _mixed(market, priced), priced.prices, most)] = True
    core = np.sort(np.argsort(market.margins(priced.prices), kind="stable")[:_CORE])
    better = _choose_core(market, chosen, core, most)
    second, _slope = bound_at(market, most, better)
    if second < priced.bound:
        return Solved(chosen, better, second)
    return Solved(chosen, priced.prices, priced.bound)


def _mixed(market: Market, priced: Priced) -> IntArray:
    """Return what the subjects take if each goes by the prices of one pass, the passes in their shares."""
    edges = np.cumsum(priced.parts)
    counted = np.flatnonzero(priced.parts > _TOLERANCE)
    found = [np.zeros(0, np.int64)]
    for block in market.blocks():
        owner = market.subject[block]
        pass_of = np.searchsorted(edges, np.modf((owner + 0.5) * _GOLDEN)[0] * edges[-1])
        pass_of = counted[np.minimum(np.searchsorted(counted, pass_of), len(counted) - 1)]
        for number in np.unique(pass_of):
            taken = market.best(priced.tried[number], block)
            found.append(taken[pass_of[taken - block.start] == number])
    return np.sort(np.concatenate(found))


def _shed(market: Market, chosen: IntArray, prices: FloatArray, most: FloatArray) -> IntArray:
    """Take back what exceeds a limit, where it loses least for what it frees, until every limit holds."""
    room = most + _TOLERANCE * np.maximum(most, 1.0)
    clear = _clear_gain(market, chosen, prices)
    while len(chosen):
        uses = market.uses_each(chosen)
        over = uses.sum(axis=1) - room
        if not (over > 0).any():
            break
        worst = int(np.argmax(over / np.maximum(most, 1.0)))
        users = np.flatnonzero(uses[worst] > 0)
        order = users[np.argsort(clear[users] / uses[worst][users], kind="stable")]
        freed = np.cumsum(uses[worst][order])
        dropped = order[: int(np.searchsorted(freed, over[worst])) + 1]
        chosen, clear = np.delete(chosen, dropped), np.delete(clear, dropped)
    return chosen


def _clear_gain(market: Market, chosen: IntArray, prices: FloatArray) -> FloatArray:
    return market.net[chosen] - prices @ market.uses_each(chosen)


def _choose_core(market: Market, chosen: BoolArray, core: IntArray, most: FloatArray) -> FloatArray:
    """Choose anew for the core's subjects within what the others leave; return the prices of the limits there."""
    part, places = market.of_subjects(core)
    before = chosen[places]
    chosen[places] = False
    left = most - market.uses(np.flatnonzero(chosen))
    problem = problem_of(part, left)
    relaxed = relax(problem)
    taken = fill(problem, relaxed)
    kept = bool((problem.rows @ taken <= problem.most + _TOLERANCE * np.maximum(most.max(initial=0.0), 1.0)).all())
    if not kept or problem.net[taken].sum() < problem.net[before].sum():
        taken = before
    chosen[places] = taken
    return relaxed.prices[: len(most)]
