"""From TOML values to specs and conditions: every name checked, every refusal says which names there are."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from eigenform.intake.contracts import Case, Condition, LookedUp, MappingRefused, Spec

TESTS = ("is", "not", "in", "not_in", "empty", "starts", "matches", "below", "above")
_ORIGINS = ("column", "columns", "value", "cases", "first", "lookup", "same_row")
_OPTIONS = (
    "join", "trim", "empty", "empty_matches", "map", "map_only", "default", "letters", "format",
    "decimal", "thousands", "scale", "identifier", "otherwise", "take", "missing",
)  # fmt: skip
_FRACTION = re.compile(r"\d+(\.\d+)?/\d+(\.\d+)?")


def known(given: Iterable[str], names: Iterable[str], where: str) -> None:
    """Refuse a name that is not among the known ones; suggest the closest."""
    names = tuple(names)
    for name in given:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"Did you mean {close[0]!r}" if close else f"Known here: {', '.join(names)}"
            raise MappingRefused(where=where, problem=f"{name!r} is not known", remedy=hint)


def word(value: Any, where: str) -> str:
    """Return a TOML scalar as the text that a file would hold; 96478/5172 in quotes is a number too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, dict)):
        raise MappingRefused(where=where, problem="a single value was expected", remedy="Write a text or a number")
    text = str(value)
    if not _FRACTION.fullmatch(text):
        return text
    above, _, below = text.partition("/")
    return repr(float(Fraction(above) / Fraction(below)))


def words(value: Any, where: str) -> tuple[str, ...]:
    """Return one value or a list of them as texts."""
    return tuple(word(v, where) for v in (value if isinstance(value, list) else [value]))


def one_of(value: Any, choices: tuple[str, ...], where: str) -> str:
    """Return the word if it is one of the choices."""
    known([str(value)], choices, where)
    return str(value)


def spec(given: Any, where: str) -> Spec:
    """Return the spec of a column: a plain text names a column of the file."""
    if isinstance(given, str):
        return Spec(columns=(given,))
    if isinstance(given, (int, float, bool)):
        return Spec(value=word(given, where))
    if not isinstance(given, dict):
        raise MappingRefused(where=where, problem=f"{given!r} says nothing", remedy="Name a column or write a table")
    known(given, (*_ORIGINS, *_OPTIONS), where)
    origins = [name for name in _ORIGINS if name in given and not (name in ("column", "columns") and "lookup" in given)]
    if len(origins) != 1:
        raise MappingRefused(
            where=where,
            problem=f"it has {' and '.join(origins) or 'no origin'}",
            remedy=f"Give exactly one of {', '.join(_ORIGINS)}",
        )
    return Spec(**_origin(origins[0], given, where), **_options(given, where))


def _columns(given: Mapping[str, Any], where: str) -> tuple[str, ...]:
    named = given.get("columns", given.get("column"))
    if named is None:
        raise MappingRefused(where=where, problem="no column is named", remedy='Add column = "…"')
    return words(named, where)


def _origin(origin: str, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    if origin in ("column", "columns"):
        return {"columns": _columns(given, where)}
    if origin == "value":
        return {"value": word(given["value"], where)}
    if origin == "first":
        return {"first": tuple(spec(part, f"{where}, first") for part in given["first"])}
    if origin == "same_row":
        return {"same_row": word(given["same_row"], where)}
    if origin == "cases":
        found: dict[str, Any] = {"cases": tuple(_case(case, f"{where}, cases") for case in given["cases"])}
        if "otherwise" in given:
            found["otherwise"] = _constant_or_spec(given["otherwise"], where)
        return found
    if "take" not in given:
        raise MappingRefused(where=where, problem="a lookup takes no column", remedy='Add take = "…"')
    return {
        "looked_up": LookedUp(
            lookup=word(given["lookup"], where),
            key=tuple(Spec(columns=(c,)) for c in _columns(given, where)),
            take=word(given["take"], where),
            missing=one_of(given.get("missing", "refuse"), ("refuse", "empty", "keep"), where),
        )
    }


def _constant_or_spec(given: Any, where: str) -> Spec:
    return spec(given, where) if isinstance(given, dict) else Spec(value=word(given, where))


def _case(given: Mapping[str, Any], where: str) -> Case:
    if "value" not in given and "take" not in given:
        raise MappingRefused(where=where, problem="a case has no result", remedy="Add value = … or take = {…}")
    if "when" in given:
        known(given, ("when", "value", "take"), where)
        tests = tuple(condition(part, where) for part in given["when"])
        take = spec(given["take"], where) if "take" in given else Spec(value=word(given["value"], where))
        return Case(tests, take)
    rest = dict(given)
    if "value" in rest:
        take = Spec(value=word(rest.pop("value"), where))
    else:  # beside a lookup, `take` is the lookup's column; then the result needs `when`
        take = _constant_or_spec(rest.pop("take"), where) if "lookup" not in rest else spec(rest, where)
    return Case((condition(rest, where),), take)


def condition(given: Mapping[str, Any], where: str) -> Condition:
    """Return a test of one column (or lookup): the table names where to look and one test."""
    tests = [name for name in TESTS if name in given and not (name == "empty" and isinstance(given[name], list))]
    if len(tests) != 1:
        raise MappingRefused(
            where=where, problem=f"a condition has {len(tests)} tests", remedy=f"Give exactly one of {', '.join(TESTS)}"
        )
    name = tests[0]
    operand = spec({k: v for k, v in given.items() if k != name}, where)
    if name == "matches":
        _pattern(word(given[name], where), where)
    return Condition(operand, name, words(given[name], where))


def conditions(given: Any, where: str) -> tuple[Condition, ...]:
    """Return one condition or several, which must all hold."""
    return tuple(condition(part, where) for part in (given if isinstance(given, list) else [given]))


def _pattern(text: str, where: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise MappingRefused(
            where=where, problem=f"{text!r} is no regular expression: {error}", remedy="Mend it"
        ) from None
    return text


def _options(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    found = {name: _OPTION[name](given[name], where) for name in _OPTION if name in given}
    if isinstance(given.get("empty"), list):
        found["empty"] = words(given["empty"], where)
    if "map" in given:
        found["replace"] = {k: word(v, where) for k, v in given["map"].items()}
        found["replace_only"] = bool(given.get("map_only", False))
    return found


_OPTION: Mapping[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(("join", "default", "thousands", "identifier"), word),
    "decimal": lambda value, where: one_of(value, (".", ","), where),
    "letters": lambda value, where: one_of(value, ("lower", "upper"), where),
    "trim": lambda value, _: bool(value),
    "empty_matches": lambda value, where: _pattern(word(value, where), where),
    "format": words,
    "scale": lambda value, where: float(word(value, where)),
}
