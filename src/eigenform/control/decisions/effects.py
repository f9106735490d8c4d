"""What earlier decisions and campaigns changed, against those whom chance left alone. Pure.

By assignment: a decision that a person declined counts as chosen, or the declined would have to be guessed among the
left alone too. Only whole windows are measured; the others are counted as still open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from eigenform.control.contracts import EffectRow, Measured, Past, Rules, Uplift
from eigenform.control.decisions import outcomes
from eigenform.control.decisions.learning import learnt_from
from eigenform.control.decisions.outcomes import Outcomes
from eigenform.value.arrays import BoolArray
from eigenform.value.response import effects, uplift
from eigenform.value.response.effects import Effect
from eigenform.value.response.trial import PER_ARM_MIN, ImpossibleTrial, TooFewToTell, Trial, drawn

_OUTCOMES = ("margin", "bought")
_PER_SCOPE_MAX = 30
_UPLIFT_PER_ARM_MIN = 100  # below that a line per arm and fold is mostly noise


def measure(tables: Mapping[str, pa.Table], past: Sequence[Past], *, as_of: date, seed: int, rules: Rules) -> Measured:
    """Return every effect that the turn's inputs can tell, those that they cannot with what would decide, and what is
    learnt from the decisions' own. Inputs of turns that did not read outcomes yet give nothing."""
    nothing = Measured(rules.window_days, rules.currency)
    table = tables.get("outcomes")
    if table is None or not table.num_rows:
        return nothing
    seen = outcomes.read(table, past, as_of=as_of, window_days=rules.window_days)
    desk = _Desk(seen, as_of, seed, rules)
    rows = [desk.row(*group, outcome) for group in _groups(seen) for outcome in _OUTCOMES]
    return Measured(
        window_days=rules.window_days,
        currency=rules.currency,
        rows=tuple(rows),
        uplifts=tuple(desk.uplifts()),
        learnt=learnt_from(seen, rules, lambda at: desk.effect(at, "margin")),
    )


def _groups(seen: Outcomes) -> Iterator[tuple[str, str, BoolArray]]:
    """Yield (scope, name, rows): all contacts, the newest plans, offers, segments, the newest campaigns and theirs."""
    ours = seen.campaign == ""
    if ours.any():
        yield "all", "contact_customer", ours
        for turn in np.unique(seen.turn[ours])[::-1][:_PER_SCOPE_MAX]:
            yield "plan", str(turn), ours & (seen.turn == turn)
        offers = _commonest(seen.offer[ours])
        for offer in offers if len(offers) > 1 else ():
            yield "offer", offer, ours & (seen.offer == offer)
        yield from _segments(seen, "", ours)
    last = {name: seen.day[seen.campaign == name].max() for name in np.unique(seen.campaign[~ours])}
    for name in sorted(last, key=lambda n: (-last[n], n))[:_PER_SCOPE_MAX]:
        rows = seen.campaign == name
        yield "campaign", str(name), rows
        yield from _segments(seen, str(name), rows)


def _segments(seen: Outcomes, of: str, rows: BoolArray) -> Iterator[tuple[str, str, BoolArray]]:
    names = _commonest(seen.segment[rows])
    if len(names) > 1:
        for name in names:
            yield "segment", f"{of}|{name}", rows & (seen.segment == name)


def _commonest(labels: np.ndarray) -> list[str]:
    names, times = np.unique(labels, return_counts=True)
    return [str(n) for n in names[np.argsort(-times, kind="stable")][:_PER_SCOPE_MAX]]


@dataclass(frozen=True, slots=True)
class _Desk:
    """Measures one group after the other; each begins with the same chance, so their order does not matter."""

    seen: Outcomes
    as_of: date
    seed: int
    rules: Rules

    def effect(self, rows: BoolArray, outcome: str) -> Effect:
        """Return the effect by the method that fits. Raises TooFewToTell or ImpossibleTrial."""
        rows = rows & self.seen.is_over
        trial = self.seen.trial(rows, outcome)
        trial.require_enough()
        if np.ptp(trial.propensity) > 1e-9:
            return effects.doubly_robust(trial, self.seen.covariates(rows), rng=np.random.default_rng(self.seed))
        known = self.seen.known[rows]
        if len(trial.outcome) >= 2 * PER_ARM_MIN + known.shape[1] and np.ptp(known, axis=0).any():
            return effects.cuped(trial, known)
        return effects.difference(trial)

    def row(self, scope: str, name: str, rows: BoolArray, outcome: str) -> EffectRow:
        """Return one line of what worked, or why it cannot be told and what would decide."""
        over = rows & self.seen.is_over
        treated, withheld = (int((over & (self.seen.treated == arm)).sum()) for arm in (True, False))
        first, last = self.seen.days(rows)
        facts: dict[str, Any] = {
            "first_on": first.isoformat(),
            "last_on": last.isoformat(),
            "open": int(rows.sum() - over.sum()),
        }
        told: Effect | None = None
        try:
            if not over.any():
                reason = f"the {self.rules.window_days} days after the decision are not over"
                raise TooFewToTell(reason=reason, decides=self._waits(rows), treated=0, withheld=0)
            told = self.effect(rows, outcome)
            facts |= self._evidence(over, outcome, told)
            facts["decides"] = None if told.is_clear else self._more(scope, rows, told)
        except TooFewToTell as few:
            facts |= {"reason": few.reason, "decides": self._enough(scope, rows, few)}
        except ImpossibleTrial as refusal:
            facts |= {"reason": refusal.reason, "decides": "Log the probability with which each was chosen."}
        return EffectRow(
            scope=scope,
            name=name,
            outcome=outcome,
            mean=told and told.mean,
            low=told and told.low,
            high=told and told.high,
            sd=told and told.sd,
            unit=self.rules.currency if outcome == "margin" else "share",
            method=told.method if told else "",
            treated=treated,
            withheld=withheld,
            window_days=self.rules.window_days,
            facts=facts,
        )

    def _evidence(self, over: BoolArray, outcome: str, told: Effect) -> dict[str, Any]:
        trial = self.seen.trial(over, outcome)
        plain = effects.difference(trial)
        check = drawn(trial, self.seen.known[over])
        return {
            "level": told.level,
            "plain": [plain.mean, plain.low, plain.high],
            "p_shares": check.p_shares,
            "p_balance": check.p_balance,
            "is_sound": check.is_sound,
        }

    def _enough(self, scope: str, rows: BoolArray, few: TooFewToTell) -> str:
        """Say what would be enough for any interval: whose windows must end, and how many more are needed then."""
        treated = int(self.seen.treated[rows].sum())
        missing = max(PER_ARM_MIN - treated, PER_ARM_MIN - (int(rows.sum()) - treated), 0)
        words = (self._waits(rows), self._customers(scope, rows, missing / self._least_share(rows)))
        return " ".join(w for w in words if w) or few.decides

    def _waits(self, rows: BoolArray) -> str:
        still = rows & ~self.seen.is_over
        if not still.any():
            return ""
        ends = outcomes.day_of(self.seen.day[still].max()) + timedelta(self.rules.window_days)
        return f"The {self.rules.window_days} days of {still.sum():,} more end by {ends.day} {ends:%b %Y}."

    def _more(self, scope: str, rows: BoolArray, told: Effect) -> str:
        """Say how many more customers would show an effect of the size that is asked for."""
        n = told.treated + told.withheld
        share = told.treated / n
        stake = self.seen.stake[rows & self.seen.is_over]
        prior = self.rules.effects.get("contact_customer")
        assumed = prior.mean * float(np.nanmean(stake)) if prior and np.isfinite(stake).any() else 0.0
        size, words = (assumed, "the effect that was assumed") if assumed > 0 else (told.mean, "an effect like this")
        if size == 0:
            return ""
        sd = told.sd * np.sqrt(n * share * (1.0 - share))
        needed = effects.subjects_to_decide(effect=size, sd_treated=sd, sd_withheld=sd, treated_share=share)
        more = self._customers(scope, rows, max(needed - n, 0))
        if scope == "plan" or not more:
            return more
        return f"To see {words}: {more[0].lower()}{more[1:]}"

    def _customers(self, scope: str, rows: BoolArray, more: float) -> str:
        count = _rounded(more)
        if not count:
            return ""
        if scope == "plan":
            return "One plan alone is too small; all contacts together will tell."
        if scope == "campaign":
            return f"A campaign to about {_rounded(more + rows.sum()):,} such customers would decide."
        if scope == "segment":
            return f"About {count:,} more of these customers would decide."
        first, _last = self.seen.days(rows)
        weeks = max((self.as_of - first).days / 7.0, 1.0)
        weeks_more = _rounded(more * weeks / rows.sum())
        return f"About {count:,} more customers, some {weeks_more:,} weeks as now, would decide."

    def _least_share(self, rows: BoolArray) -> float:
        treated = self.seen.treated[rows]
        return float(min(max(treated.mean(), 1 / 50), max(1.0 - treated.mean(), 1 / 50)))

    def uplifts(self) -> Iterator[Uplift]:
        """Yield the Qini curves of all contacts and of each campaign with enough in both arms."""
        for scope, name, rows in _groups(self.seen):
            if scope not in ("all", "campaign"):
                continue
            for outcome in _OUTCOMES:
                over = rows & self.seen.is_over
                try:
                    trial = self.seen.trial(over, outcome)
                    if min(trial.n_treated, trial.n_withheld) >= _UPLIFT_PER_ARM_MIN:
                        yield self._uplift(scope, name, outcome, trial, over)
                except (TooFewToTell, ImpossibleTrial):
                    continue

    def _uplift(self, scope: str, name: str, outcome: str, trial: Trial, over: BoolArray) -> Uplift:
        rng = np.random.default_rng(self.seed)
        judged, place = uplift.ranked(trial, self.seen.covariates(over), rng=rng)
        found = uplift.qini(judged, place, rng=rng)
        names = ("share", "gain", "gain_low", "gain_high")
        ends = ("area", "area_low", "area_high", "null_low", "null_high", "p_null")
        return Uplift(
            scope=scope,
            name=name,
            outcome=outcome,
            n=len(judged.outcome),
            **{n: tuple(getattr(found, n).tolist()) for n in names},
            **{n: getattr(found, n) for n in ends},
        )


def _rounded(count: float) -> int:
    """Return a count to two digits, upwards: more would be more than is known."""
    if count <= 0:
        return 0
    step = 10 ** max(int(np.floor(np.log10(count))) - 1, 0)
    return int(np.ceil(count / step - 1e-9) * step)
