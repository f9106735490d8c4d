"""Listens and helps: answers to what was asked, cases and what happened in them."""

from typing import ClassVar

from django.db import models

from eigenform.records.models import EarlierVersion, Sourced

ANSWER_KINDS = ("will", "should", "promised", "delivered", "experience", "satisfaction", "importance")


class Answer(Sourced):
    """One score that a customer gave: what they expected, experienced or felt, on a scale with declared ends."""

    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    offering = models.ForeignKey("offerings.Offering", null=True, on_delete=models.SET_NULL, related_name="+")
    subject_key = models.CharField(max_length=255, blank=True, db_default="")
    attribute = models.CharField(max_length=120)
    kind = models.CharField(max_length=16)
    score = models.FloatField()
    scale_min = models.FloatField()
    scale_max = models.FloatField()
    channel = models.CharField(max_length=64, blank=True, db_default="")
    half = models.CharField(max_length=16, blank=True, db_default="")  # which random half was asked; "both" if paired
    answered_on = models.DateField()
    answered_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True, db_default="")

    class Meta(Sourced.Meta):
        constraints: ClassVar = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(condition=models.Q(kind__in=ANSWER_KINDS), name="service_answer_kind_known"),
            models.CheckConstraint(
                condition=models.Q(score__gte=models.F("scale_min"), score__lte=models.F("scale_max")),
                name="service_answer_on_scale",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "answered_on"], name="service_answer_customer"),
            models.Index(fields=["source", "subject_key"], name="service_answer_subject"),
        ]


class Case(Sourced):
    """A request or complaint."""

    customer = models.ForeignKey(
        "customers.Customer", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    offering = models.ForeignKey("offerings.Offering", null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=120)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    channel = models.CharField(max_length=64, blank=True, db_default="")
    text = models.TextField(blank=True, db_default="")

    class Meta(Sourced.Meta):
        indexes: ClassVar = [models.Index(fields=["customer", "opened_on"], name="service_case_customer")]


class CaseEvent(Sourced):
    """Something that happened in a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    event = models.CharField(max_length=120)
    occurred_at = models.DateTimeField()


class ServiceEarlier(EarlierVersion):
    """What answers and cases held before a load changed them."""
