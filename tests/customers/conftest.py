"""Customers to list."""

from datetime import date

import pytest
from django.core.cache import cache

from eigenform.customers.models import Customer, Standing


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def make():
    """Make a customer, with a standing if a worth is given (or `stands=True`)."""

    def _make(key, *, worth=None, revenue=0, last=None, stands=False, **fields):
        row = Customer.objects.create(source="t", key=key, **fields)
        if worth is not None or stands:
            Standing.objects.create(
                customer=row,
                turn_number=1,
                as_of=date(2026, 1, 1),
                orders_count=1,
                last_order_on=last,
                revenue_52w_minor=revenue,
                worth_mean_minor=worth,
                worth_low_minor=worth and worth * 0.5,
                worth_high_minor=worth and worth * 2,
                model_version="bg-nbd 1",
            )
        return row

    return _make
