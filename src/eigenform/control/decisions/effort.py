"""What the means of a turn are worth: the plan, the price of each limit, and what another budget would do. Pure.

The plan is the one of `share_means`. Prices and the bound come from the same choice; other budgets are chosen anew from
those whom chance does not withhold, so that nothing is promised of customers who must be left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from eigenform.control.contracts import Rules
from eigenform.control.decisions.share import CONTACT, choose_within, drawn_apart, limited_channels, worth_choosing
from eigenform.coordination.contracts import Candidate
from eigenform.value.optimise.choose import Choice

_FACTORS: Final = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.5, 2.0)
_WHAT_IF: Final = (0.9, 1.1)


@dataclass(frozen=True, slots=True)
class Line:
    """One offer of the plan by one channel: how many get it, who is withheld, cost, time and gain, in minor units.

    The ends of the gain add up those of its parts, as if all were wrong together: the widest interval they allow.
    """

    kind: str
    offer: str
    channel: str
    basis: str
    n: int
    withheld: int
    cost_minor: int
    minutes: float
    gain_mean: float
    gain_low: float
    gain_high: float


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much of a limit there is and is used, and what one more unit would add, in minor units.

    people  minutes of each person who works the channel, where that is known
    """

    name: str
    most: float
    used: float
    price_minor: float
    people: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What another budget would do: money in minor units."""

    factor: float
    budget_minor: int
    used_minor: int
    net_minor: float
    gain_mean: float
    gain_low: float
    gain_high: float
    contacts: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Effort:
    """A turn's means and what they do. budget_price is per unit of money; gap is a share of the bound."""

    plan: tuple[Line, ...]
    budget: Capacity
    contacts: Capacity
    channels: tuple[Capacity, ...]
    net_minor: float
    bound_minor: float
    gap: float
    what_if: tuple[Scenario, ...]
    curve: tuple[Scenario, ...]


def effort(
    candidates: Sequence[Candidate],
    done: Sequence[Candidate],
    withheld: Sequence[Candidate],
    *,
    as_of: date,
    rules: Rules,
) -> Effort:
    """Return what a turn's means are worth, given the plan that was made of the candidates."""
    held = {c.subject for c in withheld}
    pool = worth_choosing([c for c in candidates if c.subject not in held], rules)
    choice = choose_within(pool, rules)
    apart = drawn_apart(candidates, as_of=as_of, rules=rules)
    free = worth_choosing([c for c in candidates if c.subject not in apart], rules)
    curve = _curve(done, free, rules)
    return Effort(
        plan=lines(done, withheld),
        budget=Capacity("budget", rules.means.budget_minor, sum(c.cost_minor for c in done), choice.budget_price, {}),
        contacts=Capacity(
            "contacts",
            rules.means.per_kind_max.get(CONTACT, 0),
            sum(c.kind == CONTACT for c in done),
            choice.contact_price,
            {},
        ),
        channels=_channels(pool, done, choice, rules),
        net_minor=choice.objective,
        bound_minor=choice.bound,
        gap=choice.gap,
        what_if=tuple(scenario for scenario in curve if scenario.factor in _WHAT_IF),
        curve=curve,
    )


def lines(done: Sequence[Candidate], withheld: Sequence[Candidate] = ()) -> tuple[Line, ...]:
    """Return the plan by kind, offer, channel and basis; withheld customers stand beside what they would have got."""
    by_key: dict[tuple[str, str, str, str], tuple[list[Candidate], list[Candidate]]] = {}
    for side, some in enumerate((done, withheld)):
        for c in some:
            key = (c.kind, str(c.facts.get("offer", "")), c.channel, c.basis)
            by_key.setdefault(key, ([], []))[side].append(c)
    return tuple(
        Line(
            *key,
            n=len(chosen),
            withheld=len(apart),
            cost_minor=sum(c.cost_minor for c in chosen),
            minutes=sum(c.minutes for c in chosen),
            gain_mean=sum(c.gain_mean for c in chosen),
            gain_low=sum(c.gain_low for c in chosen),
            gain_high=sum(c.gain_high for c in chosen),
        )
        for key, (chosen, apart) in sorted(by_key.items())
    )


def _channels(
    pool: Sequence[Candidate], done: Sequence[Candidate], choice: Choice, rules: Rules
) -> tuple[Capacity, ...]:
    priced = dict(zip(limited_channels(pool, rules), choice.minute_price.values(), strict=True))
    return tuple(
        Capacity(
            name,
            most,
            sum(c.minutes for c in done if c.channel == name),
            priced.get(name, 0.0),
            dict(rules.minutes_by_person.get(name, {})),
        )
        for name, most in sorted(rules.means.minutes_by_channel.items())
    )


def _curve(done: Sequence[Candidate], pool: Sequence[Candidate], rules: Rules) -> tuple[Scenario, ...]:
    """Choose anew for each budget, quickly: a plan that a smaller budget allows is kept where it is better."""
    found: list[Scenario] = []
    best: Sequence[Candidate] = ()
    for factor in _FACTORS:
        budget = round(rules.means.budget_minor * factor)
        other = replace(rules, means=replace(rules.means, budget_minor=budget))
        chosen = done if factor == 1.0 else [pool[i] for i in choose_within(pool, other, is_quick=True).chosen]
        best = chosen if factor == 1.0 or _net(chosen) > _net(best) else best
        found.append(_scenario(factor, budget, best))
    return tuple(found)


def _net(chosen: Sequence[Candidate]) -> float:
    return sum(c.gain_mean - c.cost_minor for c in chosen)


def _scenario(factor: float, budget: int, chosen: Sequence[Candidate]) -> Scenario:
    mean, low, high = (sum(getattr(c, name) for c in chosen) for name in ("gain_mean", "gain_low", "gain_high"))
    used = sum(c.cost_minor for c in chosen)
    return Scenario(
        factor=factor,
        budget_minor=budget,
        used_minor=used,
        net_minor=mean - used,
        gain_mean=mean,
        gain_low=low,
        gain_high=high,
        contacts=sum(c.kind == CONTACT for c in chosen),
        lines=lines(chosen),
    )
