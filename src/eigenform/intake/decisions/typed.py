"""From texts to types: the SQL that reads a text as its type, and the checks that say why it could not."""

from dataclasses import dataclass
from datetime import UTC, datetime

from eigenform.base.money import exponents_other_than_two, minor_exponent
from eigenform.intake.contracts import Column, Kind, Spec
from eigenform.intake.decisions import sql

_EXAMPLE = datetime(2026, 1, 31, 17, 5, tzinfo=UTC)  # shown in remedies: nobody has to read %Y%m%d

FIRST_YEAR, LAST_YEAR = 1900, 2099
MINOR_MAX = 9_000_000_000_000_000  # below 2^53: exact in every language that reads our JSON
DECIMAL_MAX = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """A row is refused where `condition` holds; `{value}` in the reason is the text that was read."""

    condition: str
    columns: tuple[str, ...]
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Typed:
    """One column of ours: what it reads on the way (`steps`), what it writes (`outputs`), what can be wrong."""

    steps: tuple[tuple[str, str], ...]  # alias, SQL over the texts x_…
    outputs: tuple[tuple[str, str], ...]  # column of our table, SQL over texts and steps
    checks: tuple[Check, ...]


def typed(column: Column, spec: Spec, *, zone: str, currency: str) -> Typed:
    """Return how the text x_<column> becomes the column's type. `currency` is SQL: a text or a column."""
    columns = spec.source_columns
    x = sql.name(f"x_{column.name}")
    if column.kind in (Kind.DAY, Kind.INSTANT):
        found = _time(column, spec, x, zone)
    elif column.kind in (Kind.NUMBER, Kind.LEVEL, Kind.QUANTITY, Kind.PRICE, Kind.MONEY):
        found = _number(column, spec, x, currency)
    elif column.kind is Kind.CHOICE:
        found = _choice(column, columns, x)
    elif column.kind is Kind.CURRENCY:
        found = _currency(column, columns, x)
    else:
        found = _text(column, columns, x)
    if not column.required:
        return found
    missing = Check(f"{x} IS NULL", columns, x, f"{column.name} is empty", "Fill in the cell")
    return Typed(found.steps, found.outputs, (missing, *found.checks))


def _text(column: Column, columns: tuple[str, ...], x: str) -> Typed:
    long = Check(
        f"length({x}) > {column.chars_max}",
        columns,
        x,
        f"{column.name} is longer than {column.chars_max} characters",
        "Shorten the text",
    )
    return Typed((), ((column.target, x),), (long,))


def _choice(column: Column, columns: tuple[str, ...], x: str) -> Typed:
    other = Check(
        f"{x} NOT IN ({sql.texts(column.choices)})",
        columns,
        x,
        f"{{value}} is not a {column.name} that is known",
        f"Use one of {', '.join(column.choices)}, or translate the word in the mapping",
    )
    return Typed((), ((column.target, x),), (other,))


def _currency(column: Column, columns: tuple[str, ...], x: str) -> Typed:
    other = Check(
        f"NOT {sql.matches(x, '[A-Z]{3}')}",
        columns,
        x,
        "{value} is no currency",
        "Write three capital letters such as EUR",
    )
    return Typed((), ((column.target, x),), (other,))


def number_text(spec: Spec, x: str) -> str:
    """Return the text with its thousands marks gone and a point for the decimals."""
    found = f"replace({x}, {sql.text(spec.thousands)}, '')" if spec.thousands else x
    return f"replace({found}, ',', '.')" if spec.decimal == "," else found


def _number(column: Column, spec: Spec, x: str, currency: str) -> Typed:
    columns = spec.source_columns
    step = sql.name(f"n_{column.name}")
    plain = number_text(spec, x)
    kind = {Kind.QUANTITY: "DECIMAL(18, 4)", Kind.PRICE: "DECIMAL(18, 6)", Kind.MONEY: "DECIMAL(18, 6)"}.get(
        column.kind, "DOUBLE"
    )
    scaled = f"try_cast({plain} AS DOUBLE) * {spec.scale!r}" if spec.scale != 1.0 else plain
    read = f"CASE WHEN {sql.matches(plain, sql.NUMBER)} THEN try_cast({scaled} AS {kind}) END"
    checks = [
        Check(
            f"{x} IS NOT NULL AND ({step} IS NULL OR abs(CAST({step} AS DOUBLE)) >= "
            + (f"{DECIMAL_MAX})" if kind != "DOUBLE" else "1e300)"),
            columns,
            x,
            "{value} is no number that can be used",
            f"Write digits with {spec.decimal!r} before the decimals, or leave the cell empty",
        )
    ]
    checks += _bounds(column, columns, x, step)
    if column.kind is not Kind.MONEY:
        return Typed(((step, read),), ((column.target, step),), tuple(checks))
    minor = to_minor(step, currency)
    checks.append(
        Check(f"{step} IS NOT NULL AND {minor} IS NULL", columns, x, "{value} is too large", "Mend the amount")
    )
    return Typed(((step, read),), ((column.target, minor),), tuple(checks))


def _bounds(column: Column, columns: tuple[str, ...], x: str, step: str) -> list[Check]:
    found = []
    if column.positive:
        found.append(Check(f"{step} <= 0", columns, x, f"{column.name} {{value}} is not above 0", "Mend the number"))
    if column.low is not None:
        found.append(
            Check(f"{step} < {column.low}", columns, x, f"{column.name} {{value}} is below {column.low:g}", "Mend it")
        )
    if column.high is not None:
        found.append(
            Check(f"{step} > {column.high}", columns, x, f"{column.name} {{value}} is above {column.high:g}", "Mend it")
        )
    return found


def to_minor(amount: str, currency: str) -> str:
    """Return SQL for the amount in minor units, rounded half away from zero; NULL if it does not fit."""
    if currency.startswith("'"):
        factor = str(10 ** minor_exponent(currency.strip("'")))
    else:
        whens = " ".join(f"WHEN '{code}' THEN {10**places}" for code, places in exponents_other_than_two().items())
        factor = f"(CASE {currency} {whens} ELSE 100 END)"
    rounded = f"try(CAST(round(CAST({amount} AS DECIMAL(38, 10)) * {factor}, 0) AS BIGINT))"
    return f"CASE WHEN abs({rounded}) <= {MINOR_MAX} THEN {rounded} END"


def _time(column: Column, spec: Spec, x: str, zone: str) -> Typed:
    """Days and times. A local time that a change of clocks skipped is read with the offset before the change;
    one that came twice is read as its second (standard time) instant: so ICU does, and a test pins it."""
    columns, local = spec.source_columns, sql.name(f"t_{column.name}")
    steps: list[tuple[str, str]] = []
    if spec.format:
        formats = f"[{sql.texts(spec.format)}]"
        steps.append((local, f"CAST(try_strptime({x}, {formats}) AS TIMESTAMP)"))
        utc, has_time = _utc(local, zone), "true" if any("%H" in f or "%I" in f for f in spec.format) else "false"
    else:
        offset = f"{sql.matches(x, sql.ISO_WITH_OFFSET)}"
        instant = sql.name(f"o_{column.name}")
        steps.append((instant, f"CASE WHEN {offset} THEN try_cast({x} AS TIMESTAMPTZ) END"))
        read = f"CASE WHEN {sql.matches(x, sql.ISO)} THEN try_cast({x} AS TIMESTAMP) END"
        steps.append((local, f"coalesce({read}, timezone({sql.text(zone)}, {instant}))"))
        utc = f"coalesce(timezone('UTC', {instant}), {_utc(local, zone)})"
        has_time = f"length({x}) > 10"
    instant_text = f"strftime({utc}, '%Y-%m-%d %H:%M:%S')"
    checks = (
        Check(f"{x} IS NOT NULL AND {local} IS NULL", columns, x, "{value} is no date", _date_remedy(spec)),
        Check(
            f"year({local}) NOT BETWEEN {FIRST_YEAR} AND {LAST_YEAR}",
            columns,
            x,
            f"{{value}} lies outside the years {FIRST_YEAR} to {LAST_YEAR}",
            "Mend the date, or leave the cell empty if it only stands for unknown",
        ),
    )
    if column.kind is Kind.INSTANT:
        return Typed(tuple(steps), ((column.target, instant_text),), checks)
    outputs = [(column.target, f"strftime({local}, '%Y-%m-%d')")]
    if column.instant:
        outputs.append((column.instant, f"CASE WHEN {has_time} THEN {instant_text} END"))
    return Typed(tuple(steps), tuple(outputs), checks)


def _utc(local: str, zone: str) -> str:
    return local if zone == "UTC" else f"timezone('UTC', timezone({sql.text(zone)}, {local}))"


def _date_remedy(spec: Spec) -> str:
    examples = [_EXAMPLE.strftime(form) for form in spec.format]
    return f"Write it like {' or '.join(examples or ['2026-01-31', '2026-01-31 17:05:00'])}"
