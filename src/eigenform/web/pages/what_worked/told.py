"""A turn's measurements as lines of a table: figures, or what is missing and what would decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from eigenform.ledger.contracts import TurnRecord
from eigenform.web.figures import Basis, CannotTell, Figure
from eigenform.web.pages import wording

METHODS = {"difference": "difference in means", "cuped": "CUPED", "doubly robust": "doubly robust"}
KINDS = {"campaign": "Campaign", "all": "Contacts", "plan": "Plan", "offer": "Offer", "segment": "Segment"}
EVERYBODY, OTHERS = "everybody", "all together; any other segment"
NO_SEGMENT = "no segment"
_SDS = 1.2815515655446004  # of a normal 80 % interval


@dataclass(frozen=True, slots=True)
class EffectLine:
    """One plan, offer, campaign or segment against its hold-out.

    margin, bought   per customer chosen, against those left alone
    in_all           margin of all who were chosen
    unsound          in words, if the arms do not look drawn as stated; else empty
    """

    scope: str
    kind: str
    name: str
    href: str
    margin: Figure | CannotTell
    bought: Figure | CannotTell
    in_all: Figure | CannotTell
    treated: int
    withheld: int
    when: str
    method: str
    decides: str
    unsound: str

    @property
    def is_clear(self) -> bool:
        """Whether the money's interval leaves zero out."""
        return isinstance(self.margin, Figure) and bool(self.margin.sense)


@dataclass(frozen=True, slots=True)
class LearntLine:
    """What is reckoned with: assumed, measured, and what came of both."""

    name: str
    segment: str
    assumed: Figure
    measured: Figure | CannotTell
    reckoned: Figure
    weight: str
    n: int


@dataclass(frozen=True, slots=True)
class Told:
    """Reads a turn's summary."""

    turn: TurnRecord

    @property
    def effects(self) -> Mapping[str, Any]:
        """What the turn measured; empty for turns that did not measure yet."""
        return self.turn.summary.get("effects") or {}

    @property
    def currency(self) -> str:
        return self.turn.summary.get("currency", "")

    @property
    def window_days(self) -> int:
        return int(self.effects.get("window_days") or 0)

    @property
    def basis(self) -> Basis:
        return Basis.SIMULATED if self.turn.summary.get("simulated") else Basis.MEASURED

    def lines(self, *scopes: str) -> list[EffectLine]:
        """Return the lines of these scopes, in the turn's order."""
        rows = self.effects.get("rows", ())
        bought = {(r["scope"], r["name"]): r for r in rows if r["outcome"] == "bought"}
        return [
            self._line(r, bought.get((r["scope"], r["name"]), r))
            for r in rows
            if r["outcome"] == "margin" and r["scope"] in scopes
        ]

    def segments(self, of: str) -> list[EffectLine]:
        """Return the segments of a campaign, or of our own contacts (empty name)."""
        return [line for line in self.lines("segment") if line.href == of]

    def learnt(self) -> list[LearntLine]:
        """Return what decisions are now reckoned with."""
        lines = self.effects.get("learnt", ())
        split = {x["key"] for x in lines if x["segment"]}
        return [self._learnt(x, everybody=OTHERS if x["key"] in split else EVERYBODY) for x in lines]

    def uplift(self, scope: str, name: str, outcome: str = "margin") -> Mapping[str, Any] | None:
        """Return the Qini curve of all contacts or of a campaign, if both arms were large enough."""
        wanted = (scope, name, outcome)
        found = self.effects.get("uplifts", ())
        return next((u for u in found if (u["scope"], u["name"], u["outcome"]) == wanted), None)

    def figure(self, row: Mapping[str, Any], *, times: float = 1.0) -> Figure | CannotTell:
        """Return a measured row as a figure, or why it cannot be told."""
        facts = row["facts"]
        if row["mean"] is None:
            return CannotTell(wording.sentence(facts.get("reason", "")), facts.get("decides") or "")
        times *= 100.0 if row["unit"] == "share" else 1.0  # a difference of shares is told in points
        return Figure(
            mean=row["mean"] * times,
            low=row["low"] * times,
            high=row["high"] * times,
            unit="points" if row["unit"] == "share" else row["unit"],
            n=row["treated"] + row["withheld"],
            age_days=max((self.turn.as_of - date.fromisoformat(facts["last_on"])).days - row["window_days"], 0),
            model_version=METHODS.get(row["method"], row["method"]),
            basis=self.basis,
            signed=True,
        )

    def _line(self, row: Mapping[str, Any], bought: Mapping[str, Any]) -> EffectLine:
        facts = row["facts"]
        name, href = self._name(row)
        return EffectLine(
            scope=row["scope"],
            kind=KINDS[row["scope"]],
            name=name,
            href=href,
            margin=self.figure(row),
            bought=self.figure(bought),
            in_all=self.figure(row, times=row["treated"]),
            treated=row["treated"],
            withheld=row["withheld"],
            when=_when(facts["first_on"], facts["last_on"]),
            method=METHODS.get(row["method"], ""),
            decides=facts.get("decides") or "",
            unsound="" if facts.get("is_sound", True) else _UNSOUND,
        )

    def _name(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """Return the name and the page about it; of a segment, instead of a page, whose segment it is."""
        name = row["name"]
        if row["scope"] == "plan":
            return f"Plan of turn {name}", reverse("turn", args=[int(name)])
        if row["scope"] == "segment":
            of, _, segment = name.rpartition("|")
            return segment or NO_SEGMENT, of
        if row["scope"] == "all":
            return "All contacts decided here", ""
        return (wording.KINDS.get(name, wording.plain(name)) if row["scope"] == "offer" else name), ""

    def _learnt(self, x: Mapping[str, Any], *, everybody: str) -> LearntLine:
        measured: Figure | CannotTell = CannotTell("Not measured yet.")
        if x["measured_mean"] is not None:
            measured = self._share(x["measured_mean"], x["measured_sd"], x["n"], self.basis)
        basis = self.basis if x["basis"] == "measured" else Basis.ASSUMED
        return LearntLine(
            name=wording.KINDS.get(x["key"], wording.plain(x["key"])),
            segment=x["segment"] or everybody,
            assumed=self._share(x["prior_mean"], x["prior_sd"], 0, Basis.ASSUMED),
            measured=measured,
            reckoned=self._share(x["mean"], x["sd"], x["n"], basis),
            weight=f"{100 * x['weight']:.0f} %",
            n=x["n"],
        )

    def _share(self, mean: float, sd: float, n: int, basis: Basis) -> Figure:
        model = "policy" if basis is Basis.ASSUMED else "measured against the hold-out"
        return Figure(mean, mean - _SDS * sd, mean + _SDS * sd, "share", n, 0, model, basis)


_UNSOUND = "The arms differ more than chance would let them: who was chosen was probably not drawn as stated."


def _when(first: str, last: str) -> str:
    one, other = (wording.day(date.fromisoformat(on)) for on in (first, last))
    return one if one == other else f"{one} to {other}"
