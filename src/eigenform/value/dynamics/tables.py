"""What the firm's own programs would export: catalogue, orders, lines, deliveries and survey, column by column."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.dynamics import firm
from eigenform.value.dynamics.answers import HALVES, KINDS, SATISFACTION, WILL, Answers, Asked
from eigenform.value.dynamics.deliveries import Deliveries
from eigenform.value.dynamics.plan import Plan
from eigenform.value.dynamics.purchases import Purchases

Table = Mapping[str, np.ndarray]

ASKED_AFTER_DAYS: Final = 7
SECOND_LINE_SHARE: Final = 0.25  # of the orders have a second line, with SECOND_LINE_AMOUNT of the amount
SECOND_LINE_AMOUNT: Final = 0.3


def order_day(plan: Plan, bought: Purchases) -> IntArray:
    """Return the day of each purchase, from the start of the world."""
    return np.minimum((bought.week * 7.0).astype(np.int64), plan.days)


def catalogue() -> dict[str, Table]:
    """Return products, the qualities that customers are asked about, and the partners who deliver."""
    products, qualities = firm.PRODUCTS, firm.QUALITIES
    return {
        "products": {
            "product_no": np.array([p.number for p in products]),
            "name": np.array([p.name for p in products]),
            "category": np.array([p.category for p in products]),
            "list_price": np.array([p.list_price for p in products]),
        },
        "qualities": {
            "category": np.array([q.category for q in qualities]),
            "quality": np.array([q.name for q in qualities]),
            "unit": np.full(len(qualities), "points"),
            "better": np.array([q.better for q in qualities]),
            "scale_min": np.full(len(qualities), firm.SCALE_MIN),
            "scale_max": np.full(len(qualities), firm.SCALE_MAX),
        },
        "carriers": {
            "carrier_no": np.array([f"F{number}" for number in range(1, len(firm.PARTNERS) + 1)]),
            "name": np.array(firm.PARTNERS),
            "service": np.full(len(firm.PARTNERS), "carrier"),
            "country": np.full(len(firm.PARTNERS), "GB"),
        },
    }


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """Orders with their main line, one entry each, shape (m,), in the order of their dates."""

    plan: Plan
    bought: Purchases
    number: np.ndarray
    customer_no: np.ndarray
    day: IntArray
    channel: np.ndarray
    is_withdrawn: BoolArray
    is_returned: BoolArray
    product: IntArray
    amount: FloatArray
    second_product: IntArray  # -1: none
    delivered: Deliveries

    @classmethod
    def build(
        cls,
        plan: Plan,
        bought: Purchases,
        category: IntArray,
        customer_keys: np.ndarray,
        *,
        delivered: Deliveries,
        is_withdrawn: BoolArray,
        rng: np.random.Generator,
    ) -> "Orders":
        """Give each purchase a number, a channel and products that suit its amount."""
        m, day = len(bought.customer), order_day(plan, bought)
        rank = np.empty(m, np.int64)
        rank[np.argsort(day, kind="stable")] = np.arange(1, m + 1)
        has_second = rng.random(m) < SECOND_LINE_SHARE
        share = np.where(has_second, 1.0 - SECOND_LINE_AMOUNT, 1.0)
        second = _product(rng.integers(len(firm.CATEGORIES), size=m), bought.amount * SECOND_LINE_AMOUNT)
        return cls(
            plan=plan,
            bought=bought,
            number=np.array([f"A{number:06d}" for number in rank]),
            customer_no=customer_keys[bought.customer],
            day=day,
            channel=rng.choice(firm.SHOP_CHANNELS, size=m, p=firm.SHOP_CHANNEL_SHARES),
            is_withdrawn=is_withdrawn,
            is_returned=rng.random(m) < plan.returned_share,
            product=_product(category, bought.amount * share),
            amount=np.round(bought.amount, 2),
            second_product=np.where(has_second, second, -1),
            delivered=delivered,
        )

    @property
    def has_arrived(self) -> BoolArray:
        """Whether the order was delivered by the last day."""
        came = np.nan_to_num(self.delivered.delivered_day, nan=np.inf) <= self.plan.days
        return came & ~self.is_withdrawn

    def tables(self) -> dict[str, Table]:
        """Return orders with their promised day, their lines, and deliveries."""
        arrived = self.has_arrived
        carrier = np.array([f"F{number + 1}" for number in self.delivered.partner])
        state = np.where(self.is_withdrawn, "cancelled", np.where(arrived, "delivered", "open"))
        orders = {
            "order_no": self.number,
            "customer_no": self.customer_no,
            "ordered_on": self.plan.date(self.day),
            "status": state,
            "channel": self.channel,
            "carrier_no": carrier,
            "promised_on": self.plan.date(self.delivered.promised_day),
        }
        deliveries = {
            "order_no": self.number[arrived],
            "carrier_no": carrier[arrived],
            "delivered_on": self.plan.date(self.delivered.delivered_day[arrived]),
        }
        written = {"orders": orders, "order_lines": self._lines(), "deliveries": deliveries}
        return {name: _in_order(table, table["order_no"]) for name, table in written.items()}

    def _lines(self) -> Table:
        has_second = self.second_product >= 0
        second_amount = np.where(has_second, self.amount * SECOND_LINE_AMOUNT, 0.0)
        first, second = np.arange(len(self.number)), np.flatnonzero(has_second)
        returned = np.flatnonzero(self.is_returned & self.has_arrived)
        row = np.concatenate([first, second, returned])
        is_second = np.repeat([False, True, False], [len(first), len(second), len(returned)])
        is_return = np.repeat([False, False, True], [len(first), len(second), len(returned)])
        product = np.where(is_second, self.second_product[row], self.product[row])
        amount = np.where(is_second, second_amount[row], (self.amount - second_amount)[row])
        list_price = np.array([p.list_price for p in firm.PRODUCTS])[product]
        pieces = np.maximum(np.rint(amount / list_price), 1.0)
        price = np.maximum(np.round(amount / pieces, 2), 0.01)
        quantity = np.where(is_return, -1.0, pieces)
        share = np.array([firm.MARGIN_SHARES[firm.CATEGORIES.index(p.category)] for p in firm.PRODUCTS])[product]
        return {
            "order_no": self.number[row],
            "line_no": np.where(is_return, 9, np.where(is_second, 2, 1)),
            "product_no": np.array([p.number for p in firm.PRODUCTS])[product],
            "kind": np.where(is_return, "return", "sale"),
            "quantity": quantity.astype(np.int64),
            "net_price": price,
            "margin": np.round(quantity * price * share, 2),
        }


def _product(category: IntArray, amount: FloatArray) -> IntArray:
    """Return the dearest product of each category whose list price is at most 1.25 of the amount, else the cheapest."""
    prices = np.array([p.list_price for p in firm.PRODUCTS]).reshape(len(firm.CATEGORIES), -1)
    affordable = prices[category] <= 1.25 * amount[:, None]
    return category * prices.shape[1] + np.maximum(affordable.sum(axis=1) - 1, 0)


def survey(plan: Plan, asked: Asked, said: Answers, orders: Orders) -> Table:
    """Return the answers, scores turned round where lower is better, as the questionnaire has them."""
    order = asked.order[said.asked]
    quality = said.cell // len(firm.SEGMENTS)
    is_whole = said.kind == SATISFACTION
    names = np.array([q.name for q in firm.QUALITIES])
    is_lower = np.array([q.better == "lower" for q in firm.QUALITIES])[quality] & ~is_whole
    delivered_day = orders.delivered.delivered_day[order]
    day = np.where(said.kind == WILL, orders.day[order], delivered_day + ASKED_AFTER_DAYS)
    table = {
        "customer_no": orders.customer_no[order],
        "order_no": orders.number[order],
        "product_no": np.array([p.number for p in firm.PRODUCTS])[orders.product[order]],
        "question": np.where(is_whole, "the order", names[quality]),
        "asked": np.array(KINDS)[said.kind],
        "score": np.where(is_lower, firm.SCALE_MIN + firm.SCALE_MAX - said.score, said.score).astype(np.int64),
        "channel": np.array(firm.SURVEY_CHANNELS)[asked.channel[said.asked]],
        "half": np.array(HALVES)[asked.half[said.asked]],
        "answered_on": plan.date(day),
    }
    number = np.array([f"U{number:06d}" for number in range(1, len(order) + 1)])
    return {"answer_no": number, **_in_order(table, day)}


def _in_order(table: Table, by: np.ndarray) -> Table:
    """Return the rows as a program would have written them: in the order of a column, equal ones as they are."""
    order = np.argsort(by, kind="stable")
    return {name: values[order] for name, values in table.items()}
