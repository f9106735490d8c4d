"""The staff that a source names, written down in bulk. Nobody who comes this way can sign in until invited."""

from collections.abc import Iterable
from types import MappingProxyType

from eigenform.records import bulk
from eigenform.staff.models import Staff

# A source's key is unique only inside it, so the user name carries both; an invitation may change it.
_TARGETS = MappingProxyType({"staff": bulk.Target(Staff, "staff", on_insert={"username": "%s || ':' || \"key\""})})


def record(table: str, incoming: bulk.Incoming) -> bulk.Written:
    """Upsert people by their source key; role, password and access of those already here stay."""
    return bulk.upsert(_TARGETS[table], incoming)


def known_keys(table: str, *, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are in the table."""
    return bulk.known_keys(_TARGETS[table], source=source, keys=keys)
