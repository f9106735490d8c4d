"""Judge and decide from a turn's inputs: the pure middle of the loop. The same inputs and seed give the same answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from eigenform.analytics import columns, frames
from eigenform.control.contracts import Past, Rules
from eigenform.control.decisions.candidates import gap_candidates, partner_candidates
from eigenform.control.decisions.contacts import Whom, contact_candidates
from eigenform.control.decisions.effort import Effort, effort
from eigenform.control.decisions.share import means_left, not_again, share_means, still_bars
from eigenform.coordination.contracts import Candidate
from eigenform.customers import decisions as customers
from eigenform.offerings import decisions as offerings
from eigenform.offerings.contracts import GapCell, Readings

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a turn knows besides its tables."""

    as_of: date
    seed: int
    horizon_weeks: int
    discount_per_year: float
    sampled_sources: frozenset[str]
    left_alone_segments: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Every estimate of a turn."""

    promises: Mapping[str, int]
    cells: tuple[GapCell, ...]
    partners: tuple[GapCell, ...]
    worth: customers.WorthJudgement

    @property
    def estimates(self) -> int:
        """How many figures were judged."""
        worth = 0 if self.worth.worth is None else len(self.worth.subject) + 1
        return len(self.cells) + len(self.partners) + worth


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """What is done, who is withheld, how many contacts the cap blocks, and what the means are worth."""

    done: tuple[Candidate, ...]
    withheld: tuple[Candidate, ...]
    blocked: int
    effort: Effort


def judge(tables: Mapping[str, pa.Table], frame: Frame, rules: Rules) -> Judged:
    """Return what the inputs say: the gaps, the partners, the worth of each relationship."""
    bought = tables["purchases"]
    revenue = dict(
        zip(
            (f"customer:{s}" for s in frames.texts(bought, "subject")),
            frames.numbers(bought, "revenue_52w_weighted_minor").tolist(),
            strict=True,
        )
    )
    readings = Readings(**columns.readings(tables["promise_readings"]))
    sure = rules.sureness
    known: dict[str, Any] = {"as_of": frame.as_of, "revenue_minor": revenue, "readings_min": sure.readings_min}
    promised = offerings.judge_promises(readings, tolerated=sure.short_share_tolerated, **known)
    partners = offerings.judge_partners(readings, tolerated=sure.short_share_tolerated, **known)
    asked = offerings.Answers(**columns.answers(tables["answers"]))
    experienced = offerings.judge_experience(asked, gap_tolerated=sure.gap_tolerated, **known)
    worth = customers.judge_worth(
        customers.Purchases(**columns.purchases(bought, frame.sampled_sources)),
        _earlier(tables, frame),
        as_of=frame.as_of,
        horizon_weeks=frame.horizon_weeks,
        discount_per_year=frame.discount_per_year,
        rng=np.random.default_rng(frame.seed),
    )
    cells = sorted(
        [*promised, *experienced],
        key=lambda c: (-(c.exposed_minor.mean if c.exposed_minor else -1.0), c.quantity, c.subject),
    )
    return Judged(columns.promise_counts(tables["promise_readings"]), tuple(cells), tuple(partners), worth)


def _earlier(tables: Mapping[str, pa.Table], frame: Frame) -> customers.Earlier | None:
    """Return what was known on an earlier day, and what was bought since; None if the turn kept no such day."""
    if not tables.keys() >= {"history", "purchases_before", "purchases_by_week"} or not tables["history"].num_rows:
        return None
    (history,) = tables["history"].to_pylist()
    return customers.Earlier(
        cut_on=history["cut_on"],
        weeks=int(history["weeks"]),
        history_weeks=(frame.as_of - history["began_on"]).days / 7,
        **columns.purchases_before(tables["purchases_before"], frame.sampled_sources),
        week_of_purchase=columns.weeks_of_purchases(tables["purchases_by_week"], frame.sampled_sources),
    )


def decide(judged: Judged, tables: Mapping[str, pa.Table], past: Sequence[Past], frame: Frame, rules: Rules) -> Decided:
    """Return what is done of all that could be done, within what is left of the means."""
    rules = means_left(rules, past)
    whom = Whom(
        left_alone=_left_alone(tables["purchases"], frame) | _lately_decided(past, frame.as_of, rules),
        contact_days=_contact_days(tables["contacts"]),
        consents=_consents(tables.get("consents")),
        segment_of=_segment_of(tables["purchases"]) if rules.effects_by_segment else {},
    )
    contacts, blocked = contact_candidates(judged.worth, whom=whom, as_of=frame.as_of, rules=rules)
    candidates = [*gap_candidates(judged.cells, rules), *partner_candidates(judged.partners, rules), *contacts]
    candidates = not_again(candidates, past, as_of=frame.as_of, rules=rules)
    done, withheld = share_means(candidates, as_of=frame.as_of, rules=rules)
    shared = effort(candidates, done, withheld, as_of=frame.as_of, rules=rules)
    return Decided(tuple(done), tuple(withheld), blocked, shared)


def _left_alone(purchases: pa.Table, frame: Frame) -> frozenset[str]:
    if not frame.left_alone_segments:
        return frozenset()
    pairs = zip(frames.texts(purchases, "subject"), frames.texts(purchases, "segment"), strict=True)
    return frozenset(f"customer:{subject}" for subject, segment in pairs if segment in frame.left_alone_segments)


def _segment_of(purchases: pa.Table) -> dict[str, str]:
    pairs = zip(frames.texts(purchases, "subject"), frames.texts(purchases, "segment"), strict=True)
    return {f"customer:{subject}": segment for subject, segment in pairs}


def _consents(table: pa.Table | None) -> dict[tuple[str, str], str]:
    """Return what customers said of being reached by a channel; older turns did not ask."""
    if table is None:
        return {}
    columns_of = (frames.texts(table, name) for name in ("customer", "channel", "state"))
    return {(f"customer:{subject}", channel): state for subject, channel, state in zip(*columns_of, strict=True)}


def _lately_decided(past: Sequence[Past], as_of: date, rules: Rules) -> frozenset[str]:
    return frozenset(
        p.subject for p in past if p.kind == "contact_customer" and still_bars(p, as_of=as_of, rules=rules)
    )


def _contact_days(table: pa.Table) -> dict[str, list[date]]:
    out: dict[str, list[date]] = {}
    days = frames.numbers(table, "contacted_on").tolist()
    for subject, day in zip(frames.texts(table, "customer"), days, strict=True):
        out.setdefault(f"customer:{subject}", []).append(_EPOCH + timedelta(days=day))
    return out
