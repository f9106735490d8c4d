"""A gap as the ledger holds it, as figures: the gap, how often it fell short, the money exposed to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.text import capfirst

from eigenform.ledger.contracts import EstimateRow
from eigenform.web.figures import Basis, CannotTell, Figure, Scale, common_scale
from eigenform.web.pages import wording

QUANTITIES = ("promise_gap", "experience_gap")
AGAINST = {
    "promise_gap": "delivered against promised",
    "experience_gap": "experienced against expected",
    "partner_gap": "delivered against promised",
}
CERTAIN = 0.95
_NO_SCALE = Scale(0.0, 1.0)
_NOT_TOLD = "Too few readings to tell."


@dataclass(frozen=True, slots=True)
class Reading:
    """What figures are read with: the day that the page speaks of, the currency, whether the company is simulated."""

    as_of: date
    currency: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class GapRow:
    """A cell: one attribute of one category, for all customers or one segment."""

    category: str
    attribute: str
    segment: str
    against: str
    unit: str
    href: str
    gap: Figure | CannotTell
    short: Figure | CannotTell
    exposed: Figure | CannotTell
    p_below_0: float | None
    n: int
    last_on: date | None
    warnings: tuple[str, ...]
    quantity: str = ""
    scale: Scale = _NO_SCALE  # that of all gaps in the same unit shown beside it

    @property
    def name(self) -> str:
        """The attribute in words."""
        return wording.plain(self.attribute)

    @property
    def heading(self) -> str:
        return capfirst(wording.attribute_of(self.category, self.attribute))

    @property
    def is_short(self) -> bool:
        """Whether the gap is a shortfall with so much certainty that a page may say so."""
        return self.p_below_0 is not None and self.p_below_0 >= CERTAIN

    @property
    def sure(self) -> str:
        """How sure it is that the gap lies below zero: never 0 or 100 per cent, which no reading can give."""
        if self.p_below_0 is None:
            return "not known"
        if self.p_below_0 > 0.99:
            return "over 99 %"
        return "under 1 %" if self.p_below_0 < 0.01 else f"{100 * self.p_below_0:.0f} %"

    @property
    def label(self) -> str:
        return wording.attribute_of(self.category, self.attribute, self.segment)


def gap_row(row: EstimateRow, reading: Reading) -> GapRow:
    """Return the cell that an estimate of a gap stands for."""
    facts = row.facts
    category, attribute, segment = (*row.subject.partition(":")[2].split("|"), "", "")[:3]
    last_on = date.fromisoformat(facts["last_on"]) if facts.get("last_on") else None
    kept = {"row": row, "reading": reading, "last_on": last_on}
    own = {"mean": row.mean, "low": row.low, "high": row.high}
    return GapRow(
        category=category,
        attribute=attribute,
        segment=segment,
        against=AGAINST.get(row.quantity, ""),
        unit=row.unit,
        href=wording.offering_href(category, attribute),
        gap=figure(own, row.unit, signed=True, **kept),
        short=figure(facts.get("short_share"), "share", **kept),
        exposed=figure(facts.get("exposed_minor"), reading.currency, **kept),
        p_below_0=facts.get("p_below_0"),
        n=row.n,
        last_on=last_on,
        warnings=tuple(facts.get("warnings") or ()),
        quantity=row.quantity,
    )


def on_scales(rows: Iterable[GapRow]) -> tuple[GapRow, ...]:
    """Give gaps of one unit one scale: days are not compared with points."""
    kept = tuple(rows)
    scales = {unit: common_scale(row.gap for row in kept if row.unit == unit) for unit in {row.unit for row in kept}}
    return tuple(replace(row, scale=scales[row.unit]) for row in kept)


def figure(
    values: Mapping[str, Any] | None,
    unit: str,
    *,
    row: EstimateRow,
    reading: Reading,
    last_on: date | None,
    signed: bool = False,
) -> Figure | CannotTell:
    """Return a figure of the estimate, or why there is none and what would decide it."""
    if not values or values.get("mean") is None:
        return CannotTell(str(row.facts.get("reason") or _NOT_TOLD), str(row.facts.get("decides") or ""))
    return Figure(
        mean=values["mean"],
        low=values["low"],
        high=values["high"],
        unit=unit,
        n=row.n,
        age_days=max((reading.as_of - last_on).days, 0) if last_on else 0,
        model_version=row.model_version,
        basis=Basis.SIMULATED if reading.simulated else Basis.MEASURED,
        signed=signed,
    )


def by_exposed_money(row: GapRow) -> tuple[float, float, str]:
    """Sort worst first: most money exposed, then the lowest gap; what cannot be told comes last."""
    exposed = row.exposed.mean if isinstance(row.exposed, Figure) else -1.0
    gap = row.gap.mean if isinstance(row.gap, Figure) else float("inf")
    return (-exposed, gap, row.label)
