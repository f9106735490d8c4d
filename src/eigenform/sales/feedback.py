"""What a source says of orders, their lines and opportunities, written down in bulk."""

from collections.abc import Iterable
from types import MappingProxyType

from eigenform.records import bulk
from eigenform.sales.models import Opportunity, Order, OrderLine, SalesEarlier

_TARGETS = MappingProxyType(
    {
        "orders": bulk.Target(Order, "order", SalesEarlier),
        "order_lines": bulk.Target(OrderLine, "order_line", SalesEarlier),
        "opportunities": bulk.Target(Opportunity, "opportunity", SalesEarlier),
    }
)


def record(table: str, incoming: bulk.Incoming) -> bulk.Written:
    """Upsert rows of one intake table by their source key, keeping what they held before."""
    return bulk.upsert(_TARGETS[table], incoming)


def known_keys(table: str, *, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are in the table."""
    return bulk.known_keys(_TARGETS[table], source=source, keys=keys)
