"""What a mapping can do to a column: one case per transformation, as a person would write it."""

import pytest

from eigenform.intake.decisions.levels import levels_of
from tests.intake.conftest import rows, value

CASES = {
    "a map": ('{ column = "town", map = { Leeds = "LS" } }', ["LS", "York"]),
    "several columns": ('{ columns = ["name", "town"], join = ", " }', ["Ada, Leeds", "Ben, York"]),
    "a constant": ('{ value = "all" }', ["all", "all"]),
    "letters": ('{ column = "town", letters = "upper" }', ["LEEDS", "YORK"]),
    "words that mean nothing": ('{ column = "town", empty = ["York"] }', ["Leeds", ""]),
    "forms that mean nothing": ('{ column = "town", empty_matches = "^Y" }', ["Leeds", ""]),
    "a default": ('{ column = "town", empty = ["York"], default = "?" }', ["Leeds", "?"]),
    "the first that is not empty": ('{ first = [{ column = "town", empty = ["York"] }, "name"] }', ["Leeds", "Ben"]),
    "cases": ('{ cases = [{ column = "town", is = "York", value = "N" }], otherwise = "S" }', ["S", "N"]),
    "a case that takes a cell": (
        '{ cases = [{ column = "town", starts = "Y", take = { column = "name" } }], otherwise = "S" }',
        ["S", "Ben"],
    ),
    "several conditions": (
        '{ cases = [{ when = [{ column = "town", in = ["York", "Leeds"] }, { column = "id", above = 1 }], '
        'value = "x" }] }',
        ["", "x"],
    ),
    "not": ('{ cases = [{ column = "town", not = "York", value = "x" }], otherwise = "y" }', ["x", "y"]),
    "a pattern": ('{ cases = [{ column = "town", matches = "ee", value = "x" }], otherwise = "y" }', ["x", "y"]),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_column_becomes_what_the_mapping_says(shop, kind):
    spec, expected = CASES[kind]
    shop.mapping = shop.mapping.replace('segment = "town"', f"segment = {spec}")

    shop.load()

    assert [s for (s,) in rows("SELECT segment FROM customers_customer ORDER BY key")] == expected


def test_words_outside_a_closed_map_are_refused(shop):
    shop.mapping = shop.mapping.replace(
        'segment = "town"', 'segment = { column = "town", map = { Leeds = "LS" }, map_only = true }'
    )

    shop.load()

    assert "'York' is not among the words that the mapping knows" in shop.refused()[0]["_reason"]


@pytest.mark.parametrize(
    ("cell", "spec", "expected"),
    [
        ("1.234,50", '{ column = "price", decimal = ",", thousands = "." }', 123_450),
        ("350", '{ column = "price", scale = 0.01 }', 350),
        (" 3.50 ", '"price"', 350),
        ("0.005", '"price"', 1),  # half a penny is a penny: rounded away from zero
        ("0.0049", '"price"', 0),
        ("3.5e0", '"price"', 350),
    ],
)
def test_numbers_are_read_as_the_mapping_says(shop, cell, spec, expected):
    shop.mapping = shop.mapping.replace('unit_price = "price"', f"unit_price = {spec}")
    shop.write("sales.csv", f'order,customer,day,article,pieces,price\nA1,1,2025-01-02,tea,1,"{cell}"\n')

    shop.load()

    assert value("SELECT amount_minor FROM sales_orderline") == expected


@pytest.mark.parametrize(("currency", "expected"), [("JPY", 351), ("KWD", 350_500), ("EUR", 35_050)])
def test_amounts_are_in_the_minor_unit_of_their_own_currency(shop, currency, expected):
    shop.mapping = shop.mapping.replace('ordered_on = "day"', 'ordered_on = "day"\ncurrency = "cur"').replace(
        'quantity = "pieces"', 'quantity = "pieces"\ncurrency = "cur"'
    )
    shop.write("sales.csv", f"order,customer,day,article,pieces,price,cur\nA1,1,2025-01-02,tea,1,350.50,{currency}\n")

    shop.load()

    assert value("SELECT amount_minor FROM sales_orderline") == expected
    assert value("SELECT currency FROM sales_order") == currency


@pytest.mark.parametrize(
    ("cell", "day", "instant"),
    [
        ("2025-01-02", "2025-01-02", None),
        ("2025-07-02 14:05", "2025-07-02", "2025-07-02 13:05:00"),
        ("2025-07-02T14:05:06.789", "2025-07-02", "2025-07-02 13:05:06"),
        ("2025-07-02T23:30:00Z", "2025-07-03", "2025-07-02 23:30:00"),
        ("2025-07-02 00:30:00+05:30", "2025-07-01", "2025-07-01 19:00:00"),
        ("2017-03-26 01:30:00", "2017-03-26", "2017-03-26 01:30:00"),  # skipped: read with the offset before
        ("2017-10-29 01:30:00", "2017-10-29", "2017-10-29 01:30:00"),  # came twice: the second, in standard time
    ],
)
def test_days_and_times_in_the_mappings_zone(shop, cell, day, instant):
    shop.write("sales.csv", f"order,customer,day,article,pieces,price\nA1,1,{cell},tea,1,3.50\n")

    shop.load()

    ((on, at),) = rows("SELECT ordered_on, ordered_at FROM sales_order")
    assert (str(on), at and at.strftime("%Y-%m-%d %H:%M:%S")) == (day, instant)


def test_formats_of_dates_are_tried_in_turn(shop):
    shop.mapping = shop.mapping.replace(
        'ordered_on = "day"', 'ordered_on = { column = "day", format = ["%d.%m.%Y", "%d-%b-%y"] }'
    )
    shop.write("sales.csv", "order,customer,day,article,pieces,price\nA1,1,2.1.2025,tea,1,1\nA2,1,03-Feb-06,tea,1,1\n")

    shop.load()

    assert [str(d) for (d,) in rows("SELECT ordered_on FROM sales_order ORDER BY key")] == ["2025-01-02", "2006-02-03"]


def test_parents_are_written_before_children_and_circles_are_refused(shop):
    shop.mapping = shop.mapping.replace('segment = "town"', 'parent_key = "town"')
    shop.write("people.csv", "id,name,town\n1,Ada,2\n2,Ben,3\n3,Cy,\n4,Dan,5\n5,Eve,4\n6,Flo,6\n")

    answer = shop.load()

    assert answer.rows_refused == 3
    found = rows(
        "SELECT c.key, p.key FROM customers_customer c LEFT JOIN customers_customer p ON p.id = c.parent_id ORDER BY 1"
    )
    assert found == [("1", "2"), ("2", "3"), ("3", None)]
    assert shop.load().rows_loaded == 0
    assert value("SELECT count(*) FROM customers_customersearlier") == 0


def test_levels_of_parents():
    assert levels_of({"a": "b", "b": "c"}) == ({"b": 1, "a": 2}, set())
    assert levels_of({"a": "b", "b": "a", "c": "a"}) == ({}, {"a", "b", "c"})


def test_parts_of_a_key_cannot_run_into_one_another(shop):
    shop.mapping = shop.mapping.replace('key = ["id"]', 'key = ["name", "town"]').replace(
        'customer_key = "customer"', ""
    )
    shop.write("people.csv", "id,name,town\n1,a|,b\n2,a,|b\n3,a\\,|b\n")

    answer = shop.load()

    assert (answer.tables["customers"], answer.rows_refused) == (3, 0)


def test_excel_and_parquet_hold_the_same_as_csv(shop):
    import openpyxl
    import pyarrow as pa
    import pyarrow.parquet as pq

    book = openpyxl.Workbook()
    book.active.append(["id", "name", "town"])
    for row in ([1, "Ada", "Leeds"], [2, "Ben", "York"]):
        book.active.append(row)
    book.save(shop.folder / "people.xlsx")
    pq.write_table(
        pa.table(
            {
                "order": ["A1", "A1", "A2"],
                "customer": [1, 1, 2],
                "day": pa.array(["2025-01-02 00:00:00", "2025-01-02 00:00:00", "2025-01-03 14:05:00"]).cast(
                    pa.timestamp("us")
                ),
                "article": ["tea", "cup", "tea"],
                "pieces": [2, 1, 1],
                "price": [3.5, 4.0, 3.5],
            }
        ),
        shop.folder / "sales.parquet",
    )
    shop.load()
    before = rows("SELECT key, amount_minor FROM sales_orderline ORDER BY key")
    shop.mapping = shop.mapping.replace("people.csv", "people.xlsx").replace("sales.csv", "sales.parquet")

    answer = shop.load()

    assert answer.rows_refused == 0
    assert rows("SELECT key, amount_minor FROM sales_orderline ORDER BY key") == before
    assert [k for (k,) in rows("SELECT key FROM customers_customer ORDER BY key")] == ["1", "2"]


def test_a_mapping_cannot_reach_outside_its_texts(shop):
    """Names and texts of a mapping are quoted: no SQL in them is run."""
    shop.mapping = shop.mapping.replace('segment = "town"', """segment = { value = "x'); DROP TABLE f0; --" }""")

    shop.load()

    assert value("SELECT segment FROM customers_customer WHERE key = '1'") == "x'); DROP TABLE f0; --"
