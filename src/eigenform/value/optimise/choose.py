"""Choose candidates that add most gain after cost, within money, minutes and one per subject.

An integer programme solved in four steps: the linear relaxation (HiGHS) gives an upper bound and the
prices of the limits; a greedy pass along those prices gives a feasible choice; candidates whose reduced
cost alone exceeds the difference are settled; what is left goes to branch and bound (`branching`). The
answer says how far from the bound it is; with gap 0 it is proven best.

Source: Balas and Zemel (1980), Operations Research 28(5) 1130-1154 (core of a knapsack).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy.sparse import csr_array, vstack

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.optimise.branching import ImpossibleChoice, Problem, fill, relax, settle

__all__ = ["Choice", "ImpossibleChoice", "Limits", "choose"]

_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be spent. None or a channel that is not named means no limit.

    budget           money for all chosen, in the unit of cost
    contacts_max     how many may be chosen
    minutes          per channel number, minutes of staff time
    per_subject_max  how many per subject
    """

    budget: float | None = None
    contacts_max: int | None = None
    minutes: Mapping[int, float] = field(default_factory=dict)
    per_subject_max: int = 1


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
    """

    chosen: IntArray
    objective: float
    bound: float
    gap: float
    budget_price: float
    contact_price: float
    minute_price: dict[int, float]


def choose(
    cost: FloatArray,
    gain: FloatArray,
    *,
    subject: IntArray,
    channel: IntArray | None = None,
    minutes: FloatArray | None = None,
    limits: Limits,
) -> Choice:
    """Return the choice that maximises sum of gain - cost within the limits.

    cost, gain  money per candidate, shape (n,), cost >= 0
    subject     whom or what a candidate concerns, shape (n,)
    channel     number of the channel it uses, shape (n,); minutes of it, shape (n,) >= 0

    Candidates that lose (gain <= cost) are never chosen. Candidates alike in cost, gain, channel and
    minutes go by lower number, so a rerun does not flip a plan.

    Raises ImpossibleChoice for shapes that differ, non-finite numbers or negative costs or limits.
    """
    cost, gain = np.asarray(cost, float), np.asarray(gain, float)
    subject = np.asarray(subject)
    channel = np.zeros(len(cost), np.int64) if channel is None else np.asarray(channel)
    minutes = np.zeros(len(cost)) if minutes is None else np.asarray(minutes, float)
    _refuse(cost, gain, subject, channel, minutes, limits)
    worthwhile = np.flatnonzero(gain > cost)
    if len(worthwhile) == 0:
        return Choice(worthwhile, 0.0, 0.0, 0.0, 0.0, 0.0, dict.fromkeys(limits.minutes, 0.0))
    problem = _problem(cost, gain, subject, channel, minutes, limits, worthwhile)
    relaxed = relax(problem)
    taken, bound = settle(problem, relaxed, fill(problem, relaxed))
    taken = _lower_numbers(
        problem, taken, np.stack([cost, gain, channel, minutes])[:, worthwhile], limits.per_subject_max
    )
    objective = float(problem.net[taken].sum())
    bound = max(bound, objective)
    gap = (bound - objective) / bound if bound > 0 else 0.0
    prices = dict(zip(problem.names, map(float, relaxed.prices), strict=False))  # the subjects' prices come after
    return Choice(
        chosen=worthwhile[taken],
        objective=objective,
        bound=bound,
        gap=gap if gap > _TOLERANCE else 0.0,
        budget_price=prices.get("budget", 0.0),
        contact_price=prices.get("contacts", 0.0),
        minute_price={number: prices[f"minutes {number}"] for number in limits.minutes},
    )


def _problem(
    cost: FloatArray,
    gain: FloatArray,
    subject: IntArray,
    channel: IntArray,
    minutes: FloatArray,
    limits: Limits,
    worthwhile: IntArray,
) -> Problem:
    n = len(worthwhile)
    shared: dict[str, tuple[FloatArray, float]] = {}
    if limits.budget is not None:
        shared["budget"] = (cost[worthwhile], limits.budget)
    if limits.contacts_max is not None:
        shared["contacts"] = (np.ones(n), float(limits.contacts_max))
    for number, most in limits.minutes.items():
        used = np.where(channel[worthwhile] == number, minutes[worthwhile], 0.0)
        shared[f"minutes {number}"] = (used, most)
    _, person = np.unique(subject[worthwhile], return_inverse=True)
    one_each = csr_array((np.ones(n), (person, np.arange(n))))
    crowded = np.bincount(person) > limits.per_subject_max
    parts = [csr_array(np.array([row for row, _ in shared.values()]).reshape(len(shared), n)), one_each[crowded]]
    shared_most = [limit for _, limit in shared.values()]
    caps = np.concatenate([shared_most, np.full(int(crowded.sum()), float(limits.per_subject_max))])
    return Problem((gain - cost)[worthwhile], person, csr_array(vstack(parts)), caps, tuple(shared))


def _lower_numbers(problem: Problem, taken: BoolArray, traits: FloatArray, most: int) -> BoolArray:
    """Swap chosen candidates for alike ones of lower number, wherever the subject has room for it."""
    _, kind = np.unique(traits, axis=1, return_inverse=True)
    kind = kind.ravel()
    contested = np.flatnonzero(np.isin(kind, kind[taken]) & np.isin(kind, kind[~taken]))
    contested = contested[np.argsort(kind[contested], kind="stable")]
    used = np.bincount(problem.person[taken], minlength=problem.person.max() + 1)
    taken = taken.copy()
    for alike in np.split(contested, np.flatnonzero(np.diff(kind[contested])) + 1):
        spare = [candidate for candidate in alike[::-1] if taken[candidate]]
        for candidate in alike[~taken[alike]]:
            if not spare or spare[0] < candidate:
                break
            mine = problem.person[candidate]
            later = [other for other in spare if other > candidate]
            if used[mine] >= most:
                later = [other for other in later if problem.person[other] == mine]
            if later:
                used[mine] += 1
                used[problem.person[later[0]]] -= 1
                taken[candidate], taken[later[0]] = True, False
                spare.remove(later[0])
    return taken


def _refuse(
    cost: FloatArray, gain: FloatArray, subject: IntArray, channel: IntArray, minutes: FloatArray, limits: Limits
) -> None:
    if cost.ndim != 1 or any(values.shape != cost.shape for values in (gain, subject, channel, minutes)):
        raise ImpossibleChoice(reason="cost, gain, subject, channel and minutes must have one entry per candidate")
    if not (np.isfinite(cost).all() and np.isfinite(gain).all() and np.isfinite(minutes).all()):
        raise ImpossibleChoice(reason="cost, gain and minutes must be finite numbers")
    if (cost < 0).any() or (minutes < 0).any():
        raise ImpossibleChoice(reason="a cost or a number of minutes is negative; a refund is not a contact")
    named = [limits.budget, limits.contacts_max, *limits.minutes.values()]
    if any(limit is not None and not limit >= 0 for limit in named) or limits.per_subject_max < 0:
        raise ImpossibleChoice(reason="a limit is negative")
