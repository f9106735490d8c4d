"""What: offerings, the attributes that a customer can value, and what was promised of them."""

from typing import ClassVar

from django.db import models

from eigenform.records.models import EarlierVersion, Sourced


class Offering(Sourced):
    """A product or service sold."""

    name = models.CharField(max_length=300, blank=True, db_default="")
    category = models.CharField(max_length=120, blank=True, db_default="")

    class Meta(Sourced.Meta):
        indexes: ClassVar = [models.Index(fields=["category", "name", "id"], name="offerings_offering_category")]


class Attribute(Sourced):
    """A property that a customer can value: of one offering, of a category, or (neither given) of every offering."""

    offering = models.ForeignKey(Offering, null=True, on_delete=models.CASCADE, related_name="+")
    category = models.CharField(max_length=120, blank=True, db_default="")
    attribute = models.CharField(max_length=120)
    unit = models.CharField(max_length=32)
    better = models.CharField(max_length=8)
    scale_min = models.FloatField(null=True)
    scale_max = models.FloatField(null=True)

    class Meta(Sourced.Meta):
        constraints: ClassVar = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(better__in=("higher", "lower")), name="offerings_attribute_better_known"
            ),
        ]


class Promise(Sourced):
    """A promised level for one order, line or shipment. A level that is a day is held until the end of that day."""

    subject_kind = models.CharField(max_length=16)  # order, line, shipment
    subject_key = models.CharField(max_length=255)
    attribute = models.CharField(max_length=120)
    level = models.FloatField(null=True)
    level_on = models.DateField(null=True)
    unit = models.CharField(max_length=32)  # "date" when level_on holds the level
    made_on = models.DateField(null=True)

    class Meta(Sourced.Meta):
        constraints: ClassVar = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(level__isnull=False) ^ models.Q(level_on__isnull=False),
                name="offerings_promise_one_level",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["source", "subject_key"], name="offerings_promise_subject")]


class OfferingsEarlier(EarlierVersion):
    """What offerings, attributes and promises held before a load changed them."""
