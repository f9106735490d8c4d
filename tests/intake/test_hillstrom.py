"""The e-mail test: nothing is refused, and the arms' figures are those of the data set's README."""

import pytest

from tests.intake.conftest import rows, value

pytestmark = pytest.mark.django_db  # inside the module's own transaction


@pytest.fixture(scope="module")
def answer(loaded):
    return loaded("hillstrom", "hillstrom")


def test_every_row_is_a_customer_with_a_history(answer):
    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (64_000, 64_000, 0)
    assert answer.tables == {
        "customers": 64_000, "offerings": 1, "orders": 64_578, "order_lines": 64_578, "touches": 85_306,
    }  # fmt: skip
    assert value("SELECT count(DISTINCT customer_id) FROM sales_order WHERE ordered_on < '2008-03-01'") == 64_000


def test_arms_are_as_large_as_published_and_the_left_alone_stand_in_both_campaigns(answer):
    arms = rows(
        "SELECT campaign, direction, count(*), min(propensity) FROM marketing_touch GROUP BY 1, 2 ORDER BY 1, 2"
    )

    assert arms == [
        ("Men's e-mail", "out", 21_307, pytest.approx(1 / 3)),
        ("Men's e-mail", "withheld", 21_306, pytest.approx(1 / 3)),
        ("Women's e-mail", "out", 21_387, pytest.approx(1 / 3)),
        ("Women's e-mail", "withheld", 21_306, pytest.approx(1 / 3)),
    ]


def test_spend_and_conversion_of_each_arm_are_the_published_ones(answer):
    per_arm = rows(
        "SELECT t.campaign, t.direction, sum(l.amount_minor) / 100.0 / count(DISTINCT t.customer_id), "
        "100.0 * count(l.id) / count(DISTINCT t.customer_id) FROM marketing_touch t "
        "LEFT JOIN sales_order o ON o.customer_id = t.customer_id AND o.ordered_on > '2008-03-01' "
        "LEFT JOIN sales_orderline l ON l.order_id = o.id GROUP BY 1, 2 ORDER BY 1, 2"
    )

    found = {(campaign, direction): (float(spend), float(bought)) for campaign, direction, spend, bought in per_arm}
    assert found == {
        ("Men's e-mail", "out"): pytest.approx((1.4226, 1.253), abs=5e-4),
        ("Men's e-mail", "withheld"): pytest.approx((0.6528, 0.573), abs=5e-4),
        ("Women's e-mail", "out"): pytest.approx((1.0772, 0.884), abs=5e-4),
        ("Women's e-mail", "withheld"): pytest.approx((0.6528, 0.573), abs=5e-4),
    }
