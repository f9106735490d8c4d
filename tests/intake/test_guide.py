"""The guide's table of intake tables is what the code reads."""

from eigenform.intake.contracts import TABLES, Column, Kind, Table
from tests.conftest import ROOT

TYPES = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.QUANTITY: "number of pieces",
    Kind.PRICE: "money a piece",
    Kind.MONEY: "money",
    Kind.DAY: "day",
    Kind.INSTANT: "time",
    Kind.LEVEL: "number, or a day if the unit is `date`",
    Kind.CURRENCY: "three capital letters; the mapping's currency if not given",
}


def described(column: Column) -> str:
    if column.kind is Kind.REFERENCE:
        return "key of the order, line or shipment" if column.refers_to == "subject" else f"key in {column.refers_to}"
    if column.kind is Kind.CHOICE:
        words = ", ".join(f"`{word}`" for word in column.choices)
        return f"one of {words}" + (f"; `{column.default}` if not given" if column.default else "")
    text = TYPES[column.kind]
    if column.kind is Kind.TEXT:
        text += f", at most {column.chars_max:,} characters"
    if column.instant:
        text += "; the time of day is kept as well"
    if column.default:
        text += f"; {column.default} if not given"
    return text + (f"; {column.low:g} to {column.high:g}" if column.high is not None else "")


def lines(table: Table) -> list[str]:
    found = []
    for number, column in enumerate(c for c in table.columns if c.name != "weight"):
        needed = column.required and column.default is None and column.kind is not Kind.CURRENCY
        name = f"**`{column.name}`**" if needed else f"`{column.name}`"
        found.append(f"| {f'`{table.name}`' if number == 0 else ''} | {name} | {described(column)} |")
    if table.name == "customers":
        found.append("|  | `identifiers` | other names they go by, `{ kind = column }` |")
    return found


def test_the_guide_names_every_table_column_and_type():
    guide = (ROOT / "docs" / "guide" / "loading.md").read_text(encoding="utf-8")
    expected = "\n".join(line for table in TABLES.values() for line in lines(table))

    assert expected in guide
