"""The policy is a form over every leaf of the document; leaders adopt versions, and the history says what changed."""

import dataclasses
from typing import Any

import pytest

from eigenform.ledger import queries as ledger
from eigenform.policy import queries
from eigenform.policy.contracts import Document, to_json
from eigenform.web.pages.policy_form import PolicyForm, changes
from eigenform.web.pages.policy_sections import LEAVES
from tests.web.conftest import words


def typed(document: Document, version: int = 1, **over: Any) -> dict[str, Any]:
    """Return the form's fields as a browser would send them back untouched, with some typed over."""
    form = PolicyForm(document, version)
    return {**{name: form[name].value() for name in form.fields if name != "reason"}, "reason": "Because.", **over}


def leaves_of(values: dict[str, Any], before: str = "") -> set[str]:
    """Return the paths of a document's leaves; tables of a firm's own names count as one."""
    tables = {"limits.minutes_by_channel", "limits.minutes_by_person", "margin_share_by_category"}
    found: set[str] = set()
    for key, value in values.items():
        path = f"{before}{key}"
        found |= leaves_of(value, f"{path}.") if isinstance(value, dict) and path not in tables else {path}
    return found


def test_every_leaf_of_the_document_has_its_field():
    assert {leaf.path for leaf in LEAVES} == leaves_of(to_json(Document()))


def test_an_untouched_form_gives_the_document_back(firm_policy):
    document = dataclasses.replace(
        queries.document(),
        left_alone_segments=("press", "staff"),
        margin_share_by_category={"lamps": 0.3, "furniture = oak": 0.125},
    )
    form = PolicyForm(document, 1, typed(document))

    assert form.is_valid(), form.errors
    assert form.document() == document


def test_a_leader_adopts_a_version_with_a_reason(firm_policy, as_person):
    before = queries.in_force()
    form = typed(
        before.document,
        limits__budget_minor="3500.50",
        limits__holdout_share="12.5",
        limits__minutes_by_channel="phone = 90\nletter = 30",
        left_alone_segments="press\n\n staff ",
    )

    response = as_person("Lea").post("/policy/", form, follow=True)

    assert response.redirect_chain == [("/policy/", 302)]
    after = queries.in_force()
    assert (after.version, after.author, after.reason) == (2, "Lea", "Because.")
    assert after.document.limits.budget_minor == 350_050
    assert after.document.limits.holdout_share == 0.125
    assert after.document.limits.minutes_by_channel == {"phone": 90.0, "letter": 30.0}
    assert after.document.left_alone_segments == ("press", "staff")
    assert after.document.effects == before.document.effects
    said = words(response)
    assert "Version 2 is in force. The next turn keeps to it." in said
    assert "Limits of one turn, Budget: 2000.00 → 3500.50" in said
    assert "Hold-out, Held out: 10 → 12.5" in said
    assert "Left alone, Segments: nothing → press, staff" in said


@pytest.mark.parametrize("name", ["Max", "Rita"])
def test_only_leaders_change_the_policy(firm_policy, as_person, name):
    client, before = as_person(name), ledger.last_seq()

    response = client.post("/policy/", typed(queries.document(), limits__budget_minor="1"))

    assert response.status_code == 403
    assert "You may not change the policy." in words(response)
    assert (queries.in_force().version, ledger.last_seq()) == (1, before)
    page = client.get("/policy/").content.decode()
    assert "Adopt a new version" not in page
    assert page.count(" disabled") == len(LEAVES) + 1  # and the version that the form began from


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("reason", "", "This field is required."),
        ("limits__minutes_by_channel", "phone 90", "“phone 90” is not a name, = and a number."),
        ("limits__minutes_by_channel", "phone = -90", "phone is below 0."),
        ("firm__zone", "Mars/Base", "Mars/Base is no time zone."),
        ("limits__holdout_share", "100", "Policy field limits.holdout_share"),
        ("effects__contact_customer__sd", "0", "An assumption without doubt is a claim"),
        ("limits__contacts_max", "-1", "greater than or equal to 0"),
        ("limits__budget_minor", "10.001", "no more than 2 decimal places"),
    ],
)
def test_nonsense_is_refused_beside_its_field_and_keeps_what_was_typed(firm_policy, as_person, field, value, said):
    form = typed(queries.document(), firm__name="Elm & Sons", **{field: value})

    response = as_person("Lea").post("/policy/", form)

    assert response.status_code == 422
    assert said in words(response)
    assert 'value="Elm &amp; Sons"' in response.content.decode()
    assert queries.in_force().version == 1


def test_saving_over_a_colleague_s_version_is_stopped(firm_policy, as_person):
    client, document = as_person("Lea"), queries.document()
    client.post("/policy/", typed(document, limits__contacts_max="3"))

    response = client.post("/policy/", typed(document, version=1, limits__contacts_max="9"))

    assert response.status_code == 409
    assert "Lea adopted version 2 while you were editing. Nothing of yours was saved" in words(response)
    assert queries.document().limits.contacts_max == 3


def test_saving_nothing_makes_no_version(firm_policy, as_person):
    response = as_person("Lea").post("/policy/", typed(queries.document()))

    assert "Nothing is different, so nothing was saved." in words(response)
    assert queries.in_force().version == 1


def test_a_new_installation_begins_with_the_defaults(people, as_person):
    said = words(as_person("Rita").get("/policy/"))

    assert "Version 1, adopted by Eigenform" in said


def test_changes_name_only_what_differs():
    before = Document()
    after = dataclasses.replace(before, horizon_weeks=26, margin_share_by_category={"lamps": 0.3})

    assert [(c.label, c.before, c.after) for c in changes(before, after)] == [
        ("Horizon", "52", "26"),
        ("Margin", "nothing", "lamps = 30"),
    ]


def test_the_history_costs_no_query_per_version(firm_policy, as_person, django_assert_max_num_queries):
    client = as_person("Lea")
    for budget in range(5):
        version = queries.in_force().version
        client.post("/policy/", typed(queries.document(), version=version, limits__budget_minor=str(budget)))
    assert queries.in_force().version == 6

    with django_assert_max_num_queries(8):
        client.get("/policy/")
