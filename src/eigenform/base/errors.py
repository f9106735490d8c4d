"""The one error that people may see; everything else is a bug and stays loud."""

from typing import ClassVar


class Refused(Exception):
    """Asked correctly, but cannot be done; the message says what would help.

    Subclasses set `code`, stable for programs and unique (a test walks all of them),
    and keep what they know as attributes: `facts()` hands these to JSON answers.
    """

    code: ClassVar[str] = "refused"

    def facts(self) -> dict[str, object]:
        """Return the attributes that explain the refusal."""
        return dict(vars(self))
