"""From the text of a mapping to a checked `Mapping`. Pure: text in, value out, or a refusal that names the place."""

import re
import tomllib
import zoneinfo
from typing import Any

from eigenform.intake.contracts import SUBJECTS, TABLES, LookupFile, Mapping, MappingRefused, Section, SourceFile, Spec
from eigenform.intake.decisions import specs

_TOP = ("name", "zone", "currency", "histories", "simulated", "item_pairs", "files", "lookups")
_FILE = ("path", "delimiter", "encoding", "quote", "sheet", "columns", "optional")
_LOOKUP = ("file", "key", "values", "repeat")
_SECTION = ("file", "key", "repeat", "only", "custom", "subject", "rows")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def parse(text: str) -> Mapping:
    """Read a mapping. Raises MappingRefused naming the section, the problem and what is known there."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingRefused(where="the text", problem=f"it is not TOML: {error}", remedy="Mend that line") from None
    specs.known(given, (*_TOP, *TABLES), "the top level")
    files = {name: _file(name, part) for name, part in given.get("files", {}).items()}
    lookups = {name: _lookup(name, part, files) for name, part in given.get("lookups", {}).items()}
    sections = tuple(s for table in TABLES if table in given for s in _sections(table, given[table], files))
    if not sections:
        raise MappingRefused(
            where="the top level", problem="no table is filled", remedy=f"Add one of {', '.join(TABLES)}"
        )
    mapping = Mapping(
        name=_name(given),
        zone=_zone(given),
        currency=_currency(given),
        files=files,
        lookups=lookups,
        sections=sections,
        histories=specs.one_of(given.get("histories", "complete"), ("complete", "sampled"), "histories"),
        simulated=bool(given.get("simulated", False)),
        item_pairs=tuple((str(a), str(b)) for a, b in given.get("item_pairs", [])),
        text=text,
    )
    for section in sections:
        _check(section, mapping)
    return mapping


def _name(given: dict[str, Any]) -> str:
    name = str(given.get("name", ""))
    if not _NAME.fullmatch(name):
        raise MappingRefused(
            where="name",
            problem=f"{name!r} is no name for a source",
            remedy="Use 1 to 64 small letters, digits, - or _, a letter first",
        )
    return name


def _zone(given: dict[str, Any]) -> str:
    zone = str(given.get("zone", ""))
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise MappingRefused(
            where="zone", problem=f"{zone!r} is no time zone", remedy='Name one such as "Europe/London" or "UTC"'
        ) from None
    return zone


def _currency(given: dict[str, Any]) -> str:
    currency = str(given.get("currency", ""))
    if not re.fullmatch("[A-Z]{3}", currency):
        raise MappingRefused(
            where="currency", problem=f"{currency!r} is no currency", remedy='Write three capital letters such as "EUR"'
        )
    return currency


def _file(name: str, given: dict[str, Any]) -> SourceFile:
    where = f"files.{name}"
    specs.known(given, _FILE, where)
    if not given.get("path"):
        raise MappingRefused(where=where, problem="it has no path", remedy='Add path = "…"')
    given = {**given, "columns": tuple(given.get("columns", ()))}
    return SourceFile(name=name, **given)


def _lookup(name: str, given: dict[str, Any], files: dict[str, SourceFile]) -> LookupFile:
    where = f"lookups.{name}"
    specs.known(given, _LOOKUP, where)
    for part in ("file", "key", "values"):
        if part not in given:
            raise MappingRefused(where=where, problem=f"{part} is missing", remedy=f"Add {part} = …")
    specs.known([given["file"]], files, where)
    return LookupFile(
        name=name,
        file=given["file"],
        key=specs.words(given["key"], where),
        values=specs.words(given["values"], where),
        repeat=specs.one_of(given.get("repeat", "refuse"), ("refuse", "first", "last"), where),
    )


def _sections(table: str, given: Any, files: dict[str, SourceFile]) -> list[Section]:
    parts = given if isinstance(given, list) else [given]
    labels = [table if number == 1 else f"{table} {number}" for number in range(1, len(parts) + 1)]
    return [_section(label, table, part, files) for label, part in zip(labels, parts, strict=True)]


def _section(label: str, table: str, given: dict[str, Any], files: dict[str, SourceFile]) -> Section:
    names = TABLES[table].names
    extra = ("identifiers",) if table == "customers" else ()
    specs.known(given, (*_SECTION, *names, *extra), label)
    rows = tuple({k: specs.word(v, label) for k, v in row.items()} for row in given.get("rows", ()))
    if bool(rows) == ("file" in given):
        raise MappingRefused(where=label, problem="it needs either a file or rows", remedy='Add file = "…"')
    if not rows:
        specs.known([given["file"]], files, label)
    columns = {name: specs.spec(given[name], f"{label}.{name}") for name in names if name in given}
    for row in rows:
        specs.known(row, names, f"{label}.rows")
        columns.update({name: Spec(columns=(name,)) for name in row if name not in columns})
    return Section(
        label=label,
        table=table,
        file=given.get("file", ""),
        key=_key(given, label),
        columns=columns,
        repeat=specs.one_of(given.get("repeat", "refuse"), ("refuse", "first", "last", "ordinal"), f"{label}.repeat"),
        only=specs.conditions(given["only"], f"{label}.only") if "only" in given else (),
        custom=_named(given.get("custom", {}), f"{label}.custom"),
        identifiers=_named(given.get("identifiers", {}), f"{label}.identifiers"),
        subject=specs.one_of(given["subject"], tuple(SUBJECTS), f"{label}.subject") if "subject" in given else "",
        rows=rows,
    )


def _key(given: dict[str, Any], label: str) -> tuple[Spec, ...]:
    if not given.get("key"):
        raise MappingRefused(
            where=label, problem="it has no key", remedy='Add key = ["…"]: the columns that name a row'
        )
    parts = given["key"] if isinstance(given["key"], list) else [given["key"]]
    return tuple(specs.spec(part, f"{label}.key") for part in parts)


def _named(given: Any, where: str) -> dict[str, Spec]:
    if isinstance(given, list):
        return {str(name): Spec(columns=(str(name),)) for name in given}
    return {name: specs.spec(part, f"{where}.{name}") for name, part in given.items()}


def _check(section: Section, mapping: Mapping) -> None:
    table = TABLES[section.table]
    for column in table.columns:
        if (
            column.required
            and column.default is None
            and column.name not in section.columns
            and column.name != "currency"
        ):
            raise MappingRefused(
                where=section.label,
                problem=f"{column.name} is needed",
                remedy=f"{section.table} takes {', '.join(table.names)}",
            )
    for group in table.one_of:
        if not any(name in section.columns for name in group):
            raise MappingRefused(where=section.label, problem=f"one of {' or '.join(group)} is needed", remedy="Add it")
    if table.has_subject and "subject_key" in section.columns and not section.subject:
        raise MappingRefused(
            where=section.label,
            problem="it does not say what subject_key names",
            remedy=f"Add subject = one of {', '.join(SUBJECTS)}",
        )
    for part in section.specs:
        _check_spec(part, section, mapping)


def _check_spec(spec: Spec, section: Section, mapping: Mapping) -> None:
    for part in spec.parts:
        _check_spec(part, section, mapping)
    if spec.looked_up:
        specs.known([spec.looked_up.lookup], mapping.lookups, f"{section.label}, lookup")
        specs.known([spec.looked_up.take], mapping.lookups[spec.looked_up.lookup].values, f"{section.label}, take")
    if spec.same_row:
        beside = [s.label for s in mapping.sections if s.file == section.file and s.label != section.label]
        specs.known([spec.same_row], beside, f"{section.label}, same_row")
