"""Effort: what the plan adds, what its limits are worth, another budget, winning against keeping, approving it."""

import dataclasses
import json
import re

import pytest

from eigenform.control.contracts import Cost, Effect, Offer
from eigenform.control.decisions import share_means
from eigenform.control.decisions.contacts import Whom, contact_candidates
from eigenform.control.decisions.effort import effort
from eigenform.ledger import feedback
from eigenform.ledger import queries as ledger
from tests.control.cases import AS_OF, means, rules, worth_of
from tests.web import conftest as firm
from tests.web.conftest import words

KNOWN = {
    "margin": 50, "discount": 15, "win_spend": 7.3690, "win_share": 30.838, "win_ceiling": 40,
    "keep_spend": 10, "keep_share": 27.542855, "keep_ceiling": 70,
}  # fmt: skip


def planned(**changes):
    """Return the summary of a turn that had calls and e-mails for 200 customers."""
    mail = Offer("e-mail", Cost(20, 2.0, "email"))
    limits = {"budget_minor": 9_000, "minutes_by_channel": {"phone": 240.0, "email": 60.0}} | changes
    its = rules(
        offers=(mail,),
        effects={**rules().effects, "e-mail": Effect(0.004, 0.006)},
        means=means(**limits),
        minutes_by_person={"phone": {"Ada": 240.0}},
    )
    found, _ = contact_candidates(worth_of([90_000 - 200 * i for i in range(200)]), whom=Whom(), as_of=AS_OF, rules=its)
    done, held = share_means(found, as_of=AS_OF, rules=its)
    told = effort(found, done, held, as_of=AS_OF, rules=its)
    return {"effort": json.loads(json.dumps(dataclasses.asdict(told)))}, told


@pytest.fixture
def a_plan(people, firm_policy, now):
    def write(**changes):
        summary, told = planned(**changes)
        firm.write_turn(now, firm.summary("partner:" + "0" * 32) | summary)
        return told

    return write


def test_before_a_turn_the_page_says_what_is_missing(people, firm_policy, as_person):
    response = as_person("Rita").get("/effort/")

    assert response.status_code == 200
    assert "No turn was made yet" in words(response)


def test_a_turn_that_kept_no_plan_is_shown_all_the_same(small_firm, as_person):
    assert "made before plans were kept" in words(as_person("Rita").get("/effort/"))


def test_the_plan_its_cost_and_the_price_of_an_hour_stand_in_one_sentence(a_plan, as_person):
    told = a_plan()
    said = words(as_person("Rita").get("/effort/"))

    phone = next(c for c in told.channels if c.name == "phone")
    assert phone.used == phone.most == 240.0
    dearest = max(told.channels, key=lambda c: c.price_minor)
    assert f"one more hour by {dearest.name} is worth about £{60 * dearest.price_minor / 100:,.2f}" in said
    assert f"one more hour would add about £{60 * phone.price_minor / 100:,.2f}" in said
    assert f"for £{told.budget.used / 100:,.2f}" in said
    assert "80 % interval" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "Contact customer: e-mail" in said
    assert "Ada 4.0 h" in said
    assert "A tenth less budget" in said
    assert "A tenth more budget" in said


def test_a_plan_of_nothing_says_so(a_plan, as_person):
    a_plan(per_kind_max={"contact_customer": 0})

    assert "found nothing that adds more than it costs" in words(as_person("Rita").get("/effort/"))


def test_the_curve_over_budgets_rises_and_is_a_csv(a_plan, as_person):
    told = a_plan()
    lines = as_person("Rita").get("/effort/budget.csv").content.decode("utf-8-sig").splitlines()

    assert len(lines) == 1 + len(told.curve) == 10
    net = [float(line.split(",")[3]) for line in lines[1:]]
    assert net == sorted(net)
    assert net[-1] > net[0] == 0.0


def test_winning_against_keeping_is_reckoned_from_the_address(firm_policy, as_person):
    said = words(as_person("Rita").get("/effort/", KNOWN))

    assert "Spend £7.37 on each prospect, which wins 31%" in said
    assert "£12.94 a year on each customer, which keeps 33%" in said
    assert "worth £54.57, a prospect £9.46" in said
    assert "Who counts only the first year's margin would spend £6.93" in said
    keeping = as_person("Rita").get("/effort/keeping.csv", KNOWN).content.decode("utf-8-sig").splitlines()
    assert keeping[0] == "spend,worth"
    assert len(keeping) == 42


def test_what_is_missing_for_the_split_is_named_and_what_is_known_is_filled_in(a_plan, as_person):
    a_plan()
    response = as_person("Rita").get("/effort/", {"win_spend": "5"})

    said = words(response)
    needed = said.partition("It needs ")[2].partition(".")[0]
    assert needed.startswith("what a customer brings in a year, how many that wins, how many could be won at most")
    assert "what you spend to win a prospect" not in needed
    assert 'value="10' in response.content.decode()  # the policy's discount in per cent


def test_a_split_that_contradicts_itself_is_told(firm_policy, as_person):
    said = words(as_person("Rita").get("/effort/", {**KNOWN, "win_share": 45}))

    assert "must lie between 0 and the ceiling" in said


def test_a_reader_may_look_but_not_approve(small_firm, as_person):
    reader = as_person("Rita")

    assert reader.get("/effort/approve").status_code == 403
    assert reader.post("/effort/approve", {"confirmed": "yes"}).status_code == 403


def shown(client, query=""):
    """Return the hidden fields of the form that stands open: what of the plan the person sees."""
    html = client.get(f"/effort/approve{query}").content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(offer|turn|count)" value="([^"]*)"', html))
    assert set(fields) == {"offer", "turn", "count"}
    return fields


def agreed(firm):
    return {"confirmed": "yes", "assignee_id": str(firm.staff["Max"].pk)}


def test_approving_says_first_what_will_happen_and_names_those_left_alone(small_firm, as_person):
    member = as_person("Max")
    asked = words(member.get("/effort/approve"))

    assert "left alone at random" in asked
    assert "1 more" in asked
    assert member.post("/effort/approve", shown(member)).status_code == 422
    assert ledger.waiting_count() == 5


def test_a_plan_is_approved_decision_by_decision(small_firm, as_person):
    member = as_person("Max")
    response = member.post("/effort/approve", shown(member) | agreed(small_firm), follow=True)

    states = [d.state for d in ledger.decisions_of_turn(small_firm.turn_seq)]
    assert states.count("approved") == 5
    assert states.count("held_out") == 1
    assert "Approved: 5 decisions" in words(response)


def test_one_offer_is_approved_alone(small_firm, as_person):
    member = as_person("Max")
    member.post("/effort/approve", shown(member, "?offer=talk_to_partner%7C") | agreed(small_firm))

    approved = [d.kind for d in ledger.decisions_of_turn(small_firm.turn_seq) if d.state == "approved"]
    assert approved == ["talk_to_partner"]


def test_a_plan_that_nobody_saw_is_not_approved(small_firm, as_person, now):
    member = as_person("Max")
    form = shown(member) | agreed(small_firm)
    seq = firm.write_turn(now, firm.summary(small_firm.partner_subject), number=2)
    again = [firm.talk(d.subject) for d in ledger.decisions_of_turn(small_firm.turn_seq) if d.state == "waiting"]
    feedback.record_decisions(
        again, turn_seq=seq, at=now, actor="system", model_version=firm.MODEL, policy_version=1
    )  # as many as before: only the turn tells that it is another plan

    response = member.post("/effort/approve", form)

    assert response.status_code == 409
    assert "Error 409: the plan has changed since you looked" in words(response)
    assert 'href="/effort/approve"' in response.content.decode()
    assert ledger.waiting_count() == 10
    assert member.post("/effort/approve", shown(member) | agreed(small_firm)).status_code == 302
    assert {d.state for d in ledger.decisions_of_turn(seq)} == {"approved"}


@pytest.mark.parametrize("changes", [{"count": "6"}, {"turn": ""}, {"turn": "x"}, {"offer": "talk_to_partner|"}])
def test_a_form_that_showed_something_else_approves_nothing(small_firm, as_person, changes):
    member = as_person("Max")

    assert member.post("/effort/approve", shown(member) | agreed(small_firm) | changes).status_code == 409
    assert ledger.waiting_count() == 5


def test_what_was_decided_meanwhile_is_looked_at_again(small_firm, as_person):
    member = as_person("Max")
    form = shown(member, "?offer=talk_to_partner%7C") | agreed(small_firm)
    member.post(f"/decisions/{small_firm.talk}/decline", {"reason": "Not now."})

    response = member.post("/effort/approve", form)

    assert response.status_code == 409
    assert 'href="/effort/approve?offer=talk_to_partner%7C"' in response.content.decode()
