"""Log a contact that was made; forget whom contacts were with."""

from datetime import date

from django.db import transaction

from eigenform.marketing.models import Lead, MarketingEarlier, Touch


def log_touch(
    *, key: str, customer_id: int, channel: str, campaign: str, touched_on: date, propensity: float | None
) -> int:
    """Write one outgoing contact; the key makes a repetition harmless. Return its id."""
    row, _new = Touch.objects.get_or_create(
        source="eigenform",
        key=key,
        defaults={
            "customer_id": customer_id,
            "channel": channel,
            "direction": "out",
            "campaign": campaign,
            "touched_on": touched_on,
            "propensity": propensity,
        },
    )
    return row.pk


@transaction.atomic
def forget(customer_id: int) -> dict[str, int]:
    """Make the customer's contacts and leads anonymous, custom fields and history gone. Return how many there were."""
    counts = {}
    for noun, plural, model in (("touch", "touches", Touch), ("lead", "leads", Lead)):
        rows = model.objects.filter(customer_id=customer_id)
        MarketingEarlier.objects.filter(noun=noun, row_id__in=rows.values("pk")).delete()
        counts[plural] = rows.update(customer=None, custom={})
    return counts
