"""Verbs that span two doers: carry a decision out, keep to a consent, erase a person."""

from eigenform.coordination.actions.consent import note_consent
from eigenform.coordination.actions.decide import OPEN_STATES, approve, decline, later, report
from eigenform.coordination.actions.erase import erase_person

__all__ = ["OPEN_STATES", "approve", "decline", "erase_person", "later", "note_consent", "report"]
