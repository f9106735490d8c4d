"""Verbs that span two doers: carry a decision out, erase a person."""

from eigenform.coordination.actions.decide import OPEN_STATES, approve, decline, later, report
from eigenform.coordination.actions.erase import erase_person

__all__ = ["OPEN_STATES", "approve", "decline", "erase_person", "later", "report"]
