"""System 2's one table: who may be touched when."""

from typing import ClassVar

from django.db import models


class ContactPlan(models.Model):
    """A contact that an approved decision will make: it counts against the contact cap before it happens."""

    decision_seq = models.BigIntegerField(unique=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=64)
    planned_on = models.DateField()
    state = models.CharField(max_length=16, default="planned")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=("planned", "done", "dropped")), name="coordination_plan_state_known"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["customer", "planned_on"], name="coordination_plan_customer")]
