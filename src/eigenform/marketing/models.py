"""Reaches people: leads, and touches – every contact, whoever makes it. Caps and logs count touches."""

from typing import ClassVar

from django.db import models

from eigenform.records.models import EarlierVersion, Sourced


class Touch(Sourced):
    """One message or call, out or in, with the probability with which it was chosen if chance had a hand in it.

    `withheld` is one that chance expressly left out, so that the others' effect can be measured: nothing was sent, and
    no cap counts it.
    """

    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=64)
    direction = models.CharField(max_length=8, db_default="out", default="out")
    campaign = models.CharField(max_length=120, blank=True, db_default="")
    touched_on = models.DateField()
    propensity = models.FloatField(null=True)

    class Meta(Sourced.Meta):
        constraints: ClassVar = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(direction__in=("out", "in", "withheld")), name="marketing_touch_direction_known"
            ),
            models.CheckConstraint(
                condition=models.Q(propensity__isnull=True) | models.Q(propensity__gte=0, propensity__lte=1),
                name="marketing_touch_propensity_share",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "touched_on"], name="marketing_touch_customer")]


class Lead(Sourced):
    """Somebody who might become a customer."""

    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+")
    origin = models.CharField(max_length=120, blank=True, db_default="")
    channel = models.CharField(max_length=64, blank=True, db_default="")
    created_on = models.DateField()
    state = models.CharField(max_length=32)
    closed_on = models.DateField(null=True)


class MarketingEarlier(EarlierVersion):
    """What leads and touches held before a load changed them."""
