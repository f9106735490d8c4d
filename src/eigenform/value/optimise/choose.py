"""Choose candidates that add most gain after cost, within money, contacts, minutes and rules of single subjects.

Few candidates are an integer programme solved in four steps (`exact`): the linear relaxation (HiGHS) gives an upper
bound and the prices of the limits; a greedy pass along those prices gives a feasible choice; candidates whose reduced
cost alone exceeds the difference are settled; what is left goes to branch and bound (`branching`). Many go by
prices first (`prices`), and up to 50,000 subjects what the prices leave open is solved exactly as well. The answer
says how far from the bound it is; with gap 0 it is proven best.

Source: Balas and Zemel (1980), Operations Research 28(5) 1130-1154 (core of a knapsack).
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.optimise import alike
from eigenform.value.optimise.branching import ImpossibleChoice
from eigenform.value.optimise.exact import Solved, prove, solve
from eigenform.value.optimise.grouping import Candidates, market_of, refuse
from eigenform.value.optimise.market import Limits, Market
from eigenform.value.optimise.prices import decompose

__all__ = ["Choice", "ImpossibleChoice", "Limits", "choose", "choose_net"]

_AT_ONCE_MAX: Final = 8_000  # candidates that are solved all at once
_EXACT_MAX: Final = 50_000  # subjects
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What was chosen, how good it is at best, and what the limits cost.

    chosen           candidate numbers, ascending
    objective        sum of gain - cost over the chosen
    bound            no choice can be better than this
    gap              (bound - objective) / bound, 0 if proven best
    budget_price     what one more unit of budget would add, at the margin of the relaxation
    contact_price    what one more contact would add
    minute_price     per limited channel, what one more minute would add
    floor_price      per segment with a floor, what one contact fewer that must be of it would add
    """

    chosen: IntArray
    objective: float
    bound: float
    gap: float
    budget_price: float
    contact_price: float
    minute_price: dict[int, float]
    floor_price: dict[int, float] = field(default_factory=dict)


def choose(
    cost: FloatArray,
    gain: FloatArray,
    *,
    subject: IntArray,
    channel: IntArray | None = None,
    minutes: FloatArray | None = None,
    offer: IntArray | None = None,
    segment: IntArray | None = None,
    is_contact: BoolArray | None = None,
    limits: Limits,
    is_quick: bool = False,
) -> Choice:
    """Return the choice that maximises sum of gain - cost within the limits.

    cost, gain  money per candidate, shape (n,), cost >= 0
    subject     whom or what a candidate concerns, shape (n,)
    channel     number of the channel it uses, shape (n,); minutes of it, shape (n,) >= 0
    offer       number of what is offered (for exclusions);  segment  number of the subject's segment (for floors)
    is_contact  whether it counts towards contacts_max; all do if nothing is said
    is_quick    leave the proof out: for many trials beside one another

    Candidates that lose (gain <= cost) are never chosen. Candidates alike in everything but their subject go by
    lower number, so a rerun does not flip a plan.

    Raises ImpossibleChoice for shapes that differ, non-finite numbers, negative costs or limits, floors above 1.
    """
    cost, gain = np.asarray(cost, float), np.asarray(gain, float)
    if cost.shape != gain.shape:
        raise ImpossibleChoice(reason="cost, gain, subject, channel and minutes must have one entry per candidate")
    net = gain - cost
    columns = {"channel": channel, "minutes": minutes, "offer": offer, "segment": segment, "is_contact": is_contact}
    return choose_net(cost, net, subject=subject, **columns, limits=limits, is_quick=is_quick)  # type: ignore[arg-type]


def choose_net(
    cost: FloatArray,
    net: FloatArray,
    *,
    subject: IntArray,
    channel: IntArray | None = None,
    minutes: FloatArray | None = None,
    offer: IntArray | None = None,
    segment: IntArray | None = None,
    is_contact: BoolArray | None = None,
    limits: Limits,
    is_quick: bool = False,
) -> Choice:
    """Return the choice that maximises the sum of net within the limits; the cost only counts against the budget.

    As `choose`, but for whoever has the net gain already, or leaves the cost out of it. Candidates with net <= 0 are
    never chosen. Costs and minutes may be of single precision where that loses nothing.
    """
    given = Candidates.of(cost, net, subject, channel, minutes, offer, segment, is_contact)
    refuse(given, limits)
    market, numbers = market_of(given, limits)
    if len(market.net) == 0:
        nothing = Solved(np.zeros(0, bool), np.zeros(len(limits.most())), 0.0)
        return _answer(market, numbers, nothing, nothing.chosen)
    if len(market.net) <= _AT_ONCE_MAX:
        found = solve(market, is_quick=is_quick)
        if not limits.floors and not limits.excludes:
            return _answer(market, numbers, found, alike.lower_numbers(market, found.chosen, numbers))
        return _answer(market, numbers, found, found.chosen)
    found = decompose(market)
    if len(market.starts) - 1 <= _EXACT_MAX and not is_quick:
        found = prove(market, found)
    return _answer(market, numbers, found, alike.lower_subjects(market, found.chosen, numbers))


def _answer(market: Market, numbers: IntArray, found: Solved, taken: BoolArray) -> Choice:
    limits = market.limits
    objective = float(market.net[taken].sum())
    bound = max(found.bound, objective)
    gap = (bound - objective) / bound if bound > 0 else 0.0
    priced = dict(zip(limits.names(), map(float, found.prices), strict=True))
    return Choice(
        chosen=np.sort(numbers[taken]),
        objective=objective,
        bound=bound,
        gap=gap if gap > _TOLERANCE else 0.0,
        budget_price=priced.get("budget", 0.0),
        contact_price=priced.get("contacts", 0.0),
        minute_price={number: priced[f"minutes {number}"] for number in limits.minutes},
        floor_price={number: priced[f"floor {number}"] for number in limits.floors},
    )
