"""A turn's summary as figures, rows and charts: what the cockpit and the page of a turn show of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.urls import reverse

from eigenform.ledger.contracts import TurnRecord
from eigenform.web.components import Chart, Point, Series
from eigenform.web.figures import Basis, CannotTell, Figure, Scale, common_scale
from eigenform.web.pages import wording
from eigenform.web.pages.wording import Name

QUANTITIES = {
    "promise_gap": "delivered against promised",
    "experience_gap": "experienced against expected",
    "partner_gap": "delivered against promised",
}
_NOTHING = CannotTell("Nothing was estimated in this turn.")


@dataclass(frozen=True, slots=True)
class GapRow:
    """One residual: what it is about, the gap, how often it fell short and the money exposed to it."""

    name: Name
    quantity: str
    gap: Figure | CannotTell
    short: Figure | CannotTell
    exposed: Figure | CannotTell
    n: int
    last_on: date | None
    gap_scale: Scale


@dataclass(frozen=True, slots=True)
class Gaps:
    """Residuals, worst first, with the scales that make their bars comparable."""

    rows: tuple[GapRow, ...]
    exposed_scale: Scale
    short_scale: Scale

    @property
    def worst(self) -> GapRow | None:
        """The row to which most money is exposed, if any is."""
        return next((r for r in self.rows if isinstance(r.exposed, Figure) and r.exposed.mean > 0), None)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the promises' bar; x and width in per cent of it."""

    label: str
    count: int
    x: float
    width: float
    sense: str


@dataclass(frozen=True, slots=True)
class Promises:
    """What became of the promises made, and how satisfied customers were by it."""

    broken: int
    closed: int
    segments: tuple[Segment, ...]
    others: tuple[tuple[str, int], ...]
    sentence: str
    satisfaction: tuple[tuple[str, Figure], ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a turn's numbers as figures of one model, age and basis."""

    turn: TurnRecord

    def figure(self, values: Mapping[str, Any] | None, unit: str, **facts: Any) -> Figure | CannotTell:
        if not values or values.get("mean") is None:
            reason = facts.get("reason") or (values and values.get("reason"))
            return CannotTell(str(reason)) if reason else _NOTHING
        last_on = facts.get("last_on")
        return Figure(
            mean=values["mean"],
            low=values["low"],
            high=values["high"],
            unit=unit,
            n=int(facts.get("n") or values.get("n") or 0),
            age_days=max((self.turn.as_of - last_on).days, 0) if last_on else 0,
            model_version=self.turn.model_version,
            basis=Basis.SIMULATED if self.turn.summary.get("simulated") else Basis.MEASURED,
            signed=bool(facts.get("signed")),
            href=str(facts.get("href", "")),
        )


def gaps(turn: TurnRecord, *, of: str = "cells", limit: int = 50) -> Gaps:
    """Return the residuals of attributes ("cells") or of partners, as the turn ranked them: by money exposed."""
    found: Sequence[Mapping[str, Any]] = turn.summary.get(of, ())[:limit]
    names = wording.names_of(cell["subject"] for cell in found)
    reader, currency = _Reader(turn), turn.summary.get("currency", "")
    rows = [_row(reader, cell, names[cell["subject"]], currency) for cell in found]
    units = {r.gap.unit: common_scale(o.gap for o in rows if _unit(o) == r.gap.unit) for r in rows if _unit(r)}
    return Gaps(
        rows=tuple(_on_scale(r, units.get(_unit(r), Scale(0.0, 1.0))) for r in rows),
        exposed_scale=common_scale(r.exposed for r in rows),
        short_scale=common_scale(r.short for r in rows),
    )


def _unit(row: GapRow) -> str:
    return row.gap.unit if isinstance(row.gap, Figure) else ""


def _on_scale(row: GapRow, scale: Scale) -> GapRow:
    return GapRow(row.name, row.quantity, row.gap, row.short, row.exposed, row.n, row.last_on, scale)


def _row(reader: _Reader, cell: Mapping[str, Any], name: Name, currency: str) -> GapRow:
    last_on = date.fromisoformat(cell["last_on"]) if cell.get("last_on") else None
    n = int(cell.get("n") or 0)
    kept = {"n": n, "last_on": last_on, "reason": cell.get("reason")}
    return GapRow(
        name=name,
        quantity=QUANTITIES.get(cell.get("quantity", ""), ""),
        gap=reader.figure(cell, cell.get("unit", ""), signed=True, **kept),
        short=reader.figure(cell.get("short_share"), "share", **kept),
        exposed=reader.figure(cell.get("exposed_minor"), currency, **kept),
        n=n,
        last_on=last_on,
        gap_scale=Scale(0.0, 1.0),
    )


def worth(turn: TurnRecord) -> Figure | CannotTell:
    """Return what the customer base is worth, or why that cannot be told and what would decide it."""
    told = turn.summary.get("worth")
    if told:
        return _Reader(turn).figure(told, told.get("unit") or turn.summary.get("currency", ""))
    return CannotTell(
        turn.summary.get("worth_reason") or "No worth was estimated in this turn.",
        turn.summary.get("worth_decides") or "",
        reverse("loads"),
        "Load a file",
    )


def worth_histogram(turn: TurnRecord) -> Chart | None:
    """Return how worth is spread over customers, if the turn kept it."""
    kept = turn.summary.get("worth_histogram")
    if not kept or not kept.get("counts"):
        return None
    total, largest = sum(kept["counts"]), max(kept["counts"])
    names = bin_names(turn)
    commonest = names[kept["counts"].index(largest)]
    return Chart(
        id="worth",
        kind="histogram",
        title="How worth is spread over customers",
        sentence=f"{largest:,} of {wording.counted(total, 'customer')} are worth {commonest} each.",
        x_label="worth of a customer",
        y_label="customers",
        series=(Series("Customers", tuple(Point(n, c) for n, c in zip(names, kept["counts"], strict=True))),),
        y_zero=True,
        csv_href=reverse("turn-worth-csv", args=[turn.number]),
    )


def bin_names(turn: TurnRecord) -> list[str]:
    """Return the histogram's bins in words; the last one also holds all that lies beyond it."""
    edges, currency = turn.summary["worth_histogram"]["edges"], turn.summary.get("currency", "")
    bins = [
        Figure(mean=(a + b) / 2, low=a, high=b, unit=currency, n=0, age_days=0, model_version="").interval_text
        for a, b in pairwise(edges)
    ]
    return [*bins[:-1], f"{bins[-1].partition(' to ')[0]} and more"]


def promises(turn: TurnRecord) -> Promises | None:
    """Return the promises' bar, or None if none were made."""
    kept = turn.summary.get("promises") or {}
    if not kept.get("made"):
        return None
    parts = (
        ("kept", kept.get("kept", 0), "surplus"),
        ("broken: too late", kept.get("broken_late", 0), "shortfall"),
        ("broken: not delivered", kept.get("broken_undelivered", 0), "undelivered"),
        ("still open", kept.get("open", 0), "open"),
    )
    others = (("withdrawn", kept.get("withdrawn", 0)), ("unknown", kept.get("unknown", 0)))
    broken = kept.get("broken", 0)
    closed = kept.get("kept", 0) + broken
    sentence = f"{broken:,} of {closed:,} promises that came due were broken." if closed else ""
    return Promises(broken, closed, _segments(parts), tuple(o for o in others if o[1]), sentence, _satisfaction(turn))


def _segments(parts: Sequence[tuple[str, int, str]]) -> tuple[Segment, ...]:
    total, x, found = sum(count for _, count, _ in parts) or 1, 0.0, []
    for label, count, sense in parts:
        if count:
            found.append(Segment(label, count, round(x, 2), round(100 * count / total, 2), sense))
        x += 100 * count / total
    return tuple(found)


def _satisfaction(turn: TurnRecord) -> tuple[tuple[str, Figure], ...]:
    names = {"kept": "promise kept", "broken_late": "too late", "broken_undelivered": "not delivered"}
    told = turn.summary.get("satisfaction_by_promise") or {}
    found = ((label, _Reader(turn).figure(told.get(key), "")) for key, label in names.items())
    return tuple((label, figure) for label, figure in found if isinstance(figure, Figure))
