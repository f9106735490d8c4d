"""Estimates: worth and residuals, each with its interval, number of readings, day and model version."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from eigenform.api.auth import scope_of
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import EffectRow, EstimateRow
from eigenform.offerings import queries as offerings
from eigenform.offerings.contracts import CategoryRecord

router = Router(tags=["estimates"])

Quantity = Literal["worth_minor", "promise_gap", "experience_gap", "partner_gap"]
Scope = Literal["", "all", "plan", "offer", "segment", "campaign"]
Gap = Literal["promise_gap", "experience_gap", "partner_gap"]
Subject = Annotated[str, Query(min_length=1, max_length=200)]


class Estimates(Schema):
    """Figures, and how many there are in all."""

    items: list[EstimateRow]
    total: int


def _exposed(row: EstimateRow) -> float:
    exposed = row.facts.get("exposed_minor") or {}
    return float(exposed.get("mean") or 0.0)


@router.get("/offerings", response=list[CategoryRecord])
def list_offerings(request: HttpRequest) -> list[CategoryRecord]:
    """List what is sold, by category; `GET /residuals?category=…` tells how it is received."""
    scope_of(request)
    return offerings.categories()


@router.get("/residuals", response=Estimates)
def list_residuals(
    request: HttpRequest,
    quantity: Gap = "promise_gap",
    category: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Estimates:
    """List the newest residual of every attribute (or partner), the most exposed money first; negative = shortfall.

    Exposed money is the last 52 weeks' revenue of the customers concerned times the share of readings that fell short:
    exposed, not lost. A residual that cannot be told has no mean, and its reason among the facts.
    """
    scope_of(request)
    prefix = "partner:" if quantity == "partner_gap" else f"attribute:{f'{category}|' if category else ''}"
    rows = sorted(ledger.estimates_latest(quantities=[quantity], prefix=prefix).values(), key=_exposed, reverse=True)
    return Estimates(items=rows[:limit], total=len(rows))


@router.get("/estimates", response=list[EstimateRow])
def list_estimates(request: HttpRequest, subject: Subject) -> list[EstimateRow]:
    """Return the newest figures about one subject: `customer:…`, `partner:…`, `attribute:…` or `base`."""
    scope_of(request)
    found = ledger.estimates_latest(
        quantities=["worth_minor", "promise_gap", "experience_gap", "partner_gap"], subjects=[subject]
    )
    return list(found.values())


@router.get("/estimates/history", response=list[EstimateRow])
def list_estimate_history(request: HttpRequest, subject: Subject, quantity: Quantity) -> list[EstimateRow]:
    """Return how one figure changed from turn to turn, oldest first."""
    scope_of(request)
    return ledger.estimates_over_time(subject, quantity)


@router.get("/effects", response=list[EffectRow])
def list_effects(request: HttpRequest, scope: Scope = "") -> list[EffectRow]:
    """List what contacts, plans, offers and campaigns are measured to have changed per customer, against those left
    alone by chance: `margin` in minor units, `bought` as a difference of shares.

    By assignment, in whole windows. What cannot be told has no mean; among its facts are the reason and what decides.
    """
    scope_of(request)
    return [row for row in ledger.effects_latest() if scope in ("", row.scope)]
