"""Forget whom answers and cases were of, and what they wrote; scores and days stay."""

from django.db import transaction

from eigenform.service.models import Answer, Case, CaseEvent, ServiceEarlier


@transaction.atomic
def forget(customer_id: int) -> dict[str, int]:
    """Make the customer's answers and cases anonymous, texts, custom fields and history gone. Return how many."""
    answers, cases = Answer.objects.filter(customer_id=customer_id), Case.objects.filter(customer_id=customer_id)
    events = CaseEvent.objects.filter(case__in=cases)
    for noun, rows in (("answer", answers), ("case", cases), ("case_event", events)):
        ServiceEarlier.objects.filter(noun=noun, row_id__in=rows.values("pk")).delete()
    events.update(custom={})
    return {
        "answers": answers.update(customer=None, text="", custom={}),
        "cases": cases.update(customer=None, text="", custom={}),
    }
