"""What the intake does: load files now, or in the background; forget who was erased."""

from eigenform.intake.actions.background import enqueue, forget, start_again
from eigenform.intake.actions.loading import load, mapping_text

__all__ = ["enqueue", "forget", "load", "mapping_text", "start_again"]
