"""Write a turn down: what it read, what it judged, what it decided. One transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction

from eigenform.analytics import columns, frames
from eigenform.base.money import from_minor
from eigenform.control.contracts import Rules
from eigenform.control.decisions import Decided, Frame, Judged
from eigenform.coordination.contracts import Candidate
from eigenform.customers import actions as customers
from eigenform.ledger import feedback, queries
from eigenform.ledger.contracts import EstimateRow, Interval, NewDecision
from eigenform.offerings.contracts import GapCell, Share
from eigenform.records.scope import Scope

_SHOWN = 50
_80_PERCENT_SDS = 1.2815515655446004


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A turn's judgement and choice, with the ledger's numbers once it was written."""

    frame: Frame
    rules: Rules
    judged: Judged
    decided: Decided
    summary: Mapping[str, Any]
    read_up_to_seq: int
    number: int | None = None
    ids: Sequence[int | None] = ()
    states: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.ids:
            object.__setattr__(self, "ids", [None] * len(self.in_order()))
        if not self.states:
            states = ["held_out" if held else "waiting" for _c, held in self.in_order()]
            object.__setattr__(self, "states", states)

    def in_order(self) -> list[tuple[Candidate, bool | None]]:
        """Return every decision with whether it is held out (None: not by chance), the largest net gain first."""
        done = [(c, False if c.kind == "contact_customer" else None) for c in self.decided.done]
        return [*done, *((c, True) for c in self.decided.withheld)]

    def money(self, amount_minor: float) -> float:
        """Return minor units as an amount of the reporting currency, for answers to programs."""
        return float(from_minor(amount_minor, self.rules.currency))

    def gain_of(self, candidate: Candidate) -> dict[str, Any]:
        """Return the expected gain with its interval."""
        ends = {"mean": candidate.gain_mean, "low": candidate.gain_low, "high": candidate.gain_high}
        return {**{name: self.money(v) for name, v in ends.items()}, "unit": self.rules.currency}

    def propensity(self, held_out: bool | None) -> float | None:
        """Return the probability with which chance gave this subject what it got; None where chance had no hand."""
        if held_out is None:
            return None
        return self.rules.holdout_share if held_out else 1.0 - self.rules.holdout_share


def summarise(
    judged: Judged, decided: Decided, tables: Mapping[str, pa.Table], about: Mapping[str, Any], rules: Rules
) -> dict[str, Any]:
    """Return what pages and programs show of a turn, as plain JSON values."""
    seen = dict(zip(frames.texts(tables["seen"], "kind"), frames.numbers(tables["seen"], "n").astype(int).tolist(), strict=True))
    worth = judged.worth.worth
    experience = [c for c in judged.cells if c.quantity == "experience_gap"]
    return {
        "seen": seen,
        "promises": dict(judged.promises),
        "satisfaction_by_promise": _satisfaction(tables["satisfaction_by_promise"]),
        "estimates": judged.estimates,
        "decisions": len(decided.done) + len(decided.withheld),
        "held_out": len(decided.withheld),
        "blocked_by_contact_cap": decided.blocked,
        "currency": rules.currency,
        "zone": about["zone"],
        "simulated": about["simulated"],
        "worth": None if worth is None else _worth_of_base(judged, tables, rules),
        "worth_reason": judged.worth.reason or None,
        "worth_decides": judged.worth.decides or None,
        "experience_reason": None if experience else "No expectation was asked.",
        "cells": [_cell_json(c) for c in judged.cells if not c.segment][:_SHOWN],
        "partners": [_cell_json(c) for c in judged.partners][:_SHOWN],
        "worth_histogram": None if worth is None else _histogram(worth.mean),
        "warnings": _warnings(tables, rules),
    }


def _worth_of_base(judged: Judged, tables: Mapping[str, pa.Table], rules: Rules) -> dict[str, Any]:
    worth = judged.worth.worth
    assert worth is not None  # noqa: S101 - the caller has looked
    without = int(frames.numbers(tables["money"], "lines_without_margin")[0])
    return {
        "mean": worth.total_mean,
        "low": worth.total_low,
        "high": worth.total_high,
        "n": len(worth.mean),
        "unit": rules.currency,
        "basis": "revenue" if without else "margin",
        "horizon_weeks": worth.horizon_weeks,
        "model_version": judged.worth.model_version,
    }


def _satisfaction(table: pa.Table) -> dict[str, Any]:
    rows = zip(*(table.column(name).to_pylist() for name in ("status", "n", "mean", "sd")), strict=True)
    return {
        status: {
            "mean": mean,
            "low": mean - _80_PERCENT_SDS * sd / np.sqrt(n),
            "high": mean + _80_PERCENT_SDS * sd / np.sqrt(n),
            "n": n,
        }
        for status, n, mean, sd in rows
    }


def _histogram(values: np.ndarray) -> dict[str, Any]:
    top = float(np.quantile(values, 0.99))
    counts, edges = np.histogram(np.minimum(values, top), bins=24, range=(0.0, max(top, 1.0)))
    return {"edges": edges.round(2).tolist(), "counts": counts.tolist()}


def _warnings(tables: Mapping[str, pa.Table], rules: Rules) -> list[str]:
    other = int(frames.numbers(tables["money"], "orders_in_other_currencies")[0])
    if not other:
        return []
    return [f"{other:,} orders are in other currencies than {rules.currency}; without a dated rate they are left out."]


def _share_json(share: Share | None) -> dict[str, float] | None:
    return None if share is None else {"mean": share.mean, "low": share.low, "high": share.high}


def _cell_json(cell: GapCell) -> dict[str, Any]:
    return {
        "subject": cell.subject,
        "quantity": cell.quantity,
        "category": cell.category,
        "attribute": cell.attribute,
        "segment": cell.segment,
        "unit": cell.unit,
        "mean": cell.mean,
        "low": cell.low,
        "high": cell.high,
        "n": cell.n,
        "last_on": cell.last_on.isoformat() if cell.last_on else None,
        "p_below_0": cell.p_below_0,
        "p_short": cell.p_short,
        "short_share": _share_json(cell.short_share),
        "exposed_minor": _share_json(cell.exposed_minor),
        "reason": cell.reason or None,
    }


@transaction.atomic
def write_turn(
    outcome: Outcome, inputs: Mapping[str, pa.Table], *, policy: int, scope: Scope, now: datetime
) -> Outcome:
    """Append the turn, its inputs, the estimates that changed and its decisions; restate where customers stand."""
    feedback.take_the_pen()
    latest = queries.latest_turn()
    number = latest.number + 1 if latest else 1
    by = {"at": now, "actor": scope.actor, "policy_version": policy, "model_version": outcome.judged.worth.model_version}
    turn_seq = feedback.open_turn(
        number=number,
        as_of=outcome.frame.as_of,
        seed=outcome.frame.seed,
        read_up_to_seq=outcome.read_up_to_seq,
        summary=outcome.summary,
        inputs={name: frames.to_parquet(table) for name, table in inputs.items()},
        **by,
    )
    feedback.record_estimates(_changed(estimate_rows(outcome)), turn_seq=turn_seq, **by)
    feedback.record_decisions(
        [_new_decision(outcome, c, held) for c, held in outcome.in_order()], turn_seq=turn_seq, **by
    )
    _restate_customers(outcome, inputs, number)
    ids = [d.seq for d in queries.decisions_of_turn(turn_seq)]
    return replace(outcome, number=number, ids=ids)


def ids_of(turn_seq: int, decided: Decided) -> list[int | None]:
    """Return the ledger's number of each decision of a replay that the turn had made as well."""
    made = {(d.kind, d.subject): d.seq for d in queries.decisions_of_turn(turn_seq)}
    return [made.get((c.kind, c.subject)) for c in (*decided.done, *decided.withheld)]


def estimate_rows(outcome: Outcome) -> list[EstimateRow]:
    """Return every figure of the turn as ledger rows; worth in whole minor units."""
    rows = [_gap_row(c) for c in (*outcome.judged.cells, *outcome.judged.partners)]
    worth = outcome.judged.worth.worth
    if worth is None:
        return rows
    unit = outcome.rules.currency
    rows.append(
        EstimateRow(
            "base", "worth_minor", round(worth.total_mean), round(worth.total_low), round(worth.total_high),
            n=len(worth.mean), unit=unit,
        )
    )  # fmt: skip
    ends = zip(
        outcome.judged.worth.subject.tolist(),
        np.rint(worth.mean).tolist(),
        np.rint(worth.low).tolist(),
        np.rint(worth.high).tolist(),
        worth.p_alive.round(4).tolist(),
        strict=True,
    )
    rows += [
        EstimateRow(subject, "worth_minor", mean, low, high, n=1, unit=unit, facts={"p_alive": alive})
        for subject, mean, low, high, alive in ends
    ]
    return rows


def _gap_row(cell: GapCell) -> EstimateRow:
    facts = {
        **{k: v for k, v in _cell_json(cell).items() if k not in ("subject", "quantity", "mean", "low", "high", "n")},
        "n_customers": cell.customers,
        "trajectory": [list(point) for point in cell.trajectory],
        "warnings": list(cell.warnings),
        "decides": cell.decides or None,
        **cell.facts,
    }
    return EstimateRow(
        cell.subject, cell.quantity, cell.mean, cell.low, cell.high, n=cell.n, unit=cell.unit, facts=facts
    )


def _changed(rows: Sequence[EstimateRow]) -> list[EstimateRow]:
    before = queries.latest_figures()
    return [r for r in rows if before.get((r.subject, r.quantity)) != (r.mean, r.low, r.high, r.n)]


def _new_decision(outcome: Outcome, candidate: Candidate, held_out: bool | None) -> NewDecision:
    due = candidate.facts.get("due_on")
    return NewDecision(
        kind=candidate.kind,
        subject=candidate.subject,
        because=candidate.because,
        basis=candidate.basis,
        gain=Interval(candidate.gain_mean, candidate.gain_low, candidate.gain_high, outcome.rules.currency),
        cost_minor=candidate.cost_minor,
        channel=candidate.channel,
        minutes=candidate.minutes,
        held_out=held_out,
        propensity=outcome.propensity(held_out),
        contrast=candidate.contrast,
        due_on=date.fromisoformat(due) if due else None,
        facts=candidate.facts,
    )


def _restate_customers(outcome: Outcome, inputs: Mapping[str, pa.Table], number: int) -> None:
    table, judged = inputs["purchases"], outcome.judged.worth
    worth = judged.worth
    place = {subject: i for i, subject in enumerate(judged.subject.tolist())}
    kept = columns.promises_by_customer(inputs["promise_readings"])
    rows = []
    facts = zip(
        frames.texts(table, "subject"),
        frames.numbers(table, "orders_count").astype(int).tolist(),
        table.column("last_order_on").to_pylist(),
        frames.numbers(table, "revenue_52w_minor").astype(int).tolist(),
        strict=True,
    )
    for subject, orders, last_on, revenue in facts:
        i = place.get(f"customer:{subject}")
        known = worth is not None and i is not None
        kept_n, broken_n = kept.get(f"customer:{subject}", (0, 0))
        rows.append(
            {
                "subject": subject,
                "orders_count": orders,
                "last_order_on": last_on,
                "revenue_52w_minor": revenue,
                "worth_mean_minor": float(worth.mean[i]) if known else None,  # type: ignore[union-attr,index]
                "worth_low_minor": float(worth.low[i]) if known else None,  # type: ignore[union-attr,index]
                "worth_high_minor": float(worth.high[i]) if known else None,  # type: ignore[union-attr,index]
                "p_alive": float(worth.p_alive[i]) if known else None,  # type: ignore[union-attr,index]
                "promises_kept": kept_n,
                "promises_broken": broken_n,
            }
        )
    customers.restate(
        rows, as_of=outcome.frame.as_of, turn_number=number, model_version=judged.model_version
    )
