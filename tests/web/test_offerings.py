"""Offerings: worst first by money exposed; a category's gaps over time, for whom, and the readings behind them."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import pytest

from eigenform.customers.models import Customer
from eigenform.ledger import feedback as ledger
from eigenform.ledger.contracts import EstimateRow
from eigenform.offerings.models import Offering, Promise
from eigenform.sales.models import Order, OrderLine
from eigenform.service.models import Answer
from eigenform.supply_chain.models import Delivery, Partner
from eigenform.web.pages.offerings import evidence
from tests.web.conftest import MODEL, words

DAY = date(2026, 1, 10)
TRAJECTORY = [
    ["2025-12-01", 0.5, 0.1, 0.9, 12],
    ["2026-01-01", -0.4, -0.8, 0.0, 40],
    ["2026-02-20", -1.3, -1.9, -0.7, 88],
]


def cell(category, segment="", *, mean=-1.3, exposed=4_800_000.0, attribute="delivery_day", quantity="promise_gap"):
    facts = {
        "last_on": "2026-02-20",
        "p_below_0": 0.998 if mean is not None and mean < 0 else 0.2,
        "short_share": {"mean": 0.22, "low": 0.18, "high": 0.27},
        "exposed_minor": {"mean": exposed, "low": exposed * 0.8, "high": exposed * 1.2},
        "trajectory": [] if segment else TRAJECTORY,
        "warnings": [],
    }
    if mean is None:
        facts |= {
            "short_share": None, "exposed_minor": None, "p_below_0": None, "reason": "3 readings are too few.",
            "decides": "20 would decide.", "trajectory": [],
        }  # fmt: skip
    low, high = (None, None) if mean is None else (mean - 0.6, mean + 0.6)
    return EstimateRow(f"attribute:{category}|{attribute}|{segment}", quantity, mean, low, high, 88, "days", facts)


def judged(small_firm, now, *cells):
    ledger.record_estimates(
        cells, turn_seq=small_firm.turn_seq, at=now, actor="0" * 32, model_version=MODEL, policy_version=1
    )


@pytest.fixture
def sold(small_firm, now):
    """Furniture that disappoints, lamps that nobody can judge, rugs that nobody promised anything about."""
    freight = Partner.objects.get()
    ada = small_firm.customers["Ada Hart"]
    Customer.objects.filter(pk=ada.pk).update(segment="north")
    ben = small_firm.customers["Ben Stone"]
    Customer.objects.filter(pk=ben.pk).update(segment="south")
    for i, (category, amount) in enumerate((("furniture", 10_000), ("lamps", 5_000), ("rugs", 2_000))):
        thing = Offering.objects.create(source="t", key=f"f{i}", name=f"Thing {i}", category=category)
        for late in range(3):
            key = f"o{i}{late}"
            buyer = (ada, ben, None)[late]
            order = Order.objects.create(
                source="t", key=key, customer=buyer, ordered_on=DAY, state="done", currency="GBP"
            )
            OrderLine.objects.create(
                source="t", key=f"{key}-1", order=order, offering=thing, kind="sale", quantity=2, unit_price=1,
                amount_minor=amount,
            )  # fmt: skip
            if category != "furniture":
                continue
            about = {"source": "t", "subject_kind": "order", "subject_key": key, "attribute": "delivery_day"}
            Promise.objects.create(key=key, level_on=DAY + timedelta(days=3), unit="date", **about)
            Delivery.objects.create(key=key, delivered_on=DAY + timedelta(days=3 + late), partner=freight, **about)
    judged(
        small_firm, now, cell("furniture"), cell("furniture", "north", mean=-2.0), cell("furniture", "south", mean=0.4),
        cell("furniture", attribute="comfort", quantity="experience_gap", mean=0.8, exposed=900_000.0),
        cell("lamps", mean=None),
    )  # fmt: skip
    return small_firm


class TestList:
    def test_worst_first_by_money_exposed(self, sold, as_person):
        said = words(as_person("Rita").get("/offerings/"))
        assert said.index("furniture 6 £300.00") < said.index("lamps 6 £150.00") < said.index("rugs 6 £60.00")
        assert "delivery day delivered against promised ▼ −1.3 days" in said
        assert "£48k" in said
        assert "Exposed, not lost" in said
        assert "3 categories; 1 fall short with 95 % certainty" in said
        assert "nothing asked or promised Cannot tell Nothing was promised or asked about it." in said

    def test_what_was_sold_more_than_52_weeks_ago_does_not_count(self, sold, as_person):
        Order.objects.filter(key__startswith="o0").update(ordered_on=date(2025, 2, 28))
        assert "furniture 0 delivery day" in words(as_person("Rita").get("/offerings/"))

    def test_search(self, sold, as_person):
        response = as_person("Rita").get("/offerings/?q=LAM", headers={"HX-Request": "true", "HX-Target": "list"})
        assert response.content.decode().startswith('<div id="list">')
        assert re.findall("data-row-link[^>]*>([^<]+)", response.content.decode()) == ["lamps"]

    def test_pages(self, sold, as_person, monkeypatch):
        monkeypatch.setattr(import_module("eigenform.web.pages.offerings.lists"), "ROWS_SHOWN", 2)
        reader = as_person("Rita")
        first = reader.get("/offerings/").context["pager"]
        assert (first.text, first.previous_href) == ("1 to 2 of 3 categories", "")
        second = reader.get(first.next_href)
        assert [row.category for row in second.context["rows"]] == ["rugs"]
        assert (second.context["pager"].previous_href, second.context["pager"].next_href) == ("/offerings/", "")
        for odd in ("0", "-1", "99", "²", "x"):
            assert reader.get(f"/offerings/?page={odd}").status_code == 200

    def test_an_empty_firm(self, firm_policy, as_person):
        assert "No offerings yet They come with the order lines" in words(as_person("Max").get("/offerings/"))

    def test_queries_do_not_grow(self, sold, as_person, now, django_assert_max_num_queries):
        for i in range(30):
            Offering.objects.create(source="t", key=f"x{i}", category=f"x{i}")
        judged(sold, now, *(cell(f"x{i}") for i in range(30)))
        reader = as_person("Rita")
        with django_assert_max_num_queries(11):
            assert len(reader.get("/offerings/").context["rows"]) == 33


class TestCategory:
    URL = "/offerings/category/?category=furniture"

    def test_attributes_worst_first_and_the_worst_at_length(self, sold, as_person):
        said = words(as_person("Rita").get(self.URL))
        assert "6 sold in 52 weeks for £300.00." in said
        assert "Delivery day falls short: delivered against promised, −1.3 days (over 99 % sure)." in said
        assert said.index("Delivery day delivered against") < said.index("Comfort experienced against expected")
        assert "Delivery day: delivered against promised" in said

    def test_the_chart_has_the_trajectory_with_its_interval(self, sold, as_person):
        html = as_person("Rita").get(self.URL).content.decode()
        (spec,) = re.findall(r'<script type="application/json">(.*?)</script>', html)
        points = json.loads(spec)["series"][0]["points"]
        assert [[p["x"], p["mean"], p["low"], p["high"], p["n"]] for p in points] == TRAJECTORY
        assert "At its end below zero: a shortfall; since its beginning it fell." in html

    def test_the_second_turn_draws_a_second_chart(self, sold, as_person):
        later = datetime(2026, 6, 1, tzinfo=UTC)
        judged(sold, later, cell("furniture", mean=-0.9))
        charts = as_person("Rita").get(self.URL).context["chosen"].charts
        assert [c.id for c in charts] == ["days", "turns"]
        assert [p.mean for p in charts[1].series[0].points] == [-1.3, -0.9]

    def test_the_numbers_behind_a_chart_as_csv(self, sold, as_person):
        text = as_person("Rita").get(f"{self.URL}&csv=days").content.decode("utf-8-sig").splitlines()
        assert text[0] == "day,mean,low,high,n,unit"
        assert text[3] == "2026-02-20,-1.3,-1.9,-0.7,88,days"

    def test_segments_on_one_scale(self, sold, as_person):
        segments = as_person("Rita").get(self.URL).context["chosen"].segments
        assert [(s.segment, s.sure) for s in segments] == [("north", "over 99 %"), ("south", "20 %")]
        assert segments[0].scale == segments[1].scale

    def test_the_readings_behind_it_with_partner_newest_first(self, sold, as_person):
        readings = as_person("Rita").get(self.URL).context["readings"]
        assert readings.heads == ("Order", "Promised", "Came", "Partner")
        assert [(r.subject, r.second, r.through) for r in readings.rows] == [
            ("o02", "▼ 2 days late", "Northern Freight"),
            ("o01", "▼ 1 day late", "Northern Freight"),
            ("o00", "on the day", "Northern Freight"),
        ]
        assert readings.rows[2].customer_href == f"/customers/{sold.customers['Ada Hart'].pk}/"

    def test_readings_of_one_segment(self, sold, as_person):
        readings = as_person("Rita").get(f"{self.URL}&segment=north").context["readings"]
        assert [r.subject for r in readings.rows] == ["o00"]

    def test_older_readings(self, sold, as_person, monkeypatch):
        monkeypatch.setattr(evidence, "ROWS_SHOWN", 2)
        reader = as_person("Rita")
        page = reader.get(self.URL)
        older = reader.get(page.context["older_href"])
        assert [r.subject for r in older.context["readings"].rows] == ["o00"]
        assert older.context["older_href"] == ""

    def test_answers_are_the_readings_of_an_experience_gap(self, sold, as_person):
        Answer.objects.create(
            source="t", key="a", offering=Offering.objects.get(key="f0"), attribute="comfort", kind="experience",
            score=7, scale_min=0, scale_max=10, channel="web", answered_on=DAY,
        )  # fmt: skip
        response = as_person("Rita").get(f"{self.URL}&attribute=comfort&of=experience_gap")
        (reading,) = response.context["readings"].rows
        assert (reading.first, reading.second, reading.customer) == ("experienced", "7 on 0 to 10", "")
        assert "Comfort: experienced against expected" in words(response)

    def test_cannot_tell_says_why_and_what_would_decide(self, sold, as_person):
        said = words(as_person("Rita").get("/offerings/category/?category=lamps"))
        assert "Cannot tell 3 readings are too few. 20 would decide." in said
        rugs = words(as_person("Rita").get("/offerings/category/rugs/"))
        assert "Nothing was promised or asked about it." in rugs

    def test_a_category_that_is_none(self, sold, as_person):
        response = as_person("Rita").get("/offerings/category/?category=boats")
        assert response.status_code == 404
        assert "Nothing is sold under the name boats." in words(response)

    def test_queries_do_not_grow_with_readings(self, sold, as_person, django_assert_max_num_queries):
        for i in range(40):
            order = Order.objects.create(source="t", key=f"m{i}", ordered_on=DAY, state="done", currency="GBP")
            OrderLine.objects.create(
                source="t", key=f"m{i}", order=order, offering=Offering.objects.get(key="f0"), kind="sale",
                quantity=1, unit_price=1, amount_minor=100,
            )  # fmt: skip
            Promise.objects.create(
                source="t", key=f"m{i}", subject_kind="order", subject_key=f"m{i}", attribute="delivery_day",
                level_on=DAY, unit="date",
            )  # fmt: skip
        reader = as_person("Rita")
        with django_assert_max_num_queries(11):
            assert len(reader.get(self.URL).context["readings"].rows) == 25

    def test_strangers_are_sent_to_sign_in(self, sold, client):
        assert client.get(self.URL).status_code == 302
