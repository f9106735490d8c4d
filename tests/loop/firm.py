"""A small firm for tests, made row by row: whole purchase histories from known BG/NBD parameters, and what was planted.

What `grown` plants: Slow delivers chairs, two of five late by some days; Swift delivers lamps on the day or before.
Chairs disappoint in comfort (expected about 8 of 10, experienced about 6); lamps are as bright as expected.
"""

import dataclasses
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import numpy as np

from eigenform.customers.models import Contact, Customer
from eigenform.ledger import feedback as ledger
from eigenform.marketing.models import Touch
from eigenform.offerings.models import Attribute, Offering, Promise
from eigenform.policy import actions as policy
from eigenform.policy.contracts import Document, Firm, Prior
from eigenform.records.scope import Scope
from eigenform.sales.models import Order, OrderLine
from eigenform.service.models import Answer
from eigenform.supply_chain.models import Delivery, Partner
from eigenform.value.lifetime import bg_nbd

SOURCE = "books"
AS_OF = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEADER = Scope(actor="a" * 32, may_read=True, may_decide=True, may_load=True, may_steer=True)
PLANTED = bg_nbd.Parameters(r=1.2, alpha_weeks=10.0, a=0.6, b=3.0)


@dataclass
class Books:
    """Writes facts as a load would have left them; every method returns the row."""

    numbers: Any = field(default_factory=lambda: count(1))
    source: str = SOURCE

    def _key(self, key: str | None, noun: str) -> str:
        return key or f"{noun}-{next(self.numbers)}"

    def customer(self, key: str | None = None, **fields: Any) -> Customer:
        key = self._key(key, "customer")
        fields = {"name": f"Name of {key}", "subject": subject(key), **fields}
        return Customer.objects.create(source=self.source, key=key, **fields)

    def offering(self, category: str, key: str | None = None, **fields: Any) -> Offering:
        key = self._key(key, "offering")
        return Offering.objects.create(source=self.source, key=key, category=category, **fields)

    def partner(self, key: str, **fields: Any) -> Partner:
        fields = {"name": f"Name of {key}", "subject": subject(key), **fields}
        return Partner.objects.create(source=self.source, key=key, **fields)

    def attribute(self, attribute: str, *, better: str, unit: str = "points", **fields: Any) -> Attribute:
        key = self._key(None, "attribute")
        return Attribute.objects.create(
            source=self.source, key=key, attribute=attribute, better=better, unit=unit, **fields
        )

    def order(
        self,
        customer: Customer | None,
        on: date,
        *lines: tuple[Offering | None, int] | tuple[Offering | None, int, str],
        key: str | None = None,
        state: str = "done",
        currency: str = "GBP",
        **fields: Any,
    ) -> Order:
        """Write an order; each line is (offering, amount in minor units) and its kind if it is no sale."""
        row = Order.objects.create(
            source=self.source,
            key=self._key(key, "order"),
            customer=customer,
            ordered_on=on,
            state=state,
            currency=currency,
            **fields,
        )
        for number, (offering, amount_minor, *kind) in enumerate(lines, start=1):
            OrderLine.objects.create(
                source=self.source,
                key=f"{row.key}/{number}",
                order=row,
                offering=offering,
                kind=kind[0] if kind else "sale",
                quantity=1 if amount_minor >= 0 else -1,
                unit_price=Decimal(abs(amount_minor)) / 100,
                amount_minor=amount_minor,
            )
        return row

    def promise(self, subject_key: str, attribute: str = "delivery", kind: str = "order", **fields: Any) -> Promise:
        """Write a promise: `level_on` a day, or `level` and `unit`."""
        if "level_on" in fields:
            fields = {"unit": "date", **fields}
        return Promise.objects.create(
            source=self.source,
            key=self._key(None, "promise"),
            subject_kind=kind,
            subject_key=subject_key,
            attribute=attribute,
            **fields,
        )

    def delivery(self, subject_key: str, attribute: str = "delivery", kind: str = "order", **fields: Any) -> Delivery:
        return Delivery.objects.create(
            source=self.source,
            key=self._key(None, "delivery"),
            subject_kind=kind,
            subject_key=subject_key,
            attribute=attribute,
            **fields,
        )

    def answer(self, customer: Customer | None, kind: str, score: float, on: date, **fields: Any) -> Answer:
        return Answer.objects.create(
            source=self.source,
            key=self._key(None, "answer"),
            customer=customer,
            kind=kind,
            score=score,
            answered_on=on,
            **{"attribute": "comfort", "scale_min": 0, "scale_max": 10, **fields},
        )

    def touch(self, customer: Customer, on: date, **fields: Any) -> Touch:
        return Touch.objects.create(
            source=self.source,
            key=self._key(None, "touch"),
            customer=customer,
            touched_on=on,
            **{"channel": "phone", **fields},
        )

    def loaded(self, **body: Any) -> int:
        """Write the load's entry, as `eigenform load` does."""
        body = {"source": self.source, "histories": "whole", "rows_read": 1, **body}
        return ledger.record_load(source=self.source, actor=LEADER.actor, happened_at=NOW, body=body)


def subject(key: str) -> str:
    """Return the id under which the ledger knows somebody: fixed here, so that chance falls alike in every run."""
    return hashlib.md5(key.encode()).hexdigest()


def adopt(*, reason: str = "As the test needs it.", **changes: Any) -> Document:
    """Put a policy in force: the defaults in pounds, with the parts given (`limits` etc. as dicts of changes)."""
    document = Document(firm=Firm(name="Testers", currency="GBP", zone="Europe/London"))
    for name, value in changes.items():
        old = getattr(document, name)
        new = dataclasses.replace(old, **value) if dataclasses.is_dataclass(old) else value
        document = dataclasses.replace(document, **{name: new})
    policy.adopt(document, author="Test", reason=reason, scope=LEADER, now=NOW)
    return document


def hopeful() -> dict[str, Prior]:
    """Return effects so large that contacting a customer of the small firm pays."""
    return {**Document().effects, "contact_customer": Prior(mean=0.2, sd=0.05)}


def grown(*, customers: int = 150, seed: int = 5, histories: str = "whole", asked: bool = True) -> Books:
    """Make the whole firm as the docstring above says, loaded once, and return its books. No policy is adopted."""
    books, rng = Books(), np.random.default_rng(seed)
    chair, lamp = books.offering("Chairs", "chair"), books.offering("Lamps", "lamp")
    slow, swift = books.partner("Slow"), books.partner("Swift")
    people = _people(customers)
    _dealings(people, {True: (chair, slow), False: (lamp, swift)}, rng)
    Contact.objects.create(
        source=SOURCE, key="contact-1", customer=people[0], name="Secret Person", email="secret@example.org"
    )
    if asked:
        _answers(people, chair, lamp, rng)
    books.touch(people[0], AS_OF - timedelta(days=3))
    books.loaded(histories=histories)
    return books


def _people(n: int) -> list[Customer]:
    segments = ("north", "south")
    Customer.objects.bulk_create(
        Customer(
            source=SOURCE, key=f"person-{i}", name=f"Hidden Name {i}", segment=segments[i % 2],
            subject=subject(f"person-{i}"),
        )
        for i in range(n)
    )  # fmt: skip
    return list(Customer.objects.order_by("pk"))


def _dealings(people: list[Customer], by_chair: dict[bool, tuple[Offering, Partner]], rng: np.random.Generator) -> None:
    age_days = rng.integers(120, 700, len(people))
    grown_up = bg_nbd.simulate(PLANTED, age_days / 7.0, rng)
    spend_minor = rng.gamma(6.0, 4000.0 / 6.0, len(people))
    days = {(i, int(age_days[i])) for i in range(len(people))}
    days |= {
        (int(i), int(age_days[i] - np.ceil(week * 7))) for i, week in zip(grown_up.customer, grown_up.week, strict=True)
    }
    orders, lines, promises, deliveries = [], [], [], []
    for number, (i, ago) in enumerate(sorted(days)):
        key, on = f"o-{number}", AS_OF - timedelta(days=ago)
        offering, partner = by_chair[bool(rng.random() < 0.5)]
        amount = round(spend_minor[i] * rng.gamma(6.0, 1.0 / 6.0)) + 1
        order = Order(source=SOURCE, key=key, customer=people[i], ordered_on=on, state="done", currency="GBP")
        orders.append(order)
        price = Decimal(amount) / 100
        lines.append((order, offering, amount, price))
        late = int(rng.integers(1, 9)) if partner.key == "Slow" and rng.random() < 0.4 else -int(rng.integers(0, 3))
        about = {"source": SOURCE, "subject_kind": "order", "subject_key": key, "attribute": "delivery"}
        promises.append(Promise(key=f"p-{number}", unit="date", level_on=on + timedelta(days=5), made_on=on, **about))
        came_on = on + timedelta(days=5 + late)
        if came_on <= AS_OF:
            deliveries.append(Delivery(key=f"d-{number}", partner=partner, delivered_on=came_on, **about))
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(
        OrderLine(
            source=SOURCE, key=f"{o.key}/1", order=o, offering=f, kind="sale", quantity=1,
            unit_price=price, amount_minor=amount,
        )
        for o, f, amount, price in lines
    )  # fmt: skip
    Promise.objects.bulk_create(promises)
    Answer.objects.bulk_create(
        Answer(
            source=SOURCE, key=f"s-{d.key}", customer=o.customer, subject_key=o.key, attribute="overall",
            kind="satisfaction", score=2.0 if d.delivered_on > o.ordered_on + timedelta(days=5) else 4.0 + n % 2,
            scale_min=1, scale_max=5, answered_on=min(d.delivered_on + timedelta(days=1), AS_OF),
        )
        for n, (o, d) in enumerate(zip(orders, deliveries, strict=False))
        if o.key == d.subject_key
    )  # fmt: skip
    Delivery.objects.bulk_create(deliveries)


def _answers(people: list[Customer], chair: Offering, lamp: Offering, rng: np.random.Generator) -> None:
    truth = {
        (chair.pk, "will"): 8.0,
        (chair.pk, "experience"): 6.0,
        (lamp.pk, "will"): 7.0,
        (lamp.pk, "experience"): 7.0,
    }
    rows = []
    for i, person in enumerate(people):
        kind, half = ("will", "first") if i % 2 else ("experience", "second")
        for offering, attribute in ((chair, "comfort"), (lamp, "brightness")):
            score = float(np.clip(rng.normal(truth[offering.pk, kind], 1.0), 0.0, 10.0))
            rows.append(
                Answer(
                    source=SOURCE, key=f"a-{i}-{attribute}", customer=person, offering=offering, attribute=attribute,
                    kind=kind, score=score, scale_min=0, scale_max=10, half=half, channel="email",
                    answered_on=AS_OF - timedelta(days=int(rng.integers(5, 300))),
                )
            )  # fmt: skip
    Answer.objects.bulk_create(rows)
