"""Effort where it is easily wrong: amounts out of all bounds, other currencies, nobody judged, rounded prices."""

import dataclasses
from typing import Any

import pytest

from eigenform.ledger.contracts import TurnRecord
from eigenform.policy.contracts import Document
from eigenform.web.pages.effort.equity import equity, starting
from eigenform.web.pages.effort.told import Told
from tests.web.conftest import summary, words, write_turn
from tests.web.test_effort import KNOWN, planned


def a_turn(**summary: Any) -> TurnRecord:
    """Return a turn of which only the summary matters."""
    values = {field.name: None for field in dataclasses.fields(TurnRecord)} | {"number": 3, "model_version": "bg-nbd"}
    return TurnRecord(**values | {"summary": summary})


class TestBounds:
    @pytest.mark.parametrize("amount", ["1e308", "1e300", "1000000001"])
    @pytest.mark.parametrize("name", ["margin", "win_spend", "keep_spend"])
    def test_amounts_beyond_a_billion_are_refused(self, firm_policy, as_person, name, amount):
        response = as_person("Rita").get("/effort/", {**KNOWN, name: amount})

        assert response.status_code == 200
        assert "At most 1,000,000,000." in words(response)
        assert "A number in the form cannot be meant." in words(response)
        assert as_person("Rita").get("/effort/keeping.csv", {**KNOWN, name: amount}).status_code == 404

    def test_a_billion_is_reckoned(self, firm_policy, as_person):
        most = dict.fromkeys(("margin", "win_spend", "keep_spend"), "1e9")
        assert "a customer won is then worth" in words(as_person("Rita").get("/effort/", {**KNOWN, **most}))


class TestCurrencies:
    @pytest.mark.parametrize(
        ("currency", "won", "minor"), [("JPY", "¥55", 55), ("GBP", "£54.57", 5_457), ("KWD", "KWD 54.572", 54_572)]
    )
    def test_a_split_is_told_in_the_minor_unit_of_the_currency(self, currency, won, minor):
        found = equity({name: str(value) for name, value in KNOWN.items()}, {}, currency, "PART.csv")

        assert f"worth {won}," in found.answer.replace("\N{NO-BREAK SPACE}", " ")
        assert found.keeping is not None
        assert found.keeping.series[1].points[0].mean == pytest.approx(minor, rel=0.01)

    @pytest.mark.parametrize(("currency", "budget"), [("JPY", 9_000.0), ("GBP", 90.0), ("KWD", 9.0)])
    def test_the_curve_over_budgets_stands_at_main_units(self, currency, budget):
        told = Told(a_turn(currency=currency, **planned()[0]))

        assert budget in [point.x for point in told.curve("").series[0].points]


class TestMargin:
    @pytest.mark.parametrize(("currency", "margin"), [("JPY", 100_000.0), ("GBP", 1_000.0), ("KWD", 100.0)])
    def test_is_shared_among_those_still_there(self, currency, margin):
        worth = {"mean": 2e7, "n": 1_000, "horizon_weeks": 104, "basis": "margin"}
        turn = a_turn(currency=currency, worth=worth, worth_report={"alive": {"mean": 100.0}})

        assert starting(turn, Document())["margin"] == margin

    def test_is_left_open_where_only_revenue_or_nobody_is_known(self):
        worth = {"mean": 2e7, "n": 1_000, "horizon_weeks": 104, "basis": "revenue"}
        alive = {"alive": {"mean": 100.0}}

        assert "margin" not in starting(a_turn(worth=worth, worth_report=alive), Document())
        assert "margin" not in starting(a_turn(worth=worth | {"basis": "margin"}, worth_report=None), Document())
        assert "margin" not in starting(a_turn(worth=None), Document())


class TestUnjudged:
    def test_an_empty_plan_claims_no_proof_where_worth_cannot_be_told(self, people, firm_policy, as_person, now):
        plan, _ = planned(per_kind_max={"contact_customer": 0})
        why = {"worth": None, "worth_reason": "3 customers are too few.", "worth_decides": "30 would decide it."}
        write_turn(now, summary("partner:" + "0" * 32) | plan | why)
        said = words(as_person("Rita").get("/effort/"))

        assert "Cannot tell 3 customers are too few. 30 would decide it. Load a file" in said
        assert "Proven best" not in said
        assert "would add nothing" not in said

    def test_a_plan_that_needs_no_worth_is_shown_beside_the_reason(self, people, firm_policy, as_person, now):
        why = {"worth": None, "worth_reason": "3 customers are too few.", "worth_decides": "30 would decide it."}
        write_turn(now, summary("partner:" + "0" * 32) | planned()[0] | why)
        said = words(as_person("Rita").get("/effort/"))

        assert "3 customers are too few." in said
        assert "The plan adds" in said


class TestPrices:
    @pytest.mark.parametrize(
        ("currency", "step", "adds"), [("GBP", "£1", "£0.42"), ("JPY", "¥100", "¥42"), ("KWD", "KWD 1", "KWD 0.420")]
    )
    def test_are_about_and_for_small_steps(self, currency, step, adds):
        kept = planned()[0]
        kept["effort"]["budget"]["price_minor"] = 0.42
        said = Told(a_turn(currency=currency, **kept)).capacities()[0].price.replace("\N{NO-BREAK SPACE}", " ")

        assert said == f"{step} more would add about {adds}; larger steps add less"

    def test_a_simulated_base_does_not_hide_that_effects_are_assumed(self, people, firm_policy, as_person, now):
        write_turn(now, summary("partner:" + "0" * 32) | planned()[0] | {"simulated": True})
        said = words(as_person("Rita").get("/effort/"))

        assert "simulated" in said
        assert "The effects behind these gains are assumed by the policy, not measured." in said
        assert "effect assumed by the policy" in said
