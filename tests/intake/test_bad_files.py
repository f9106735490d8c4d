"""What concerns a whole file is refused before anything is written."""

import pytest

from eigenform.intake.contracts import ColumnAbsent, FileAbsent, FileUnreadable, MappingRefused
from tests.intake.conftest import MAPPING, PEOPLE, value


def nothing_was_written() -> bool:
    return value("SELECT count(*) FROM customers_customer") == 0 and value("SELECT count(*) FROM ledger_entry") == 0


def test_a_missing_column_refuses_the_file_and_lists_what_it_has(shop):
    shop.write("sales.csv", "order,customer,day,article,qty,price\nA1,1,2025-01-02,tea,1,3.50\n")

    with pytest.raises(ColumnAbsent) as refused:
        shop.load()

    assert refused.value.columns == ("order", "customer", "day", "article", "qty", "price")
    assert "no column 'pieces', which order_lines needs" in str(refused.value)
    assert nothing_was_written()


def test_a_column_that_is_nearly_right_is_suggested(shop):
    shop.write("people.csv", "id,Name,town\n1,Ada,Leeds\n")

    with pytest.raises(ColumnAbsent, match="Did you mean 'Name'"):
        shop.load()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("people.csv", b"", "it is empty"),
        ("people.csv", b"\n\n", "it is empty"),
        ("people.csv", b"\xff\xfei\0d\0", "it is written in utf-16"),
        ("people.csv", b"PK\x03\x04rest", "Excel or zip"),
        ("people.csv.gz", b"id,name,town\n", "called .gz but is not packed"),
        ("people.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\0broken", "damaged"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_says(shop, name, content, reason):
    (shop.folder / "people.csv").unlink()
    shop.write(name, content)

    with pytest.raises(FileUnreadable, match=reason):
        shop.load()
    assert nothing_was_written()


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_a_file_that_only_bears_the_name(shop, ending):
    shop.mapping = MAPPING.replace("people.csv", f"people.{ending}")
    shop.write(f"people.{ending}", PEOPLE)

    with pytest.raises(FileUnreadable):
        shop.load()


def test_an_absent_file_is_named_with_what_is_there(shop):
    (shop.folder / "sales.csv").unlink()

    with pytest.raises(FileAbsent, match=r"looks for 'sales.csv' in .* which holds people.csv"):
        shop.load()


def test_a_path_that_is_nowhere(shop, tmp_path):
    with pytest.raises(FileUnreadable, match="no such file or folder"):
        shop.load(tmp_path / "nowhere")


def test_a_header_alone_is_a_day_without_sales(shop):
    shop.write("sales.csv", "order,customer,day,article,pieces,price\n")

    answer = shop.load()

    assert (answer.rows_read, answer.tables["orders"]) == (2, 0)


def test_files_with_different_columns_under_one_pattern(shop):
    shop.mapping = MAPPING.replace('"people.csv"', '"people*.csv"')
    shop.write("people2.csv", "id,town,name\n3,Hull,Cy\n")

    with pytest.raises(FileUnreadable, match="its columns differ"):
        shop.load()


def test_several_files_under_one_pattern_are_read_as_one(shop):
    shop.mapping = MAPPING.replace('"people.csv"', '"people*.csv"')
    shop.write("people2.csv", "id,name,town\n3,Cy,Hull\n2,Ben again,York\n")

    answer = shop.load()

    assert answer.tables["customers"] == 3
    assert [(r["_file"], r["_row"]) for r in shop.refused()] == [("people2.csv", "3")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('zone = "Europe/London"', 'zone = "Mars/Phobos"', "no time zone"),
        ('currency = "GBP"', 'currency = "pounds"', "no currency"),
        ('name = "shop"', 'name = "The Shop"', "no name for a source"),
        ("[order_lines]", "[order_line]", "Did you mean 'order_lines'"),
        ('segment = "town"', 'segmnt = "town"', "Did you mean 'segment'"),
        ('repeat = "last"', 'repeat = "newest"', "'newest' is not known"),
        ('ordered_on = "day"\n', "", "orders: ordered_on is needed"),
        ('unit_price = "price"', "", "one of unit_price or amount is needed"),
        ('key = ["id"]', "", "it has no key"),
        ('file = "people"', 'file = "peple"', "Did you mean 'people'"),
        ('segment = "town"', 'segment = { lookup = "towns", column = "town", take = "name" }', "'towns' is not known"),
        ('segment = "town"', 'segment = { column = "town", value = "x" }', "column and value"),
        ('ordered_on = "day"', 'ordered_on = { column = "day", fromat = "%d" }', "Did you mean 'format'"),
        ('quantity = "pieces"', 'quantity = { cases = [{ column = "a", value = 1 }] }', "0 tests"),
        ('name = "shop"', "name = shop", "not TOML"),
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_be_used_says_where_and_what_is_known(shop, old, new, message):
    shop.mapping = MAPPING.replace(old, new, 1)

    with pytest.raises(MappingRefused, match=message):
        shop.load()


def test_only_who_may_load_loads(shop):
    import dataclasses

    from eigenform.records.scope import NotAllowed

    shop.scope = dataclasses.replace(shop.scope, may_load=False)
    with pytest.raises(NotAllowed):
        shop.load()
