"""The figures of the data set's README, by day and by raw time, from the loaded tables."""

import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from tests.intake.conftest import rows, value

pytestmark = pytest.mark.django_db  # inside the module's own transaction


@pytest.fixture(scope="module")
def answer(loaded):
    return loaded("olist", "olist_sample")


LATEST_SCORE = """
    SELECT o.id, a.score, d.delivered_on, d.delivered_at, p.level_on
    FROM sales_order o
    JOIN supply_chain_delivery d ON d.subject_key = o.key AND d.source = o.source
    JOIN offerings_promise p ON p.subject_key = o.key AND p.source = o.source
    LEFT JOIN (
        SELECT subject_key, score,
            row_number() OVER (PARTITION BY subject_key ORDER BY answered_at DESC, key DESC) AS nth
        FROM service_answer
    ) a ON a.subject_key = o.key AND a.nth = 1
    WHERE o.state = 'done'
"""


@pytest.fixture(scope="module")
def delivered(answer):
    return rows(LATEST_SCORE)


def mean(numbers):
    found = list(numbers)
    return round(sum(found) / len(found), 2)


def test_every_row_is_in(answer):
    assert answer.rows_refused == 0
    assert answer.tables == {
        "customers": 8_016, "partners": 1_610, "offerings": 5_460, "attributes": 2, "orders": 8_135,
        "order_lines": 8_365, "promises": 8_135, "deliveries": 5_178, "answers": 8_225,
    }  # fmt: skip
    assert answer.histories == "sampled"


def test_by_day_342_are_late(delivered):
    late = [score for _, score, on, _, promised in delivered if on and on > promised]

    assert (len(delivered), len(late), mean(late)) == (5_172, 342, 2.18)
    assert sum(on is None for _, _, on, _, _ in delivered) == 8


def test_by_raw_time_414_are_late(delivered):
    """The raw promise is midnight at the start of the promised day, in Brazil: three hours after that in UTC, two in
    its summer. Whoever compares times calls a parcel late that comes on the promised day itself."""
    brazil = ZoneInfo("America/Sao_Paulo")

    def came_on(at):
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(brazil).date()

    late = [s for _, s, _, at, promised in delivered if at and came_on(at) >= promised]
    in_time = [s for _, s, _, at, promised in delivered if not at or came_on(at) < promised]

    assert (len(late), mean(late), mean(in_time)) == (414, 2.50, 4.28)


def test_sums_in_reais(answer):
    assert value("SELECT sum(amount_minor) FROM sales_orderline") == 109_326_435
    custom = rows("SELECT custom FROM sales_orderline")
    freight = sum(round(float((json.loads(c) if isinstance(c, str) else c)["freight"]) * 100) for (c,) in custom)
    assert freight == 17_228_839


def test_states_partners_and_weights(answer):
    assert dict(rows("SELECT state, count(*) FROM sales_order GROUP BY state")) == {
        "done": 5_172,
        "open": 1_729,
        "withdrawn": 1_234,
    }
    assert round(value("SELECT sum(weight) FROM sales_order WHERE state = 'done'")) == 96_478
    assert round(value("SELECT sum(weight) FROM sales_order")) == 99_441
    assert value("SELECT count(*) FROM sales_order WHERE partner_key = ''") == 8_135 - 7_360
    assert value("SELECT count(*) FROM supply_chain_delivery WHERE partner_id IS NULL") == 0


def test_a_person_is_one_customer_whatever_their_orders_call_them(answer):
    assert value("SELECT count(*) FROM customers_identifier WHERE kind = 'customer_id'") == 8_135
    assert value("SELECT count(DISTINCT customer_id) FROM sales_order") == 8_016
    assert value("SELECT count(*) FROM service_answer WHERE customer_id IS NULL") == 0


def test_categories_are_in_english(answer):
    assert value("SELECT count(*) FROM offerings_offering WHERE category = 'health_beauty'") > 300
    assert value("SELECT count(*) FROM offerings_offering WHERE category = 'beleza_saude'") == 0


def test_scores_stay_on_their_scale(answer):
    found = rows(
        "SELECT min(score), max(score), min(scale_min), max(scale_max), count(DISTINCT key) FROM service_answer"
    )
    assert found == [(1, 5, 1, 5, 8_225)]


def test_mean_score_by_status(answer):
    scores: dict[str, list[float]] = {}
    for custom, score in rows(
        "SELECT custom, score FROM (SELECT o.custom, a.score, row_number() OVER "
        "(PARTITION BY o.id ORDER BY a.answered_at DESC, a.key DESC) AS nth FROM sales_order o JOIN service_answer a ON a.subject_key = o.key) x WHERE nth = 1"
    ):
        scores.setdefault((json.loads(custom) if isinstance(custom, str) else custom)["status"], []).append(score)
    found = {status: mean(scores[status]) for status in ("delivered", "canceled", "unavailable", "shipped")}

    assert found == {"delivered": 4.14, "canceled": 1.80, "unavailable": 1.52, "shipped": 1.99}
