"""Note what a customer said of being reached by a channel."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from eigenform.customers import actions
from eigenform.customers import queries as customers
from eigenform.policy import queries as policy
from eigenform.records.scope import Scope
from eigenform.web.pages.rendering import signed_in

_SAID = {"": "nothing was said", "given": "they agreed", "refused": "do not contact"}


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A channel, what was said of it in words, and what can be said instead."""

    channel: str
    state: str
    said: str
    choices: tuple[tuple[str, str], ...]


def rows(customer_id: int) -> tuple[ConsentRow, ...]:
    """Return every channel that the policy or the customer names."""
    document = policy.document()
    said = {c.channel: c.state for c in customers.consents_of(customer_id)}
    used = [document.actions["contact_customer"].channel, *(offer.channel for offer in document.offers)]
    channels = dict.fromkeys((*used, *document.limits.minutes_by_channel, *said))
    return tuple(ConsentRow(c, said.get(c, ""), _SAID[said.get(c, "")], tuple(_SAID.items())) for c in channels)


@require_POST
@signed_in
def note(request: HttpRequest, customer_id: int, *, scope: Scope) -> HttpResponse:
    """Note it, and go back to the customer."""
    channel, state = request.POST.get("channel", ""), request.POST.get("state", "")
    actions.set_consent(customer_id, channel=channel, state=state, scope=scope, now=timezone.now())
    messages.success(request, f"Noted: {channel}, {_SAID[state]}. The next turn keeps to it.")
    return redirect("customer", customer_id)
