"""What could be done, and what of it is done with the means there are. Pure."""

from eigenform.control.decisions.candidates import gap_candidates, partner_candidates
from eigenform.control.decisions.contacts import Whom, contact_candidates
from eigenform.control.decisions.effects import measure
from eigenform.control.decisions.judge import Decided, Frame, Judged, decide, judge
from eigenform.control.decisions.learning import reckon_with
from eigenform.control.decisions.share import means_left, not_again, share_means

__all__ = [
    "Decided",
    "Frame",
    "Judged",
    "Whom",
    "contact_candidates",
    "decide",
    "gap_candidates",
    "judge",
    "means_left",
    "measure",
    "not_again",
    "partner_candidates",
    "reckon_with",
    "share_means",
]
