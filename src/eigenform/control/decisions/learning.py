"""What the next choice reckons with: the policy's assumption, pulled by what was measured. Pure."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from eigenform.control.contracts import Effect, Learnt, Measured, Rules
from eigenform.control.decisions.outcomes import Outcomes
from eigenform.value.arrays import INTERVAL_SDS, BoolArray
from eigenform.value.response import effects
from eigenform.value.response.learning import basis_of, learn
from eigenform.value.response.trial import ImpossibleTrial, TooFewToTell

Measure = Callable[[BoolArray], effects.Effect]


def learnt_from(seen: Outcomes, rules: Rules, measure: Measure) -> tuple[Learnt, ...]:
    """Return what each kind of contact or offer that has an assumption is now reckoned with, and in which segment."""
    known = (seen.campaign == "") & np.isfinite(seen.stake)
    return tuple(
        line
        for key in sorted(set(seen.offer[known].tolist()))
        if key in rules.effects
        for line in _lines(seen, known & (seen.offer == key), key, rules.effects[key], measure)
    )


def _lines(seen: Outcomes, rows: BoolArray, key: str, prior: Effect, measure: Measure) -> list[Learnt]:
    names = sorted(set(seen.segment[rows & seen.is_over].tolist()))
    parts = {name: _share(seen, rows & (seen.segment == name), measure) for name in names}
    if len(names) < 2 or None in parts.values():  # segments are learnt apart only if all of them can be measured
        parts = {"": _share(seen, rows, measure)}
    found = {name: share for name, share in parts.items() if share is not None}
    mean, sd = (np.array([share[i] for share in found.values()]) for i in (0, 1))
    got = learn(prior_mean=prior.mean, prior_sd=prior.sd, estimate=mean, standard_error=sd)
    whole = _share(seen, rows, measure)
    lines = [
        Learnt(
            key, "", prior.mean, prior.sd, whole and whole[0], whole and whole[1], got.level_mean, got.other_sd,
            got.level_mean - INTERVAL_SDS * got.other_sd, got.level_mean + INTERVAL_SDS * got.other_sd,
            got.weight, whole[2] if whole else 0, basis_of(got.weight),
        )
    ]  # fmt: skip
    if len(found) > 1:
        lines += [
            Learnt(
                key, name, prior.mean, prior.sd, share[0], share[1], float(got.mean[i]), float(got.sd[i]),
                float(got.low[i]), float(got.high[i]), float(got.own_weight[i]), share[2],
                basis_of(float(got.own_weight[i])),
            )
            for i, (name, share) in enumerate(found.items())
        ]  # fmt: skip
    return lines


def _share(seen: Outcomes, rows: BoolArray, measure: Measure) -> tuple[float, float, int] | None:
    """Return the measured effect as a share of what the relationships were worth, its standard error, and n.

    Ratio of the means: the mean of ratios would hang on those who were worth almost nothing.
    """
    over = rows & seen.is_over
    try:
        told = measure(rows)
    except (TooFewToTell, ImpossibleTrial):
        return None
    stake = float(seen.stake[over].mean())
    return None if stake <= 0 or told.sd <= 0 else (told.mean / stake, told.sd / stake, told.treated + told.withheld)


def reckon_with(rules: Rules, measured: Measured) -> Rules:
    """Put what was learnt in the place of what was assumed."""
    whole = {x.key: Effect(x.mean, x.sd, x.basis) for x in measured.learnt if not x.segment}
    by_segment: dict[str, dict[str, Effect]] = {}
    for x in measured.learnt:
        if x.segment:
            by_segment.setdefault(x.key, {})[x.segment] = Effect(x.mean, x.sd, x.basis)
    return replace(rules, effects={**rules.effects, **whole}, effects_by_segment=by_segment)
