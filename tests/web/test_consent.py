"""What customers said of being reached: noted on their page, kept to by the next turn and by an approval."""

import pytest

from eigenform.customers import queries as customers
from eigenform.ledger import queries as ledger
from tests.web.conftest import words


def note(client, customer, *, channel="phone", state="refused"):
    return client.post(f"/customers/{customer.pk}/consent", {"channel": channel, "state": state}, follow=True)


def test_a_refusal_is_noted_shown_and_taken_back(small_firm, as_person):
    ada = small_firm.customers["Ada Hart"]
    response = note(as_person("Max"), ada)

    assert "Noted: phone, do not contact" in words(response)
    assert [(c.channel, c.state) for c in customers.consents_of(ada.pk)] == [("phone", "refused")]
    note(as_person("Max"), ada, state="given")
    assert [(c.channel, c.state) for c in customers.consents_of(ada.pk)] == [("phone", "given")]
    note(as_person("Max"), ada, state="")
    assert customers.consents_of(ada.pk) == []


def test_a_reader_sees_what_was_said_and_may_not_change_it(small_firm, as_person):
    ada = small_firm.customers["Ada Hart"]
    note(as_person("Max"), ada)

    assert "phone: do not contact" in words(as_person("Rita").get(f"/customers/{ada.pk}/"))
    assert note(as_person("Rita"), ada, state="").status_code == 403


@pytest.mark.parametrize(
    ("channel", "state"), [("phone", "perhaps"), ("", "refused"), ("pigeon", "given"), ("x" * 65, "given")]
)
def test_what_cannot_be_meant_is_refused(small_firm, as_person, channel, state):
    ada = small_firm.customers["Ada Hart"]

    response = as_person("Max").post(f"/customers/{ada.pk}/consent", {"channel": channel, "state": state})

    assert response.status_code == 409
    assert customers.consents_of(ada.pk) == []


def test_a_decision_made_before_the_refusal_cannot_be_approved_after_it(small_firm, as_person):
    name, seq = next(iter(small_firm.contacts.items()))
    member = as_person("Max")
    note(member, small_firm.customers[name], channel=ledger.decision(seq).channel)

    response = member.post(f"/decisions/{seq}/approve", {"assignee_id": str(small_firm.staff["Max"].pk)})

    assert "asked not to be reached" in words(response)
    assert ledger.decision(seq).state == "waiting"


@pytest.mark.parametrize("form", [{"channel": "phone"}, {"channel": "phone", "state": "perhaps"}, {"state": ""}, {}])
def test_a_form_that_says_nothing_takes_nothing_back(small_firm, as_person, form):
    ada, member = small_firm.customers["Ada Hart"], as_person("Max")
    note(member, ada)

    assert member.post(f"/customers/{ada.pk}/consent", form).status_code == 409
    assert [(c.channel, c.state) for c in customers.consents_of(ada.pk)] == [("phone", "refused")]


def test_a_refusal_calls_off_what_was_approved_and_says_so(small_firm, as_person):
    name, seq = next(iter(small_firm.contacts.items()))
    member = as_person("Max")
    member.post(f"/decisions/{seq}/approve", {"assignee_id": str(small_firm.staff["Max"].pk)})
    assert ledger.decision(seq).state == "approved"

    response = note(member, small_firm.customers[name])

    assert "Called off because of it: 1 approved contact." in words(response)
    assert ledger.decision(seq).state == "declined"
    assert "Called off" not in words(note(member, small_firm.customers[name]))
