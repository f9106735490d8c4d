"""Turn what was judged into candidates. Pure.

A shortfall becomes a candidate only when it is sure enough: the certainty asked for is shared out over all cells
looked at (Bonferroni), so that looking at more cells does not raise more false alarms.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from eigenform.base.money import from_minor
from eigenform.control.contracts import Effect, Rules
from eigenform.coordination.contracts import Candidate
from eigenform.coordination.decisions import Cap, next_free_day
from eigenform.customers.decisions import WorthJudgement
from eigenform.offerings.contracts import GapCell
from eigenform.value.response.gain import product_interval

_CONTRASTS = {
    "change_attribute": "A staggered release, else the forecast of the gap without the change, with its interval.",
    "talk_to_partner": "The partner's later deliveries against its forecast without the talk, beside other partners.",
}


def gap_candidates(cells: Sequence[GapCell], rules: Rules) -> list[Candidate]:
    """Return a change for every attribute of a category that surely falls short: of promise or of expectation."""
    looked_at = [c for c in cells if not c.segment and c.n >= rules.sureness.readings_min]
    sure = _sure_enough(looked_at, rules)
    return [_gap_candidate("change_attribute", c, _because_gap(c, rules.currency), rules) for c in sure]


def partner_candidates(cells: Sequence[GapCell], rules: Rules) -> list[Candidate]:
    """Return a talk with every partner who surely falls short of what we promised with them."""
    looked_at = [c for c in cells if c.n >= rules.sureness.readings_min]
    sure = _sure_enough(looked_at, rules)
    return [_gap_candidate("talk_to_partner", c, _because_gap(c, rules.currency), rules) for c in sure]


def _sure_enough(cells: Sequence[GapCell], rules: Rules) -> list[GapCell]:
    needed = 1.0 - (1.0 - rules.sureness.certainty) / max(len(cells), 1)
    return [
        c
        for c in cells
        if (p := c.p_below_tolerated if c.quantity == "experience_gap" else c.p_short) is not None
        and p >= needed
        and c.exposed_minor is not None
        and c.exposed_minor.mean > 0
    ]


def _gap_candidate(kind: str, cell: GapCell, because: tuple[str, ...], rules: Rules) -> Candidate:
    cost, effect, exposed = rules.costs[kind], rules.effects[kind], cell.exposed_minor
    assert exposed is not None  # noqa: S101 - kept by _sure_enough
    gain = product_interval(effect.mean, effect.sd, exposed.mean, exposed.low, exposed.high)
    return Candidate(
        kind=kind,  # type: ignore[arg-type]
        subject=cell.subject,
        cost_minor=cost.cost_minor,
        minutes=cost.minutes,
        channel=cost.channel,
        gain_mean=float(gain.mean[0]),
        gain_low=float(gain.low[0]),
        gain_high=float(gain.high[0]),
        because=because,
        contrast=_CONTRASTS[kind],
        facts={
            "quantity": cell.quantity,
            "category": cell.category,
            "attribute": cell.attribute,
            "unit": cell.unit,
            "gap": [cell.mean, cell.low, cell.high],
            "short_share": [cell.short_share.mean, cell.short_share.low, cell.short_share.high]
            if cell.short_share
            else None,
            "exposed_minor": [exposed.mean, exposed.low, exposed.high],
            "effect": [effect.mean, effect.sd],
            "n": cell.n,
        },
    )


def _because_gap(cell: GapCell, currency: str) -> tuple[str, ...]:
    share, exposed = cell.short_share, cell.exposed_minor
    sentences = []
    if cell.quantity == "experience_gap" and cell.mean is not None:
        sentences.append(
            f"Customers rate {cell.attribute} of {cell.category} {abs(cell.mean):.2g} {cell.unit} below what they "
            f"expected (80 % interval {abs(cell.high or 0):.2g} to {abs(cell.low or 0):.2g}, {cell.n:,} answers)."
        )
    elif share is not None:
        what = f"In {cell.category}, about {share.mean:.1%}" if cell.category else f"About {share.mean:.1%}"
        sisters = "categories" if cell.category else "partners"
        n = cell.facts.get("readings_52w", cell.n)
        sentences.append(
            f"{what} of the last 52 weeks' promises about {cell.attribute} fell short "
            f"(80 % interval {share.low:.1%} to {share.high:.1%}; from {n:,} promises, weighted and steadied by the "
            f"other {sisters})."
        )
        if cell.mean is not None and cell.low is not None and cell.low > 0:
            sentences.append(
                f"On average they come {cell.mean:.1f} {cell.unit} better than promised, which hides those that do not."
            )
    if exposed is not None:
        sentences.append(
            f"{currency} {from_minor(exposed.mean, currency):,.0f} of the last 52 weeks' revenue is exposed, not lost."
        )
    return tuple(sentences[:3])


def contact_candidates(
    judged: WorthJudgement,
    *,
    left_alone: frozenset[str],
    contact_days: Mapping[str, Sequence[date]],
    as_of: date,
    rules: Rules,
    segment_of: Mapping[str, str] | None = None,
) -> tuple[list[Candidate], int]:
    """Return contacts worth more than they cost, the best first, and how many the contact cap blocks.

    Only as many of the best are built as a turn could use, hold-out and cap included: they all cost the same, so
    the rest cannot be chosen. segment_of says where the effect was measured by segment.
    """
    if judged.worth is None:
        return [], 0
    worth, cost = judged.worth, rules.costs["contact_customer"]
    effects = _effects_of(judged, rules, segment_of or {})
    means, sds = (np.array([getattr(e, name) for e in effects]) for name in ("mean", "sd"))
    gain = product_interval(means, sds, worth.mean, worth.low, worth.high)
    order = np.lexsort((judged.subject, -gain.mean))
    wanted = 3 * rules.means.per_kind_max["contact_customer"] + 20
    cap = Cap(rules.contacts_max, rules.contacts_window_days)
    out: list[Candidate] = []
    blocked = 0
    for i in order:
        if gain.mean[i] <= cost.cost_minor or len(out) >= wanted:
            break
        subject = str(judged.subject[i])
        if subject in left_alone:
            continue
        days = contact_days.get(subject, ())
        due_on = next_free_day(days, as_of + timedelta(days=1), cap=cap, look_days=rules.plan_ahead_days)
        if due_on is None:
            blocked += 1
            continue
        out.append(
            Candidate(
                kind="contact_customer",
                subject=subject,
                cost_minor=cost.cost_minor,
                minutes=cost.minutes,
                channel=cost.channel,
                gain_mean=float(gain.mean[i]),
                gain_low=float(gain.low[i]),
                gain_high=float(gain.high[i]),
                because=_because_worth(judged, int(i), rules),
                basis=effects[i].basis,
                facts={
                    "worth_minor": [float(worth.mean[i]), float(worth.low[i]), float(worth.high[i])],
                    "p_alive": float(worth.p_alive[i]),
                    "n": int(judged.purchase_days[i]),
                    "effect": [effects[i].mean, effects[i].sd],
                    "due_on": due_on.isoformat(),
                },
            )
        )
    return out, blocked


def _effects_of(judged: WorthJudgement, rules: Rules, segment_of: Mapping[str, str]) -> list[Effect]:
    """Return what a contact is reckoned to win of each one's worth: by segment where that was measured."""
    whole, parts = rules.effects["contact_customer"], rules.effects_by_segment.get("contact_customer", {})
    subjects = judged.subject.tolist()
    return [parts.get(segment_of.get(s, ""), whole) for s in subjects] if parts else [whole] * len(subjects)


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
