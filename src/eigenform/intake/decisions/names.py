"""What somebody may have meant."""

import difflib
from collections.abc import Iterable


def closest(name: str, names: Iterable[str]) -> str:
    """Return the name most like the one given, or "" if none is near; letters and blanks count little."""
    plain = {"".join(n.lower().split()).replace("_", ""): n for n in names}
    found = difflib.get_close_matches("".join(name.lower().split()).replace("_", ""), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else ""
