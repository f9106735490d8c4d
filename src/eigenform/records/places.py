"""A place in a sorted list, as an address can carry it."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date

from eigenform.base.errors import Refused

_ID_MAX = 2**63 - 1
_VALUE_MAX = 1e300  # also refuses what is not finite
KeyValue = str | int | float | date | None


class CursorUnreadable(Refused):
    """The place in the list is not one that a page of ours named."""

    code = "records.cursor_unreadable"

    def __init__(self, *, cursor: str) -> None:
        self.cursor = cursor[:80]
        super().__init__("This address names no place in the list. Open the list again from its first page.")


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two rows: after (or, going back, before) the row with this value and id in a run."""

    run: int
    value: KeyValue
    id: int
    backwards: bool = False

    def text(self) -> str:
        """Return the place as part of an address."""
        kind = "d" if isinstance(self.value, date) else "v"
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        parts = [kind, self.run, value, self.id, int(self.backwards)]
        packed = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def place_from(text: str) -> Place | None:
    """Read a place back from an address; empty is the beginning. Refuses what no page of ours wrote."""
    if not text:
        return None
    try:
        kind, run, value, row_id, backwards = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        value = date.fromisoformat(value) if kind == "d" else value
        if isinstance(value, str) and "\0" in value:
            raise ValueError("a NUL character")
        if not (isinstance(run, int) and isinstance(row_id, int) and isinstance(value, KeyValue)):
            raise TypeError
        if max(abs(run), abs(row_id)) > _ID_MAX or (isinstance(value, (int, float)) and not abs(value) < _VALUE_MAX):
            raise ValueError("no table holds such a number")
    except (ValueError, TypeError, binascii.Error) as error:
        raise CursorUnreadable(cursor=text) from error
    return Place(run, value, row_id, bool(backwards))
