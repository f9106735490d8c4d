"""What the data at hand cannot say is said to be so, with the reason; an assumption never stands in for it."""

import pytest

from eigenform import loop
from eigenform.customers.models import Standing
from eigenform.sales.models import Order
from eigenform.service.models import Answer
from tests.loop.firm import AS_OF, LEADER, NOW, adopt, grown, hopeful


def turn():
    return loop.turn(as_of=AS_OF, scope=LEADER, now=NOW, seed=1)


@pytest.fixture
def _policy(transactional_db):
    adopt(effects=hopeful())


def test_sampled_histories_have_no_worth_and_nobody_is_contacted(_policy):
    grown(histories="sampled")
    answer = turn()
    summary = answer.summary

    assert summary["worth"] is None
    assert summary["worth_histogram"] is None
    assert "sampled" in summary["worth_reason"]
    assert "histories" in summary["worth_decides"]
    assert {d["kind"] for d in answer.decisions} == {"talk_to_partner", "change_attribute"}
    assert summary["held_out"] == 0
    standing = Standing.objects.first()
    assert (standing.worth_mean_minor, standing.p_alive) == (None, None)
    assert standing.orders_count > 0
    assert all(d["expected_gain"]["mean"] > 0 for d in answer.decisions)


def test_too_few_customers_have_no_worth(_policy):
    grown(customers=12)
    summary = turn().summary

    assert summary["worth"] is None
    assert "12 customers" in summary["worth_reason"]


def test_where_no_expectation_was_asked_there_is_no_experience_gap(_policy):
    grown(asked=False)
    summary = turn().summary

    assert summary["experience_reason"] == "no expectation was asked"
    assert {c["quantity"] for c in summary["cells"]} == {"promise_gap"}


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [("will", "no expectation was asked"), ("experience", "no experience was asked")],
)
def test_the_reason_names_what_was_not_asked(_policy, left_out, reason):
    grown()
    Answer.objects.filter(kind=left_out).delete()

    assert turn().summary["experience_reason"] == reason


def test_answers_of_people_asked_both_are_no_independent_experience(_policy):
    grown()
    Answer.objects.update(half="both")

    assert (
        turn().summary["experience_reason"] == "every experience comes from somebody who was asked to expect it first"
    )


def test_where_something_was_asked_no_reason_stands(_policy):
    grown()

    assert turn().summary["experience_reason"] is None


def test_money_in_other_currencies_is_left_out_with_a_warning(_policy):
    grown()
    Order.objects.filter(pk__in=list(Order.objects.values_list("pk", flat=True)[:7])).update(currency="EUR")

    assert any(w.startswith("7 orders") and "GBP" in w for w in turn().summary["warnings"])


def test_worth_without_margins_is_labelled_revenue_and_with_a_policy_margin(transactional_db):
    grown()
    adopt()
    revenue = turn().summary["worth"]
    adopt(margin_share_by_category={"Chairs": 0.5, "Lamps": 0.5})
    margin = turn().summary["worth"]

    assert (revenue["basis"], margin["basis"]) == ("revenue", "margin")
    assert margin["mean"] == pytest.approx(revenue["mean"] / 2, rel=0.02)
    for worth in (revenue, margin):
        assert worth["low"] < worth["mean"] < worth["high"]
        assert (worth["n"], worth["unit"]) == (150, "GBP")
        assert worth["model_version"].startswith("bg-nbd")
