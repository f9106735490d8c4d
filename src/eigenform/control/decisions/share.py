"""Share the means of a turn among the candidates, and let chance withhold some. Pure; calls `value.optimise`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from eigenform.base.periods import period_of
from eigenform.control.contracts import Past, Rules
from eigenform.coordination.contracts import Candidate
from eigenform.value.optimise.choose import Choice, Limits, choose
from eigenform.value.response.holdout import withheld

_EPOCH = date(1970, 1, 1)
_OPEN = ("waiting", "approved")
CONTACT = "contact_customer"


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
    apart = drawn_apart(candidates, as_of=as_of, rules=rules)
    held: dict[str, Candidate] = {}
    while True:
        pool = worth_choosing([c for c in candidates if c.subject not in held], rules)
        chosen = [pool[i] for i in choose_within(pool, rules).chosen]
        new = {c.subject: c for c in chosen if c.kind == CONTACT and c.subject in apart}
        if not new:
            return _largest_first(chosen), _largest_first(list(held.values()))
        held |= new


def drawn_apart(candidates: Sequence[Candidate], *, as_of: date, rules: Rules) -> set[str]:
    """Return the customers whom chance would withhold in this period, chosen or not, whatever the offer."""
    subjects = list(dict.fromkeys(c.subject for c in candidates if c.kind == CONTACT))
    period = period_of(as_of, weeks=rules.holdout_weeks)
    by_chance = withheld(rules.policy_version, period, subjects, share=rules.holdout_share)
    return {subject for subject, out in zip(subjects, by_chance, strict=True) if out}


def worth_choosing(candidates: Sequence[Candidate], rules: Rules) -> list[Candidate]:
    """Return all contacts, and of the other kinds only as many of the best as a turn may have."""
    ranked = _largest_first(candidates)
    most = rules.means.per_kind_max
    out = [c for c in ranked if c.kind == CONTACT] if most.get(CONTACT) else []
    for kind in most:
        out += [c for c in ranked if c.kind == kind][: most[kind]] if kind != CONTACT else []
    return out


def _largest_first(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: (c.cost_minor - c.gain_mean, c.kind, c.subject, c.channel))


def choose_within(pool: Sequence[Candidate], rules: Rules, *, is_quick: bool = False) -> Choice:
    """Choose from the pool within the means: at most one candidate per kind and subject."""
    channels = limited_channels(pool, rules)
    others = sorted({c.channel for c in pool} - set(channels))
    numbers = {name: number for number, name in enumerate((*channels, *others))}
    limits = Limits(
        budget=float(rules.means.budget_minor),
        contacts_max=rules.means.per_kind_max.get(CONTACT, 0),
        minutes={number: rules.means.minutes_by_channel[name] for number, name in enumerate(channels)},
    )
    _names, subject = np.unique([f"{c.kind} {c.subject}" for c in pool] or np.empty(0, str), return_inverse=True)
    return choose(
        np.array([c.cost_minor for c in pool], float),
        np.array([c.gain_mean for c in pool], float),
        subject=subject,
        channel=np.array([numbers[c.channel] for c in pool], np.int64),
        minutes=np.array([c.minutes for c in pool], float),
        is_contact=np.array([c.kind == CONTACT for c in pool], bool),
        limits=limits,
        is_quick=is_quick,
    )


def limited_channels(pool: Sequence[Candidate], rules: Rules) -> tuple[str, ...]:
    """Return the channels that candidates use and whose minutes are limited, in the order of their numbers."""
    return tuple(sorted({c.channel for c in pool} & set(rules.means.minutes_by_channel)))
