"""Invite people: one-time links, of which only the hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from eigenform.base.errors import Refused
from eigenform.ledger import feedback as ledger
from eigenform.staff import queries
from eigenform.staff.models import Role, SetupLink, Staff

LINK_VALID_HOURS = 24


class LinkRefused(Refused):
    """The one-time link cannot be used."""

    code = "staff.link_refused"

    def __init__(self, *, why: str) -> None:
        self.why = why
        super().__init__(f"This link {why}. Ask for a new one: `eigenform staff reset NAME`.")


class PersonRefused(Refused):
    """The person cannot be added or changed like this."""

    code = "staff.person_refused"

    def __init__(self, *, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"{name}: {why}")


def _new_link(staff: Staff | None, *, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    SetupLink.objects.filter(staff=staff, used_at__isnull=True).delete()
    SetupLink.objects.create(
        token_sha256=_sha256(token), staff=staff, valid_until=now + timedelta(hours=LINK_VALID_HOURS)
    )
    return token


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def first_setup_token(*, now: datetime) -> str | None:
    """Return a token for making the first leader, or None when somebody can sign in already."""
    return None if queries.anybody_can_sign_in() else _new_link(None, now=now)


def add(name: str, *, role: str = Role.MEMBER, actor: str, now: datetime) -> str:
    """Add a person (or invite one whom a source named) and return the token of their one-time link.

    Who came from a source signs in by their name from now on, not by the source's key.
    """
    found = Staff.objects.filter(username=name).first() or Staff.objects.filter(name=name, is_active=False).first()
    if found is not None and found.is_active:
        raise PersonRefused(name=name, why="is there already. To let them in again: `eigenform staff reset NAME`.")
    with transaction.atomic():
        person = found or Staff.objects.create_user(name, role=role)
        Staff.objects.filter(pk=person.pk).update(username=name, role=role, is_active=True)
        ledger.record_audit(actor=actor, at=now, verb="staff_added", facts={"staff_actor": _actor_of(person.pk)})
        return _new_link(person, now=now)


def reset(name: str, *, actor: str, now: datetime) -> str:
    """Return a new one-time link for a person; the old password works until the link is used."""
    person = Staff.objects.filter(username=name).first()
    if person is None:
        known = ", ".join(Staff.objects.filter(is_active=True).values_list("username", flat=True)[:8])
        why = f"is not known. Known: {known}." if known else "is not known, nor is anybody else yet."
        raise PersonRefused(name=name, why=why)
    ledger.record_audit(actor=actor, at=now, verb="staff_reset", facts={"staff_actor": _actor_of(person.pk)})
    return _new_link(person, now=now)


def _actor_of(pk: int) -> str:
    return Staff.objects.values_list("actor", flat=True).get(pk=pk)


def link(token: str, *, now: datetime) -> SetupLink:
    """Return the link behind a token, or refuse with the reason."""
    found = SetupLink.objects.select_related("staff").filter(token_sha256=_sha256(token)).first()
    if found is None:
        raise LinkRefused(why="is not one of ours")
    if found.used_at is not None:
        raise LinkRefused(why="was used already")
    if found.valid_until < now:
        raise LinkRefused(why=f"ended {LINK_VALID_HOURS} hours after it was made")
    if found.staff is None and queries.anybody_can_sign_in():
        raise LinkRefused(why="was for the first leader, and somebody can sign in already")
    return found


@transaction.atomic
def use_link(token: str, *, username: str, password: str, now: datetime) -> Staff:
    """Set the password behind a link; the first link of an installation makes its first leader."""
    found = link(token, now=now)
    try:
        validate_password(password)
    except ValidationError as error:
        raise PersonRefused(name=username or "The password", why=" ".join(error.messages)) from error
    if not SetupLink.objects.filter(pk=found.pk, used_at__isnull=True).update(used_at=now):
        raise LinkRefused(why="was used already")
    person = found.staff or _first_leader(username.strip())
    person.set_password(password)
    person.is_active = True
    person.save(update_fields=["password", "is_active"])
    ledger.record_audit(actor=_actor_of(person.pk), at=now, verb="staff_link_used", facts={})
    return person


def _first_leader(username: str) -> Staff:
    if not username:
        raise PersonRefused(name="The name", why="is empty. Give the name you want to sign in with.")
    if Staff.objects.filter(username=username).exists():
        raise PersonRefused(name=username, why="is there already. Use their own link, or choose another name.")
    return Staff.objects.create_user(username, role=Role.LEADER)


def ensure_with_password(name: str, password: str, *, role: str = Role.LEADER) -> None:
    """Make sure that the person can sign in with the password: for the demo, whose data are simulated."""
    person = Staff.objects.filter(username=name).first() or Staff.objects.create_user(name, role=role)
    person.set_password(password)
    person.is_active, person.role = True, role
    person.save(update_fields=["password", "is_active", "role"])
