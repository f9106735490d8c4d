"""What a source says of partners and deliveries, written down in bulk."""

from collections.abc import Iterable
from types import MappingProxyType

from eigenform.records import bulk
from eigenform.supply_chain.models import Delivery, Partner, SupplyChainEarlier

_TARGETS = MappingProxyType(
    {
        "partners": bulk.Target(Partner, "partner", SupplyChainEarlier),
        "deliveries": bulk.Target(Delivery, "delivery", SupplyChainEarlier),
    }
)


def record(table: str, incoming: bulk.Incoming) -> bulk.Written:
    """Upsert rows of one intake table by their source key, keeping what they held before."""
    return bulk.upsert(_TARGETS[table], incoming)


def known_keys(table: str, *, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are in the table."""
    return bulk.known_keys(_TARGETS[table], source=source, keys=keys)
