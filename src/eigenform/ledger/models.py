"""The ledger's tables: one running sequence of entries, and the rows that hang on them.

No personal data: subjects and actors are random ids; whoever erases a person deletes the link, the sums stay.
The migrations make every table here append-only. A turn's inputs are kept with it, so that it can be replayed.
"""

from typing import ClassVar

from django.db import models

KINDS = ("load", "turn", "observation", "estimate", "decision", "deed", "effect", "audit")


class Entry(models.Model):
    """One thing that happened, in the order in which it was written: `recorded_seq` is the ledger's clock."""

    recorded_seq = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = models.CharField(max_length=32)
    source = models.CharField(max_length=64, blank=True)
    model_version = models.CharField(max_length=120, blank=True)
    policy_version = models.IntegerField(null=True)
    propensity = models.FloatField(null=True)
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    derived_from = models.JSONField(default=list)  # recorded_seq of what it rests on
    body = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="ledger_entry_kind_known"),
            models.CheckConstraint(
                condition=models.Q(propensity__isnull=True) | models.Q(propensity__gte=0, propensity__lte=1),
                name="ledger_entry_propensity_share",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "recorded_seq"], name="ledger_entry_kind")]


class Turn(models.Model):
    """One turn of the loop: what it had read, under which policy and seed, and what came of it."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="+")
    number = models.IntegerField(unique=True)
    as_of = models.DateField()
    seed = models.BigIntegerField()
    read_up_to_seq = models.BigIntegerField()
    summary = models.JSONField()  # seen, promises, worth of the base, counts: what the turn's answer says


class TurnInput(models.Model):
    """Exactly what a turn had read, as a compressed Parquet table: the ground of its replay."""

    turn = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=32)
    parquet = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["turn", "name"], name="ledger_turninput_once")]


class Estimate(models.Model):
    """One figure of a run, about one subject; only rows that changed since the run before are written."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=200)  # customer:<random id>, cell:<offering|attribute|segment>, base
    quantity = models.CharField(max_length=40)  # worth_minor, p_alive, promise_gap, experience_gap, short_share …
    mean = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.IntegerField(default=0)
    unit = models.CharField(max_length=32, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "quantity", "entry"], name="ledger_estimate_subject")]


class Effect(models.Model):
    """What a plan, an offer or a campaign is measured to have changed per customer; only rows that changed are written.

    scope    all, plan (of one turn), offer, segment or campaign; name says which
    outcome  margin (minor units of the currency) or bought (share of customers); mean is null where it cannot be told
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=16)
    name = models.CharField(max_length=250)
    outcome = models.CharField(max_length=16)
    mean = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    sd = models.FloatField(null=True)
    unit = models.CharField(max_length=32)
    method = models.CharField(max_length=32, blank=True)
    treated = models.IntegerField()
    withheld = models.IntegerField()
    window_days = models.IntegerField()
    facts = models.JSONField(default=dict)  # reason and what decides, the plain difference, whether arms were drawn …

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(treated__gte=0, withheld__gte=0, window_days__gt=0),
                name="ledger_effect_counts_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(scope__in=("all", "plan", "offer", "segment", "campaign")),
                name="ledger_effect_scope_known",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["scope", "name", "outcome", "entry"], name="ledger_effect_of")]


class Decision(models.Model):
    """What a turn decided about one subject; what became of it stands in the deeds that name it."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="+")
    turn = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=200)
    held_out = models.BooleanField(null=True)
    cost_minor = models.BigIntegerField()
    gain_mean_minor = models.FloatField()
    gain_low_minor = models.FloatField()
    gain_high_minor = models.FloatField()
    basis = models.CharField(max_length=16)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(cost_minor__gte=0), name="ledger_decision_cost_not_negative"),
            models.CheckConstraint(
                condition=models.Q(basis__in=("assumed", "measured")), name="ledger_decision_basis_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject", "kind"], name="ledger_decision_subject"),
            models.Index(fields=["turn", "kind"], name="ledger_decision_turn"),
        ]


class Deed(models.Model):
    """What was done, or expressly not done: by a person or by the software, to whom, because of which decision."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=24)
    subject = models.CharField(max_length=200)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject", "entry"], name="ledger_deed_subject"),
            models.Index(fields=["decision", "entry"], name="ledger_deed_decision"),
        ]
