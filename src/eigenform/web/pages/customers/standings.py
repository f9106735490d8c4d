"""Where a customer stands, as figures."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from eigenform.customers.contracts import StandingRecord
from eigenform.ledger import queries as ledger
from eigenform.ledger.contracts import TurnRecord
from eigenform.policy import queries as policy
from eigenform.web.figures import Basis, CannotTell, Figure


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What figures about customers are read in: the last turn, the reporting currency, the zone of the firm."""

    turn: TurnRecord | None
    currency: str
    zone: str

    @property
    def simulated(self) -> bool:
        return bool(self.turn and self.turn.summary.get("simulated"))

    @property
    def worth_label(self) -> str:
        """What worth means here: "Worth, as revenue over 52 weeks"; without margins it is revenue and says so."""
        told = (self.turn.summary.get("worth") if self.turn else None) or {}
        basis = {"revenue": "as revenue", "margin": "as margin"}.get(told.get("basis", ""), "")
        weeks = told.get("horizon_weeks")
        return f"Worth, {basis}{f' over {weeks:g} weeks' if weeks else ''}" if basis else "Worth"

    @property
    def horizon_weeks(self) -> float:
        """How far ahead worth looks; 0 where none was told."""
        return ((self.turn.summary.get("worth") if self.turn else None) or {}).get("horizon_weeks", 0)

    @property
    def slipping_count(self) -> int:
        """How many customers the last turn saw slipping away."""
        report = (self.turn.summary.get("worth_report") if self.turn else None) or {}
        return int((report.get("slipping") or {}).get("customers", 0))

    @property
    def worth_model(self) -> str:
        """The purchase model's name, "bg-nbd"."""
        return self.turn.model_version.partition(" ")[0] if self.turn else ""

    @property
    def as_of(self) -> date | None:
        return self.turn.as_of if self.turn else None


def surroundings() -> Surroundings:
    """Return it in two queries."""
    turn = ledger.latest_turn()
    firm = policy.document().firm
    currency = (turn.summary.get("currency") if turn else "") or firm.currency
    return Surroundings(turn, currency, firm.zone)


def worth(standing: StandingRecord | None, around: Surroundings) -> Figure | CannotTell:
    """Return what the relationship is worth, or why that cannot be told."""
    if standing is None or standing.worth_mean_minor is None:
        return _no_worth(standing, around.turn)
    return Figure(
        mean=standing.worth_mean_minor,
        low=standing.worth_low_minor,
        high=standing.worth_high_minor,
        unit=around.currency,
        n=standing.orders_count,
        age_days=max((around.turn.as_of - standing.as_of).days, 0) if around.turn else 0,
        model_version=standing.model_version.partition(";")[0].partition(" r ")[0],
        basis=Basis.SIMULATED if around.simulated else Basis.MEASURED,
    )


def expected_purchases(standing: StandingRecord, around: Surroundings) -> Figure | None:
    """Return how many purchases are expected of the customer within the horizon; None where that is not known."""
    if standing.expected_purchases is None:
        return None
    return Figure(
        mean=standing.expected_purchases,
        low=standing.expected_purchases_low,
        high=standing.expected_purchases_high,
        unit="",
        n=standing.purchase_days,
        age_days=max((around.turn.as_of - standing.as_of).days, 0) if around.turn else 0,
        model_version=around.worth_model,
        basis=Basis.SIMULATED if around.simulated else Basis.MEASURED,
    )


def alive(standing: StandingRecord | None) -> str:
    """Return in per cent how likely the customer is to buy again; empty if that is not known."""
    return "" if standing is None or standing.p_alive is None else f"{standing.p_alive:.0%}"


def _no_worth(standing: StandingRecord | None, turn: TurnRecord | None) -> CannotTell:
    if turn is None:
        return CannotTell("No turn was made yet.", "One turn would decide it.", reverse("turns"), "Run a turn")
    reason = turn.summary.get("worth_reason")
    if reason:
        decides = turn.summary.get("worth_decides") or ""
        return CannotTell(str(reason), str(decides), reverse("loads"), "Load a file")
    if standing is None:
        return CannotTell(f"Turn {turn.number} saw no purchase of theirs.", "A first purchase and the next turn would.")
    return CannotTell("Their purchase history is not whole.", "All their orders, and the next turn, would decide it.")
