"""Turn what was judged into candidates. Pure.

A shortfall becomes a candidate only when it is sure enough: the certainty asked for is shared out over all cells
looked at (Bonferroni), so that looking at more cells does not raise more false alarms.
"""

from collections.abc import Sequence

from eigenform.base.money import from_minor
from eigenform.control.contracts import Rules
from eigenform.coordination.contracts import Candidate
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
