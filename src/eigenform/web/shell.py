"""What every page shows around its content: the navigation, who is signed in, whether the company is simulated."""

from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from eigenform.desk import queries as desk
from eigenform.ledger import queries as ledger

_KEEP_SECONDS = 5  # per process: a count beside an entry may be this old, unless the same process changed it
_WAITING, _SIMULATED = "shell.waiting", "shell.simulated"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation; the count stands there only if somebody must act."""

    label: str
    href: str
    icon: str
    active: bool
    count: int | None
    section: str


# (section, label, name of the address, icon)
_PLACES = (
    ("Today", "Cockpit", "cockpit", "cockpit"),
    ("Today", "Work list", "work-list", "worklist"),
    ("Facts", "Customers", "customers", "customers"),
    ("Facts", "Offerings", "offerings", "offerings"),
    ("Facts", "Load", "loads", "load"),
    ("Steer", "Turns", "turns", "turns"),
    ("Steer", "Worth", "worth", "worth"),
    ("Steer", "Effort", "effort", "effort"),
    ("Steer", "What worked", "what-worked", "worked"),
    ("Steer", "Policy", "policy", "policy"),
)


def context(request: HttpRequest) -> dict[str, object]:
    """Return the shell's variables; the navigation is counted only if the template draws it."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"navigation": (), "staff_name": "", "simulated": settings.ENV.is_demo}
    return {
        "navigation": SimpleLazyObject(lambda: navigation(request.path, staff_id=person.pk)),
        "staff_name": person.name,
        "simulated": settings.ENV.is_demo or cache.get_or_set(_SIMULATED, _is_simulated, _KEEP_SECONDS),
    }


def navigation(path: str, *, staff_id: int) -> tuple[Entry, ...]:
    """Return the navigation as it stands on the page of this path."""
    counts = {
        "cockpit": cache.get_or_set(_WAITING, ledger.waiting_count, _KEEP_SECONDS),
        "work-list": desk.open_count(staff_id),
    }
    return tuple(
        Entry(label, reverse(name), icon, _is_active(path, reverse(name)), counts.get(name), section)
        for section, label, name, icon in _PLACES
    )


def forget() -> None:
    """Count again on the next page: something was decided."""
    cache.delete_many((_WAITING, _SIMULATED))


def _is_active(path: str, href: str) -> bool:
    return path == href if href == "/" else path.startswith(href)


def _is_simulated() -> bool:
    turn = ledger.latest_turn()
    return bool(turn and turn.summary.get("simulated"))
