"""Limits as a person writes them in TOML, checked.

budget = 25000          # money for all that is chosen
contacts = 4000         # rows in all
per_customer = 1        # rows per customer
[minutes]               # of staff time, per channel
phone = 6000
[exclude]               # nobody gets both
visit = ["call"]
[floors]                # at least this share of all rows, per segment
north = 0.2
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eigenform.analytics.allocation.refusals import LimitsWrong, unknown_key

_KEYS = ("budget", "contacts", "per_customer", "minutes", "exclude", "floors")


@dataclass(frozen=True, slots=True)
class NamedLimits:
    """What may be spent, in the file's own names. None, or a name that is missing, means no limit."""

    budget: float | None = None
    contacts: int | None = None
    per_customer: int = 1
    minutes: Mapping[str, float] = field(default_factory=dict)
    exclude: frozenset[tuple[str, str]] = frozenset()
    floors: Mapping[str, float] = field(default_factory=dict)


def read(path: Path) -> NamedLimits:
    """Read a limits file. Raises LimitsWrong for whatever is no limit."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LimitsWrong(
            file=path.name, key="file", problem=error.strerror or "it cannot be opened", remedy="Name a file."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LimitsWrong(
            file=path.name, key="file", problem=f"it is no TOML ({error})", remedy="Write a line each: key = value."
        ) from None
    return parse(given, file=path.name)


def parse(given: Mapping[str, Any], *, file: str) -> NamedLimits:
    """Check limits that were read already."""
    for key in given:
        if key not in _KEYS:
            raise unknown_key(file, key, _KEYS)
    reader = _Reader(file)
    return NamedLimits(
        budget=None if "budget" not in given else reader.number("budget", given["budget"]),
        contacts=None if "contacts" not in given else reader.whole("contacts", given["contacts"]),
        per_customer=reader.whole("per_customer", given.get("per_customer", 1)),
        minutes=reader.numbers("minutes", given.get("minutes", {})),
        exclude=reader.pairs("exclude", given.get("exclude", {})),
        floors=reader.shares("floors", given.get("floors", {})),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str

    def number(self, key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise self._wrong(key, f"{value!r} is no number from 0 up", "Write a number, or leave the line out.")
        return float(value)

    def whole(self, key: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self._wrong(key, f"{value!r} is no whole number from 0 up", "Write 0, 1, 2 …, or leave it out.")
        return value

    def numbers(self, key: str, value: Any) -> dict[str, float]:
        return {name: self.number(f"{key}.{name}", number) for name, number in self._table(key, value).items()}

    def shares(self, key: str, value: Any) -> dict[str, float]:
        found = self.numbers(key, value)
        if sum(found.values()) > 1:
            raise self._wrong(key, "the shares add up to more than 1", "Lower them: 0.2 is a fifth of all rows.")
        return found

    def pairs(self, key: str, value: Any) -> frozenset[tuple[str, str]]:
        found = set()
        for name, others in self._table(key, value).items():
            if not isinstance(others, list) or not all(isinstance(other, str) for other in others):
                raise self._wrong(f"{key}.{name}", "it is no list of offers", f'Write {name} = ["other offer"].')
            if name in others:
                raise self._wrong(f"{key}.{name}", "it excludes itself", "Limit per_customer instead.")
            found |= {tuple(sorted((name, other))) for other in others}
        return frozenset((a, b) for a, b in found)

    def _table(self, key: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(key, "it is no table", f"Write [{key}] and a line each below it.")
        return value

    def _wrong(self, key: str, problem: str, remedy: str) -> LimitsWrong:
        return LimitsWrong(file=self.file, key=key, problem=problem, remedy=remedy)
