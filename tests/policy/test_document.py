"""The policy as a document: what makes no sense is refused by the name of its field, what is sound survives JSON."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenform.policy.contracts import (
    Action,
    Document,
    Firm,
    ImpossiblePolicy,
    Limits,
    Prior,
    Thresholds,
    from_json,
    to_json,
)

KINDS = ("contact_customer", "change_attribute", "talk_to_partner")
shares = st.floats(0, 1, exclude_max=True)
names = st.text(max_size=12)
money = st.integers(0, 10**12)
counts = st.integers(0, 500)
priors = st.builds(Prior, mean=st.floats(-1, 1), sd=st.floats(1e-6, 2), author=names, reason=names)
actions = st.builds(Action, cost_minor=money, minutes=st.floats(0, 500), channel=names)
documents = st.builds(
    Document,
    firm=st.builds(
        Firm, name=names, currency=st.sampled_from(["", "GBP", "JPY"]), zone=st.sampled_from(["UTC", "Asia/Tokyo"])
    ),
    limits=st.builds(
        Limits,
        budget_minor=money,
        minutes_by_channel=st.dictionaries(names, st.floats(0, 1e5), max_size=3),
        contacts_max=counts,
        contacts_window_days=st.integers(1, 400),
        contacts_per_turn=counts,
        attribute_changes_per_turn=counts,
        partner_talks_per_turn=counts,
        repeat_after_days=counts,
        holdout_share=shares,
        holdout_weeks=st.integers(1, 60),
    ),
    thresholds=st.builds(
        Thresholds,
        short_share_tolerated=shares,
        gap_tolerated=st.floats(0, 50),
        certainty=st.floats(0.5, 0.999),
        readings_min=st.integers(1, 100),
    ),
    actions=st.fixed_dictionaries(dict.fromkeys(KINDS, actions)),
    effects=st.fixed_dictionaries(dict.fromkeys(KINDS, priors)),
    left_alone_segments=st.lists(names, max_size=3).map(tuple),
    margin_share_by_category=st.dictionaries(names, st.floats(0, 1), max_size=3),
    horizon_weeks=st.integers(1, 500),
    discount_per_year=st.floats(0, 1),
)  # fmt: skip


@given(document=documents)
def test_a_document_survives_the_journey_through_json(document):
    assert from_json(json.loads(json.dumps(to_json(document)))) == document


def test_a_missing_part_takes_its_default():
    assert from_json({}) == Document()
    assert from_json({"limits": {"budget_minor": 7}}) == Document(limits=Limits(budget_minor=7))


UNKNOWN = {
    "budgetminor": {"limits": {"budgetminor": 1}},
    "colour": {"colour": "blue"},
    "confidence": {"thresholds": {"confidence": 0.9}},
    "price": {"actions": {"contact_customer": {"cost_minor": 1, "minutes": 1, "channel": "x", "price": 2}}},
    "median": {"effects": {"contact_customer": {"mean": 0.1, "sd": 0.1, "median": 0.1}}},
    "country": {"firm": {"country": "GB"}},
}


@pytest.mark.parametrize(("name", "values"), UNKNOWN.items(), ids=UNKNOWN)
def test_an_unknown_field_is_refused_by_name(name, values):
    with pytest.raises(ImpossiblePolicy, match=name):
        from_json(values)


# The field that makes no sense, and a document that holds it.
SENSELESS = {
    "limits.budget_minor": {"limits": {"budget_minor": -1}},
    "limits.holdout_share": {"limits": {"holdout_share": 1.0}},
    "limits.contacts_max": {"limits": {"contacts_max": -1}},
    "limits.contacts_window_days": {"limits": {"contacts_window_days": 0}},
    "limits.holdout_weeks": {"limits": {"holdout_weeks": 0}},
    "limits.contacts_per_turn": {"limits": {"contacts_per_turn": -1}},
    "limits.attribute_changes_per_turn": {"limits": {"attribute_changes_per_turn": -1}},
    "limits.partner_talks_per_turn": {"limits": {"partner_talks_per_turn": -1}},
    "limits.repeat_after_days": {"limits": {"repeat_after_days": -1}},
    "limits.minutes_by_channel": {"limits": {"minutes_by_channel": {"phone": -1}}},
    "thresholds.short_share_tolerated": {"thresholds": {"short_share_tolerated": 1.5}},
    "thresholds.certainty": {"thresholds": {"certainty": 1.0}},
    "thresholds.gap_tolerated": {"thresholds": {"gap_tolerated": -0.1}},
    "thresholds.readings_min": {"thresholds": {"readings_min": 0}},
    "effects.sd": {"effects": {"contact_customer": {"mean": 0.1, "sd": 0.0}}},
    "effects.mean": {"effects": {"contact_customer": {"mean": 2.0, "sd": 0.1}}},
    "actions.cost_minor": {"actions": {"contact_customer": {"cost_minor": -1, "minutes": 1.0, "channel": "phone"}}},
    "actions.minutes": {"actions": {"contact_customer": {"cost_minor": 1, "minutes": -1.0, "channel": "phone"}}},
    "margin_share_by_category": {"margin_share_by_category": {"Chairs": 1.2}},
    "horizon_weeks": {"horizon_weeks": 0},
    "discount_per_year": {"discount_per_year": -0.1},
    "firm.zone": {"firm": {"zone": "Middle/Earth"}},
}


@pytest.mark.parametrize(("field", "values"), SENSELESS.items(), ids=SENSELESS)
def test_what_makes_no_sense_is_refused_by_field(field, values):
    with pytest.raises(ImpossiblePolicy) as caught:
        from_json(values)

    assert caught.value.field == field
    assert str(caught.value).startswith(f"Policy field {field}: ")


@pytest.mark.parametrize("part", ["actions", "effects"])
def test_an_action_that_is_not_named_keeps_its_default(part):
    """A person who edits one action must not take the others away: the next turn needs them all."""
    only = {"contact_customer": to_json(Document())[part]["contact_customer"]}

    assert from_json({part: only}) == Document()


def test_not_a_number_is_no_limit():
    for name in ("budget_minor", "holdout_share"):
        with pytest.raises(ImpossiblePolicy):
            dataclasses.replace(Limits(), **{name: float("nan")})
    with pytest.raises(ImpossiblePolicy):
        from_json({"limits": {"budget_minor": "much"}})


def test_an_action_that_the_loop_does_not_know_is_refused_by_name():
    with pytest.raises(ImpossiblePolicy, match="send_flowers"):
        from_json({"actions": {"send_flowers": {"cost_minor": 1, "minutes": 1.0, "channel": "post"}}})
