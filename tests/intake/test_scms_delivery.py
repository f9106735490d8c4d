"""The figures of the data set's README, from the loaded tables."""

import pytest

from tests.intake.conftest import rows, value

COMPARED = """
    FROM offerings_promise p
    JOIN supply_chain_delivery d ON d.subject_key = p.subject_key AND d.source = p.source
    JOIN sales_orderline l ON l.key = p.subject_key AND l.source = p.source
    JOIN sales_order o ON o.id = l.order_id
"""

pytestmark = pytest.mark.django_db  # inside the module's own transaction


@pytest.fixture(scope="module")
def answer(loaded):
    return loaded("scms_delivery", "scms_delivery")


def test_every_row_is_in(answer):
    assert answer.rows_refused == 0
    assert answer.tables == {
        "customers": 142, "partners": 73, "offerings": 184, "attributes": 1, "orders": 6_233,
        "order_lines": 10_324, "promises": 10_324, "deliveries": 10_324,
    }  # fmt: skip


def test_late_on_the_day_and_early(answer):
    found = rows(
        "SELECT sum(CASE WHEN d.delivered_on > p.level_on THEN 1 ELSE 0 END), "
        "sum(CASE WHEN d.delivered_on = p.level_on "
        f"THEN 1 ELSE 0 END), sum(CASE WHEN d.delivered_on < p.level_on THEN 1 ELSE 0 END) {COMPARED}"
    )
    assert found == [(1_186, 6_324, 2_814)]


def test_late_share_by_channel(answer):
    found = dict(
        rows(
            "SELECT o.channel, avg(CASE WHEN d.delivered_on > p.level_on THEN 100.0 ELSE 0 END) "
            f"{COMPARED} GROUP BY o.channel"
        )
    )
    assert {name: round(float(share), 1) for name, share in found.items()} == {"Direct Drop": 5.3, "From RDC": 17.2}


def test_the_value_is_the_readmes(answer):
    assert value("SELECT sum(amount_minor) FROM sales_orderline") == 162_758_445_729


def test_countries_are_segments(answer):
    assert value("SELECT count(DISTINCT segment) FROM customers_customer WHERE source = 'scms_delivery'") == 43
    assert value("SELECT count(*) FROM customers_customer WHERE segment = %s", "Côte d'Ivoire") > 0


def test_words_in_number_columns_mean_nothing_is_known(answer):
    import json

    found = [json.loads(c) if isinstance(c, str) else c for (c,) in rows("SELECT custom FROM sales_orderline")]
    assert all(float(c["weight_kg"]) >= 0 for c in found if "weight_kg" in c)
    assert 5_000 < sum("weight_kg" in c for c in found) < 10_324
