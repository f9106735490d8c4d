"""Read offerings and promises back."""

from collections.abc import Iterable

from django.db.models import Case, CharField, Count, F, When

from eigenform.offerings.contracts import CategoryRecord, PromiseRecord
from eigenform.offerings.models import Attribute, Offering, Promise


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


def promises_on(subjects: Iterable[tuple[str, str]]) -> dict[tuple[str, str, str, str], PromiseRecord]:
    """Return promises on subjects named by (source, key), by (source, subject kind, key, attribute).

    Of several promises of one attribute the one made last is returned.
    """
    sources, keys = (sorted(set(parts)) for parts in zip(*subjects, strict=True))
    rows = Promise.objects.filter(source__in=sources, subject_key__in=keys).order_by("made_on", "pk")
    return {(r.source, r.subject_kind, r.subject_key, r.attribute): _promise(r) for r in rows}


def attribute_names() -> list[str]:
    """Return the names of all attributes that a source declares."""
    return list(Attribute.objects.order_by("attribute").values_list("attribute", flat=True).distinct())


def categories() -> list[CategoryRecord]:
    """Return what is sold by category, with how many offerings each has; an offering without one stands for itself."""
    label = Case(
        When(category__gt="", then=F("category")),
        When(name__gt="", then=F("name")),
        default=F("key"),
        output_field=CharField(),
    )
    rows = Offering.objects.values(label=label).annotate(n=Count("pk")).order_by("label")
    return [CategoryRecord(row["label"], row["n"]) for row in rows]
