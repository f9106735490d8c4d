"""How decisions are spoken of: kinds, states, hold-outs and the names behind the ledger's subjects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst

from eigenform.customers import queries as customers
from eigenform.ledger.contracts import DecisionRecord
from eigenform.supply_chain import queries as supply_chain

KINDS = {
    "contact_customer": "Contact customer",
    "change_attribute": "Change attribute",
    "talk_to_partner": "Talk to partner",
}
STATES = {
    "waiting": "waiting for a person",
    "approved": "approved",
    "declined": "declined",
    "done": "done",
    "failed": "failed",
    "held_out": "held out",
}
DEEDS = {
    "approved": "Approved",
    "declined": "Declined",
    "later": "Put off",
    "done": "Done",
    "failed": "Failed",
    "held_out": "Held out",
}
HELD_OUT = "Held out: nothing is done, so that we can measure."
NOT_HELD_OUT = "Not held out."
NOBODY = "Nobody is held out."
NOT_MEASURED = "assumed · not yet measured"
MEASURED = "measured against the hold-out; the page What worked shows how"
ERASED = "erased on request"
DECLINE_REASONS = (
    "They were contacted lately.",
    "It is under way already.",
    "It costs more than it brings.",
    "It is not our doing.",
)

_VERB_BY_CHANNEL = {"phone": "Call", "email": "Write to", "meeting": "Meet"}


@dataclass(frozen=True, slots=True)
class Name:
    """Who or what a subject is, and the page about it; without a page the link is empty.

    A proper name stays as it is written; words of ours begin with a capital where they stand alone.
    """

    text: str
    href: str = ""
    is_proper: bool = True

    @property
    def heading(self) -> str:
        return self.text if self.is_proper else capfirst(self.text)


def names_of(subjects: Iterable[str]) -> dict[str, Name]:
    """Return the name behind each subject, two queries for any number; who is gone was erased on request."""
    wanted = set(subjects)
    found = customers.by_subjects(s for s in wanted if s.startswith("customer:"))
    known = {s: Name(c.name, reverse("customer", args=[c.id])) for s, c in found.items()}
    known |= _partners({s for s in wanted if s.startswith("partner:")})
    return {s: known.get(s) or _spoken(s) for s in wanted}


def _partners(subjects: set[str]) -> Mapping[str, Name]:
    return {s: Name(p.name) for s, p in supply_chain.by_subjects(subjects).items()} if subjects else {}


def _spoken(subject: str) -> Name:
    kind, _, rest = subject.partition(":")
    if kind == "attribute":
        category, attribute, segment = (*rest.split("|"), "", "")[:3]
        return Name(attribute_of(category, attribute, segment), offering_href(category, attribute), is_proper=False)
    if kind == "base":
        return Name("All customers")
    return Name(f"{'A customer' if kind == 'customer' else 'A partner'}, {ERASED}")


def attribute_of(category: str, attribute: str, segment: str = "") -> str:
    """Return an attribute in words: "delivery day of furniture, customers in the north"."""
    of = f" of {plain(category)}" if category else " of everything we sell"
    return f"{plain(attribute)}{of}{f', {plain(segment)}' if segment else ''}"


def plain(text: str) -> str:
    """Return a source's name with spaces for underscores."""
    return text.replace("_", " ")


def offering_href(category: str, attribute: str = "") -> str:
    """Return the page of a category, at one of its attributes."""
    query = {"category": category} | ({"attribute": attribute} if attribute else {})
    return f"{reverse('offering')}?{urlencode(query)}"


def task_title(decision: DecisionRecord, name: Name) -> str:
    """Return what stands on the work list: "Call Ada Hart"."""
    if decision.kind == "contact_customer":
        return f"{_VERB_BY_CHANNEL.get(decision.channel, 'Contact')} {name.text}"
    if decision.kind == "change_attribute":
        return f"Improve {name.text}"
    return f"Talk to {name.text}"


def held_out_words(decision: DecisionRecord) -> str:
    """Return in plain words whether the subject is left alone to measure the effect, or what measures it instead."""
    if decision.held_out is None:
        contrast = decision.contrast.rstrip(".")
        return f"Nobody is held out. It is measured by {contrast[0].lower()}{contrast[1:]}." if contrast else NOBODY
    return HELD_OUT if decision.held_out else NOT_HELD_OUT


def sentence(words: str) -> str:
    """Return words as a sentence: a capital, and a full stop if they have none."""
    return f"{capfirst(words)}{'' if words.endswith('.') or not words else '.'}"


def day(on: date) -> str:
    """Return a date as people write it: 3 Mar 2026."""
    return f"{on.day} {on:%b %Y}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 decision", "12 decisions"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
