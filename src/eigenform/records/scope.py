"""What a person may see and do, as a value: staff answers it, every query and action takes it."""

from dataclasses import dataclass

from eigenform.base.errors import Refused


class NotAllowed(Refused):
    """The person may not do this."""

    code = "staff.not_allowed"

    def __init__(self, *, what: str) -> None:
        self.what = what
        super().__init__(f"You may not {what}. Ask a leader of your firm for the role that may.")


@dataclass(frozen=True, slots=True)
class Scope:
    """The one answer to 'may they?', the same for list, detail, search, export, report and API."""

    actor: str  # random id, as it stands in the ledger
    may_read: bool
    may_decide: bool
    may_load: bool
    may_steer: bool  # policy, staff

    def require(self, permission: str, what: str) -> None:
        """Refuse unless the named permission is there; `what` completes 'You may not …'."""
        if not getattr(self, f"may_{permission}"):
            raise NotAllowed(what=what)


SYSTEM_ACTOR = "0" * 32
SYSTEM = Scope(actor=SYSTEM_ACTOR, may_read=True, may_decide=True, may_load=True, may_steer=True)
