"""Read the ledger back as contracts."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from eigenform.ledger.contracts import (
    STATE_AFTER,
    WAITING,
    DecisionRecord,
    DeedRecord,
    EffectRow,
    EstimateRow,
    Interval,
    NoSuchDecision,
    NoSuchTurn,
    Past,
    TurnRecord,
)
from eigenform.ledger.models import Decision, Deed, Effect, Entry, Estimate, Turn, TurnInput

_EPOCH = date(1970, 1, 1)


def last_seq() -> int:
    """Return the recorded_seq of the newest entry, 0 if there is none."""
    return Entry.objects.aggregate(last=Max("recorded_seq"))["last"] or 0


def _turn(row: Turn) -> TurnRecord:
    return TurnRecord(
        seq=row.entry_id,
        number=row.number,
        as_of=row.as_of,
        seed=row.seed,
        policy_version=row.entry.policy_version or 0,
        model_version=row.entry.model_version,
        read_up_to_seq=row.read_up_to_seq,
        recorded_at=row.entry.recorded_at,
        summary=row.summary,
    )


def latest_turn() -> TurnRecord | None:
    """Return the newest turn, or None before the first."""
    row = Turn.objects.select_related("entry").order_by("-number").first()
    return _turn(row) if row else None


def turns(*, limit: int = 50, before_number: int | None = None) -> list[TurnRecord]:
    """Return turns, newest first."""
    rows = Turn.objects.select_related("entry").order_by("-number")
    if before_number is not None:
        rows = rows.filter(number__lt=before_number)
    return [_turn(row) for row in rows[:limit]]


def turn(number: int) -> TurnRecord:
    """Return one turn, or refuse with those that exist."""
    row = Turn.objects.select_related("entry").filter(number=number).first()
    if row is None:
        known = tuple(Turn.objects.order_by("number").values_list("number", flat=True))
        raise NoSuchTurn(turn=number, known=known)
    return _turn(row)


def turn_inputs(turn_seq: int) -> dict[str, bytes]:
    """Return exactly what the turn had read, as Parquet by name."""
    rows = TurnInput.objects.filter(turn_id=turn_seq).values_list("name", "parquet")
    return {name: bytes(parquet) for name, parquet in rows}


def _with_last_deed(rows: QuerySet[Decision]) -> QuerySet[Decision]:
    last = Deed.objects.filter(decision=OuterRef("pk")).order_by("-entry_id")
    return (
        rows.select_related("entry", "turn")
        .defer("turn__summary")
        .annotate(last_verb=Subquery(last.values("verb")[:1]))
    )


def _decision(row: Any) -> DecisionRecord:
    body = row.entry.body
    return DecisionRecord(
        seq=row.entry_id,
        turn_number=row.turn.number,
        as_of=row.turn.as_of,
        kind=row.kind,
        subject=row.subject,
        because=tuple(body["because"]),
        basis=row.basis,
        gain=Interval(row.gain_mean_minor, row.gain_low_minor, row.gain_high_minor, body["unit"]),
        cost_minor=row.cost_minor,
        channel=body["channel"],
        minutes=body["minutes"],
        held_out=row.held_out,
        propensity=row.entry.propensity,
        contrast=body["contrast"],
        due_on=date.fromisoformat(body["due_on"]) if body["due_on"] else None,
        facts=body["facts"],
        state=STATE_AFTER.get(row.last_verb, WAITING) if row.last_verb else WAITING,
        policy_version=row.entry.policy_version,
        model_version=row.entry.model_version,
    )


def decision(seq: int) -> DecisionRecord:
    """Return one decision with its state, or refuse."""
    row = _with_last_deed(Decision.objects.filter(pk=seq)).first()
    if row is None:
        raise NoSuchDecision(decision=seq)
    return _decision(row)


def decisions_of_turn(turn_seq: int) -> list[DecisionRecord]:
    """Return a turn's decisions in the order in which they were written: the largest net gain first."""
    return [_decision(r) for r in _with_last_deed(Decision.objects.filter(turn_id=turn_seq)).order_by("entry_id")]


def decisions_waiting(*, limit: int = 50, after_seq: int = 0) -> list[DecisionRecord]:
    """Return decisions that wait for a person, oldest first."""
    rows = _with_last_deed(Decision.objects.filter(pk__gt=after_seq))
    rows = rows.filter(Q(last_verb__isnull=True) | Q(last_verb="later"))
    return [_decision(r) for r in rows.order_by("entry_id")[:limit]]


def waiting_count() -> int:
    """Return how many decisions wait for a person; capped by how many decisions there are, not by customers."""
    closed = Deed.objects.filter(decision__isnull=False).exclude(verb="later").values("decision")
    return Decision.objects.exclude(pk__in=closed).count()


def decisions_about(subject: str, *, limit: int = 50) -> list[DecisionRecord]:
    """Return what was decided about one subject, newest first."""
    return [
        _decision(r) for r in _with_last_deed(Decision.objects.filter(subject=subject)).order_by("-entry_id")[:limit]
    ]


def decisions_so_far(*, up_to_seq: int) -> list[Past]:
    """Return every decision with what became of it, as the ledger stood at a recorded_seq, in its order."""
    deeds = Deed.objects.filter(decision__isnull=False, entry_id__lte=up_to_seq).order_by("entry_id")
    last: dict[int, tuple[str, date]] = {}
    for decision_id, verb, at in deeds.values_list("decision_id", "verb", "entry__happened_at"):
        last[decision_id] = (verb, at.date())
    out = []
    for row in (
        Decision.objects.select_related("entry", "turn")
        .defer("turn__summary")
        .filter(entry_id__lte=up_to_seq)
        .order_by("entry_id")
    ):
        verb, on = last.get(row.entry_id, ("", row.turn.as_of))
        out.append(
            Past(
                kind=row.kind,
                subject=row.subject,
                state=STATE_AFTER.get(verb, WAITING),
                decided_day=(row.turn.as_of - _EPOCH).days,
                last_day=(on - _EPOCH).days,
                minutes=row.entry.body["minutes"],
                cost_minor=row.cost_minor,
                channel=row.entry.body["channel"],
                seq=row.entry_id,
                turn=row.turn.number,
                offer=row.entry.body["facts"].get("offer") or "",
                stake_minor=(row.entry.body["facts"].get("worth_minor") or (None,))[0],
            )
        )
    return out


def deeds_about(subject: str, *, limit: int = 100) -> list[DeedRecord]:
    """Return what was done to one subject, newest first."""
    rows = Deed.objects.filter(subject=subject).select_related("entry").order_by("-entry_id")[:limit]
    return [_deed(r) for r in rows]


def deeds(seqs: Iterable[int]) -> dict[int, DeedRecord]:
    """Return deeds by recorded_seq."""
    return {r.entry_id: _deed(r) for r in Deed.objects.filter(pk__in=list(seqs)).select_related("entry")}


def deeds_of(decision_seq: int) -> list[DeedRecord]:
    """Return what became of one decision, oldest first."""
    return [
        _deed(r) for r in Deed.objects.filter(decision_id=decision_seq).select_related("entry").order_by("entry_id")
    ]


def _deed(row: Deed) -> DeedRecord:
    return DeedRecord(
        seq=row.entry_id,
        verb=row.verb,
        subject=row.subject,
        happened_at=row.entry.happened_at,
        actor=row.entry.actor,
        decision_seq=row.decision_id,
        reason=row.entry.body.get("reason", ""),
        propensity=row.entry.propensity,
    )


def _estimate(row: Estimate) -> EstimateRow:
    return EstimateRow(
        subject=row.subject,
        quantity=row.quantity,
        mean=row.mean,
        low=row.low,
        high=row.high,
        n=row.n,
        unit=row.unit,
        facts=row.facts,
        as_of=row.entry.happened_at.date(),
        model_version=row.entry.model_version,
        recorded_seq=row.entry_id,
    )


def estimates_latest(
    *,
    quantities: Sequence[str],
    subjects: Iterable[str] | None = None,
    prefix: str | None = None,
    suffix: str | None = None,
) -> dict[tuple[str, str], EstimateRow]:
    """Return the newest estimate per (subject, quantity): of these subjects, or of all with this beginning and end."""
    rows = Estimate.objects.filter(quantity__in=quantities).select_related("entry")
    if subjects is not None:
        rows = rows.filter(subject__in=list(subjects))
    if prefix is not None:
        rows = rows.filter(subject__startswith=prefix)
        if connection.vendor == "sqlite":  # its LIKE does not look beginnings up in the index, a range does
            rows = rows.filter(subject__gte=prefix, subject__lt=prefix + chr(0x10FFFF))
    if suffix is not None:
        rows = rows.filter(subject__endswith=suffix)
    return {(r.subject, r.quantity): _estimate(r) for r in rows.order_by("entry_id", "id")}


def estimates_over_time(subject: str, quantity: str) -> list[EstimateRow]:
    """Return how a figure changed from turn to turn, oldest first."""
    rows = Estimate.objects.filter(subject=subject, quantity=quantity).select_related("entry").order_by("entry_id")
    return [_estimate(r) for r in rows]


def effects_latest() -> list[EffectRow]:
    """Return the newest measurement of each plan, offer, segment and campaign, in the order of writing."""
    last = Effect.objects.order_by().values("scope", "name", "outcome").annotate(last=Max("pk")).values("last")
    rows = Effect.objects.filter(pk__in=last).select_related("entry").order_by("pk")
    kept = ("scope", "name", "outcome", "mean", "low", "high", "sd", "unit", "method", "treated", "withheld")
    return [
        EffectRow(
            **{name: getattr(r, name) for name in kept},
            window_days=r.window_days,
            facts=r.facts,
            as_of=r.entry.happened_at.date(),
            recorded_seq=r.entry_id,
        )
        for r in rows
    ]


def loads() -> list[dict[str, Any]]:
    """Return the body of each load's entry, newest first."""
    return [
        {"seq": seq, "source": source, "happened_at": at, **body}
        for seq, source, at, body in Entry.objects.filter(kind="load")
        .order_by("-recorded_seq")
        .values_list("recorded_seq", "source", "happened_at", "body")
    ]


def latest_figures() -> dict[tuple[str, str], tuple[float | None, float | None, float | None, int]]:
    """Return the newest (mean, low, high, n) per subject and quantity: what a turn compares with."""
    rows = _newest(Estimate.objects.all()).values_list("subject", "quantity", "mean", "low", "high", "n")
    return {(subject, quantity): (mean, low, high, n) for subject, quantity, mean, low, high, n in rows.iterator()}


def latest_facts(quantities: Sequence[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the facts of the newest estimate per subject, of these quantities."""
    rows = _newest(Estimate.objects.filter(quantity__in=quantities)).values_list("subject", "quantity", "facts")
    return {(subject, quantity): facts for subject, quantity, facts in rows.iterator()}


def _newest(rows: QuerySet[Estimate]) -> QuerySet[Estimate]:
    last = rows.order_by().values("subject", "quantity").annotate(last=Max("pk")).values("last")
    return Estimate.objects.filter(pk__in=last)
