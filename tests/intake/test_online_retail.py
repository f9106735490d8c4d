"""The figures of the data set's README, and the traps in it, from the loaded tables."""

import pytest

from tests.intake.conftest import rows, value

STUDIED = """
    FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
    WHERE o.customer_id IS NOT NULL AND l.quantity > 0 AND l.unit_price > 0
"""

pytestmark = pytest.mark.django_db  # inside the module's own transaction


@pytest.fixture(scope="module")
def answer(loaded):
    return loaded("online_retail", "online_retail")


def test_every_line_is_in(answer):
    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (541_909, 541_909, 0)
    assert answer.tables == {"customers": 4_372, "offerings": 4_070, "orders": 25_900, "order_lines": 541_909}


def test_equal_keys_are_numbered(answer):
    first = value("SELECT count(*) FROM sales_orderline WHERE key LIKE %s", "%#1")
    assert first == 531_225
    assert value("SELECT count(DISTINCT key) FROM sales_orderline") == 541_909


def test_the_sum_is_the_readmes(answer):
    exact = value("SELECT sum(quantity * unit_price) FROM sales_orderline")
    assert round(float(exact), 2) == 9_747_747.93
    assert abs(value("SELECT sum(amount_minor) FROM sales_orderline") - 974_774_793) <= 60  # rounded per line


def test_what_most_studies_use(answer):
    assert rows(f"SELECT count(*), count(DISTINCT o.id), count(DISTINCT o.customer_id) {STUDIED}") == [
        (397_884, 18_532, 4_338)
    ]
    assert round(float(value(f"SELECT sum(quantity * unit_price) {STUDIED}")), 2) == 8_911_407.90


def test_negative_lines_are_told_apart(answer):
    kinds = dict(rows("SELECT kind, count(*) FROM sales_orderline GROUP BY kind"))
    assert kinds == {"sale": 541_909 - 9_288 - 1_336 - 2, "return": 9_288, "adjustment": 1_338}
    assert value("SELECT count(*) FROM sales_orderline WHERE quantity < 0") == 10_624
    assert value("SELECT count(*) FROM sales_order WHERE key LIKE %s", "C%") == 3_836


def test_lines_without_a_customer_are_anonymous(answer):
    assert (
        value(
            "SELECT count(*) FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id WHERE o.customer_id IS NULL"
        )
        == 135_080
    )


def test_times_are_kept_in_utc_and_days_in_britain(answer):
    at, on = rows("SELECT ordered_at, ordered_on FROM sales_order WHERE key = '536365'")[0]
    assert (at.strftime("%Y-%m-%d %H:%M"), str(on)) == ("2010-12-01 08:26", "2010-12-01")
    summer = value("SELECT ordered_at FROM sales_order WHERE key = '558638'")
    assert summer.strftime("%Y-%m-%d %H:%M") == "2011-07-01 07:16"
