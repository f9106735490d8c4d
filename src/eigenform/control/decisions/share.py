"""Share the means of a turn among the candidates, and let chance withhold some. Pure; calls `value.optimise`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from eigenform.base.periods import period_of
from eigenform.control.contracts import Past, Rules
from eigenform.coordination.contracts import Candidate
from eigenform.value.optimise.choose import Limits, choose
from eigenform.value.response.holdout import withheld

_EPOCH = date(1970, 1, 1)
_OPEN = ("waiting", "approved")


def still_bars(earlier: Past, *, as_of: date, rules: Rules) -> bool:
    """Tell whether an earlier decision bars a new one of its kind about its subject.

    It is still open, or too lately ended, or its subject is withheld for the whole period: a new policy within the
    period draws anew, but does not reach for those who were withheld under the old one.
    """
    if earlier.state in _OPEN:
        return True
    decided_on = _EPOCH + timedelta(days=earlier.decided_day)
    now, then = (period_of(day, weeks=rules.holdout_weeks) for day in (as_of, decided_on))
    return (earlier.state == "held_out" and now == then) or (
        (as_of - _EPOCH).days - earlier.last_day < rules.repeat_after_days
    )


def not_again(candidates: Sequence[Candidate], past: Sequence[Past], *, as_of: date, rules: Rules) -> list[Candidate]:
    """Leave out what an earlier decision still bars."""
    barred = {(p.kind, p.subject) for p in past if still_bars(p, as_of=as_of, rules=rules)}
    return [c for c in candidates if (c.kind, c.subject) not in barred]


def means_left(rules: Rules, past: Sequence[Past]) -> Rules:
    """Take off what open decisions still hold: they were given their means when they were made."""
    held = [p for p in past if p.state in _OPEN]
    minutes = {
        channel: max(total - sum(p.minutes for p in held if p.channel == channel), 0.0)
        for channel, total in rules.means.minutes_by_channel.items()
    }
    budget = max(rules.means.budget_minor - sum(p.cost_minor for p in held), 0)
    return replace(rules, means=replace(rules.means, budget_minor=budget, minutes_by_channel=minutes))


def share_means(
    candidates: Sequence[Candidate], *, as_of: date, rules: Rules
) -> tuple[list[Candidate], list[Candidate]]:
    """Return what is done and who is withheld, both by net gain, the largest first.

    After the choice, chance withholds each chosen customer with the hold-out's probability for the whole period; the
    means set free go to the next best, until nobody new is withheld.
    """
    contacts = [c for c in candidates if c.kind == "contact_customer"]
    others = _best_of_each_kind([c for c in candidates if c.kind != "contact_customer"], rules)
    period = period_of(as_of, weeks=rules.holdout_weeks)
    by_chance = withheld(rules.policy_version, period, [c.subject for c in contacts], share=rules.holdout_share)
    apart = {c.subject for c, out in zip(contacts, by_chance, strict=True) if out}
    held: dict[str, Candidate] = {}
    while True:
        pool = [c for c in contacts if c.subject not in held]
        pool = [*others, *_best_of_each_kind(pool, rules)]
        chosen = [pool[i] for i in _choose(pool, rules)]
        new = {c.subject: c for c in chosen if c.subject in apart}
        if not new:
            return _largest_first(chosen), _largest_first(list(held.values()))
        held |= new


def _best_of_each_kind(candidates: Sequence[Candidate], rules: Rules) -> list[Candidate]:
    ranked = _largest_first(candidates)
    out: list[Candidate] = []
    for kind, most in rules.means.per_kind_max.items():
        out += [c for c in ranked if c.kind == kind][:most]
    return out


def _largest_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: (c.cost_minor - c.gain_mean, c.kind, c.subject))


def _choose(pool: Sequence[Candidate], rules: Rules) -> NDArray[np.int64]:
    if not pool:
        return np.zeros(0, np.int64)
    channels = sorted({c.channel for c in pool})
    limits = Limits(
        budget=float(rules.means.budget_minor),
        minutes={
            channels.index(name): minutes
            for name, minutes in rules.means.minutes_by_channel.items()
            if name in channels
        },
    )
    _names, subject = np.unique([f"{c.kind} {c.subject}" for c in pool], return_inverse=True)
    return choose(
        np.array([c.cost_minor for c in pool], float),
        np.array([c.gain_mean for c in pool]),
        subject=subject,
        channel=np.array([channels.index(c.channel) for c in pool]),
        minutes=np.array([c.minutes for c in pool]),
        limits=limits,
    ).chosen
