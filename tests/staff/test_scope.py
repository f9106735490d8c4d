"""What a role may: the one permission function."""

import pytest
from django.contrib.auth.models import AnonymousUser

from eigenform.records.scope import NotAllowed
from eigenform.staff import queries
from eigenform.staff.models import Role, Staff

pytestmark = pytest.mark.django_db

# role: may read, decide, load, steer
ROLES = {
    Role.LEADER: (True, True, True, True),
    Role.MEMBER: (True, True, True, False),
    Role.READER: (True, False, False, False),
}
PERMISSIONS = ("read", "decide", "load", "steer")


@pytest.mark.parametrize(("role", "may"), ROLES.items())
def test_what_a_role_may(role, may):
    scope = queries.scope_of(Staff.objects.create_user("ada", role=role))

    assert tuple(getattr(scope, f"may_{p}") for p in PERMISSIONS) == may
    assert scope.actor == Staff.objects.get().actor
    for permission, allowed in zip(PERMISSIONS, may, strict=True):
        if allowed:
            scope.require(permission, "do this")
        else:
            with pytest.raises(NotAllowed, match="do this"):
                scope.require(permission, "do this")


def test_every_role_is_in_the_table():
    assert set(ROLES) == set(Role)


def test_a_role_that_is_not_known_may_only_look():
    person = Staff.objects.create_user("ada", role="king")

    assert queries.scope_of(person) == queries.Scope(person.actor, True, False, False, False)


def test_nobody_may_nothing():
    Staff.objects.create_user("ada", role=Role.LEADER, is_active=False)

    assert queries.scope_of(Staff.objects.get()) == queries.NOBODY
    assert queries.scope_of(AnonymousUser()) == queries.NOBODY
    assert queries.account(Staff.objects.get().pk) is None


def test_actors_are_random_and_lead_back_to_names():
    ada, bea = Staff.objects.create_user("ada"), Staff.objects.create_user("bea")
    actors = dict(Staff.objects.values_list("username", "actor"))

    assert len(set(actors.values())) == 2
    assert all(len(actor) == 32 and int(actor, 16) >= 0 for actor in actors.values())
    assert queries.names_by_actor({actors["ada"], "f" * 32}) == {actors["ada"]: "ada"}
    assert {ada.pk, bea.pk} == {p.id for p in queries.people()}
