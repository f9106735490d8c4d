"""Delivers with partners: who they are, and what level of what was delivered when."""

from typing import ClassVar

from django.db import models

from eigenform.records.models import EarlierVersion, RandomHex, Sourced


class Partner(Sourced):
    """A firm that we deliver with. `subject` is the random id under which the ledger knows it."""

    subject = models.CharField(max_length=32, unique=True, db_default=RandomHex())
    name = models.CharField(max_length=300, blank=True, db_default="")
    role = models.CharField(max_length=64, blank=True, db_default="")
    country = models.CharField(max_length=120, blank=True, db_default="")


class Delivery(Sourced):
    """A delivered level of one attribute of an order, line or shipment. Without a day it is known only to have come."""

    partner = models.ForeignKey(Partner, null=True, on_delete=models.SET_NULL, related_name="+")
    subject_kind = models.CharField(max_length=16)
    subject_key = models.CharField(max_length=255)
    attribute = models.CharField(max_length=120)
    level = models.FloatField(null=True)
    delivered_on = models.DateField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta(Sourced.Meta):
        indexes: ClassVar = [models.Index(fields=["source", "subject_key"], name="supply_chain_delivery_subj")]


class SupplyChainEarlier(EarlierVersion):
    """What partners and deliveries held before a load changed them."""
