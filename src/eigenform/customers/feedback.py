"""What a source says of customers and contacts, written down in bulk; who was erased does not come back."""

import hashlib
import hmac
from collections.abc import Iterable
from types import MappingProxyType

from django.conf import settings

from eigenform.customers.models import Contact, Customer, CustomersEarlier, Erased, Identifier
from eigenform.records import bulk

_TARGETS = MappingProxyType(
    {
        "customers": bulk.Target(Customer, "customer", CustomersEarlier),
        "contacts": bulk.Target(Contact, "contact", CustomersEarlier),
        "identifiers": bulk.Target(Identifier, "identifier", unique=("source", "kind", "value")),
    }
)


def record(table: str, incoming: bulk.Incoming) -> bulk.Written:
    """Upsert rows of one intake table by their source key, keeping what they held before."""
    return bulk.upsert(_TARGETS[table], incoming)


def known_keys(table: str, *, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are in the table."""
    return bulk.known_keys(_TARGETS[table], source=source, keys=keys)


def keys_by_identifier(*, source: str, kind: str, values: Iterable[str]) -> dict[str, str]:
    """Return the customer's key for each identifier of that kind which is known."""
    found: dict[str, str] = {}
    for some in bulk.in_chunks(values):
        rows = Identifier.objects.filter(source=source, kind=kind, value__in=some)
        found.update(rows.values_list("value", "customer__key"))
    return found


def fingerprint(source: str, key: str, kind: str = "") -> str:
    """Return the keyed hash under which an erased customer's key, or identifier of a kind, is remembered.

    Without the installation's secret it cannot be turned back by trying keys.
    """
    text = "\0".join((source, kind, key))
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def erased_among(*, source: str, keys: Iterable[str], kind: str = "") -> set[str]:
    """Return those of the keys (or identifiers of a kind) whose owner was erased on request."""
    if not Erased.objects.exists():
        return set()
    found: set[str] = set()
    for some in bulk.in_chunks(keys):
        by_print = {fingerprint(source, key, kind): key for key in some}
        hits = Erased.objects.filter(fingerprint__in=by_print).values_list("fingerprint", flat=True)
        found.update(by_print[hit] for hit in hits)
    return found
