"""What the last turn told of worth, as figures of one model, age and basis."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from eigenform.web.figures import Basis, CannotTell, Figure
from eigenform.web.pages import summary
from eigenform.web.pages.customers.standings import Surroundings


@dataclass(frozen=True, slots=True)
class Told:
    """A turn's report on worth; `report` is empty if it made none."""

    around: Surroundings
    report: Mapping[str, Any]

    @property
    def currency(self) -> str:
        return self.around.currency

    @property
    def customers(self) -> int:
        """How many customers were judged."""
        return int(self.base.get("n", 0))

    @property
    def base(self) -> Mapping[str, Any]:
        return (self.around.turn.summary.get("worth") if self.around.turn else None) or {}

    @property
    def weeks(self) -> int:
        return round(self.base.get("horizon_weeks", 0))

    def figure(self, told: Mapping[str, float], unit: str, *, n: int) -> Figure:
        """Return an interval of the report as a figure."""
        turn = self.around.turn
        return Figure(
            mean=told["mean"],
            low=told["low"],
            high=told["high"],
            unit=unit,
            n=n,
            age_days=0,
            model_version=turn.model_version if turn else "",
            basis=Basis.SIMULATED if self.around.simulated else Basis.MEASURED,
        )

    def money(self, told: Mapping[str, float], *, n: int) -> Figure:
        """Return an interval of money, in minor units, as a figure."""
        return self.figure(told, self.currency, n=n)

    def csv_href(self, part: str) -> str:
        """Return where the numbers behind a chart can be fetched."""
        return reverse("worth-csv", args=[self.around.turn.number, part]) if self.around.turn else ""


def told_by(around: Surroundings) -> Told | CannotTell:
    """Return what the last turn told, or why nothing can be told and what would decide it."""
    turn = around.turn
    if turn is None:
        return CannotTell("No turn was made yet.", "One turn would decide it.", reverse("turns"), "Run a turn")
    base = summary.worth(turn)
    if isinstance(base, CannotTell):
        return base
    report = turn.summary.get("worth_report")
    if not report:
        why = f"Turn {turn.number} was made before turns reported on worth."
        return CannotTell(why, "The next turn will tell.", reverse("turns"), "Run a turn")
    return Told(around, report)
