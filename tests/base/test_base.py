"""Money in minor units and stretches of time: small rules on which every figure stands."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenform.base.errors import Refused
from eigenform.base.ids import random_id
from eigenform.base.money import exponents_other_than_two, from_minor, minor_exponent, to_minor
from eigenform.base.periods import period_ends_on, period_of

CURRENCIES = ("GBP", "JPY", "KWD", "EUR", "UGX", "ZZZ")
days = st.dates(date(1970, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "GBP", 1234),
        ("0.005", "GBP", 1),  # half up, as invoices are
        ("-0.005", "GBP", -1),
        ("0.0049", "GBP", 0),
        ("1.5", "JPY", 2),
        ("1.0005", "KWD", 1001),
        ("0.1", "EUR", 10),
        ("92233720368547758.07", "EUR", 9223372036854775807),  # no float on the way
    ],
)
def test_an_amount_in_minor_units(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor


@given(minor=st.integers(-(10**15), 10**15), currency=st.sampled_from(CURRENCIES))
def test_minor_units_survive_the_journey(minor, currency):
    amount = from_minor(minor, currency)

    assert to_minor(amount, currency) == minor
    assert -amount.as_tuple().exponent in (0, minor_exponent(currency))


def test_exponents():
    assert [minor_exponent(c) for c in CURRENCIES] == [2, 0, 3, 2, 0, 2]
    assert set(exponents_other_than_two().values()) == {0, 3}


@given(day=days, weeks=st.integers(1, 60))
def test_periods_lie_end_to_end(day, weeks):
    ends = period_ends_on(day, weeks=weeks)
    number = period_of(day, weeks=weeks)

    assert day <= ends < day + timedelta(days=7 * weeks)
    assert ends.weekday() == 6  # periods begin on Mondays
    assert period_of(ends, weeks=weeks) == number
    assert period_of(ends + timedelta(days=1), weeks=weeks) == number + 1


def test_random_ids_say_nothing():
    ids = {random_id() for _ in range(100)}

    assert len(ids) == 100
    assert all(len(i) == 32 and int(i, 16) >= 0 for i in ids)


def test_a_refusal_hands_over_what_it_knows():
    class Odd(Refused):
        code = "test.odd"

        def __init__(self, *, number):
            self.number = number
            super().__init__(f"{number} is odd.")

    assert Odd(number=3).facts() == {"number": 3}
    assert str(Odd(number=3)) == "3 is odd."
