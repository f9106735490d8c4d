"""What a source says of answers and cases, written down in bulk."""

from collections.abc import Iterable
from types import MappingProxyType

from eigenform.records import bulk
from eigenform.service.models import Answer, Case, CaseEvent, ServiceEarlier

_TARGETS = MappingProxyType(
    {
        "answers": bulk.Target(Answer, "answer", ServiceEarlier),
        "cases": bulk.Target(Case, "case", ServiceEarlier),
        "case_events": bulk.Target(CaseEvent, "case_event", ServiceEarlier),
    }
)


def record(table: str, incoming: bulk.Incoming) -> bulk.Written:
    """Upsert rows of one intake table by their source key, keeping what they held before."""
    return bulk.upsert(_TARGETS[table], incoming)


def known_keys(table: str, *, source: str, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are in the table."""
    return bulk.known_keys(_TARGETS[table], source=source, keys=keys)
