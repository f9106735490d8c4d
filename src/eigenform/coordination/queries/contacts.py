"""Whom we reached and will reach: contact history and plans."""

from datetime import date

from eigenform.coordination.models import ContactPlan
from eigenform.marketing import queries as marketing


def contact_days(customer_id: int) -> list[date]:
    """Return every day on which the customer was or will be contacted: touches made and contacts planned."""
    planned = ContactPlan.objects.filter(customer_id=customer_id, state="planned").values_list("planned_on", flat=True)
    return sorted([*marketing.touch_days(customer_id), *planned])
