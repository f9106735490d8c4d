"""Read offerings and promises back."""

from collections.abc import Iterable

from eigenform.offerings.contracts import PromiseRecord
from eigenform.offerings.models import Promise


def _promise(row: Promise) -> PromiseRecord:
    return PromiseRecord(
        id=row.pk,
        source=row.source,
        subject_kind=row.subject_kind,
        subject_key=row.subject_key,
        attribute=row.attribute,
        level=row.level,
        level_on=row.level_on,
        unit=row.unit,
        made_on=row.made_on,
    )


def promises(ids: Iterable[int]) -> dict[int, PromiseRecord]:
    """Return promises by id."""
    return {row.pk: _promise(row) for row in Promise.objects.filter(pk__in=list(ids))}


def promises_on(subject_keys: Iterable[str]) -> dict[tuple[str, str, str, str], PromiseRecord]:
    """Return promises by (source, subject kind, subject key, attribute); of several the one made last."""
    rows = Promise.objects.filter(subject_key__in=list(subject_keys)).order_by("made_on", "pk")
    return {(r.source, r.subject_kind, r.subject_key, r.attribute): _promise(r) for r in rows}
