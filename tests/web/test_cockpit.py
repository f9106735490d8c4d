"""The start page says how things stand, and nothing that was not computed."""

from dataclasses import replace

import pytest

from eigenform.ledger import feedback as ledger
from tests.web import conftest as firm
from tests.web.conftest import words


def test_the_state_is_said_in_words(small_firm, as_person):
    said = words(as_person("Rita").get("/"))

    assert (
        "5 decisions wait for a person. Most money is exposed to delivery day of furniture: £48k, exposed, not lost. "
        "62 of 302 promises that came due were broken. Turn 1, as of 27 Feb 2026."
    ) in said
    assert "7 orders are in other currencies than GBP" in said


def test_figures_come_with_their_interval_n_age_and_model(small_firm, as_person):
    said = words(as_person("Rita").get("/"))

    assert "▼ −1.3 days" in said
    assert "80 % interval −1.9 to −0.7 days; n 88; 7 days old; model bg-nbd 1; measured" in said
    assert "80 % interval 18 to 27 %; n 88" in said
    assert "£480k £310k to £670k measured 80 % interval £310k to £670k; n 312" in said
    assert "Revenue, as no margin is known, expected from today's customers" in said


def test_what_cannot_be_told_says_why(small_firm, as_person):
    said = words(as_person("Rita").get("/"))

    assert "Cannot tell 3 readings are too few; 20 would decide." in said
    assert "Experience against expectation: cannot tell. No expectation was asked." in said


def test_rows_stand_worst_first_and_lead_to_the_offering(small_firm, as_person):
    page = as_person("Rita").get("/").content.decode()

    assert 'href="/offerings/category/?category=furniture&amp;attribute=delivery_day"' in page
    assert page.index("category=furniture") < page.index("category=lamps")
    assert page.index("category=lamps") < page.index("Northern Freight", page.index('id="partners"'))


def test_promises_and_histogram_are_drawn_with_their_numbers(small_firm, as_person):
    response = as_person("Rita").get("/")
    said = words(response)

    assert "kept 240 broken: too late 54 broken: not delivered 8 still open 6 withdrawn 2, not in the bar" in said
    assert "290 of 312 customers are worth £0 to £500 each." in said
    assert "£500 and more 22" in said
    csv = as_person("Rita").get("/turns/1/worth.csv").content.decode("utf-8-sig").splitlines()
    assert csv == [
        "worth_from_minor,worth_to_minor,currency,customers",
        "0.0,50000.0,GBP,290",
        "50000.0,,GBP,22",
    ]


def test_the_best_decisions_can_be_taken_by_who_may(small_firm, as_person):
    page = as_person("Max").get("/").content.decode()

    assert page.count('data-verb="approve"') == 3
    assert "All 5 that wait" in page
    assert 'name="assignee_id"><option value="{}">Max</option>'.format(small_firm.staff["Max"].pk) in page
    assert "Nobody is held out. It is measured by a staggered release." not in page  # the fourth is not shown


def test_a_reader_sees_the_decisions_without_buttons(small_firm, as_person):
    page = as_person("Rita").get("/").content.decode()

    assert "data-verb" not in page
    assert "a member or a leader" in page


def test_worth_that_cannot_be_told_says_what_would_decide(people, firm_policy, now, as_person):
    told = firm.summary("partner:" + "0" * 32) | {
        "worth": None,
        "worth_reason": "The histories are sampled.",
        "worth_decides": "A full history of 52 weeks would decide.",
        "worth_histogram": None,
    }
    firm.write_turn(now, told)

    said = words(as_person("Rita").get("/"))

    assert "Cannot tell The histories are sampled. A full history of 52 weeks would decide. Load a file" in said
    assert "A partner, erased on request" in said


def test_simulated_data_are_labelled_on_every_page(people, firm_policy, now, as_person):
    firm.write_turn(now, firm.summary("partner:" + "0" * 32) | {"simulated": True})
    reader = as_person("Rita")

    for path in ("/", "/turns/", "/turns/1/", "/work/", "/policy/"):
        assert "Simulated company" in words(reader.get(path)), path
    assert "simulated" in words(reader.get("/"))


def test_before_the_first_turn_two_steps_are_told(people, firm_policy, as_person):
    page = as_person("Max").get("/")

    assert "Nothing is loaded yet" in words(page)
    assert 'href="/load/"' in page.content.decode()
    assert 'action="/turns/run"' in page.content.decode()
    assert 'action="/turns/run"' not in as_person("Rita").get("/").content.decode()


def test_a_count_stands_beside_the_cockpit_only_while_somebody_must_act(small_firm, as_person):
    assert 'class="ef-count">5<' in as_person("Rita").get("/turns/").content.decode()


@pytest.mark.parametrize("more", [0, 40])
def test_the_cockpit_asks_the_database_as_often_for_many_decisions(
    small_firm, as_person, now, django_assert_max_num_queries, more
):
    customers = list(small_firm.customers.values())
    extra = [replace(firm.contact(f"customer:{customers[i % 4].subject}"), facts={}) for i in range(more)]
    ledger.record_decisions(
        extra, turn_seq=small_firm.turn_seq, at=now, actor="0" * 32, model_version="m", policy_version=1
    )
    client = as_person("Max")

    with django_assert_max_num_queries(15):
        client.get("/")
