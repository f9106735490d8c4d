"""Refused rows that were mended in the errors file: only the source's cells are touched, and what hung on them heals."""

import csv

import pytest

from tests.intake.conftest import Shop, rows, value

PURCHASES = b"customer_id date number_of_cds dollar_value\n00001 19970101 1 11.77\n"


def mend(shop: Shop, *changes: dict[str, str]):
    """Write the errors file anew with cells changed, row by row; the columns about the refusal stay as they are."""
    found = shop.refused()
    path = shop.folder.parent / "mended.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, found[0])
        writer.writeheader()
        writer.writerows(row | change for row, change in zip(found, changes, strict=True))
    return path


@pytest.fixture
def cdnow(tmp_path, leader_scope, db) -> Shop:
    (tmp_path / "cdnow").mkdir()
    shop = Shop(tmp_path / "cdnow", leader_scope)
    shop.mapping = "cdnow"
    return shop


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        (b"00002 19970112 1", {"dollar_value": "12.00"}),
        (b"00002 19970112 1 12.00\xfc", {"dollar_value": "12.00"}),
        (b"00002 19970112 1 12.\x0000", {"dollar_value": "12.00"}),
        (b"0000\xfc 19970112 1 12.00", {"customer_id": "00002"}),
    ],
    ids=["missing cell", "latin-1", "NUL", "latin-1 in the key"],
)
def test_a_row_that_could_not_be_read_is_in_once_its_cell_is_filled(cdnow, line, mended):
    cdnow.write("CDNOW_master.txt", PURCHASES + line + b"\n")
    assert cdnow.load().rows_refused == 1
    assert "\ufffd" in cdnow.refused()[0]["_remedy"]

    answer = cdnow.load(mend(cdnow, mended))

    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (1, 1, 0)
    assert value("SELECT sum(amount_minor) FROM sales_orderline") == 1177 + 1200


def test_a_cell_that_still_holds_the_mark_is_refused_by_its_name_wherever_it_stands(cdnow):
    cdnow.write("CDNOW_master.txt", PURCHASES + b"00002 19970112 1\n")
    cdnow.load()
    (row,) = cdnow.refused()
    path = cdnow.folder.parent / "mended.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, sorted(row))  # a spreadsheet put the columns about the refusal first
        writer.writeheader()
        writer.writerow(row)

    answer = cdnow.load(path)

    (refused,) = cdnow.refused()
    assert (answer.rows_refused, refused["_column"]) == (1, "dollar_value")
    assert "still holds" in refused["_reason"]


def test_a_remark_that_cannot_be_read_costs_its_row_only(cdnow):
    cdnow.write("CDNOW_master.txt", PURCHASES + b"00002 19970112 1\n")
    cdnow.load()
    path = mend(cdnow, {"dollar_value": "12.00", "_remedy": "NOTED"})
    path.write_bytes(path.read_bytes().replace(b"NOTED", b"erg\xe4nzt"))

    answer = cdnow.load(path)

    (refused,) = cdnow.refused()
    assert (answer.rows_read, answer.rows_refused, refused["_column"]) == (1, 1, "")
    assert "another encoding" in refused["_reason"]


OLIST = {
    "olist_customers_dataset.csv": "customer_id,customer_unique_id,customer_city,customer_state\nc1,u1,x,SP\n",
    "olist_sellers_dataset.csv": "seller_id,seller_city,seller_state\ns1,x,SP\ns2,x,SP\n",
    "olist_products_dataset.csv": (
        "product_id,product_category_name,product_weight_g,product_photos_qty\np1,toys,1,1\np2,toys,1,1\n"
    ),
    "product_category_name_translation.csv": "product_category_name,product_category_name_english\ntoys,toys\n",
    "olist_orders_dataset.csv": (
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
        "order_delivered_customer_date,order_estimated_delivery_date\n"
        "o1,c1,delivered,2018-01-02 10:00:00,,,2018-01-09 10:00:00,2018-01-12 00:00:00\n"
    ),
    "olist_order_reviews_dataset.csv": (
        "review_id,order_id,review_score,review_comment_title,review_comment_message,review_answer_timestamp\n"
        "r1,o1,4,,,2018-01-10 10:00:00\n"
    ),
}
ITEMS = "order_id,order_item_id,product_id,seller_id,price,freight_value\n"


@pytest.fixture
def olist(tmp_path, leader_scope, db) -> Shop:
    (tmp_path / "olist").mkdir()
    shop = Shop(tmp_path / "olist", leader_scope)
    shop.mapping = "olist"
    for name, text in OLIST.items():
        shop.write(name, text)
    return shop


def items(shop: Shop, *lines: str) -> None:
    shop.write("olist_order_items_dataset.csv", ITEMS + "".join(f"{line}\n" for line in lines))


def answered_about() -> list[tuple]:
    return rows(
        "SELECT o.key FROM service_answer a LEFT JOIN offerings_offering o ON o.id = a.offering_id ORDER BY a.key"
    )


def kept_first_item() -> list[str]:
    from eigenform.intake.models import Lookup

    return [row.values["product_id"] for row in Lookup.objects.filter(name="first_item")]


def test_a_mended_row_heals_the_rows_that_were_refused_because_of_it(olist):
    items(olist, "o1,1,nowhere,s1,10.00,1.00")
    olist.load()
    assert [r["_file"] for r in olist.refused()] == ["olist_order_items_dataset.csv", "olist_order_reviews_dataset.csv"]
    assert kept_first_item() == []

    answer = olist.load(mend(olist, {"product_id": "p1"}, {}))

    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (2, 2, 0)
    assert answered_about() == [("p1",)]
    assert kept_first_item() == ["p1"]


def test_what_was_kept_of_a_row_that_is_now_refused_is_forgotten(olist):
    items(olist, "o1,1,p2,s1,10.00,1.00")
    olist.load()
    items(olist, "o1,1,nowhere,s1,10.00,1.00")
    olist.load()
    assert kept_first_item() == []

    olist.load(mend(olist, {"product_id": "p1"}, {}))

    assert answered_about() == [("p1",)]


@pytest.mark.parametrize("bad", ["o1,1,nowhere,s1,10.00,1.00", "o1,1,p1"], ids=["unknown", "cut"])
def test_the_first_item_is_still_the_first_when_it_comes_mended(olist, bad):
    """The second item was good all along, but the first is to count."""
    items(olist, bad, "o1,2,p2,s2,10.00,1.00")
    olist.load()
    first, *rest = olist.refused()

    whole = {"product_id": "p1", "seller_id": "s1", "price": "10.00", "freight_value": "1.00"}
    answer = olist.load(mend(olist, whole, *({} for _ in rest)))

    assert first["order_item_id"] == "1"
    assert answer.rows_refused == 0
    assert kept_first_item() == ["p1"]


def test_a_second_item_that_comes_mended_does_not_become_the_first(olist):
    items(olist, "o1,1,p1,s1,10.00,1.00", "o1,2,nowhere,s2,10.00,1.00")
    olist.load()

    answer = olist.load(mend(olist, {"product_id": "p2"}))

    assert (answer.rows_loaded, answer.rows_refused) == (1, 0)
    assert kept_first_item() == ["p1"]
