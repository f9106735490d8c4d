"""Bad rows go with line, column and reason into a file; the good ones are in. One test per kind of damage."""

import gzip

import pytest

from tests.intake.conftest import PEOPLE, SALES, rows, value

HEADER, *LINES = SALES.splitlines()


def with_line(line: str) -> str:
    return "\n".join([HEADER, *LINES, line]) + "\n"


CASES = {
    "impossible date": ("A3,1,2025-02-30,tea,1,3.50", "day", "'2025-02-30' is no date"),
    "year 0": ("A3,1,0000-01-01,tea,1,3.50", "day", "no date|outside the years"),
    "year 9999": ("A3,1,9999-12-31,tea,1,3.50", "day", "'9999-12-31' lies outside the years 1900 to 2099"),
    "day and month mixed up": ("A3,1,31/12/2025,tea,1,3.50", "day", "'31/12/2025' is no date"),
    "negative quantity": ("A3,1,2025-01-02,tea,-2,3.50", "pieces", "the quantity '-2' of a sale is negative"),
    "negative price": ("A3,1,2025-01-02,tea,2,-3.50", "price", "the unit price '-3.50' of a sale is negative"),
    "word for a number": ("A3,1,2025-01-02,tea,two,3.50", "pieces", "'two' is no number"),
    "NaN": ("A3,1,2025-01-02,tea,1,NaN", "price", "'NaN' is no number"),
    "infinity": ("A3,1,2025-01-02,tea,1,inf", "price", "'inf' is no number"),
    "overflow": ("A3,1,2025-01-02,tea,1,1e400", "price", "'1e400' is no number"),
    "more digits than fit": ("A3,1,2025-01-02,tea,1,99999999999999999999", "price", "is no number that can be used"),
    "decimal comma": ('A3,1,2025-01-02,tea,1,"3,50"', "price", "'3,50' is no number"),
    "underscores": ("A3,1,2025-01-02,tea,1_0,3.50", "pieces", "'1_0' is no number"),
    "line total too large": ("A3,1,2025-01-02,tea,900000000000,900000000000", "pieces; price", "too large"),
    "duplicated key": ("A1,1,2025-01-02,tea,9,9.00", "order; article", "was already given on line 2"),
    "empty key": (",1,2025-01-02,tea,1,3.50", "order", "the key of orders is empty"),
    "key too long": (f"{'x' * 300},1,2025-01-02,tea,1,3.50", "order", "longer than 255"),
    "unknown customer": ("A3,9,2025-01-02,tea,1,3.50", "customer", "no row of customers with the key '9'"),
    "too few cells": ("A3,1,2025-01-02", "", "it has 3 cells where the header has 6"),
    "too many cells": ("A3,1,2025-01-02,tea,1,3.50,x,y", "", "it has 8 cells where the header has 6"),
    "text after a closed quote": ('A3,1,2025-01-02,"tea"x,1,3.50', "", "quote"),
    "NUL": ("A3,1,2025-01-02,te\0a,1,3.50", "article", "a NUL character"),
    "missing price": ("A3,1,2025-01-02,tea,1,", "price", "unit_price is empty"),
}


@pytest.mark.parametrize("kind", CASES)
def test_the_bad_row_is_named_and_the_good_ones_are_in(shop, kind):
    line, column, reason = CASES[kind]
    shop.write("sales.csv", with_line(line))

    answer = shop.load()

    (refused,) = shop.refused()
    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (6, 5, 1)
    assert refused["_file"] == "sales.csv"
    assert refused["_row"] == "5"
    for name in column.split("; "):
        assert name in refused["_column"]
    assert any(part in refused["_reason"] for part in reason.split("|"))
    assert refused["_remedy"]
    assert value("SELECT count(*) FROM sales_orderline") == 3


def test_every_problem_of_a_row_is_told_at_once(shop):
    shop.write("sales.csv", with_line("A3,1,2025-13-01,tea,two,3.50"))

    shop.load()

    (refused,) = shop.refused()
    assert "'2025-13-01' is no date" in refused["_reason"]
    assert "'two' is no number" in refused["_reason"]


def test_bytes_of_another_encoding_are_found_in_their_cell(shop):
    shop.write("people.csv", PEOPLE.encode() + "3,J\xfcrgen,K\xf6ln\n".encode("latin-1"))

    answer = shop.load()

    (refused,) = shop.refused()
    assert answer.rows_refused == 1
    assert (refused["_row"], refused["_column"]) == ("4", "name")
    assert "another encoding" in refused["_reason"]
    assert refused["name"] == "J\ufffdrgen"


def test_a_field_of_ten_megabytes_costs_one_row(shop):
    shop.write("people.csv", PEOPLE + f'3,"{"x" * 10_000_000}",Leeds\n4,Dan,Leeds\n')

    answer = shop.load()

    (refused,) = shop.refused()
    assert (refused["_row"], refused["_column"]) == ("4", "name")
    assert "10000000 characters" in refused["_reason"]
    assert len(refused["name"]) < 300
    assert answer.tables["customers"] == 3


def test_a_quote_that_never_closes_costs_one_line(shop):
    shop.write("people.csv", 'id,name,town\n1,Ada,Leeds\n3,"Cy,Leeds\n2,Ben,York\n4,Dan,Leeds\n')

    answer = shop.load()

    (refused,) = shop.refused()
    assert refused["_row"] == "3"
    assert "quote" in refused["_reason"]
    assert answer.tables["customers"] == 3


def test_a_refused_row_gives_nothing_to_any_table(shop):
    shop.write("sales.csv", with_line("A3,1,2025-01-02,spoon,-1,3.50"))

    shop.load()

    assert value("SELECT count(*) FROM offerings_offering WHERE key = 'spoon'") == 0
    assert value("SELECT count(*) FROM sales_order WHERE key = 'A3'") == 0


def test_the_lines_of_a_refused_order_are_refused_too(shop):
    shop.write("people.csv", "id,name,town\n1,Ada,Leeds\n,Ben,York\n")

    answer = shop.load()

    assert answer.rows_refused == 2
    assert [r["_file"] for r in shop.refused()] == ["people.csv", "sales.csv"]
    assert value("SELECT count(*) FROM sales_orderline") == 2


def test_mixed_line_ends_a_byte_order_mark_and_blank_lines_are_fine(shop):
    shop.write("people.csv", b"\xef\xbb\xbfid,name,town\r\n1,Ada,Leeds\n\n2,Ben,York\r3,Cy,Hull\r\n")

    answer = shop.load()

    assert answer.rows_refused == 0
    assert answer.tables["customers"] == 3


def test_a_text_over_several_lines_keeps_the_line_on_which_it_began(shop):
    shop.write("people.csv", 'id,name,town\n1,"Ada\nLovelace",Leeds\n2,Ben\n')
    shop.load()

    assert [r["_row"] for r in shop.refused() if r["_file"] == "people.csv"] == ["4"]


def test_formulas_go_out_exactly_as_they_came_in(shop):
    """Cells of the errors file are not made harmless for spreadsheets: a mended file must give back the source."""
    shop.write("people.csv", PEOPLE + "3,=1+1,@town\n3,-2,+3\n")

    shop.load()

    (refused,) = shop.refused()
    assert (refused["name"], refused["town"]) == ("-2", "+3")
    assert value("SELECT name FROM customers_customer WHERE key = '3'") == "=1+1"


def test_counts_add_up_whatever_happens(shop):
    shop.write("sales.csv", with_line("A1,1,2025-01-02,tea,9,9.00"))
    first, second = shop.load(), shop.load()

    for answer in (first, second):
        assert answer.rows_read == answer.rows_loaded + answer.rows_unchanged + answer.rows_refused
    assert (second.rows_loaded, second.rows_unchanged, second.rows_refused) == (0, 5, 1)


def test_packed_files_load_like_plain_ones(shop):
    (shop.folder / "people.csv").unlink()
    shop.write("people.csv.gz", gzip.compress(PEOPLE.encode()))

    assert shop.load().tables["customers"] == 2


ANSWERS = """
[files.answers]
path = "answers.csv"

[answers]
file = "answers"
key = ["id"]
customer_key = "who"
attribute = {{ value = "taste" }}
kind = {kind}
score = "score"
scale_min = {{ value = 1 }}
scale_max = {{ value = 5 }}
answered_on = "day"
"""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,1,6,2025-01-02,experience", "'6' is off its scale"),
        ("1,1,4,2025-01-02,mood", "'mood' is not a kind that is known"),
    ],
)
def test_answers_off_their_scale_or_of_unknown_kind(shop, line, reason):
    shop.mapping += ANSWERS.format(kind='"kind"')
    shop.write("answers.csv", f"id,who,score,day,kind\n{line}\n2,1,4,2025-01-02,experience\n")

    answer = shop.load()

    assert answer.tables["answers"] == 1
    assert reason in shop.refused()[0]["_reason"]


def test_an_identifier_names_one_customer_only(shop):
    shop.mapping = shop.mapping.replace('segment = "town"', 'identifiers = { card = "town" }')
    shop.write("people.csv", "id,name,town\n1,Ada,card-7\n2,Ben,card-7\n")
    shop.write("sales.csv", SALES.replace("A2,2", "A2,1"))

    answer = shop.load()

    assert answer.rows_refused == 1
    assert shop.refused()[0]["_reason"] == "the identifier 'card-7' already names the customer '1'"
    assert rows("SELECT kind, value FROM customers_identifier") == [("card", "card-7")]
