"""Read staff back, and answer 'may they?'."""

from dataclasses import dataclass

from eigenform.base.errors import Refused
from eigenform.records.scope import Scope
from eigenform.staff.models import Role, Staff


class NoSuchPerson(Refused):
    """Nobody of that name can sign in."""

    code = "staff.no_such_person"

    def __init__(self, *, name: str) -> None:
        self.name = name
        super().__init__(f"Nobody named {name} works here. Add them: `eigenform staff add NAME`.")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here."""

    id: int
    name: str
    username: str
    team: str
    role: str
    actor: str
    is_active: bool


DECIDING = (Role.LEADER, Role.MEMBER)
NOBODY = Scope(actor="", may_read=False, may_decide=False, may_load=False, may_steer=False)


def scope_of(person: Staff) -> Scope:
    """Return what the person may see and do. The one permission function: every page, export and API call asks it."""
    if not person.is_authenticated or not person.is_active:
        return NOBODY
    works = person.role in DECIDING
    return Scope(
        actor=person.actor, may_read=True, may_decide=works, may_load=works, may_steer=person.role == Role.LEADER
    )


def _person(row: Staff) -> Person:
    return Person(row.pk, row.name, row.username, row.team, row.role, row.actor, row.is_active)


def people(*, active_only: bool = True) -> list[Person]:
    """Return staff by name."""
    rows = Staff.objects.order_by("name", "pk")
    return [_person(r) for r in (rows.filter(is_active=True) if active_only else rows)]


def deciding_people() -> list[Person]:
    """Return by name who may decide and carry work out: those to whom `scope_of` gives it."""
    return [person for person in people() if person.role in DECIDING]


def by_username(username: str) -> Person:
    """Return who signs in by that name, or refuse."""
    row = Staff.objects.filter(username=username, is_active=True).first()
    if row is None:
        raise NoSuchPerson(name=username)
    return _person(row)


def account(person_id: int) -> Staff | None:
    """Return a person's account as `request.user` holds it, to ask `scope_of`; None if they left."""
    return Staff.objects.filter(pk=person_id, is_active=True).first()


def names_by_actor(actors: set[str]) -> dict[str, str]:
    """Return who stands behind the ledger's random ids; an id that nobody has any more is absent."""
    return dict(Staff.objects.filter(actor__in=actors).values_list("actor", "name"))


def anybody_can_sign_in() -> bool:
    """Tell whether the installation has somebody who can sign in."""
    return Staff.objects.filter(is_active=True).exclude(password__startswith="!").exists()  # noqa: S106 - the mark of "no password", not one
