"""A turn's summary of effort as figures, rows and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eigenform.base.money import from_minor, minor_exponent
from eigenform.ledger.contracts import TurnRecord
from eigenform.web.components import Chart, Point, Series
from eigenform.web.figures import Basis, Figure, Scale, common_scale, currency_prefix, format_money
from eigenform.web.pages import wording

MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True)
class LineRow:
    """One offer of the plan by one channel."""

    name: str
    channel: str
    n: int
    withheld: int
    cost: str
    hours: str
    gain: Figure
    assumed: str


@dataclass(frozen=True, slots=True)
class CapacityRow:
    """A limit: how much of it is used, in words and per cent, and what one more unit would add."""

    name: str
    used: str
    most: str
    per_cent: int
    price: str
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What another budget would do, against the plan."""

    name: str
    budget: str
    used: str
    gain: Figure
    more: str
    changes: str


@dataclass(frozen=True, slots=True)
class Told:
    """Reads what a turn kept about its effort."""

    turn: TurnRecord

    @property
    def effort(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.turn.summary.get("effort") or {}
        return found

    @property
    def currency(self) -> str:
        return str(self.turn.summary.get("currency", ""))

    def money(self, amount_minor: float) -> str:
        return format_money(round(amount_minor), self.currency)

    def figure(self, row: Mapping[str, Any], *, n: int, basis: str = "assumed") -> Figure:
        kept = Basis.ASSUMED if basis == "assumed" else Basis.MEASURED
        return Figure(
            mean=row["gain_mean"],
            low=min(row["gain_low"], row["gain_mean"]),
            high=max(row["gain_high"], row["gain_mean"]),
            unit=self.currency,
            n=n,
            age_days=0,
            model_version=self.turn.model_version,
            basis=Basis.SIMULATED if self.turn.summary.get("simulated") else kept,
        )

    def lines(self) -> tuple[LineRow, ...]:
        """Return the plan, the largest gain first."""
        rows = sorted(self.effort["plan"], key=lambda r: -r["gain_mean"])
        return tuple(
            LineRow(
                name=offer_name(row["kind"], row["offer"]),
                channel=row["channel"],
                n=row["n"],
                withheld=row["withheld"],
                cost=self.money(row["cost_minor"]),
                hours=hours(row["minutes"]),
                gain=self.figure(row, n=row["n"], basis=row["basis"]),
                assumed="" if row["basis"] == "measured" else "effect assumed by the policy",
            )
            for row in rows
        )

    def total(self) -> Figure:
        """Return what the whole plan adds before its cost."""
        rows = self.effort["plan"]
        summed = {key: sum(row[key] for row in rows) for key in ("gain_mean", "gain_low", "gain_high")}
        is_measured = bool(rows) and all(row["basis"] == "measured" for row in rows)
        n = sum(row["n"] for row in rows)
        return self.figure(summed, n=n, basis="measured" if is_measured else "assumed")

    def capacities(self) -> tuple[CapacityRow, ...]:
        """Return every limit with its price: budget, contacts, then the channels."""
        budget, contacts = self.effort["budget"], self.effort["contacts"]
        one_contact = self.money(contacts["price_minor"])
        more, adds = self._more_budget(budget["price_minor"])
        rows = [
            CapacityRow(
                name="Budget",
                used=self.money(budget["used"]),
                most=self.money(budget["most"]),
                per_cent=_per_cent(budget),
                price=f"{more} more would add about {adds}; {_LARGER}" if budget["price_minor"] else _NOTHING,
                people=(),
            ),
            CapacityRow(
                name="Contacts of customers",
                used=f"{contacts['used']:,.0f}",
                most=f"{contacts['most']:,.0f}",
                per_cent=_per_cent(contacts),
                price=f"one more would add about {one_contact}; {_LARGER}" if contacts["price_minor"] else _NOTHING,
                people=(),
            ),
        ]
        return (*rows, *(self._channel(row) for row in self.effort["channels"]))

    def _more_budget(self, price: float) -> tuple[str, str]:
        """Return a small step of budget and what it adds, both as money: one main unit, or a hundred."""
        exponent = minor_exponent(self.currency)
        step_minor = max(100, 10**exponent)
        step = f"{currency_prefix(self.currency)}{step_minor // 10**exponent}"
        return step, self.money(step_minor * price)

    def assumed(self) -> str:
        """Say how many effects are assumed, whether the base is simulated or not; empty if all are measured."""
        rows = self.effort["plan"]
        assumed = sum(row["basis"] != "measured" for row in rows)
        if not assumed:
            return ""
        which = "The effects" if assumed == len(rows) else f"{assumed} of {len(rows)} effects"
        return f"{which} behind these gains are assumed by the policy, not measured."

    def _channel(self, row: Mapping[str, Any]) -> CapacityRow:
        price = self.money(MINUTES_PER_HOUR * row["price_minor"])
        return CapacityRow(
            name=f"Time by {row['name']}",
            used=hours(row["used"]),
            most=hours(row["most"]),
            per_cent=_per_cent(row),
            price=f"one more hour would add about {price}; {_LARGER}" if row["price_minor"] else _NOTHING,
            people=tuple((name, hours(minutes)) for name, minutes in sorted(row["people"].items())),
        )

    def what_if(self) -> tuple[WhatIf, ...]:
        """Return what a tenth less and a tenth more budget would do."""
        base = next(s for s in self.effort["curve"] if s["factor"] == 1.0)
        return tuple(self._what_if(scenario, base) for scenario in self.effort["what_if"])

    def _what_if(self, row: Mapping[str, Any], base: Mapping[str, Any]) -> WhatIf:
        change = row["net_minor"] - base["net_minor"]
        more = f"{self.money(abs(change))} {'more' if change > 0 else 'less'}" if round(change) else "the same"
        return WhatIf(
            name=f"{'A tenth less' if row['factor'] < 1 else 'A tenth more'} budget",
            budget=self.money(row["budget_minor"]),
            used=self.money(row["used_minor"]),
            gain=self.figure(row, n=sum(line["n"] for line in row["lines"])),
            more=more,
            changes=_changes(row["lines"], base["lines"]),
        )

    def curve(self, csv_href: str) -> Chart:
        """Return what every budget would add after its cost."""
        points = tuple(
            Point(
                float(from_minor(s["budget_minor"], self.currency)),
                s["net_minor"],
                min(s["gain_low"] - s["used_minor"], s["net_minor"]),
                max(s["gain_high"] - s["used_minor"], s["net_minor"]),
                sum(line["n"] for line in s["lines"]),
            )
            for s in self.effort["curve"]
        )
        return Chart(
            id="budget-curve",
            kind="line_band",
            title="What a budget adds, after its cost",
            sentence=self._curve_sentence(),
            x_label=f"budget of the turn, {self.currency or 'main units'}",
            y_label="added margin less cost",
            series=(Series("Added", points),),
            y_currency=self.currency,
            y_reference=0.0,
            csv_href=csv_href,
        )

    def _curve_sentence(self) -> str:
        base, most = (next(s for s in self.effort["curve"] if s["factor"] == f) for f in (1.0, 2.0))
        half = next(s for s in self.effort["curve"] if s["factor"] == 0.5)
        change = most["net_minor"] - base["net_minor"]
        if round(change) <= 0:
            return (
                f"More budget would add nothing: {self.money(base['used_minor'])} is all that pays within the limits."
            )
        return (
            f"Half the budget would give up {self.money(base['net_minor'] - half['net_minor'])}, "
            f"twice as much would add {self.money(change)}."
        )

    def scale(self, *groups: tuple[Figure, ...]) -> Scale:
        return common_scale([figure for group in groups for figure in group])

    def sentence(self) -> str:
        """Say in words what the plan adds, for how much, and what is worth having more of."""
        if not self.effort["plan"]:
            return f"Turn {self.turn.number} found nothing that adds more than it costs within the limits."
        total, used = self.total(), self.effort["budget"]["used"]
        said = f"The plan adds {total.text} (80 % interval {total.interval_text}) for {self.money(used)}"
        return f"{said}; {self._dearest()}."

    def _dearest(self) -> str:
        scarce = [row for row in self.effort["channels"] if round(MINUTES_PER_HOUR * row["price_minor"]) > 0]
        if scarce:
            row = max(scarce, key=lambda r: r["price_minor"])
            return f"one more hour by {row['name']} is worth about {self.money(MINUTES_PER_HOUR * row['price_minor'])}"
        if self.effort["budget"]["price_minor"] > 0:
            more, adds = self._more_budget(self.effort["budget"]["price_minor"])
            return f"{more} more budget is worth about {adds}"
        if self.effort["contacts"]["price_minor"] > 0:
            return f"one more contact is worth about {self.money(self.effort['contacts']['price_minor'])}"
        return "no limit stands in the way"

    def gap(self) -> str:
        """Say how far the plan is from the best that is possible."""
        missing, gap = self.effort["bound_minor"] - self.effort["net_minor"], self.effort["gap"]
        if not gap:
            return "Proven best: no other choice within these limits adds more."
        return f"At most {self.money(missing)} ({gap:.3%}) below the best that is possible: that much is proven."


_NOTHING = "more of it would add nothing"
_LARGER = "larger steps add less"


def offer_name(kind: str, offer: str) -> str:
    """Return an offer in words: "Contact customer: e-mail"."""
    return f"{wording.KINDS.get(kind, kind)}: {offer}" if offer else wording.KINDS.get(kind, kind)


def hours(minutes: float) -> str:
    """Return a time in hours as people say it."""
    return f"{minutes / MINUTES_PER_HOUR:,.1f} h"


def _per_cent(row: Mapping[str, Any]) -> int:
    return min(round(100 * row["used"] / row["most"]), 100) if row["most"] else 0


def _changes(lines: Any, before: Any) -> str:
    """Say in words which offers would go to more or fewer."""
    old = {(r["kind"], r["offer"], r["channel"]): r["n"] for r in before}
    new = {(r["kind"], r["offer"], r["channel"]): r["n"] for r in lines}
    said = [
        f"{offer_name(kind, offer)}: {abs(change):,} {'more' if change > 0 else 'fewer'}"
        for kind, offer, channel in sorted({*old, *new})
        if (change := new.get((kind, offer, channel), 0) - old.get((kind, offer, channel), 0))
    ]
    return "; ".join(said) or "as many of each"
