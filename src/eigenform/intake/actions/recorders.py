"""Which package writes down which intake table, and what it already knows."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType, ModuleType
from typing import Protocol

from eigenform.customers import feedback as customers
from eigenform.intake import queries
from eigenform.marketing import feedback as marketing
from eigenform.offerings import feedback as offerings
from eigenform.records import bulk
from eigenform.sales import feedback as sales
from eigenform.service import feedback as service
from eigenform.staff import feedback as staff
from eigenform.supply_chain import feedback as supply_chain

_PACKAGES: Mapping[str, ModuleType] = MappingProxyType(
    {
        **dict.fromkeys(("customers", "contacts", "identifiers"), customers),
        "staff": staff,
        **dict.fromkeys(("partners", "deliveries"), supply_chain),
        **dict.fromkeys(("offerings", "attributes", "promises"), offerings),
        **dict.fromkeys(("orders", "order_lines", "opportunities"), sales),
        **dict.fromkeys(("answers", "cases", "case_events"), service),
        **dict.fromkeys(("touches", "leads"), marketing),
    }
)


def record(table: str, incoming: bulk.Incoming) -> bulk.Written:
    """Write rows of an intake table down in the package that owns it."""
    written: bulk.Written = _PACKAGES[table].record(table, incoming)
    return written


class Known(Protocol):
    """What was there before this load."""

    def keys(self, table: str, keys: Iterable[str]) -> set[str]:
        """Return those of the keys that an intake table holds."""

    def customers_by(self, kind: str, values: Iterable[str]) -> dict[str, str]:
        """Return customers' keys by another identifier."""

    def erased(self, keys: Iterable[str], kind: str = "") -> set[str]:
        """Return those of the keys (or identifiers of a kind) that were erased."""

    def lookup_rows(self, name: str) -> list[tuple[str, dict[str, str]]]:
        """Return the rows of a lookup that an earlier load kept."""


class KnownHere:
    """What this installation knows of a source."""

    def __init__(self, source: str) -> None:
        self._source = source

    def keys(self, table: str, keys: Iterable[str]) -> set[str]:
        """Return those of the keys that an intake table holds."""
        found: set[str] = _PACKAGES[table].known_keys(table, source=self._source, keys=keys)
        return found

    def customers_by(self, kind: str, values: Iterable[str]) -> dict[str, str]:
        """Return customers' keys by another identifier."""
        return customers.keys_by_identifier(source=self._source, kind=kind, values=values)

    def erased(self, keys: Iterable[str], kind: str = "") -> set[str]:
        """Return those of the keys (or identifiers of a kind) that were erased."""
        return customers.erased_among(source=self._source, keys=keys, kind=kind)

    def lookup_rows(self, name: str) -> list[tuple[str, dict[str, str]]]:
        """Return the rows of a lookup that an earlier load kept."""
        return queries.lookup_rows(self._source, name)


class NothingKnown:
    """For reading files without an installation: only what the files themselves hold is there."""

    def keys(self, table: str, keys: Iterable[str]) -> set[str]:  # noqa: ARG002
        """Nothing is there."""
        return set()

    def customers_by(self, kind: str, values: Iterable[str]) -> dict[str, str]:  # noqa: ARG002
        """Nobody is known."""
        return {}

    def erased(self, keys: Iterable[str], kind: str = "") -> set[str]:  # noqa: ARG002
        """Nobody was erased."""
        return set()

    def lookup_rows(self, name: str) -> list[tuple[str, dict[str, str]]]:  # noqa: ARG002
        """Nothing was kept."""
        return []
