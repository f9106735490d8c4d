"""How a decision's expected gain was reckoned, with this case's numbers filled in."""

from dataclasses import dataclass, replace

from eigenform.ledger.contracts import DecisionRecord
from eigenform.policy.contracts import Document, Prior
from eigenform.web.figures import Basis, Figure, format_money
from eigenform.web.pages import wording

_STAKES = {
    "contact_customer": "what the customer is worth",
    "change_attribute": "the money exposed to this shortfall",
    "talk_to_partner": "the money exposed to this partner's shortfall",
}
_Z_80 = 1.2815515594457  # 80 % of a normal distribution lie within so many standard deviations of its mean


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity of the formula: its name, its value (an estimate or words), and where that comes from."""

    name: str
    figure: Figure | None
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Formula:
    """gain = effect x stake, then net of cost."""

    sentence: str
    lines: tuple[Line, ...]


def of(d: DecisionRecord, gain: Figure, document: Document) -> Formula:
    """Return the formula of a decision under the policy version that it was taken under."""
    stake = _STAKES.get(d.kind, "what is at stake")
    net = replace(gain, mean=gain.mean - d.cost_minor, low=gain.low - d.cost_minor, high=gain.high - d.cost_minor)
    lines = (
        _effect(d, gain, document.effects.get(d.kind)),
        _at_stake(d, gain, stake),
        Line("Expected gain", gain, "", "effect × what is at stake"),
        Line("Cost", None, format_money(d.cost_minor, gain.unit), f"policy version {d.policy_version}"),
        Line("Gain after cost", net, "", "what decisions are ranked by"),
    )
    return Formula(
        f"Expected gain = effect of the action × {stake}. It is worth doing if that is more than the cost.", lines
    )


def _effect(d: DecisionRecord, gain: Figure, prior: Prior | None) -> Line:
    name, kept = "Effect of the action", d.facts.get("effect")
    if not kept:
        return Line(name, None, "not kept", "")
    mean, sd = kept
    is_assumed = d.basis == "assumed"
    version = f"policy {d.policy_version}" if is_assumed else "hold-out"
    figure = replace(
        gain, mean=mean, low=mean - _Z_80 * sd, high=mean + _Z_80 * sd, unit="share", n=0, model_version=version
    )
    if not is_assumed:
        return Line(name, figure, "", wording.MEASURED)
    said = wording.NOT_MEASURED
    return Line(name, figure, "", f"{said}. {prior.reason} ({prior.author})" if prior else said)


def _at_stake(d: DecisionRecord, gain: Figure, stake: str) -> Line:
    name, kept = f"At stake: {stake}", d.facts.get("worth_minor") or d.facts.get("exposed_minor")
    if not kept:
        return Line(name, None, "not kept", f"model {d.model_version}")
    mean, low, high = kept
    figure = replace(gain, mean=mean, low=low, high=high, basis=Basis.MEASURED)
    return Line(name, figure, "", wording.counted(gain.n, "reading") if gain.n else f"model {d.model_version}")
