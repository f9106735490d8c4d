"""The numbers behind the charts of worth, as csv; money in minor units."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from eigenform.ledger import queries as ledger
from eigenform.records.scope import Scope
from eigenform.web.pages.rendering import signed_in
from eigenform.web.pages.tables import csv_response

Rows = Sequence[Sequence[object]]
_INTERVAL = ("mean", "low", "high")


@require_GET
@signed_in
def csv(request: HttpRequest, number: int, part: str, *, scope: Scope) -> HttpResponse:
    """Download one part of a turn's report on worth."""
    turn = ledger.turn(number)
    if part not in _PARTS:
        raise Http404(part)
    header, rows = _PARTS[part]
    report = turn.summary.get("worth_report") or {}
    return csv_response(f"turn-{number}-worth-{part}.csv", header, rows(report) if report else [])


def _distribution(report: Mapping[str, Any]) -> Rows:
    pairs = list(pairwise(report["edges_minor"]))
    ends = [*(high for _low, high in pairs[:-1]), ""]  # the last one also holds all that lies beyond it
    return [(low, high, n) for (low, _), high, n in zip(pairs, ends, report["counts"], strict=True)]


def _concentration(report: Mapping[str, Any]) -> Rows:
    return [tuple(point) for point in report["concentration"]]


def _cohorts(report: Mapping[str, Any]) -> Rows:
    return [
        (c["name"], c["customers"], *(c["alive"][i] for i in _INTERVAL), *(c["worth_minor"][i] for i in _INTERVAL))
        for c in report["cohorts"]
    ]


def _weeks(report: Mapping[str, Any]) -> Rows:
    rows = (report.get("trial") or {}).get("by_week", ())
    return [(week, r["predicted"], r["low"], r["high"], r["actual"]) for week, r in enumerate(rows, 1)]


def _groups(report: Mapping[str, Any]) -> Rows:
    rows = (report.get("trial") or {}).get("by_group", ())
    return [
        (group, round(r["customers"]), r["predicted"], r["actual"], r["low"], r["high"])
        for group, r in enumerate(rows, 1)
    ]


def _models(report: Mapping[str, Any]) -> Rows:
    kept = report.get("trial") or {}
    return [
        (
            r["model"],
            r["score"],
            r["mae"],
            r["expected"],
            r["low"],
            r["high"],
            kept["purchases"],
            r["coverage_80"],
            r["coverage_80_interval"],
        )
        for r in kept.get("tried", ())
    ]


_PARTS: Mapping[str, tuple[Sequence[str], Callable[[Mapping[str, Any]], Rows]]] = {
    "distribution": (("worth_from_minor", "worth_to_minor", "customers"), _distribution),
    "concentration": (("share_of_customers", "share_of_worth"), _concentration),
    "cohorts": (
        (
            "first_purchase_in", "customers", "alive", "alive_low", "alive_high",
            "worth_minor", "worth_low_minor", "worth_high_minor",
        ),
        _cohorts,
    ),
    "weeks": (("week", "expected", "low", "high", "made"), _weeks),
    "groups": (("group", "customers", "expected_each", "made_each", "low", "high"), _groups),
    "models": (
        ("model", "crps", "mae", "expected", "low", "high", "made", "coverage_80", "coverage_80_interval"),
        _models,
    ),
}  # fmt: skip
