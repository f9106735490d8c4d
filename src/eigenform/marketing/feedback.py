"""What a source says of touches and leads, written down in bulk."""

from collections.abc import Iterable
from types import MappingProxyType

from eigenform.marketing.models import Lead, MarketingEarlier, Touch
from eigenform.records import bulk

_TARGETS = MappingProxyType(
    {
        "touches": bulk.Target(Touch, "touch", MarketingEarlier),
        "leads": bulk.Target(Lead, "lead", MarketingEarlier),
    }
)


def record(table: str, incoming: bulk.Incoming) -> bulk.Written:
    """Upsert rows of one intake table by their source key, keeping what they held before."""
    return bulk.upsert(_TARGETS[table], incoming)


def known_keys(table: str, *, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are in the table."""
    return bulk.known_keys(_TARGETS[table], source=source, keys=keys)
