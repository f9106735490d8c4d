"""What a source says of offerings, attributes and promises, written down in bulk."""

from collections.abc import Iterable
from types import MappingProxyType

from eigenform.offerings.models import Attribute, Offering, OfferingsEarlier, Promise
from eigenform.records import bulk

_TARGETS = MappingProxyType(
    {
        "offerings": bulk.Target(Offering, "offering", OfferingsEarlier),
        "attributes": bulk.Target(Attribute, "attribute", OfferingsEarlier),
        "promises": bulk.Target(Promise, "promise", OfferingsEarlier),
    }
)


def record(table: str, incoming: bulk.Incoming) -> bulk.Written:
    """Upsert rows of one intake table by their source key, keeping what they held before."""
    return bulk.upsert(_TARGETS[table], incoming)


def known_keys(table: str, *, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are in the table."""
    return bulk.known_keys(_TARGETS[table], source=source, keys=keys)
