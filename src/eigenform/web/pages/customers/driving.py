"""What drives a customer's worth, in three facts, and how it was reckoned with this customer's numbers."""

from datetime import date

from django.urls import reverse

from eigenform.customers.contracts import StandingRecord
from eigenform.web.components import Fact
from eigenform.web.figures import CannotTell, Figure, format_value, shown_factor, supported_step
from eigenform.web.pages.customers.standings import Surroundings, expected_purchases, worth
from eigenform.web.pages.formula import Line
from eigenform.web.pages.wording import counted, day

_WEEKS_FROM_DAYS = 28  # a shorter span is told in days
_MONTHS_FROM_DAYS = 26 * 7
_NO_BREAK = "\N{NO-BREAK SPACE}"


def facts(standing: StandingRecord | None, around: Surroundings, *, href: str = "") -> tuple[Fact, ...]:
    """Return how lately against their own rhythm, how often, and for how much they buy; nothing of who never bought."""
    if standing is None or standing.last_order_on is None or not standing.purchase_days:
        return ()
    told = (_recency(standing, standing.last_order_on), _frequency(standing, around), _amount(standing, around))
    return tuple(Fact(text, href) for text in told if text)


def alive_text(standing: StandingRecord | None) -> str:
    """Return the chance that they are still a customer, and what it was if they are slipping away."""
    if standing is None or standing.p_alive is None:
        return ""
    now = chance(standing.p_alive)
    if standing.slipping_minor is None or standing.p_alive_before is None:
        return now
    return f"{chance(standing.p_alive_before)} → {now}"


def chance(p: float) -> str:
    """Return a chance in whole per cent; one that is not certain is never told as if it were."""
    return f"over 99{_NO_BREAK}%" if 0.99 < p < 1 else f"{100 * p:.0f}{_NO_BREAK}%"


def _recency(standing: StandingRecord, last_on: date) -> str:
    silent = span((standing.as_of - last_on).days)
    if standing.rhythm_days is None:
        return f"Bought once, {silent} ago."
    return f"Last bought {silent} ago; they used to buy every {span(standing.rhythm_days)}."


def _frequency(standing: StandingRecord, around: Surroundings) -> str:
    first = f" since {day(standing.first_order_on)}" if standing.first_order_on else ""
    made = f"{counted(standing.purchase_days, 'purchase')}{first}"
    more = expected_purchases(standing, around)
    if more is None:
        return f"{made}."
    low, high = more.low, more.high
    weeks = around.horizon_weeks
    over = f" over {weeks:g} weeks" if weeks else ""
    return f"{made}; {more.text} more expected{over} ({low:.0f} to {high:.0f})."


def _amount(standing: StandingRecord, around: Surroundings) -> str:
    each = amount_expected(standing, around)
    if each is None:
        return ""
    if standing.spend_minor is None:
        return f"{amount_text(each, around)} a purchase, as customers in general: of theirs only the first is known."
    days = counted(standing.purchase_days - 1, "purchase")
    return f"{amount_text(standing.spend_minor, around)} a purchase over {days} after the first."


def amount_expected(standing: StandingRecord, around: Surroundings) -> float | None:
    """Return the discounted amount per purchase that worth was reckoned with, in minor units."""
    if standing.worth_mean_minor is None or not standing.expected_purchases:
        return None
    return standing.worth_mean_minor / standing.expected_purchases


def lines(standing: StandingRecord | None, around: Surroundings) -> tuple[Line, ...]:
    """Return worth = purchases expected x amount, with the chance to be there inside; nothing where it is not told."""
    judged = worth(standing, around)
    if standing is None or standing.p_alive is None or isinstance(judged, CannotTell):
        return ()
    more, each = expected_purchases(standing, around), amount_expected(standing, around)
    if more is None or each is None:
        return ()
    model = around.worth_model
    there = more.mean / standing.p_alive if standing.p_alive else 0.0
    seen = amount_text(standing.spend_minor, around) if standing.spend_minor is not None else "not known"
    return (
        Line("Chance that they are still there", None, chance(standing.p_alive), f"{model}: how often, how lately"),
        Line("Purchases if they are", None, f"{there:.2f}", f"{model}: how often, over {around.horizon_weeks:g} weeks"),
        Line("Purchases expected", more, "", "chance × purchases if they are"),
        Line("Amount a purchase, discounted", None, amount_text(each, around), f"gamma-gamma: theirs was {seen}"),
        Line("Worth", judged, "", "purchases expected × amount"),
    )


def nothing_likely(judged: Figure | CannotTell, around: Surroundings) -> str:
    """Say what a mean above an interval of nothing means; empty for every other worth."""
    if isinstance(judged, CannotTell) or not judged.is_most_likely_nothing:
        return ""
    within = f" within {around.horizon_weeks:g} weeks" if around.horizon_weeks else ""
    return (
        f"Most likely nothing: no more than one in ten such customers is expected to buy again{within}; "
        f"the mean of all such customers is {judged.text}."
    )


def evidence(customer_id: int) -> str:
    """Return where a customer's orders can be seen."""
    return f"{reverse('customer', args=[customer_id])}?kind=orders"


def span(days: float) -> str:
    """Return a stretch of time as people say it: "3 days", "5 weeks", "8 months"."""
    if days >= _MONTHS_FROM_DAYS:
        return counted(round(days / 30.44), "month")
    if days >= _WEEKS_FROM_DAYS:
        return counted(round(days / 7), "week")
    return counted(round(days), "day")


def amount_text(amount_minor: float, around: Surroundings) -> str:
    """Return an amount to two digits, or to the unit below 10,000: it is a mean of few purchases."""
    shown = amount_minor * shown_factor(around.currency)
    return format_value(amount_minor, around.currency, step=supported_step(shown, shown, shown, digits_if_exact=2))
