"""Note what a customer said of being reached by a channel."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from eigenform.coordination import actions
from eigenform.customers import queries as customers
from eigenform.policy import queries as policy
from eigenform.records.scope import Scope
from eigenform.web import shell
from eigenform.web.pages import wording
from eigenform.web.pages.rendering import NotAnAnswer, signed_in

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
    """Note it, tell which approved contacts it called off, and go back to the customer.

    Only a form that names a channel of ours and says what was said is heard: to say nothing takes nothing back.
    """
    channel, state = request.POST.get("channel", "").strip(), request.POST.get("state")
    if state not in _SAID:
        raise NotAnAnswer(field="state", problem="Say what they said of this channel. Nothing was changed.")
    known = [row.channel for row in rows(customer_id)]
    if channel not in known:
        raise NotAnAnswer(field="channel", problem=f"Choose one of {', '.join(known)}. Nothing was changed.")
    called_off = actions.note_consent(customer_id, channel=channel, state=state, scope=scope, now=timezone.now())
    shell.forget()
    messages.success(request, f"Noted: {channel}, {_SAID[state]}. The next turn keeps to it.")
    if called_off:
        contacts = wording.counted(called_off, "approved contact")
        messages.warning(request, f"Called off because of it: {contacts}. The task is closed with this as its reason.")
    return redirect("customer", customer_id)
