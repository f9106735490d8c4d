"""The figures of the data set's README, from the loaded tables."""

import pytest

from tests.intake.conftest import rows, value

pytestmark = pytest.mark.django_db  # inside the module's own transaction


@pytest.fixture(scope="module")
def answer(loaded):
    return loaded("crm_sales", "crm_sales")


def test_every_row_is_in(answer):
    assert answer.rows_refused == 0
    assert answer.tables == {"customers": 85, "staff": 35, "offerings": 7, "opportunities": 8_800}


def test_stages_and_value_won(answer):
    assert dict(rows("SELECT stage, count(*) FROM sales_opportunity GROUP BY stage")) == {
        "Won": 4_238, "Lost": 2_473, "Engaging": 1_589, "Prospecting": 500,
    }  # fmt: skip
    assert value("SELECT sum(amount_minor) FROM sales_opportunity WHERE stage = 'Won'") == 1_000_553_400
    assert value("SELECT count(*) FROM sales_opportunity WHERE customer_id IS NULL") == 1_425


def test_the_misspelt_product_is_the_listed_one(answer):
    won = (
        "SELECT sum(p.amount_minor) FROM sales_opportunity p JOIN offerings_offering o ON o.id = p.offering_id "
        "WHERE o.name = %s AND p.stage = 'Won'"
    )
    assert value(won, "GTX Pro") == 351_057_800
    assert value(won, "MG Special") == 4_376_800
    assert value("SELECT count(*) FROM sales_opportunity WHERE offering_id IS NULL") == 0


def test_the_best_agent(answer):
    found = rows(
        "SELECT s.name, s.team, count(*), sum(p.amount_minor) FROM sales_opportunity p "
        "JOIN staff_staff s ON s.id = p.owner_id WHERE p.stage = 'Won' GROUP BY s.name, s.team ORDER BY 4 DESC LIMIT 1"
    )
    assert found == [("Darcel Schlecht", "Melvin Marxen", 349, 115_321_400)]


def test_nobody_of_the_team_list_can_sign_in(answer):
    assert rows("SELECT DISTINCT is_active, password FROM staff_staff WHERE source = 'crm_sales'") in (
        [(0, "!")],
        [(False, "!")],
    )


def test_subsidiaries_know_their_parent(answer):
    found = rows(
        "SELECT p.name, count(*) FROM customers_customer c JOIN customers_customer p ON p.id = c.parent_id "
        "GROUP BY p.name ORDER BY 2 DESC, 1"
    )
    assert found[:2] == [("Acme Corporation", 4), ("Sonron", 3)]
    assert sum(n for _, n in found) == 15
    assert value("SELECT count(*) FROM customers_customer WHERE segment = 'technolgy'") == 0
