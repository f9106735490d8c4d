"""Forget whom orders and opportunities were of; what was bought and paid stays."""

from django.db import transaction

from eigenform.sales.models import Opportunity, Order, SalesEarlier


@transaction.atomic
def forget(customer_id: int) -> dict[str, int]:
    """Make the customer's orders and opportunities anonymous, custom fields and history gone. Return how many."""
    counts = {}
    for noun, model in (("order", Order), ("opportunity", Opportunity)):
        rows = model.objects.filter(customer_id=customer_id)
        SalesEarlier.objects.filter(noun=noun, row_id__in=rows.values("pk")).delete()
        counts[f"{noun}s"] = rows.update(customer=None, custom={})
    return counts
