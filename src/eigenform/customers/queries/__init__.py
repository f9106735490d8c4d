"""Read customers back."""

from eigenform.customers.queries.lists import exported, facets, listed
from eigenform.customers.queries.records import (
    by_id,
    by_subject,
    by_subjects,
    consents_of,
    contacts_of,
    identifiers_of,
    standing_of,
)

__all__ = [
    "by_id",
    "by_subject",
    "by_subjects",
    "consents_of",
    "contacts_of",
    "exported",
    "facets",
    "identifiers_of",
    "listed",
    "standing_of",
]
