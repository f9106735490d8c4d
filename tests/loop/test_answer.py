"""What a turn answers to programs: exactly the agreed keys, and nothing that JSON does not know."""

import json
from datetime import date

import pytest

from eigenform import loop
from eigenform.service.models import Answer
from eigenform.supply_chain.models import Delivery
from tests.loop.firm import AS_OF, LEADER
from tests.loop.test_turn import turn

# The row of `eigenform turn` in the agreed interface. New keys may be added; these stay.
KEYS = {"turn", "as_of", "seed", "policy_version", "seen", "promises", "estimates", "decisions", "held_out", "seconds"}
PROMISES = {"made", "kept", "broken", "broken_late", "broken_undelivered", "open", "withdrawn", "unknown"}
DECISION = {"id", "kind", "subject", "because", "basis", "expected_gain", "cost", "held_out", "state"}
GAIN = {"mean", "low", "high", "unit"}


def test_the_agreed_keys_are_there_with_their_types(books):
    told = turn().to_json()

    assert told.keys() >= KEYS
    assert told["promises"].keys() >= PROMISES
    assert date.fromisoformat(told["as_of"]).isoformat() == told["as_of"]
    assert all(type(told[name]) is int for name in ("turn", "seed", "policy_version", "estimates", "held_out"))
    assert all(type(n) is int for n in (*told["seen"].values(), *told["promises"].values()))
    assert told["decisions"]
    for d in told["decisions"]:
        assert d.keys() >= DECISION
        assert d["expected_gain"].keys() == GAIN
        assert d["basis"] in ("assumed", "measured")
        assert d["held_out"] in (True, False, None)
        assert d["state"] in ("waiting", "held_out")
        assert type(d["id"]) is int and type(d["because"]) is str and type(d["cost"]) is float
    assert told["held_out"] == sum(d["held_out"] is True for d in told["decisions"])


def test_a_replay_answers_with_the_same_keys(books):
    made = turn().to_json()

    assert loop.replay(1, scope=LEADER).to_json().keys() == made.keys()


def test_every_value_is_plain_json(books):
    told = turn().to_json()

    assert json.loads(json.dumps(told, allow_nan=False)) == told
    strange = {type(value).__name__ for value in _leaves(told)} - {"str", "int", "float", "bool", "NoneType"}
    assert strange == set()


def test_satisfaction_is_told_by_what_became_of_the_promise_with_an_interval(books):
    told = turn().to_json()["satisfaction_by_promise"]

    assert set(told) == {"kept", "broken_late"}
    assert (told["broken_late"]["mean"], told["kept"]["mean"]) == (2.0, pytest.approx(4.5, abs=0.1))
    kept = told["kept"]
    assert kept["low"] < kept["mean"] < kept["high"]
    assert kept["high"] - kept["mean"] == pytest.approx(1.2816 * 0.5 / kept["n"] ** 0.5, rel=0.05)


def test_one_answer_alone_tells_no_spread(books):
    keys = Delivery.objects.filter(delivered_on__lt=AS_OF).values_list("subject_key", flat=True)[:1]
    Answer.objects.filter(kind="satisfaction").exclude(subject_key__in=list(keys)).delete()

    assert turn().summary["satisfaction_by_promise"] == {}


def test_money_is_told_in_the_currency_and_kept_in_its_minor_unit(books):
    from eigenform.ledger import queries as ledger

    answer = turn().to_json()
    told = answer["decisions"][0]
    kept = ledger.decision(told["id"])

    assert told["cost"] == kept.cost_minor / 100
    assert told["expected_gain"]["mean"] == round(kept.gain.mean) / 100
    base = ledger.latest_turn().summary["worth"]
    assert [answer["worth"][end] for end in ("low", "mean", "high")] == [
        round(base[end]) / 100 for end in ("low", "mean", "high")
    ]


def _leaves(value):
    if isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _leaves(part)
    else:
        yield value
