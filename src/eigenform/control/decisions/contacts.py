"""Whom to contact with what: every offer that adds more than it costs, to whoever may get it. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from eigenform.base.money import from_minor
from eigenform.control.contracts import Effect, Offer, Rules
from eigenform.coordination.contracts import Candidate
from eigenform.coordination.decisions import Cap, may_reach, next_free_day
from eigenform.customers.decisions import WorthJudgement
from eigenform.value.response.gain import Gain, product_interval


@dataclass(frozen=True, slots=True, eq=False)
class Whom:
    """Who may be reached how: who is left alone, when each was contacted, what they agreed to, of what segment."""

    left_alone: frozenset[str] = frozenset()
    contact_days: Mapping[str, Sequence[date]] = field(default_factory=dict)
    consents: Mapping[tuple[str, str], str] = field(default_factory=dict)  # (subject, channel) -> given or refused
    segment_of: Mapping[str, str] = field(default_factory=dict)

    def may_get(self, subject: str, offer: Offer) -> bool:
        """Tell whether somebody may get an offer: no refusal of the channel, and consent where the offer needs it."""
        said = self.consents.get((subject, offer.cost.channel))
        return may_reach(said, needs_consent=offer.needs_consent)


@dataclass(frozen=True, slots=True, eq=False)
class _Offered:
    """An offer with what it would win of each customer."""

    offer: Offer
    effects: Sequence[Effect]
    gain: Gain

    def net(self) -> np.ndarray:
        net: np.ndarray = self.gain.mean - self.offer.cost.cost_minor
        return net


def contact_candidates(judged: WorthJudgement, *, whom: Whom, as_of: date, rules: Rules) -> tuple[list[Candidate], int]:
    """Return contacts that add more than they cost, the best customers first, and how many the contact cap blocks.

    Of each offer only as many of the best are built as a turn could use, hold-out and cap included: an offer costs
    the same with everybody, so the rest cannot be chosen. Whoever is built gets all offers that they may get.
    """
    if judged.worth is None:
        return [], 0
    offered = [_offered(offer, judged, whom, rules) for offer in rules.contact_offers()]
    due = _DueDays(whom, as_of, rules)
    wanted: dict[int, date] = {}
    for o in offered:
        wanted |= _most_wanted(o, judged, whom, due, _candidates_most(rules))
    out = [
        (-max(o.net()[i] for o in offered), _candidate(o, judged, i, day, rules))
        for i, day in wanted.items()
        for o in offered
        if o.net()[i] > 0 and whom.may_get(str(judged.subject[i]), o.offer)
    ]
    out.sort(key=lambda pair: (pair[0], pair[1].subject, str(pair[1].facts.get("offer", ""))))
    return [candidate for _best, candidate in out], due.blocked


class _DueDays:
    """The first day on which each customer may be reached, looked up once; counts those who have none."""

    def __init__(self, whom: Whom, as_of: date, rules: Rules) -> None:
        self._whom, self._from, self._look = whom, as_of + timedelta(days=1), rules.plan_ahead_days
        self._cap = Cap(rules.contacts_max, rules.contacts_window_days)
        self._known: dict[str, date | None] = {}

    def of(self, subject: str) -> date | None:
        if subject not in self._known:
            days = self._whom.contact_days.get(subject, ())
            self._known[subject] = next_free_day(days, self._from, cap=self._cap, look_days=self._look)
        return self._known[subject]

    @property
    def blocked(self) -> int:
        return sum(day is None for day in self._known.values())


def _candidates_most(rules: Rules) -> int:
    """Return how many of the best a turn can use at most, chance withholding its share of them, with room to spare."""
    most = rules.means.per_kind_max["contact_customer"]
    spare = 4.0 * math.sqrt(most) + 10.0
    return max(3 * most + 20, math.ceil((most + spare) / (1.0 - rules.holdout_share)))


def _most_wanted(offered: _Offered, judged: WorthJudgement, whom: Whom, due: _DueDays, most: int) -> dict[int, date]:
    """Return the customers of whom this offer wins most, with the day on which they may be reached."""
    net = offered.net()
    found: dict[int, date] = {}
    for i in np.lexsort((judged.subject, -net)).tolist():
        if net[i] <= 0 or len(found) >= most:
            break
        subject = str(judged.subject[i])
        if subject in whom.left_alone or not whom.may_get(subject, offered.offer):
            continue
        if (day := due.of(subject)) is not None:
            found[i] = day
    return found


def _offered(offer: Offer, judged: WorthJudgement, whom: Whom, rules: Rules) -> _Offered:
    """Return what an offer is reckoned to win of each one's worth: by segment where that was measured."""
    worth = judged.worth
    assert worth is not None  # noqa: S101 - the caller has looked
    whole, parts = rules.effects[offer.key], rules.effects_by_segment.get(offer.key, {})
    subjects = judged.subject.tolist()
    effects = [parts.get(whom.segment_of.get(s, ""), whole) for s in subjects] if parts else [whole] * len(subjects)
    means, sds = (np.array([getattr(e, name) for e in effects]) for name in ("mean", "sd"))
    return _Offered(offer, effects, product_interval(means, sds, worth.mean, worth.low, worth.high))


def _candidate(offered: _Offered, judged: WorthJudgement, i: int, due_on: date, rules: Rules) -> Candidate:
    offer, effect, gain, worth = offered.offer, offered.effects[i], offered.gain, judged.worth
    assert worth is not None  # noqa: S101 - the caller has looked
    named: dict[str, object] = {"offer": offer.name} if offer.name else {}
    if offer.needs_consent:  # an approval asks again: consent may be taken back after the turn
        named["needs_consent"] = True
    return Candidate(
        kind="contact_customer",
        subject=str(judged.subject[i]),
        cost_minor=offer.cost.cost_minor,
        minutes=offer.cost.minutes,
        channel=offer.cost.channel,
        gain_mean=float(gain.mean[i]),
        gain_low=float(gain.low[i]),
        gain_high=float(gain.high[i]),
        because=_because_worth(judged, i, rules),
        basis=effect.basis,
        facts={
            **named,
            "worth_minor": [float(worth.mean[i]), float(worth.low[i]), float(worth.high[i])],
            "p_alive": float(worth.p_alive[i]),
            "n": int(judged.purchase_days[i]),
            "effect": [effect.mean, effect.sd],
            "due_on": due_on.isoformat(),
        },
    )


def _because_worth(judged: WorthJudgement, i: int, rules: Rules) -> tuple[str, ...]:
    worth = judged.worth
    assert worth is not None  # noqa: S101 - the caller has looked
    amounts = [from_minor(v, rules.currency) for v in (worth.mean[i], worth.low[i], worth.high[i])]
    return (
        f"The relationship is worth {rules.currency} {amounts[0]:,.0f} over the next {worth.horizon_weeks:.0f} weeks "
        f"(80 % interval {amounts[1]:,.0f} to {amounts[2]:,.0f}).",
        f"They are still a customer with probability {worth.p_alive[i]:.0%}.",
        f"About {worth.expected_purchases[i]:.1f} purchases are expected in that time.",
    )
