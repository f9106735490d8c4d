"""One customer: their worth, where we let them down, what we decided, and everything that happened, on one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from eigenform.coordination import queries as coordination
from eigenform.coordination.contracts import EVENT_KINDS, BoughtCategory
from eigenform.customers import queries as customers
from eigenform.customers.contracts import ContactRecord, CustomerRecord, IdentifierRecord, StandingRecord
from eigenform.ledger import queries as ledger
from eigenform.offerings import queries as offerings
from eigenform.records.places import place_from
from eigenform.records.scope import Scope
from eigenform.web.components import Chip, Fact, TimelineEntry
from eigenform.web.figures import CannotTell, Figure
from eigenform.web.pages import wording
from eigenform.web.pages.cards import gain, today
from eigenform.web.pages.customers import consent, driving
from eigenform.web.pages.customers.events import GROUPS, entry, kinds_of
from eigenform.web.pages.customers.standings import Surroundings, surroundings, worth
from eigenform.web.pages.formula import Line
from eigenform.web.pages.gap_figures import QUANTITIES, GapRow, Reading, by_exposed_money, gap_row, on_scales
from eigenform.web.pages.rendering import Page, show, signed_in

EVENTS_SHOWN = 30
DECISIONS_SHOWN = 8
GAPS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision about the customer: what, why, what became of it."""

    href: str
    kind: str
    because: str
    state: str
    as_of: date
    gain: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePart:
    """What the timeline shows: also all that is fetched when somebody asks for older events."""

    entries: tuple[TimelineEntry, ...]
    kinds: tuple[Chip, ...]
    older_href: str
    is_older: bool
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage(Page):
    """All that customers/detail.html may show."""

    customer: CustomerRecord
    sentence: str
    standing: StandingRecord | None
    promised: int
    worth: Figure | CannotTell
    worth_label: str
    nothing_likely: str
    drives: tuple[Fact, ...]
    formula: tuple[Line, ...]
    alive: str
    currency: str
    gaps: tuple[GapRow, ...]
    gaps_reason: CannotTell
    decisions: tuple[DecisionRow, ...]
    timeline: TimelinePart
    contacts: tuple[ContactRecord, ...]
    identifiers: tuple[IdentifierRecord, ...]
    bought: tuple[BoughtCategory, ...]
    consents: tuple[consent.ConsentRow, ...]
    consent_href: str
    erase_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderPage(Page):
    """The part of customers/detail.html that older events are taken from."""

    fragments: ClassVar = frozenset({"timeline"})

    timeline: TimelinePart


@require_GET
@signed_in
def detail(request: HttpRequest, customer_id: int, *, scope: Scope) -> HttpResponse:
    """Show one customer, or only older events to htmx."""
    customer = customers.by_id(customer_id)
    around = surroundings()
    timeline = _timeline(request, customer, around)
    htmx = getattr(request, "htmx", None)
    if htmx and htmx.target == "timeline":
        return show(request, "customers/detail.html", OlderPage(timeline=timeline))
    standing = customers.standing_of(customer_id)
    bought = coordination.bought(customer_id, currency=around.currency)
    gaps = _gaps(customer, bought, around)
    judged = worth(standing, around)
    page = CustomerPage(
        customer=customer,
        sentence=_sentence(customer, standing, around),
        standing=standing,
        promised=standing.promises_kept + standing.promises_broken if standing else 0,
        worth=judged,
        worth_label=around.worth_label,
        nothing_likely=driving.nothing_likely(judged, around),
        drives=driving.facts(standing, around, href=driving.evidence(customer_id)),
        formula=driving.lines(standing, around),
        alive=driving.alive_text(standing),
        currency=around.currency,
        gaps=gaps,
        gaps_reason=_no_gaps(bought, around),
        decisions=_decisions(customer, around),
        timeline=timeline,
        contacts=tuple(customers.contacts_of(customer_id)),
        identifiers=tuple(customers.identifiers_of(customer_id)),
        bought=tuple(bought),
        consents=consent.rows(customer_id),
        consent_href=reverse("customer-consent", args=[customer_id]) if scope.may_decide else "",
        erase_href=reverse("customer-erase", args=[customer_id]) if scope.may_steer else "",
    )
    return show(request, "customers/detail.html", page)


def _sentence(customer: CustomerRecord, standing: StandingRecord | None, around: Surroundings) -> str:
    what = "An organisation" if customer.kind == "organisation" else "A person"
    where = ", ".join(part for part in (customer.segment, customer.country) if part)
    first = f"{what}{f' in {where}' if where else ''}."
    if standing is None:
        told = "No turn was made yet." if around.turn is None else "The last turn saw no purchase of theirs."
        return f"{first} {told}"
    last = f", the last on {wording.day(standing.last_order_on)}" if standing.last_order_on else ""
    orders = f"{wording.counted(standing.orders_count, 'order')}{last}."
    return f"{first} {orders}{_promises(standing)}"


def _promises(standing: StandingRecord) -> str:
    broken, closed = standing.promises_broken, standing.promises_kept + standing.promises_broken
    if not closed:
        return ""
    if not broken:
        all_of_them = {1: "the one promise", 2: "both promises"}.get(closed, f"all {closed:,} promises")
        return f" We kept {all_of_them} that came due."
    return f" We broke {broken:,} of {wording.counted(closed, 'promise')} that came due."


def _timeline(request: HttpRequest, customer: CustomerRecord, around: Surroundings) -> TimelinePart:
    now = timezone.now()
    as_of = around.as_of or today(now, around.zone)
    group, before = request.GET.get("kind", ""), place_from(request.GET.get("before", ""))
    kinds = kinds_of(group)
    found = coordination.timeline(
        customer.id, customer.subject, as_of=as_of, kinds=kinds or EVENT_KINDS, before=before, limit=EVENTS_SHOWN
    )
    path = reverse("customer", args=[customer.id])
    kept = {"kind": group} if kinds else {}
    older = f"{path}?{urlencode(kept | {'before': found.older.text()})}" if found.older else ""
    chips = tuple(
        Chip(label, path if name == group else f"{path}?{urlencode({'kind': name})}", name == group)
        for name, label, _kinds in GROUPS
    )
    return TimelinePart(
        entries=tuple(entry(event) for event in found.events),
        kinds=chips,
        older_href=older,
        is_older=before is not None,
        as_of=as_of,
    )


def _gaps(customer: CustomerRecord, bought: Sequence[BoughtCategory], around: Surroundings) -> tuple[GapRow, ...]:
    """Return the gaps of what they buy: those of their segment where there are such, else of all customers."""
    if around.turn is None or not bought:
        return ()
    attributes = {*offerings.attribute_names(), *(c.get("attribute", "") for c in around.turn.summary.get("cells", ()))}
    segments = dict.fromkeys((customer.segment, ""))
    subjects = [f"attribute:{b.category}|{a}|{s}" for b in bought for a in sorted(attributes) for s in segments]
    found = ledger.estimates_latest(quantities=QUANTITIES, subjects=subjects)
    reading = Reading(around.turn.as_of, around.currency, around.simulated)
    rows = {}
    for subject in subjects:
        for quantity in QUANTITIES:
            row = found.get((subject, quantity))
            if row is not None:
                rows.setdefault((subject.rpartition("|")[0], quantity), gap_row(row, reading))
    return on_scales(sorted(rows.values(), key=by_exposed_money)[:GAPS_SHOWN])


def _no_gaps(bought: Sequence[BoughtCategory], around: Surroundings) -> CannotTell:
    if around.turn is None:
        return CannotTell("No turn was made yet.", "One turn would decide it.", reverse("turns"), "Run a turn")
    if not bought:
        return CannotTell("We know no offering that they bought.", "Order lines that name offerings would decide it.")
    return CannotTell("Nothing was promised or asked about what they buy.", "Promises with deliveries would decide it.")


def _decisions(customer: CustomerRecord, around: Surroundings) -> tuple[DecisionRow, ...]:
    found = ledger.decisions_about(customer.subject, limit=DECISIONS_SHOWN)
    as_of = around.as_of or date.min
    return tuple(
        DecisionRow(
            href=reverse("decision", args=[d.seq]),
            kind=wording.KINDS.get(d.kind, d.kind),
            because=" ".join(d.because),
            state=wording.STATES.get(d.state, d.state),
            as_of=d.as_of,
            gain=gain(d, around.currency, as_of=as_of),
        )
        for d in found
    )
