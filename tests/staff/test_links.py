"""One-time links: used once, for a day, and only their hash is kept."""

import hashlib
from datetime import timedelta

import pytest

from eigenform.ledger.models import Entry
from eigenform.staff import actions, queries
from eigenform.staff.actions import LinkRefused, PersonRefused
from eigenform.staff.models import Role, SetupLink, Staff

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"
ACTOR = "a" * 32


@pytest.fixture
def add(now):
    return lambda name, **fields: actions.add(name, **{"actor": ACTOR, "now": now, **fields})


@pytest.fixture
def use(now):
    return lambda token, username="", password=GOOD, at=now: actions.use_link(
        token, username=username, password=password, now=at
    )


def test_the_first_link_makes_the_first_leader(now, use):
    person = use(actions.first_setup_token(now=now), "ada")

    assert (person.username, person.role, person.is_active) == ("ada", Role.LEADER, True)
    assert person.check_password(GOOD)
    assert queries.anybody_can_sign_in()
    assert actions.first_setup_token(now=now) is None


def test_a_link_works_once(now, use):
    token = actions.first_setup_token(now=now)
    use(token, "ada")
    with pytest.raises(LinkRefused, match="used already"):
        use(token, "eve")

    assert Staff.objects.count() == 1


def test_a_link_ends_after_a_day(now, add, use):
    token = add("ada")
    use_at = now + timedelta(hours=24)

    with pytest.raises(LinkRefused, match="24 hours"):
        use(token, at=use_at + timedelta(seconds=1))
    assert use(token, at=use_at).username == "ada"


def test_only_the_hash_of_a_link_is_kept(now, add):
    token = add("ada")

    (row,) = SetupLink.objects.values()
    assert row["token_sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(row)
    assert len(token) >= 40
    with pytest.raises(LinkRefused, match="not one of ours"):
        actions.link(row["token_sha256"], now=now)


def test_a_new_link_ends_the_old_one(now, add, use):
    old = add("ada")
    new = actions.reset("ada", actor=ACTOR, now=now)

    with pytest.raises(LinkRefused, match="not one of ours"):
        use(old)
    use(new)


def test_a_new_first_link_ends_the_old_first_link_and_no_other(now, add, use):
    invited = add("ada")
    first = actions.first_setup_token(now=now)
    second = actions.first_setup_token(now=now)

    with pytest.raises(LinkRefused):
        use(first, "eve")
    use(invited)
    assert second != first


def test_the_first_link_is_worth_nothing_once_somebody_can_sign_in(now, add, use):
    """Else whoever finds it in a terminal makes themselves a leader of a running firm."""
    first = actions.first_setup_token(now=now)
    use(add("ada"))

    with pytest.raises(LinkRefused, match="somebody"):
        use(first, "eve")
    assert not Staff.objects.filter(username="eve").exists()


def test_two_who_use_one_link_at_the_same_moment(now, use, monkeypatch):
    """The second has looked the link up before the first used it."""
    token = actions.first_setup_token(now=now)
    looked_up = actions.link(token, now=now)
    use(token, "ada")
    monkeypatch.setattr(actions, "link", lambda token, now: looked_up)

    with pytest.raises(LinkRefused):
        use(token, "eve")
    assert Staff.objects.filter(role=Role.LEADER).count() == 1


@pytest.mark.parametrize("password", ["short", "1234567890123", "password123"])
def test_a_weak_password_is_refused_and_the_link_stays_good(now, use, password):
    token = actions.first_setup_token(now=now)
    with pytest.raises(PersonRefused):
        use(token, "ada", password)

    use(token, "ada")


def test_a_first_leader_needs_a_name_that_nobody_has(now, add, use):
    token = actions.first_setup_token(now=now)
    with pytest.raises(PersonRefused, match="empty"):
        use(token, "  ")
    add("ada")
    with pytest.raises(PersonRefused, match="ada"):
        use(token, "ada")

    assert Staff.objects.get().role == Role.MEMBER


def test_who_is_there_already_is_not_added_twice(add):
    add("ada")
    with pytest.raises(PersonRefused, match="reset"):
        add("ada")


def test_who_came_from_a_source_is_invited_under_their_name(now, add, use):
    Staff.objects.create(source="crm", key="7", username="crm:7", name="Anna Snelling", is_active=False)
    with pytest.raises(queries.NoSuchPerson):
        queries.by_username("Anna Snelling")

    use(add("Anna Snelling"))

    person = queries.by_username("Anna Snelling")
    assert (person.name, Staff.objects.count()) == ("Anna Snelling", 1)
    assert Staff.objects.get().check_password(GOOD)
    actions.reset("Anna Snelling", actor=ACTOR, now=now)


def test_resetting_nobody_names_who_there_is(now, add):
    add("ada")
    with pytest.raises(PersonRefused, match="ada"):
        actions.reset("eve", actor=ACTOR, now=now)


def test_the_old_password_works_until_the_link_is_used(now, add, use):
    use(add("ada"))
    token = actions.reset("ada", actor=ACTOR, now=now)

    assert Staff.objects.get().check_password(GOOD)
    use(token, password="another good one")
    assert not Staff.objects.get().check_password(GOOD)


def test_the_ledger_knows_that_somebody_was_let_in_but_not_their_name(now, add, use):
    use(add("secret-ada"))

    entries = Entry.objects.filter(kind="audit")
    assert [e.body["verb"] for e in entries] == ["staff_added", "staff_link_used"]
    assert entries[0].body["staff_actor"] == Staff.objects.get().actor
    assert "secret-ada" not in str(list(entries.values()))
