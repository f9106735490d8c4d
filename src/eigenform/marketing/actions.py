"""Log a contact that was made."""

from datetime import date

from eigenform.marketing.models import Touch


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
