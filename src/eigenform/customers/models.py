"""Who: buying parties, persons acting for them, the identifiers they go by, and where they stand today."""

from typing import ClassVar

from django.db import models

from eigenform.records.models import EarlierVersion, RandomHex, Sourced


class Customer(Sourced):
    """A buying party. `subject` is the random id under which the ledger knows it; deleting the row deletes the link."""

    subject = models.CharField(max_length=32, unique=True, db_default=RandomHex())
    kind = models.CharField(max_length=16, db_default="person", default="person")
    name = models.CharField(max_length=300, blank=True, db_default="")
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    segment = models.CharField(max_length=120, blank=True, db_default="")
    country = models.CharField(max_length=120, blank=True, db_default="")

    class Meta(Sourced.Meta):
        constraints: ClassVar = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(kind__in=("organisation", "person")), name="customers_customer_kind_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], name="customers_customer_name"),
            models.Index(fields=["segment", "id"], name="customers_customer_segment"),
            models.Index(fields=["country", "id"], name="customers_customer_country"),
        ]


class Identifier(models.Model):
    """Another name that a source gives a customer, such as an account number."""

    source = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    value = models.CharField(max_length=255)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "kind", "value"], name="customers_identifier_once")
        ]


class Contact(Sourced):
    """A person acting for a customer."""

    customer = models.ForeignKey(Customer, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=300, blank=True, db_default="")
    email = models.CharField(max_length=320, blank=True, db_default="")
    phone = models.CharField(max_length=64, blank=True, db_default="")
    role = models.CharField(max_length=120, blank=True, db_default="")

    class Meta(Sourced.Meta):
        pass


class Consent(models.Model):
    """What a customer said of being reached by a channel: agreed, or asked not to be. Nothing said is no row."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=64)
    state = models.CharField(max_length=8)
    said_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "channel"], name="customers_consent_once"),
            models.CheckConstraint(condition=models.Q(state__in=("given", "refused")), name="customers_consent_known"),
        ]


class Standing(models.Model):
    """Where a customer stands after the last turn: a projection of the ledger that every turn rebuilds."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="+")
    turn_number = models.IntegerField()
    as_of = models.DateField()
    orders_count = models.IntegerField()
    last_order_on = models.DateField(null=True)
    revenue_52w_minor = models.BigIntegerField()
    worth_mean_minor = models.FloatField(null=True)
    worth_low_minor = models.FloatField(null=True)
    worth_high_minor = models.FloatField(null=True)
    p_alive = models.FloatField(null=True)
    p_alive_before = models.FloatField(null=True)
    expected_purchases = models.FloatField(null=True)
    expected_purchases_low = models.FloatField(null=True)
    expected_purchases_high = models.FloatField(null=True)
    first_order_on = models.DateField(null=True)
    purchase_days = models.IntegerField(null=True)
    spend_minor = models.FloatField(null=True)
    slipping_minor = models.FloatField(null=True)
    promises_kept = models.IntegerField(default=0)
    promises_broken = models.IntegerField(default=0)
    model_version = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["worth_mean_minor", "customer"], name="customers_standing_worth"),
            models.Index(fields=["last_order_on", "customer"], name="customers_standing_last"),
            models.Index(fields=["revenue_52w_minor", "customer"], name="customers_standing_revenue"),
            models.Index(fields=["slipping_minor", "customer"], name="customers_standing_slipping"),
        ]


class Erased(models.Model):
    """A keyed hash of who was erased on request, so that loading the old file does not bring them back."""

    fingerprint = models.CharField(max_length=64, unique=True)
    erased_at = models.DateTimeField()


class CustomersEarlier(EarlierVersion):
    """What customers and contacts held before a load changed them."""
