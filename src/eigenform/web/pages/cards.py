"""Decision records as the cards that a person can act on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse

from eigenform.ledger.contracts import DecisionRecord
from eigenform.policy import queries as policy
from eigenform.records.scope import Scope
from eigenform.staff import queries as staff
from eigenform.web.components import Choice, DecisionCard, Fact
from eigenform.web.figures import Basis, Figure, format_money
from eigenform.web.pages import wording
from eigenform.web.pages.wording import Name

SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all cards of one answer share: who reads, in which money, to whom work can be given, what day it is."""

    scope: Scope
    currency: str
    today: date
    assignees: tuple[Choice, ...] = ()


def desk(scope: Scope, now: datetime) -> Desk:
    """Return it for a reader, in two queries at most."""
    firm = policy.document().firm
    return Desk(
        scope=scope,
        currency=firm.currency,
        today=today(now, firm.zone),
        assignees=_assignees(scope) if scope.may_decide else (),
    )


def today(now: datetime, zone: str) -> date:
    """Return the firm's day."""
    return now.astimezone(ZoneInfo(zone)).date()


def _assignees(scope: Scope) -> tuple[Choice, ...]:
    """Return the people that work can be given to, the reader first."""
    people = sorted(staff.deciding_people(), key=lambda p: (p.actor != scope.actor, p.name, p.id))
    return tuple(Choice(str(p.id), p.name) for p in people)


def cards(
    decisions: Sequence[DecisionRecord], at: Desk, *, as_of: date, names: dict[str, Name] | None = None
) -> tuple[DecisionCard, ...]:
    """Return one card for each decision, two queries for the names of all."""
    names = names or wording.names_of(d.subject for d in decisions)
    return tuple(card(d, at, names[d.subject], as_of=as_of) for d in decisions)


def card(d: DecisionRecord, at: Desk, name: Name, *, as_of: date) -> DecisionCard:
    """Return the card of one decision, with the buttons that its state and the reader's role allow."""
    told = DecisionCard(
        id=str(d.seq),
        kind=wording.KINDS.get(d.kind, d.kind),
        subject=name.heading,
        subject_href=name.href,
        because=tuple(Fact(text) for text in d.because),
        gain=gain(d, at.currency, as_of=as_of),
        cost=format_money(d.cost_minor, at.currency),
        state=wording.STATES[d.state],
        held_out=wording.held_out_words(d),
        formula_href=f"{reverse('decision', args=[d.seq])}#formula",
    )
    if d.state == "waiting":
        return _to_decide(told, d, at)
    if d.state == "approved" and at.scope.may_decide:
        return replace(told, report_action=_action("report", d.seq), done_on=at.today.isoformat())
    return told


def _to_decide(told: DecisionCard, d: DecisionRecord, at: Desk) -> DecisionCard:
    if not at.scope.may_decide:
        return replace(told, may_decide="a member or a leader")
    return replace(
        told,
        may_decide="you",
        approve_action=_action("approve", d.seq),
        decline_action=_action("decline", d.seq),
        later_action=_action("later", d.seq),
        reasons=wording.DECLINE_REASONS,
        assignees=at.assignees,
        due_on=proposed_day(d, at.today).isoformat(),
    )


def _action(verb: str, seq: int) -> str:
    return reverse(f"decision-{verb}", args=[seq])


def gain(d: DecisionRecord, currency: str, *, as_of: date) -> Figure:
    """Return the expected gain with its interval; n counts the readings that it rests on."""
    return Figure(
        mean=d.gain.mean,
        low=d.gain.low,
        high=d.gain.high,
        unit=currency,
        n=int(d.facts.get("n") or 0),
        age_days=max((as_of - d.as_of).days, 0),
        model_version=d.model_version,
        basis=Basis.ASSUMED if d.basis == "assumed" else Basis.MEASURED,
    )


def proposed_day(d: DecisionRecord, today: date) -> date:
    """Return the day that the turn planned, as long as it lies ahead, else the next working day."""
    return d.due_on if d.due_on and d.due_on > today else next_working_day(today)


def next_working_day(after: date) -> date:
    """Return the first day from Monday to Friday after the day."""
    on = after + timedelta(days=1)
    while on.weekday() >= SATURDAY:
        on += timedelta(days=1)
    return on
