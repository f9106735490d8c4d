"""Read answers and cases back."""

from collections.abc import Iterable

from eigenform.service.contracts import AnswerRecord, CaseEventRecord, CaseRecord
from eigenform.service.models import Answer, Case, CaseEvent


def answers(ids: Iterable[int]) -> dict[int, AnswerRecord]:
    """Return answers by id, with what the customer wrote."""
    return {
        r.pk: AnswerRecord(
            r.pk, r.attribute, r.kind, r.score, r.scale_min, r.scale_max, r.channel, r.answered_on, r.text
        )
        for r in Answer.objects.filter(pk__in=list(ids))
    }


def cases(ids: Iterable[int]) -> dict[int, CaseRecord]:
    """Return cases by id, with what the customer wrote."""
    return {
        r.pk: CaseRecord(r.pk, r.kind, r.opened_on, r.closed_on, r.channel, r.text)
        for r in Case.objects.filter(pk__in=list(ids))
    }


def case_events(ids: Iterable[int]) -> dict[int, CaseEventRecord]:
    """Return what happened in cases, by id."""
    rows = CaseEvent.objects.filter(pk__in=list(ids))
    return {r.pk: CaseEventRecord(r.pk, r.case_id, r.event, r.occurred_at) for r in rows}
