"""A policy is adopted by somebody, for a reason, as a new version; none is ever changed."""

import dataclasses

import pytest
from django.db import DatabaseError, transaction

from eigenform.ledger.models import Entry
from eigenform.policy import actions, queries
from eigenform.policy.contracts import Document, ImpossiblePolicy, Limits, first_document
from eigenform.policy.models import Policy
from eigenform.records.scope import NotAllowed, Scope

pytestmark = pytest.mark.django_db
TIGHT = Document(limits=Limits(budget_minor=1))


@pytest.fixture
def adopt(leader_scope, now):
    def _adopt(document=TIGHT, **changes):
        return actions.adopt(
            document, **{"author": "Ada", "reason": "We must save.", "scope": leader_scope, "now": now, **changes}
        )

    return _adopt


def test_a_new_version_is_in_force_and_the_old_one_stays(adopt, now):
    first = actions.ensure_first(now=now)
    second = adopt()

    assert (first.version, second.version) == (1, 2)
    assert queries.in_force() == second
    assert queries.version(1) == first
    assert [v.version for v in queries.history()] == [2, 1]
    assert (second.author, second.reason, second.document) == ("Ada", "We must save.", TIGHT)
    assert queries.document() == TIGHT


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_without_a_reason_nothing_changes(adopt, reason):
    with pytest.raises(ImpossiblePolicy, match="reason"):
        adopt(reason=reason)

    assert queries.in_force() is None


def test_only_who_may_steer_changes_the_policy(adopt):
    member = Scope(actor="b" * 32, may_read=True, may_decide=True, may_load=True, may_steer=False)
    with pytest.raises(NotAllowed, match="change the policy"):
        adopt(scope=member)

    assert not Policy.objects.exists()
    assert not Entry.objects.exists()


def test_the_ledger_knows_who_adopted_which_version_but_not_their_name(adopt):
    adopt(author="Secret Ada")

    (entry,) = Entry.objects.filter(kind="audit")
    assert (entry.actor, entry.body) == ("a" * 32, {"verb": "policy_adopted", "version": 1})


def test_the_first_version_is_made_once(now):
    assert actions.ensure_first(now=now) == actions.ensure_first(now=now)
    assert Policy.objects.count() == 1


def test_before_the_first_version_the_defaults_hold_and_nothing_is_written():
    assert queries.document() == first_document()
    assert queries.in_force() is None
    assert not Policy.objects.exists()


def test_a_version_cannot_be_changed_or_taken_back(adopt):
    adopt()
    for change in (lambda: Policy.objects.update(reason="x"), lambda: Policy.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()

    assert Policy.objects.get().reason == "We must save."


def test_the_first_load_gives_the_currency_and_later_ones_do_not_change_it(leader_scope, now):
    for currency in ("", "BRL", "GBP"):
        actions.set_firm_currency_if_unset(currency, scope=leader_scope, now=now)

    assert queries.document().firm.currency == "BRL"
    assert queries.in_force().version == 2
    assert dataclasses.replace(queries.document(), firm=Document().firm) == first_document()
