"""Read the parts of an address: plain text of bounded length, whatever was sent."""

from django.http import QueryDict

CHARS_MAX = 400


def text(asked: QueryDict, name: str) -> str:
    """Return a part without space around it and without NUL characters, which no database takes; empty if absent."""
    return asked.get(name, "").replace("\0", "").strip()[:CHARS_MAX]
