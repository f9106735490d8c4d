"""What a dry run would decide, and whether a replay decided the same: read from a turn's JSON answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from eigenform.base.money import to_minor
from eigenform.ledger.contracts import DecisionRecord
from eigenform.web.figures import Basis, Figure, format_money
from eigenform.web.pages import wording
from eigenform.web.pages.wording import Name

Answered = Mapping[str, Any]
_KEPT_OF_TURN = ("turn", "as_of", "seed", "policy_version")
_KEPT_OF_DECISION = ("kind", "subject_id", "because", "basis", "expected_gain", "cost", "held_out")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision that would be made."""

    kind: str
    name: Name
    because: str
    gain: Figure
    cost: str
    held_out: str


def kept(answer: Answered, *, with_decisions: bool) -> dict[str, Any]:
    """Return what the pages need of a turn's answer, without names and source keys: it outlives a person's erasure."""
    told = {name: answer[name] for name in _KEPT_OF_TURN if name in answer}
    decisions = answer["decisions"] if with_decisions else ()
    return told | {"decisions": [_kept_decision(d) for d in decisions]}


def _kept_decision(d: Answered) -> Answered:
    return {name: d[name] for name in _KEPT_OF_DECISION} | {"facts": {"n": d["facts"].get("n")}}


def of(answered: Sequence[Answered]) -> tuple[Proposal, ...]:
    """Return the decisions of an answer in its order, the largest net gain first."""
    names = wording.names_of(d["subject_id"] for d in answered)
    return tuple(_proposal(d, names[d["subject_id"]]) for d in answered)


def _proposal(d: Answered, name: Name) -> Proposal:
    currency = d["expected_gain"]["unit"]
    held_out = {True: wording.HELD_OUT, False: wording.NOT_HELD_OUT, None: wording.NOBODY}[d["held_out"]]
    return Proposal(
        kind=wording.KINDS.get(d["kind"], d["kind"]),
        name=name,
        because=d["because"],
        gain=Figure(
            **{end: float(_minor(d["expected_gain"][end], currency)) for end in ("mean", "low", "high")},
            unit=currency,
            n=int(d["facts"].get("n") or 0),
            age_days=0,
            model_version="dry run",
            basis=Basis.ASSUMED if d["basis"] == "assumed" else Basis.MEASURED,
        ),
        cost=format_money(_minor(d["cost"], currency), currency),
        held_out=held_out,
    )


def _minor(amount: float, currency: str) -> int:
    return to_minor(Decimal(str(amount)), currency)


def differences(made: Sequence[DecisionRecord], answered: Sequence[Answered]) -> tuple[str, ...]:
    """Return in words what a replay decided otherwise than the ledger holds; empty if it is the same."""
    before = {(d.kind, d.subject): _essence(d) for d in made}
    after = {(d["kind"], d["subject_id"]): _essence_of_answer(d) for d in answered}
    names = wording.names_of(subject for _kind, subject in before.keys() ^ after.keys())
    gone = [f"Not decided again: {_said(key, names)}." for key in before if key not in after]
    new = [f"Decided only now: {_said(key, names)}." for key in after if key not in before]
    other = [
        f"Decided otherwise: entry {d.seq}."
        for d in made
        if after.get((d.kind, d.subject), before[(d.kind, d.subject)]) != before[(d.kind, d.subject)]
    ]
    return (*gone, *new, *other)


def _said(key: tuple[str, str], names: Mapping[str, Name]) -> str:
    return f"{wording.KINDS.get(key[0], key[0]).lower()}, {names[key[1]].text}"


def _essence(d: DecisionRecord) -> tuple[object, ...]:
    return (
        " ".join(d.because),
        d.basis,
        d.held_out,
        d.cost_minor,
        round(d.gain.mean),
        round(d.gain.low),
        round(d.gain.high),
    )


def _essence_of_answer(d: Answered) -> tuple[object, ...]:
    currency, gain = d["expected_gain"]["unit"], d["expected_gain"]
    ends = (_minor(gain[end], currency) for end in ("mean", "low", "high"))
    return (d["because"], d["basis"], d["held_out"], _minor(d["cost"], currency), *ends)
