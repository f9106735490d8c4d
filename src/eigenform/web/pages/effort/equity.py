"""Winning against keeping: a form that the address bar holds, the best split, and what each spend would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms

from eigenform.base.money import from_minor, to_minor
from eigenform.control.decisions.winning import ImpossibleEquity, Observed, WinningAndKeeping, winning_and_keeping
from eigenform.ledger.contracts import TurnRecord
from eigenform.policy.contracts import Document
from eigenform.web.components import Chart, Point, Series
from eigenform.web.figures import CannotTell, format_money, shown_factor

_PER_CENT = 100.0
_AMOUNT_MOST = 1e9  # main units: beyond it a number is a slip of the hand, and curves overflow
_AXIS: dict[str, Any] = {"kind": "line_band", "y_label": "worth"}
_NAMES = {
    "margin": "what a customer brings in a year",
    "discount": "the discount",
    "win_spend": "what you spend to win a prospect",
    "win_share": "how many that wins",
    "win_ceiling": "how many could be won at most",
    "keep_spend": "what you spend to keep a customer",
    "keep_share": "how many that keeps",
    "keep_ceiling": "how many could be kept at most",
}


def _amount(label: str, *, least: float, help_text: str = "") -> forms.FloatField:
    most = f"At most {_AMOUNT_MOST:,.0f}."
    return forms.FloatField(
        label=label,
        min_value=least,
        max_value=_AMOUNT_MOST,
        required=False,
        help_text=help_text,
        error_messages={"max_value": most},
    )


class EquityForm(forms.Form):
    """What is known of winning and keeping; money in main units, shares in per cent."""

    margin = _amount(
        "Margin of a customer and year", least=0.01, help_text="Of one who is still a customer; filled in, it is about."
    )
    discount = forms.FloatField(label="Discount, % a year", min_value=0.1, max_value=100, required=False)
    win_spend = _amount("Spent to win a prospect", least=0.0001)
    win_share = forms.FloatField(label="That wins, %", min_value=0.001, max_value=100, required=False)
    win_ceiling = forms.FloatField(label="At most to be won, %", min_value=0.01, max_value=100, required=False)
    keep_spend = _amount("Spent a year to keep a customer", least=0.0001)
    keep_share = forms.FloatField(label="That keeps, %", min_value=0.001, max_value=100, required=False)
    keep_ceiling = forms.FloatField(label="At most to be kept, %", min_value=0.01, max_value=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs |= {"step": "any", "class": "form-control"}


@dataclass(frozen=True, slots=True)
class Equity:
    """The form, the answer or what is missing for one, and the charts."""

    form: EquityForm
    answer: str
    advice: str
    missing: CannotTell | None
    keeping: Chart | None
    winning: Chart | None


def starting(turn: TurnRecord | None, document: Document) -> dict[str, float]:
    """Return what is known already: the discount of the policy, and about what a customer who is still there brings.

    The formula takes losses off itself: worth is therefore shared among those still there, not among all. Revenue is
    no margin, so where only revenue is known the margin is left open.
    """
    known = {"discount": round(_PER_CENT * document.discount_per_year, 4)}
    worth = (turn.summary.get("worth") or {}) if turn else {}
    report = (turn.summary.get("worth_report") or {}) if turn else {}
    alive, weeks = (report.get("alive") or {}).get("mean"), worth.get("horizon_weeks")
    if turn and alive and weeks and worth.get("basis") != "revenue":
        a_year_minor = worth["mean"] / alive * 52 / weeks
        known["margin"] = float(from_minor(a_year_minor, turn.summary.get("currency") or document.firm.currency))
    return known


def equity(given: Mapping[str, Any], start: Mapping[str, float], currency: str, csv_href: str) -> Equity:
    """Return the split for what the address says, else for what is known already."""
    form = EquityForm({**start, **{name: given[name] for name in _NAMES if given.get(name)}})
    if not form.is_valid():
        return _without(form, CannotTell("A number in the form cannot be meant.", "Mend what is marked."))
    values = form.cleaned_data
    missing = [words for name, words in _NAMES.items() if values[name] is None]
    if missing:
        wanted = f"It needs {', '.join(missing[:-1])}{' and ' if len(missing) > 1 else ''}{missing[-1]}."
        return _without(form, CannotTell("How much to spend on winning and on keeping is not known.", wanted))
    try:
        found = split_of(values)
    except ImpossibleEquity as refusal:
        return _without(form, CannotTell(str(refusal), "Mend the form."))
    href = f"{csv_href}?{urlencode({name: values[name] for name in _NAMES})}"
    return _told(form, found, currency, values, href)


def split_of(values: Mapping[str, float]) -> WinningAndKeeping:
    """Return the best split for cleaned values. Raises ImpossibleEquity."""
    win, keep = (
        Observed(values[f"{what}_spend"], values[f"{what}_share"] / _PER_CENT, values[f"{what}_ceiling"] / _PER_CENT)
        for what in ("win", "keep")
    )
    return winning_and_keeping(margin=values["margin"], discount=values["discount"] / _PER_CENT, win=win, keep=keep)


def _without(form: EquityForm, missing: CannotTell) -> Equity:
    return Equity(form, "", "", missing, None, None)


def _told(
    form: EquityForm, found: WinningAndKeeping, currency: str, values: Mapping[str, float], csv_href: str
) -> Equity:
    best = found.best

    def money(amount: float) -> str:
        return format_money(to_minor(Decimal(str(amount)), currency), currency)

    answer = (
        f"Spend {money(best.win_spend)} on each prospect, which wins {best.win_share:.0%}, and "
        f"{money(best.keep_spend)} a year on each customer, which keeps {best.keep_share:.0%}: "
        f"a customer won is then worth {money(best.customer_value)}, a prospect {money(best.equity)}."
    )
    advice = (
        f"{_advice('winning', values['win_spend'], best.win_spend, money)} "
        f"{_advice('keeping', values['keep_spend'], best.keep_spend, money)} "
        f"Who counts only the first year's margin would spend {money(best.win_spend_first_margin)} on winning."
    )
    keeping = Chart(
        id="equity-keeping",
        title="What a customer won is worth, by what is spent on keeping them",
        sentence=f"It is largest at {money(best.keep_spend)}: {money(best.customer_value)}.",
        x_label=f"spent on keeping a year, {currency or 'main units'}",
        series=_lines(found.keeping, best.keep_spend, best.customer_value, currency),
        csv_href=csv_href.replace("PART", "keeping"),
        **_AXIS,
        y_currency=currency,
    )
    winning = Chart(
        id="equity-winning",
        title="What a prospect is worth, by what is spent on winning them",
        sentence=f"It is largest at {money(best.win_spend)}: {money(best.equity)}.",
        x_label=f"spent on winning a prospect, {currency or 'main units'}",
        series=_lines(found.winning, best.win_spend, best.equity, currency),
        csv_href=csv_href.replace("PART", "winning"),
        **_AXIS,
        y_currency=currency,
    )
    return Equity(form, answer, advice, None, keeping, winning)


def _advice(what: str, now: float, best: float, money: Any) -> str:
    if abs(now - best) < 0.05 * max(now, best):
        return f"On {what} you spend about what is best."
    return f"On {what} you spend {money(now)}: {'less' if now < best else 'more'} than is best."


def _lines(points: tuple[tuple[float, float], ...], spend: float, worth: float, currency: str) -> tuple[Series, ...]:
    """Return the curve, and the best as a point of its own; worth as stored, in minor units."""
    factor = shown_factor(currency)
    return (
        Series("worth", tuple(Point(round(at, 4), value / factor) for at, value in points)),
        Series("best", (Point(round(spend, 4), worth / factor),)),
    )
