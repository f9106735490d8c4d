"""In which order parents and children can be written."""

from collections.abc import Mapping


def levels_of(parent_by_key: Mapping[str, str]) -> tuple[dict[str, int], set[str]]:
    """Return how many parents of this load each key has above it, and the keys that go round in a circle.

    Keys without a parent in `parent_by_key` are at level 0 and not named.
    """
    levels: dict[str, int] = {}
    circular: set[str] = set()
    for start in parent_by_key:
        path: list[str] = []
        seen: set[str] = set()
        key = start
        while key in parent_by_key and key not in levels and key not in circular and key not in seen:
            path.append(key)
            seen.add(key)
            key = parent_by_key[key]
        if key in seen or key in circular:
            circular.update(path)
            continue
        depth = levels.get(key, 0)
        for child in reversed(path):
            depth += 1
            levels[child] = depth
    return levels, circular
