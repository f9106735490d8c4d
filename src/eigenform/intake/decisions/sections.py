"""A section of a mapping as one SQL statement: staged texts in, typed rows and what is wrong with them out."""

from collections.abc import Mapping as Named
from dataclasses import dataclass

from eigenform.intake.contracts import KEY_CHARS_MAX, SUBJECTS, TABLES, Column, Kind, Section, Spec
from eigenform.intake.decisions import sql
from eigenform.intake.decisions.expressions import Sheet, StagedLookup, Texts
from eigenform.intake.decisions.rules import across_columns, derived
from eigenform.intake.decisions.typed import Check, Typed, typed


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that holds the key of a row of another table (or, first, another identifier of a customer)."""

    column: str
    table: str
    columns: tuple[str, ...]  # of the source's file
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a section became. `select` yields _id, key, the outputs, and _problems: texts "number:value"."""

    section: Section
    select: str
    outputs: tuple[str, ...]
    checks: tuple[Check, ...]
    references: tuple[Reference, ...]


def compile_section(
    section: Section,
    *,
    sheet: Sheet,
    lookups: Named[str, StagedLookup],
    keys_beside: Named[str, str],
    zone: str,
    currency: str,
) -> Compiled:
    """Turn a section into SQL. Raises ColumnAbsent if the file lacks a column that it names."""
    texts = Texts(sheet=sheet, lookups=lookups, keys_beside=keys_beside, where=section.label)
    specs = _with_defaults(section, currency)
    parts = [(f"x_{name}", texts.of(spec)) for name, spec in specs.items()]
    parts += [(f"i_{kind}", texts.of(spec)) for kind, spec in section.identifiers.items()]
    key = sql.joined_key([texts.of(part) for part in section.key])
    custom = _custom(section, texts)
    only = texts.all_hold(section.only)
    text_checks = tuple(dict.fromkeys(texts.checks))
    parts += [(f"m_{n}", f"CASE WHEN {c.condition} THEN {c.value} END") for n, c in enumerate(text_checks)]
    columns = [_typed(TABLES[section.table].column(name), spec, specs, zone, currency) for name, spec in specs.items()]
    extra = derived(section.table, specs, currency)
    outputs = dict(output for column in columns for output in column.outputs) | dict(extra.outputs)
    if section.subject and section.table != "answers":
        outputs["subject_kind"] = sql.text(section.subject)
    if custom:
        outputs["custom"] = "_custom"
    checks = (
        _key_check(section),
        *(Check(f"m_{n} IS NOT NULL", c.columns, f"m_{n}", c.reason, c.remedy) for n, c in enumerate(text_checks)),
        *(check for column in columns for check in column.checks),
        *extra.checks,
        *across_columns(section.table, specs),
    )
    inner = ", ".join(f"{expression} AS {sql.name(alias)}" for alias, expression in parts)
    steps = [step for column in columns for step in column.steps] + list(extra.steps)
    select = f"""
        WITH texts AS (
            SELECT f._id, f._row, {"f._ordinals," if sheet.is_mended else ""} {key} AS _plain_key,
                {inner or "NULL AS nothing"}{f", {custom} AS _custom" if custom else ""}
            FROM {sheet.table} f {" ".join(texts.joins)}
            WHERE {only}
        ), numbered AS (SELECT *, {_key(section, sheet)} AS key FROM texts),
        read AS (SELECT *{"".join(f", {e} AS {alias}" for alias, e in steps)} FROM numbered)
        SELECT _id, _plain_key, key,
            {"".join(f"{e} AS {sql.name(name)}, " for name, e in outputs.items())}
            {"".join(f'"i_{kind}", ' for kind in section.identifiers)}
            {sql.any_of(_told(n, c) for n, c in enumerate(checks))} AS _problems
        FROM read
    """
    return Compiled(section, select, tuple(outputs), checks, _references(section, specs))


def _told(number: int, check: Check) -> str:
    """Return SQL for "number:value" where the check finds something wrong, else NULL."""
    return f"CASE WHEN {check.condition} THEN '{number}:' || left(coalesce({check.value}, ''), 80) END"


def _with_defaults(section: Section, currency: str) -> dict[str, Spec]:
    """Give every column that is needed but not mapped its default; a mapped cell that is empty gets none."""
    specs = dict(section.columns)
    for column in TABLES[section.table].columns:
        default = currency if column.kind is Kind.CURRENCY else column.default
        if column.name not in specs and column.required and default is not None:
            specs[column.name] = Spec(value=default)
    return specs


def _typed(column: Column, spec: Spec, specs: dict[str, Spec], zone: str, currency: str) -> Typed:
    if column.kind is Kind.LEVEL:
        return _level(column, spec, specs, zone)
    own = specs.get("currency")
    constant = own is None or (own.value is not None)
    found = typed(
        column,
        spec,
        zone=zone,
        currency=sql.text((own.value if own else None) or currency) if constant else "x_currency",
    )
    stored_nowhere = column.kind is Kind.CURRENCY and "quantity" in specs  # lines are in their order's currency
    return Typed(found.steps, (), found.checks) if stored_nowhere else found


def _level(column: Column, spec: Spec, specs: dict[str, Spec], zone: str) -> Typed:
    """A promised level is a number, or a day where the unit is "date"."""
    is_day = specs["unit"].value == "date"
    as_kind = Column(column.name, Kind.DAY if is_day else Kind.NUMBER, required=True)
    found = typed(as_kind, spec, zone=zone, currency="''")
    value = found.outputs[0][1]
    both = (("level", "NULL"), ("level_on", value)) if is_day else (("level", value), ("level_on", "NULL"))
    return Typed(found.steps, both, found.checks)


def _key(section: Section, sheet: Sheet) -> str:
    """The row's key. Where equal keys are numbered, a mended row keeps the number that it had in its own file."""
    if section.repeat != "ordinal":
        return "_plain_key"
    if not sheet.is_mended:
        return "_plain_key || '#' || row_number() OVER (PARTITION BY _plain_key ORDER BY _id)"
    path = f'$."{section.label}"'
    noted = f"CASE WHEN json_valid(_ordinals) THEN json_extract_string(_ordinals, {sql.text(path)}) END"
    return (
        f"CASE WHEN {noted} IS NOT NULL AND starts_with({noted}, _plain_key || '#') THEN {noted} "
        "ELSE _plain_key || '#r' || _row END"
    )


def _key_check(section: Section) -> Check:
    columns = tuple(dict.fromkeys(c for part in section.key for c in part.source_columns))
    return Check(
        f"key IS NULL OR length(key) > {KEY_CHARS_MAX}",
        columns,
        "key",
        f"the key of {section.table} is empty or longer than {KEY_CHARS_MAX} characters",
        "Fill in the cell: without a key a row could not be found again",
    )


def _custom(section: Section, texts: Texts) -> str:
    """Further columns as one JSON object; empty cells are left out."""
    if not section.custom:
        return ""
    pairs = ", ".join(f"{{'k': {sql.text(n)}, 'v': {texts.of(spec)}}}" for n, spec in section.custom.items())
    kept = f"list_filter([{pairs}], lambda pair: pair.v IS NOT NULL)"
    return f"CAST(CAST(map_from_entries({kept}) AS JSON) AS VARCHAR)"


def _references(section: Section, specs: dict[str, Spec]) -> tuple[Reference, ...]:
    found = []
    for column in TABLES[section.table].columns:
        if column.kind is not Kind.REFERENCE or column.name not in specs:
            continue
        table = SUBJECTS[section.subject] if column.refers_to == "subject" else column.refers_to
        spec = specs[column.name]
        if table:
            found.append(Reference(column.name, table, spec.source_columns, spec.identifier))
    return tuple(found)
