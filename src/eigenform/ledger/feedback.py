"""Write down what was seen, judged, decided and done. The only door into the ledger; nothing here changes a row."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from eigenform.ledger.contracts import EffectRow, EstimateRow, NewDecision
from eigenform.ledger.models import Decision, Deed, Effect, Entry, Estimate, Turn, TurnInput

_LOCK = 7_310_001  # any constant: it names the ledger among PostgreSQL's advisory locks


def take_the_pen() -> None:
    """Let one writer at a time append, so that `recorded_seq` becomes visible in its own order.

    SQLite's IMMEDIATE transactions already do; PostgreSQL's sequences alone would let 10 be seen before 9.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@transaction.atomic
def _append(kind: str, *, happened_at: datetime, recorded_at: datetime, actor: str, **fields: Any) -> Entry:
    take_the_pen()
    return Entry.objects.create(kind=kind, happened_at=happened_at, recorded_at=recorded_at, actor=actor, **fields)


def record_load(
    *, source: str, actor: str, happened_at: datetime, recorded_at: datetime | None = None, body: Mapping[str, Any]
) -> int:
    """Write the one entry of a load; return its recorded_seq."""
    return _append(
        "load",
        happened_at=happened_at,
        recorded_at=recorded_at or happened_at,
        actor=actor,
        source=source,
        body=json.loads(json.dumps(body, default=str)),
    ).recorded_seq


def record_audit(*, actor: str, at: datetime, verb: str, facts: Mapping[str, Any]) -> int:
    """Write that somebody used a power: signed in a colleague, adopted a policy, erased a person."""
    return _append("audit", happened_at=at, recorded_at=at, actor=actor, body={"verb": verb, **facts}).recorded_seq


def record_deed(
    *,
    verb: str,
    subject: str,
    at: datetime,
    happened_at: datetime | None = None,
    actor: str,
    decision_seq: int | None = None,
    propensity: float | None = None,
    policy_version: int | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> int:
    """Write a deed: what was done to whom, or expressly not done. `reason` must hold no personal data."""
    with transaction.atomic():
        entry = _append(
            "deed",
            happened_at=happened_at or at,
            recorded_at=at,
            actor=actor,
            propensity=propensity,
            policy_version=policy_version,
            derived_from=[decision_seq] if decision_seq else [],
            body={"reason": reason, **(facts or {})},
        )
        Deed.objects.create(entry=entry, verb=verb, subject=subject, decision_id=decision_seq)
    return entry.recorded_seq


def open_turn(
    *,
    number: int,
    as_of: date,
    seed: int,
    at: datetime,
    actor: str,
    policy_version: int,
    model_version: str,
    read_up_to_seq: int,
    summary: Mapping[str, Any],
    inputs: Mapping[str, bytes],
) -> int:
    """Write a turn with exactly what it had read; return its recorded_seq."""
    with transaction.atomic():
        entry = _append(
            "turn",
            happened_at=at,
            recorded_at=at,
            actor=actor,
            policy_version=policy_version,
            model_version=model_version,
            body={"as_of": as_of.isoformat()},
        )
        turn = Turn.objects.create(
            entry=entry, number=number, as_of=as_of, seed=seed, read_up_to_seq=read_up_to_seq, summary=dict(summary)
        )
        TurnInput.objects.bulk_create(TurnInput(turn=turn, name=k, parquet=v) for k, v in inputs.items())
    return entry.recorded_seq


def record_estimates(
    rows: Sequence[EstimateRow], *, turn_seq: int, at: datetime, actor: str, model_version: str, policy_version: int
) -> int:
    """Write one entry for the run and the rows given (the changed ones); return the entry's recorded_seq."""
    with transaction.atomic():
        entry = _append(
            "estimate",
            happened_at=at,
            recorded_at=at,
            actor=actor,
            model_version=model_version,
            policy_version=policy_version,
            derived_from=[turn_seq],
            body={"rows": len(rows)},
        )
        Estimate.objects.bulk_create(
            (
                Estimate(
                    entry=entry,
                    subject=r.subject,
                    quantity=r.quantity,
                    mean=r.mean,
                    low=r.low,
                    high=r.high,
                    n=r.n,
                    unit=r.unit,
                    facts=dict(r.facts),
                )
                for r in rows
            ),
            batch_size=2000,
        )
    return entry.recorded_seq


def record_effects(
    rows: Sequence[EffectRow], *, turn_seq: int, at: datetime, actor: str, model_version: str, policy_version: int
) -> int | None:
    """Write one entry for what a turn measured and the rows given (the changed ones); return its recorded_seq."""
    if not rows:
        return None
    with transaction.atomic():
        entry = _append(
            "effect",
            happened_at=at,
            recorded_at=at,
            actor=actor,
            model_version=model_version,
            policy_version=policy_version,
            derived_from=[turn_seq],
            body={"rows": len(rows)},
        )
        kept = ("scope", "name", "outcome", "mean", "low", "high", "sd", "unit", "method", "treated", "withheld")
        Effect.objects.bulk_create(
            Effect(
                entry=entry, window_days=r.window_days, facts=dict(r.facts), **{name: getattr(r, name) for name in kept}
            )
            for r in rows
        )
    return entry.recorded_seq


def record_decisions(
    decisions: Iterable[NewDecision],
    *,
    turn_seq: int,
    at: datetime,
    actor: str,
    model_version: str,
    policy_version: int,
) -> list[int]:
    """Write a turn's decisions, a deed `held_out` for each withheld subject included; return their recorded_seq."""
    seqs = []
    with transaction.atomic():
        for d in decisions:
            entry = _append(
                "decision",
                happened_at=at,
                recorded_at=at,
                actor=actor,
                model_version=model_version,
                policy_version=policy_version,
                propensity=d.propensity,
                derived_from=[turn_seq, *d.derived_from],
                body=_body(d),
            )
            Decision.objects.create(
                entry=entry,
                turn_id=turn_seq,
                kind=d.kind,
                subject=d.subject,
                held_out=d.held_out,
                cost_minor=d.cost_minor,
                gain_mean_minor=d.gain.mean,
                gain_low_minor=d.gain.low,
                gain_high_minor=d.gain.high,
                basis=d.basis,
            )
            seqs.append(entry.recorded_seq)
            if d.held_out:
                record_deed(
                    verb="held_out",
                    subject=d.subject,
                    at=at,
                    actor=actor,
                    decision_seq=entry.recorded_seq,
                    propensity=d.propensity,
                    policy_version=policy_version,
                )
    return seqs


def _body(d: NewDecision) -> dict[str, Any]:
    return {
        "because": list(d.because),
        "channel": d.channel,
        "minutes": d.minutes,
        "contrast": d.contrast,
        "due_on": d.due_on.isoformat() if d.due_on else None,
        "unit": d.gain.unit,
        "facts": dict(d.facts),
    }
