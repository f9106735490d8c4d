"""Restate where customers stand after a turn."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from eigenform.customers.models import Customer, Standing


@transaction.atomic
def restate(
    rows: Sequence[Mapping[str, Any]], *, as_of: date, turn_number: int, model_version: str
) -> int:
    """Replace every customer's standing by the rows of a turn; return how many were written.

    rows  one per customer with a purchase: `subject` (random id without prefix) and the standing's columns
    """
    ids = dict(Customer.objects.values_list("subject", "pk"))
    Standing.objects.all()._raw_delete(Standing.objects.db)
    written = Standing.objects.bulk_create(
        (
            Standing(
                customer_id=ids[row["subject"]],
                turn_number=turn_number,
                as_of=as_of,
                model_version=model_version,
                **{name: value for name, value in row.items() if name != "subject"},
            )
            for row in rows
            if row["subject"] in ids
        ),
        batch_size=2000,
    )
    return len(written)
