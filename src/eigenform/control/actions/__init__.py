"""What a turn came to, what of it is shown, and how it is written down."""

from eigenform.control.actions.outcome import Outcome
from eigenform.control.actions.summary import summarise
from eigenform.control.actions.write import ids_of, write_turn

__all__ = ["Outcome", "ids_of", "summarise", "write_turn"]
