"""Taking a decision: once, by who may, with a clear word when it is too late."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from eigenform.desk import queries as desk
from eigenform.ledger import feedback
from eigenform.ledger import queries as ledger
from eigenform.policy import actions as policy_actions
from eigenform.policy import queries as policy
from tests.web import conftest as firm
from tests.web.conftest import words

HTMX = {"HX-Request": "true"}


def verbs(seq: int) -> list[str]:
    return [d.verb for d in ledger.deeds_of(seq)]


def test_approving_gives_a_named_person_a_dated_task(small_firm, as_person):
    seq, max_ = small_firm.contacts["Ada Hart"], small_firm.staff["Max"]

    response = as_person("Lea").post(
        f"/decisions/{seq}/approve",
        {"assignee_id": max_.pk, "due_on": "2026-12-03"},
        headers={"Referer": "http://testserver/turns/1/?kind=contact_customer"},
        follow=True,
    )

    assert response.redirect_chain == [("/turns/1/?kind=contact_customer", 302)]
    assert "Approved: it is on Max's work list for 3 Dec 2026." in words(response)
    (task,) = desk.tasks_on("decision", str(seq))
    assert (task.title, task.assignee, task.due_on, task.state) == ("Call Ada Hart", "Max", date(2026, 12, 3), "open")
    assert ledger.decision(seq).state == "approved"
    assert verbs(seq) == ["approved"]
    assert ledger.deeds_of(seq)[0].actor == small_firm.staff["Lea"].actor


def test_a_second_click_makes_no_second_deed(small_firm, as_person):
    seq, client = small_firm.change, as_person("Lea")
    client.post(f"/decisions/{seq}/approve")

    response = client.post(f"/decisions/{seq}/approve")

    assert response.status_code == 409
    assert f"Decision {seq} is approved; it cannot be approved." in words(response)
    assert verbs(seq) == ["approved"]
    assert len(desk.tasks_on("decision", str(seq))) == 1


def test_a_reader_may_not_decide_and_nothing_is_written(small_firm, as_person):
    seq, before = small_firm.change, ledger.last_seq()
    reader = as_person("Rita")

    for verb, form in (("approve", {}), ("decline", {"reason": "No."}), ("later", {}), ("report", {"outcome": "done"})):
        response = reader.post(f"/decisions/{seq}/{verb}", form)
        assert response.status_code == 403, verb
        assert "You may not" in words(response), verb
        assert "Ask a leader of your firm" in words(response), verb

    assert ledger.last_seq() == before
    assert ledger.decision(seq).state == "waiting"
    assert desk.work_list() == []


def test_deciding_needs_post_and_the_form_s_secret(small_firm, as_person, people):
    assert as_person("Lea").get(f"/decisions/{small_firm.change}/approve").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people["Lea"])

    response = strict.post(f"/decisions/{small_firm.change}/approve")

    assert response.status_code == 403
    assert "This form is too old" in words(response)
    assert ledger.decision(small_firm.change).state == "waiting"


def test_declining_wants_a_reason_and_keeps_it(small_firm, as_person):
    seq, client = small_firm.talk, as_person("Max")

    bare = client.post(f"/decisions/{seq}/decline", {"reason": "  "})
    assert bare.status_code == 409
    assert f"Say in one sentence why decision {seq} was declined." in words(bare)
    client.post(f"/decisions/{seq}/decline", {"reason": "They moved their depot in May."})

    assert ledger.decision(seq).state == "declined"
    assert "They moved their depot in May." in words(client.get(f"/decisions/{seq}/"))


def test_later_leaves_it_waiting_on_the_record(small_firm, as_person):
    as_person("Max").post(f"/decisions/{small_firm.talk}/later")

    assert verbs(small_firm.talk) == ["later"]
    assert ledger.decision(small_firm.talk).state == "waiting"


def test_a_held_out_customer_cannot_be_approved(small_firm, as_person):
    response = as_person("Lea").post(f"/decisions/{small_firm.held_out}/approve")

    assert response.status_code == 409
    assert "is held out; it cannot be approved" in words(response)
    page = words(as_person("Lea").get(f"/decisions/{small_firm.held_out}/"))
    assert "Held out: nothing is done, so that we can measure." in page
    assert "Approve" not in page


def test_done_and_failed_come_back_as_deeds(small_firm, as_person):
    client, ada, ben = as_person("Max"), small_firm.contacts["Ada Hart"], small_firm.contacts["Ben Stone"]
    for seq in (ada, ben):
        client.post(f"/decisions/{seq}/approve", {"due_on": "2026-12-03"})

    client.post(f"/decisions/{ada}/report", {"outcome": "done", "done_on": "2026-12-02"})
    bare = client.post(f"/decisions/{ben}/report", {"outcome": "failed", "done_on": "2026-12-02"})
    client.post(
        f"/decisions/{ben}/report", {"outcome": "failed", "reason": "Nobody answered.", "done_on": "2026-12-02"}
    )

    assert bare.status_code == 409
    assert (ledger.decision(ada).state, ledger.decision(ben).state) == ("done", "failed")
    assert verbs(ben) == ["approved", "failed"]
    assert [t.state for t in desk.tasks_on("decision", str(ben))] == ["failed"]
    said = words(client.get(f"/decisions/{ben}/"))
    assert "Failed Max" in said
    assert "Nobody answered." in said


def test_the_contact_cap_names_the_next_free_day(small_firm, as_person, now):
    document = policy.document()
    from dataclasses import replace

    from eigenform.records.scope import SYSTEM

    once = replace(document, limits=replace(document.limits, contacts_max=1, contacts_window_days=30))
    policy_actions.adopt(once, author="Lea", reason="Less is more.", scope=SYSTEM, now=now)
    from eigenform.marketing.models import Touch

    ada = small_firm.customers["Ada Hart"]
    Touch.objects.create(
        source="t", key="1", customer_id=ada.pk, channel="phone", direction="out", touched_on=date(2026, 12, 1)
    )
    seq = small_firm.contacts["Ada Hart"]

    response = as_person("Max").post(f"/decisions/{seq}/approve", {"due_on": "2026-12-20"})

    assert response.status_code == 409
    assert "more than 1 within 30 days. The next free day is 2026-12-31." in words(response)
    assert (verbs(seq), desk.work_list()) == ([], [])


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"assignee_id": "999999"}, "Choose a member or a leader of the firm who can sign in."),
        ({"assignee_id": "'; drop"}, "Choose a member or a leader of the firm who can sign in."),
        ({"due_on": "2026-02-30"}, "2026-02-30 is not a day. Write it as 2026-03-02."),
        ({"due_on": "soon"}, "soon is not a day. Write it as 2026-03-02."),
    ],
)
def test_nonsense_in_the_form_is_refused_in_words(small_firm, as_person, form, said):
    response = as_person("Max").post(f"/decisions/{small_firm.change}/approve", form)

    assert response.status_code == 409
    assert said in words(response)
    assert verbs(small_firm.change) == []


def test_htmx_gets_the_card_alone_and_refusals_in_it(small_firm, as_person):
    seq, client = small_firm.change, as_person("Max")

    first = client.post(f"/decisions/{seq}/approve", {"due_on": "2026-12-03"}, headers=HTMX)
    second = client.post(f"/decisions/{seq}/approve", headers=HTMX)

    assert first.status_code == 200
    assert first.content.decode().strip().startswith(f'<article class="ef-decision" id="decision-{seq}"')
    assert "Approved: it is on Max's work list for 3 Dec 2026." in words(first)
    assert second.status_code == 409
    assert f"Decision {seq} is approved; it cannot be approved." in words(second)
    assert f'id="decision-{seq}"' in second.content.decode()


def test_a_decision_that_is_not_there_says_so(small_firm, as_person):
    for response in (as_person("Max").get("/decisions/4711/"), as_person("Max").post("/decisions/4711/approve")):
        assert response.status_code == 404
        assert "There is no decision 4711." in words(response)


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, "9" * 23, "9" * 5000], ids=["biggest", "above", "far", "endless"])
def test_a_number_that_no_row_can_have_is_the_address_of_nothing(small_firm, as_person, number):
    client = as_person("Max")

    assert client.get(f"/decisions/{number}/").status_code == 404
    assert client.get(f"/customers/{number}/").status_code == 404
    for verb in ("approve", "decline", "later", "report"):
        form = {"reason": "No.", "outcome": "done"}
        assert client.post(f"/decisions/{number}/{verb}", form).status_code == 404, verb


@pytest.mark.parametrize("due_on", ["1890-01-01", "2026-02-26", "9999-12-31"])
def test_work_is_not_put_on_a_day_that_cannot_be_meant(small_firm, as_person, due_on):
    response = as_person("Max").post(f"/decisions/{small_firm.change}/approve", {"due_on": due_on})

    assert response.status_code == 409
    assert f"{due_on} cannot be meant for decision {small_firm.change}. Choose a day from 2026-02-27 to" in words(
        response
    )
    assert (verbs(small_firm.change), desk.work_list()) == ([], [])


def test_a_reader_is_not_offered_work_and_cannot_be_given_any(small_firm, as_person):
    client, rita = as_person("Lea"), small_firm.staff["Rita"]

    page = client.get(f"/decisions/{small_firm.change}/").content.decode()
    response = client.post(f"/decisions/{small_firm.change}/approve", {"assignee_id": rita.pk})

    assert f'<option value="{small_firm.staff["Max"].pk}"' in page
    assert f'<option value="{rita.pk}"' not in page
    assert response.status_code == 409
    assert "Choose a member or a leader of the firm" in words(response)
    assert verbs(small_firm.change) == []


def test_the_page_shows_the_formula_with_this_case_s_numbers(small_firm, as_person):
    said = words(as_person("Rita").get(f"/decisions/{small_firm.contacts['Ada Hart']}/"))

    assert "Expected gain = effect of the action × what the customer is worth." in said
    assert "Effect of the action 2.0 %" in said
    assert "assumed · not yet measured. A cautious start" in said
    assert "£4,800 £3,000 to £7,000" in said
    assert "12 readings" in said
    assert "Cost £5.00 policy version 1" in said


def test_an_erased_customer_has_no_name_left(small_firm, as_person):
    small_firm.customers["Ada Hart"].delete()
    seq = small_firm.contacts["Ada Hart"]

    said = words(as_person("Rita").get(f"/decisions/{seq}/"))

    assert "A customer, erased on request" in said
    assert "Ada Hart" not in said


def test_a_measured_effect_says_so_and_not_what_was_once_assumed(small_firm, as_person, now):
    (seq,) = feedback.record_decisions(
        [replace(firm.contact(f"customer:{small_firm.customers['Ada Hart'].subject}"), basis="measured")],
        turn_seq=small_firm.turn_seq, at=now, actor="0" * 32, model_version="m", policy_version=1,
    )  # fmt: skip
    said = words(as_person("Rita").get(f"/decisions/{seq}/"))

    assert "measured against the hold-out; the page What worked shows how" in said
    assert "A cautious start" not in said and "not yet measured" not in said
