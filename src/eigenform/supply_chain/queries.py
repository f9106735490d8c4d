"""Read partners and deliveries back."""

from collections.abc import Iterable

from eigenform.supply_chain.contracts import DeliveryRecord, PartnerRecord
from eigenform.supply_chain.models import Delivery, Partner


def _partner(row: Partner) -> PartnerRecord:
    return PartnerRecord(
        id=row.pk,
        subject=f"partner:{row.subject}",
        key=row.key,
        name=row.name or row.key,
        role=row.role,
        country=row.country,
    )


def by_subjects(subjects: Iterable[str]) -> dict[str, PartnerRecord]:
    """Return partners by ledger subject `partner:<random id>`; one that is not here is absent."""
    ids = [s.removeprefix("partner:") for s in subjects if s.startswith("partner:")]
    return {f"partner:{r.subject}": _partner(r) for r in Partner.objects.filter(subject__in=ids)}


def deliveries(ids: Iterable[int]) -> dict[int, DeliveryRecord]:
    """Return deliveries by id, with the partner's name."""
    rows = Delivery.objects.select_related("partner").filter(pk__in=list(ids))
    return {
        r.pk: DeliveryRecord(
            r.pk,
            r.source,
            r.subject_kind,
            r.subject_key,
            r.attribute,
            r.level,
            r.delivered_on,
            (r.partner.name or r.partner.key) if r.partner else "",
        )
        for r in rows
    }
