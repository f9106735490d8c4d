"""Write a turn down: what it read, what it judged, what it decided. One transaction."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
from django.db import transaction

from eigenform.analytics import columns, frames
from eigenform.control.actions.outcome import Outcome
from eigenform.control.actions.summary import cell_json
from eigenform.control.contracts import TurnOvertaken
from eigenform.control.decisions import Decided
from eigenform.coordination.contracts import Candidate
from eigenform.customers import actions as customers
from eigenform.customers.decisions import WorthJudgement
from eigenform.ledger import feedback, queries
from eigenform.ledger.contracts import EffectRow, EstimateRow, Interval, NewDecision
from eigenform.offerings.contracts import GapCell
from eigenform.records.scope import Scope

_GAPS = ("promise_gap", "experience_gap", "partner_gap")


@transaction.atomic
def write_turn(
    outcome: Outcome, inputs: Mapping[str, pa.Table], *, policy: int, scope: Scope, now: datetime
) -> Outcome:
    """Append the turn, its inputs, the estimates that changed and its decisions; restate where customers stand.

    Raises TurnOvertaken if another turn was written since this one had read.
    """
    feedback.take_the_pen()
    latest = queries.latest_turn()
    if latest is not None and latest.seq > outcome.read_up_to_seq:
        raise TurnOvertaken(turn=latest.number)
    number = latest.number + 1 if latest else 1
    by = {
        "at": now,
        "actor": scope.actor,
        "policy_version": policy,
        "model_version": outcome.judged.worth.model_version,
    }
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
    feedback.record_effects(_changed_effects(outcome), turn_seq=turn_seq, **by)
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
    cells = (*outcome.judged.cells, *outcome.judged.partners)  # of each quantity the most exposed first
    worst = {(c.subject, c.quantity): c for c in reversed(cells)}  # of a partner with several attributes the worst
    rows = [_gap_row(c) for c in cells if c is worst[c.subject, c.quantity]]
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
        outcome.judged.worth.purchase_days.tolist(),
        strict=True,
    )
    rows += [
        EstimateRow(subject, "worth_minor", mean, low, high, n=days, unit=unit, facts={"p_alive": alive})
        for subject, mean, low, high, alive, days in ends
    ]
    return rows


def _gap_row(cell: GapCell) -> EstimateRow:
    facts = {
        **{k: v for k, v in cell_json(cell).items() if k not in ("subject", "quantity", "mean", "low", "high", "n")},
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
    """Return the rows that differ from the newest of their kind; of gaps also in what is at stake."""
    figures, facts = queries.latest_figures(), queries.latest_facts(_GAPS)
    return [
        r
        for r in rows
        if figures.get((r.subject, r.quantity)) != (r.mean, r.low, r.high, r.n)
        or (r.quantity in _GAPS and facts[r.subject, r.quantity] != r.facts)
    ]


def _changed_effects(outcome: Outcome) -> list[EffectRow]:
    """Return what was measured otherwise than before; how many are still open changes daily, and does not count."""
    same = ("scope", "name", "outcome", "mean", "low", "high", "method", "treated", "withheld", "window_days")
    known = {tuple(getattr(row, name) for name in same) for row in queries.effects_latest()}
    return [row for row in outcome.measured.rows if tuple(getattr(row, name) for name in same) not in known]


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
    figures = _figures_by_subject(judged)
    unknown = dict.fromkeys(next(iter(figures.values()), {}))
    kept = columns.promises_by_customer(inputs["promise_readings"])
    rows = []
    facts = zip(
        frames.texts(table, "subject"),
        frames.numbers(table, "orders_count").astype(int).tolist(),
        frames.numbers(table, "repeats").astype(int).tolist(),
        table.column("last_order_on").to_pylist(),
        _first_days(table, outcome.frame.as_of),
        _known(frames.numbers(table, "mean_spend_minor")),
        frames.numbers(table, "revenue_52w_minor").astype(int).tolist(),
        strict=True,
    )
    for subject, orders, repeats, last_on, first_on, spend_minor, revenue in facts:
        kept_n, broken_n = kept.get(f"customer:{subject}", (0, 0))
        rows.append(
            {
                "subject": subject,
                "orders_count": orders,
                "purchase_days": repeats + 1,
                "first_order_on": first_on,
                "last_order_on": last_on,
                "spend_minor": spend_minor,
                "revenue_52w_minor": revenue,
                "promises_kept": kept_n,
                "promises_broken": broken_n,
                **figures.get(f"customer:{subject}", unknown),
            }
        )
    customers.restate(rows, as_of=outcome.frame.as_of, turn_number=number, model_version=judged.model_version)


def _figures_by_subject(judged: WorthJudgement) -> dict[str, dict[str, float | None]]:
    """Return what was judged of each customer, by the standing's columns."""
    worth, slips = judged.worth, judged.slipping
    if worth is None:
        return {}
    by_column = {
        "worth_mean_minor": worth.mean.tolist(),
        "worth_low_minor": worth.low.tolist(),
        "worth_high_minor": worth.high.tolist(),
        "p_alive": worth.p_alive.tolist(),
        "expected_purchases": worth.expected_purchases.tolist(),
        "expected_purchases_low": worth.expected_purchases_low.tolist(),
        "expected_purchases_high": worth.expected_purchases_high.tolist(),
    }
    if slips is not None:
        by_column |= {"p_alive_before": slips.p_alive_before.tolist(), "slipping_minor": _known(slips.lost_minor)}
    rows = zip(*by_column.values(), strict=True)
    return {s: dict(zip(by_column, row, strict=True)) for s, row in zip(judged.subject.tolist(), rows, strict=True)}


def _first_days(table: pa.Table, as_of: date) -> list[date]:
    ages_days = np.rint(frames.numbers(table, "age_weeks") * 7).astype(int).tolist()
    return [as_of - timedelta(days=days) for days in ages_days]


def _known(values: np.ndarray) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
