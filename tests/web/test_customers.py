"""Customers: found, sorted, paged, downloaded; one page for each; erased by leaders only."""

from datetime import UTC, date, datetime
from importlib import import_module

import pytest
from django.core.cache import cache

from eigenform.customers.models import Contact, Customer, Identifier, Standing
from eigenform.intake.models import Load, Mapping, RefusedRow
from eigenform.ledger import feedback as ledger
from eigenform.ledger.contracts import EstimateRow
from eigenform.offerings.models import Attribute, Offering, Promise
from eigenform.sales.models import Order, OrderLine
from eigenform.service.models import Answer
from eigenform.supply_chain.models import Delivery
from eigenform.web.pages.customers import lists
from tests.web.conftest import MODEL, words

DAY = date(2026, 1, 10)


def standing(customer, *, worth=100_000.0, **fields):
    values = {
        "turn_number": 1,
        "as_of": date(2026, 2, 27),
        "orders_count": 3,
        "revenue_52w_minor": 12_345,
        "worth_mean_minor": worth,
        "worth_low_minor": worth and worth * 0.5,
        "worth_high_minor": worth and worth * 2,
        "last_order_on": DAY,
        "promises_kept": 2,
        "promises_broken": 1,
        "model_version": "bg-nbd r 0.2; gamma-gamma p 1",
    }
    return Standing.objects.create(customer=customer, **values | fields)


@pytest.fixture
def ada(small_firm):
    """Ada with an order that came late, an answer, a contact, and two neighbours with standings."""
    for i, name in enumerate(("Ben Stone", "=2+3")):
        standing(small_firm.customers[name], worth=50_000.0 - i)
    ada = small_firm.customers["Ada Hart"]
    Customer.objects.filter(pk=ada.pk).update(segment="north", country="GB", kind="organisation")
    ada.refresh_from_db()
    standing(ada)
    Contact.objects.create(source="t", key="k", customer=ada, name="Mira Lund", email="mira@example.org", role="Buyer")
    Identifier.objects.create(source="t", kind="account", value="ACC-7", customer=ada)
    sofa = Offering.objects.create(source="t", key="sofa", name="Sofa", category="furniture")
    Attribute.objects.create(
        source="t", key="d", category="furniture", attribute="delivery_day", unit="date", better="lower"
    )
    order = Order.objects.create(
        source="t", key="o1", customer=ada, ordered_on=DAY, state="done", currency="GBP", channel="web"
    )
    OrderLine.objects.create(
        source="t", key="o1-1", order=order, offering=sofa, kind="sale", quantity=1, unit_price=100, amount_minor=10_000
    )
    about = {"source": "t", "subject_kind": "order", "subject_key": "o1", "attribute": "delivery_day"}
    Promise.objects.create(key="p1", level_on=date(2026, 1, 15), unit="date", **about)
    Delivery.objects.create(key="d1", delivered_on=date(2026, 1, 17), **about)
    Answer.objects.create(
        source="t", key="a1", customer=ada, attribute="overall", kind="satisfaction", score=2, scale_min=1,
        scale_max=5, answered_on=date(2026, 1, 20), text="It came too late",
    )  # fmt: skip
    return ada


class TestList:
    def test_shows_worth_with_its_interval_best_first(self, ada, as_person):
        response = as_person("Rita").get("/customers/")
        said = words(response)
        assert said.index("Ada Hart") < said.index("Ben Stone") < said.index("Dora Lind")
        assert "About 4 customers, as turn 1 left them on 27 Feb 2026. Worth, as revenue." in said
        assert "£1,000 80 % interval £500 to £2,000; n 3" in said
        assert "£123.45" in said
        assert "1 of 3" in said
        assert "4 customers of about 4" in said
        assert f'data-row-link href="/customers/{ada.pk}/"' in response.content.decode()

    def test_sorts_both_ways_and_says_so(self, ada, as_person):
        html = as_person("Rita").get("/customers/?sort=name").content.decode()
        assert html.index(">=2+3<") < html.index(">Ada Hart<") < html.index(">Dora Lind<")
        assert 'aria-sort="ascending"><a href="/customers/?sort=-name">Name' in html

    def test_filters_stand_in_the_address_and_can_be_taken_away(self, ada, as_person):
        response = as_person("Rita").get("/customers/?segment=north&q=ada&sort=name")
        html = response.content.decode()
        assert "Ada Hart" in html
        assert "Ben Stone" not in html
        assert '<a class="ef-chip" href="/customers/?q=ada&amp;sort=name" aria-current="true">north' in html
        assert '<input type="hidden" name="segment" value="north">' in html

    def test_search_answers_htmx_with_the_list_alone(self, ada, as_person):
        response = as_person("Rita").get("/customers/?q=mira", headers={"HX-Request": "true", "HX-Target": "list"})
        html = response.content.decode()
        assert html.startswith('<div id="list">')
        assert "Ada Hart" in html
        assert "Ben Stone" not in html

    def test_pages_lead_on_and_back(self, ada, as_person, monkeypatch):
        monkeypatch.setattr(lists, "ROWS_SHOWN", 3)
        reader = as_person("Rita")
        first = reader.get("/customers/").context["pager"]
        assert first.previous_href == ""
        second = reader.get(first.next_href)
        assert [row.name for row in second.context["rows"]] == ["Dora Lind"]
        assert second.context["pager"].next_href == ""
        back = reader.get(second.context["pager"].previous_href)
        assert [row.name for row in back.context["rows"]] == ["Ada Hart", "Ben Stone", "=2+3"]

    def test_a_place_that_is_none_is_told_calmly(self, ada, as_person):
        response = as_person("Rita").get("/customers/?at=nonsense")
        assert response.status_code == 409
        assert "Open the list again from its first page." in words(response)

    @pytest.mark.parametrize(
        "query",
        ["q=%00", "q=a%00b", "segment=%00x", "q=%22%27%28%29%3A%2A", "sort=-nonsense", "kind=robot", "q=" + "x" * 5000],
    )
    def test_odd_addresses_are_borne(self, ada, as_person, query):
        assert as_person("Rita").get(f"/customers/?{query}").status_code == 200

    def test_an_empty_firm_is_told_what_to_do(self, firm_policy, as_person):
        assert "No customers yet Load a file to begin" in words(as_person("Max").get("/customers/"))
        assert "Somebody who may load files can bring them in." in words(as_person("Rita").get("/customers/"))

    def test_nobody_fits(self, ada, as_person):
        said = words(as_person("Rita").get("/customers/?q=zzz"))
        assert "Nobody fits" in said
        assert "Show everybody" in said

    def test_queries_do_not_grow_with_rows(self, ada, as_person, django_assert_max_num_queries):
        reader = as_person("Rita")
        for i in range(60):
            standing(Customer.objects.create(source="t", key=f"n{i}", name=f"N {i}"), worth=float(i))
        cache.clear()
        with django_assert_max_num_queries(14) as asked:
            assert len(reader.get("/customers/?sort=name").context["rows"]) == 50
        assert not any("OFFSET" in q["sql"] for q in asked.captured_queries)

    def test_markup_in_a_name_is_only_text(self, ada, as_person):
        Customer.objects.filter(pk=ada.pk).update(name="<script>x</script>" + "long " * 50)
        html = as_person("Rita").get("/customers/").content.decode()
        assert "<script>x" not in html
        assert "&lt;script&gt;x" in html


class TestCsv:
    def lines(self, client, query=""):
        response = client.get(f"/customers.csv{query}")
        assert response.streaming
        return b"".join(response.streaming_content).decode("utf-8-sig").splitlines()

    def test_streams_the_list_in_main_units(self, ada, as_person):
        head, first, *others = self.lines(as_person("Rita"))
        assert head.endswith(
            "revenue_52w_gbp,worth_gbp,worth_low_gbp,worth_high_gbp,lost_by_silence_gbp,p_alive,p_alive_before"
        )
        assert first.startswith("t,0,organisation,Ada Hart,north,GB,2026-02-27,3,2026-01-10,2,1,")
        assert first.endswith(",123.45,1000.00,500.00,2000.00,,,")
        assert len(others) == 3

    def test_holds_what_the_list_holds(self, ada, as_person):
        assert [line.split(",")[3] for line in self.lines(as_person("Rita"), "?segment=north")[1:]] == ["Ada Hart"]

    def test_nothing_in_it_runs_in_a_spreadsheet(self, ada, as_person):
        (line,) = [line for line in self.lines(as_person("Rita")) if "2+3" in line]
        assert ",'=2+3," in line

    def test_strangers_get_nothing(self, ada, client):
        assert client.get("/customers.csv").status_code == 302
        assert client.get("/customers/").status_code == 302
        assert client.get(f"/customers/{ada.pk}/").status_code == 302


class TestCustomer:
    def test_says_in_words_how_it_stands(self, ada, as_person):
        said = words(as_person("Rita").get(f"/customers/{ada.pk}/"))
        assert "An organisation in north, GB. 3 orders, the last on 10 Jan 2026." in said
        assert "We broke 1 of 3 promises that came due." in said
        assert "Worth, as revenue £1,000 £500 to £2,000 measured" in said
        assert "Mira Lund Buyer mira@example.org" in said
        assert "account ACC-7" in said
        assert "furniture £100.00" in said

    def test_shows_what_was_decided_and_why(self, ada, small_firm, as_person):
        response = as_person("Rita").get(f"/customers/{ada.pk}/")
        assert "Contact customer" in words(response)
        assert "They are still a customer." in words(response)
        assert f'href="/decisions/{small_firm.contacts["Ada Hart"]}/"' in response.content.decode()

    def test_shows_the_gaps_of_what_they_buy_in_their_segment_if_judged(self, ada, small_firm, as_person, now):
        def cell(segment, mean):
            facts = {"last_on": "2026-02-20", "short_share": {"mean": 0.2, "low": 0.1, "high": 0.3}}
            subject = f"attribute:furniture|delivery_day|{segment}"
            return EstimateRow(subject, "promise_gap", mean, mean - 0.5, mean + 0.5, 88, "days", facts)

        ledger.record_estimates(
            [cell("", -1.0), cell("north", -3.0), cell("south", -9.0)], turn_seq=small_firm.turn_seq, at=now,
            actor="0" * 32, model_version=MODEL, policy_version=1,
        )  # fmt: skip
        said = words(as_person("Rita").get(f"/customers/{ada.pk}/"))
        assert "Delivery day of furniture delivered against promised, north ▼ −3.0 days" in said
        assert "−9.0" not in said

    def test_cannot_tell_says_why_and_what_would_decide(self, small_firm, as_person):
        said = words(as_person("Rita").get(f"/customers/{small_firm.customers['Dora Lind'].pk}/"))
        assert "Cannot tell" in said
        assert "Turn 1 saw no purchase of theirs." in said
        assert "We know no offering that they bought." in said

    def test_one_timeline_newest_first_on_two_sides(self, ada, as_person):
        response = as_person("Rita").get(f"/customers/{ada.pk}/")
        entries = response.context["timeline"].entries
        assert [(e.kind, e.side) for e in entries] == [
            ("Answer", "customer"),
            ("Delivery", "firm"),
            ("Promise", "firm"),
            ("Order", "customer"),
        ]
        assert entries[1].text == "Delivery day: ▼ came 2 days later than promised"
        assert entries[0].text == "Satisfied with overall: 2 on 1 to 5"
        assert "£100.00: Sofa" in words(response)

    def test_a_filter_keeps_its_kinds(self, ada, as_person):
        response = as_person("Rita").get(f"/customers/{ada.pk}/?kind=orders")
        assert [e.kind for e in response.context["timeline"].entries] == ["Order"]

    def test_older_events_come_alone_and_lead_on(self, ada, as_person, monkeypatch):
        monkeypatch.setattr(import_module("eigenform.web.pages.customers.detail"), "EVENTS_SHOWN", 3)
        reader = as_person("Rita")
        older = reader.get(f"/customers/{ada.pk}/").context["timeline"].older_href
        part = reader.get(older, headers={"HX-Request": "true", "HX-Target": "timeline"})
        html = part.content.decode()
        assert html.startswith('<div id="timeline"')
        assert "Sofa" in html
        assert "came 2 days later" not in html
        assert '<p id="older" class="mt-3"></p>' in html
        assert "Facts" in words(reader.get(older)), "without htmx the address is a whole page"

    def test_queries_do_not_grow_with_the_history(self, ada, as_person, django_assert_max_num_queries):
        for i in range(40):
            Order.objects.create(source="t", key=f"m{i}", customer=ada, ordered_on=DAY, state="done", currency="GBP")
        reader = as_person("Rita")
        with django_assert_max_num_queries(30):
            reader.get(f"/customers/{ada.pk}/")

    def test_nobody_of_that_number(self, small_firm, as_person):
        assert as_person("Rita").get(f"/customers/{10**30}/").status_code == 404
        response = as_person("Rita").get("/customers/999999/")
        assert response.status_code == 404
        assert "They may have been erased on request." in words(response)


class TestErase:
    def test_the_page_says_what_goes_and_what_stays(self, ada, as_person):
        said = words(as_person("Lea").get(f"/customers/{ada.pk}/erase"))
        assert "Erase Ada Hart?" in said
        assert "1 person who acted for them" in said
        assert "1 order with amounts and days" in said
        assert "Backups that were made before" in said

    def test_readers_and_members_neither_see_the_link_nor_may_do_it(self, ada, as_person):
        for name in ("Rita", "Max"):
            person = as_person(name)
            assert "/erase" not in person.get(f"/customers/{ada.pk}/").content.decode()
            assert person.get(f"/customers/{ada.pk}/erase").status_code == 403
            assert person.post(f"/customers/{ada.pk}/erase", {"confirmed": "yes"}).status_code == 403
        assert "/erase" in as_person("Lea").get(f"/customers/{ada.pk}/").content.decode()
        assert Customer.objects.filter(pk=ada.pk).exists()

    def test_without_the_tick_nothing_happens(self, ada, as_person):
        response = as_person("Lea").post(f"/customers/{ada.pk}/erase")
        assert response.status_code == 422
        assert "Tick the box" in words(response)
        assert Customer.objects.filter(pk=ada.pk).exists()

    def test_once_confirmed_they_are_gone_refused_rows_included(self, ada, as_person):
        own = Mapping.objects.create(
            name="t", sha256="x", text="name = 't'", created_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
        load = Load.objects.create(mapping=own, path="p", actor="a", started_at=datetime(2026, 1, 1, tzinfo=UTC))
        RefusedRow.objects.create(load=load, file="f", row=2, reason="r", remedy="m", values=[("name", "Ada Hart")])
        RefusedRow.objects.create(
            load=load, file="f", row=3, reason="r", remedy="m", values=[("name", "Somebody else")]
        )
        response = as_person("Lea").post(f"/customers/{ada.pk}/erase", {"confirmed": "yes"}, follow=True)
        assert "The person was erased." in words(response)
        assert "Ada Hart" not in words(response)
        assert [row.row for row in RefusedRow.objects.all()] == [3]
