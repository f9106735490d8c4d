"""The page Worth: the answer in words, the charts, who is slipping away, and why the model in use is in use."""

from dataclasses import dataclass
from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from eigenform.customers import queries as customers
from eigenform.customers.contracts import CustomerFilter, CustomerRow
from eigenform.records.places import place_from
from eigenform.records.scope import Scope
from eigenform.web.components import Chart, Fact, Pager
from eigenform.web.figures import CannotTell, Figure, Scale, common_scale, format_value
from eigenform.web.pages.customers import driving
from eigenform.web.pages.customers.standings import Surroundings, surroundings, worth
from eigenform.web.pages.rendering import Page, show, signed_in
from eigenform.web.pages.wording import counted, day
from eigenform.web.pages.worth import charts
from eigenform.web.pages.worth.told import Told, told_by
from eigenform.web.pages.worth.trial import NAMES, Trial, trial

ROWS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class CohortRow:
    """Customers who came in one quarter."""

    name: str
    customers: int
    alive: Figure
    worth: Figure


@dataclass(frozen=True, slots=True)
class SlippingRow:
    """A customer who is slipping away: how sure that they are there, was and is; worth, what is lost, and why."""

    href: str
    name: str
    alive: str
    worth: Figure | CannotTell
    lost: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoWorthPage(Page):
    """All that worth/cannot_tell.html may show."""

    reason: CannotTell
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthPage(Page):
    """All that worth/worth.html may show."""

    fragments: ClassVar = frozenset({"slipping"})

    sentence: str
    worth_label: str
    base: Figure
    alive: Figure
    top: Figure
    slipping: Figure
    slipping_count: int
    customers_count: int
    currency: str
    spread: Chart
    concentration: Chart | None
    cohorts_chart: Chart | None
    cohorts: tuple[CohortRow, ...]
    cohorts_scale: Scale
    rows: tuple[SlippingRow, ...]
    rows_scale: Scale
    pager: Pager
    trial: Trial | None
    model: str
    because: str
    models_csv: str
    model_version: str
    weeks: int


@require_GET
@signed_in
def index(request: HttpRequest, *, scope: Scope) -> HttpResponse:
    """Show what the base is worth after the last turn."""
    around = surroundings()
    told = told_by(around)
    if isinstance(told, CannotTell):
        page = NoWorthPage(reason=told, sentence="What your customers will bring, and how sure that is.")
        return show(request, "worth/cannot_tell.html", page)
    return show(request, "worth/worth.html", _page(told, around, scope, at=request.GET.get("at", "")))


def _page(told: Told, around: Surroundings, scope: Scope, *, at: str) -> WorthPage:
    wanted = CustomerFilter(slipping=True, sort="slipping")
    found = customers.listed(wanted, scope=scope, place=place_from(at), size=ROWS_SHOWN)
    rows = tuple(_slipping_row(row, around) for row in found.rows)
    report, n = told.report, told.customers
    slips = report["slipping"]
    base, top = told.money(told.base, n=n), told.figure(report["top_tenth"], "share", n=n)
    slipping = told.money(slips["worth_minor"], n=slips["customers"])
    cohorts = _cohorts(told)
    return WorthPage(
        sentence=_sentence(told, base, top, slipping),
        worth_label=around.worth_label,
        base=base,
        alive=_share(told, report["alive"], n),
        top=top,
        slipping=slipping,
        slipping_count=slips["customers"],
        customers_count=n,
        currency=told.currency,
        spread=charts.distribution(told),
        concentration=charts.concentration(told),
        cohorts_chart=charts.cohorts(told),
        cohorts=cohorts,
        cohorts_scale=common_scale(row.worth for row in cohorts),
        rows=rows,
        rows_scale=common_scale(row.worth for row in rows),
        pager=Pager(
            f"{counted(len(rows), 'customer')} of {slips['customers']:,}",
            f"?at={found.previous.text()}#slipping" if found.previous else "",
            f"?at={found.next.text()}#slipping" if found.next else "",
        ),
        trial=trial(told),
        model=NAMES.get(report["model"], report["model"]),
        because=report["because"],
        models_csv=told.csv_href("models"),
        model_version=base.model_version,
        weeks=told.weeks,
    )


def _sentence(told: Told, base: Figure, top: Figure, slipping: Figure) -> str:
    turn = told.around.turn
    one = told.customers == 1
    parts = [
        f"{counted(told.customers, 'customer')} {'is' if one else 'are'} worth {base.text} over {told.weeks} weeks "
        f"(80 % interval {base.interval_text}); the best 10 % hold {top.text}.",
        _slipping_words(told.report["slipping"]["customers"], slipping),
        f"Turn {turn.number}, as of {day(turn.as_of)}." if turn else "",
    ]
    return " ".join(part for part in parts if part)


def _slipping_words(customers_count: int, worth_left: Figure) -> str:
    if not customers_count:
        return "Nobody is slipping away."
    verb = "is" if customers_count == 1 else "are"
    return f"{counted(customers_count, 'customer')} worth {worth_left.text} {verb} slipping away."


def _cohorts(told: Told) -> tuple[CohortRow, ...]:
    return tuple(
        CohortRow(
            name=c["name"],
            customers=c["customers"],
            alive=_share(told, c["alive"], c["customers"]),
            worth=told.money(c["worth_minor"], n=c["customers"]),
        )
        for c in told.report["cohorts"]
    )


def _share(told: Told, customers_alive: dict[str, float], of: int) -> Figure:
    return told.figure({name: n / max(of, 1) for name, n in customers_alive.items()}, "share", n=of)


def _lost(minor: float, judged: Figure | CannotTell) -> str:
    """Return what silence took off a worth, with no more digits than the worth itself has."""
    if isinstance(judged, CannotTell):
        return ""
    return format_value(minor, judged.unit, step=judged.step, largest=max(minor, judged.high))


def _slipping_row(row: CustomerRow, around: Surroundings) -> SlippingRow:
    standing, judged = row.standing, worth(row.standing, around)
    return SlippingRow(
        href=reverse("customer", args=[row.customer.id]),
        name=row.customer.name,
        alive=driving.alive_text(standing),
        worth=judged,
        lost=_lost(standing.slipping_minor or 0.0, judged) if standing else "",
        facts=driving.facts(standing, around),
    )
