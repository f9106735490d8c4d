"""Turns: what was seen, judged and decided; and running one."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from eigenform import loop
from eigenform.api.auth import scope_of
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import DecisionRecord, TurnRecord
from eigenform.policy import queries as policy

router = Router(tags=["turns"])

BIGGEST = 2**63 - 1  # what both databases can hold
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Seq = Annotated[int, Field(ge=1, le=BIGGEST)]


class TurnPage(Schema):
    """Turns, newest first; `next` is the `before` of the next page."""

    items: list[TurnRecord]
    next: int | None


class Expected(Schema):
    """A figure with the ends of its 80 % interval."""

    mean: float
    low: float
    high: float
    unit: str


class AnsweredDecision(Schema):
    """A decision as a turn answers it; a dry run's has no id."""

    id: int | None
    kind: str
    subject: str
    because: str | list[str]
    basis: Literal["assumed", "measured"]
    expected_gain: Expected
    cost: Any
    held_out: bool | None
    state: str


class TurnAnswered(Schema, extra="allow"):
    """What a turn answers, with the keys of `eigenform turn --json`."""

    turn: int | None
    as_of: date
    seed: int
    policy_version: int
    seen: dict[str, int]
    promises: dict[str, int]
    estimates: int
    decisions: list[AnsweredDecision]
    held_out: int
    seconds: float


class TurnOrder(Schema):
    """A turn to run."""

    as_of: date | None = Field(None, description="Today in the firm's zone if left out.")
    seed: int = Field(1, ge=0, le=BIGGEST)
    dry_run: bool = False


@router.get("", response=TurnPage)
def list_turns(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> TurnPage:
    """List turns, newest first."""
    scope_of(request)
    found = ledger.turns(limit=limit + 1, before_number=before)
    return TurnPage(items=found[:limit], next=found[limit - 1].number if len(found) > limit else None)


@router.post("", response=TurnAnswered)
def run_turn(request: HttpRequest, order: TurnOrder) -> dict[str, Any]:
    """Run one turn and wait for it; `dry_run` writes nothing."""
    scope = scope_of(request)
    now = datetime.now(UTC)
    as_of = order.as_of or now.astimezone(ZoneInfo(policy.document().firm.zone)).date()
    return loop.turn(as_of=as_of, seed=order.seed, scope=scope, now=now, dry_run=order.dry_run).to_json()


@router.get("/{number}", response=TurnRecord)
def get_turn(request: HttpRequest, number: Number) -> TurnRecord:
    """Return one turn with its summary."""
    scope_of(request)
    return ledger.turn(number)


@router.get("/{number}/decisions", response=list[DecisionRecord])
def list_decisions_of_turn(request: HttpRequest, number: Number) -> list[DecisionRecord]:
    """List a turn's decisions as they stand now, the largest net gain first."""
    scope_of(request)
    return ledger.decisions_of_turn(ledger.turn(number).seq)


@router.post("/{number}/replay", response=TurnAnswered)
def replay_turn(request: HttpRequest, number: Number) -> dict[str, Any]:
    """Decide again from exactly what the turn had read; writes nothing."""
    return loop.replay(number, scope=scope_of(request)).to_json()
