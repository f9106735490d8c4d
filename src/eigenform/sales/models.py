"""Sells: orders, their lines, opportunities. Amounts are minor units of the order's currency, rounded per line."""

from typing import ClassVar

from django.db import models

from eigenform.records.models import EarlierVersion, Sourced


class Order(Sourced):
    """One purchase by a customer, or an anonymous one. `ordered_on` is the day in the source's own zone."""

    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    ordered_on = models.DateField()
    ordered_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16)
    channel = models.CharField(max_length=64, blank=True, db_default="")
    partner_key = models.CharField(max_length=255, blank=True, db_default="")
    currency = models.CharField(max_length=3)

    class Meta(Sourced.Meta):
        constraints: ClassVar = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state__in=("open", "done", "withdrawn")), name="sales_order_state_known"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "ordered_on"], name="sales_order_customer")]


class OrderLine(Sourced):
    """One line of an order; a return or an adjustment is a line of its own kind with a negative quantity."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    offering = models.ForeignKey("offerings.Offering", null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=16)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    amount_minor = models.BigIntegerField()
    margin_minor = models.BigIntegerField(null=True)

    class Meta(Sourced.Meta):
        constraints: ClassVar = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(kind__in=("sale", "return", "adjustment")), name="sales_orderline_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0) | ~models.Q(kind="sale"), name="sales_orderline_sale_positive"
            ),
        ]


class Opportunity(Sourced):
    """A possible sale, and how it went."""

    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+")
    offering = models.ForeignKey("offerings.Offering", null=True, on_delete=models.SET_NULL, related_name="+")
    owner = models.ForeignKey("staff.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    stage = models.CharField(max_length=64)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)

    class Meta(Sourced.Meta):
        pass


class SalesEarlier(EarlierVersion):
    """What orders, lines and opportunities held before a load changed them."""
