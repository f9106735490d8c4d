"""The figures of the data set's README, from the loaded tables."""

import pytest

from tests.intake.conftest import rows, value

pytestmark = pytest.mark.django_db  # inside the module's own transaction


@pytest.fixture(scope="module")
def answer(loaded):
    return loaded("cdnow", "cdnow")


def test_every_line_is_an_order_and_equal_ones_stay(answer):
    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (69_659, 69_659, 0)
    assert answer.tables == {"customers": 23_570, "offerings": 1, "orders": 69_659, "order_lines": 69_659}
    assert (
        value(
            "SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM sales_order o "
            "JOIN sales_orderline l ON l.order_id = o.id "
            "GROUP BY o.customer_id, o.ordered_on, l.quantity, l.amount_minor) x"
        )
        == 255
    )


def test_sums_and_days(answer):
    assert rows("SELECT sum(amount_minor), sum(quantity) FROM sales_orderline") == [(250_031_563, 167_881)]
    assert value("SELECT count(*) FROM sales_orderline WHERE amount_minor = 0") == 80
    assert [str(day) for day in rows("SELECT min(ordered_on), max(ordered_on) FROM sales_order")[0]] == [
        "1997-01-01",
        "1998-06-30",
    ]
