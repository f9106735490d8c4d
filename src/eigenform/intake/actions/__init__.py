"""What the intake does: load files now, or in the background."""

from eigenform.intake.actions.loading import load, mapping_text

__all__ = ["load", "mapping_text"]
