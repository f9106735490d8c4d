"""Who was erased on request does not come back with an old file, by key or by another identifier."""

from eigenform.customers import feedback
from eigenform.customers.models import Customer, Erased
from eigenform.intake.models import RefusedRow
from tests.intake.conftest import NOW, rows, value

WITH_CARDS = 'identifiers = { card = "town" }'


def erase(key: str, *, card: str = "") -> None:
    Erased.objects.create(fingerprint=feedback.fingerprint("shop", key), erased_at=NOW)
    if card:
        Erased.objects.create(fingerprint=feedback.fingerprint("shop", card, "card"), erased_at=NOW)
    Customer.objects.filter(key=key).delete()


def test_neither_the_person_nor_their_orders_come_back(shop):
    shop.load()
    erase("2")

    answer = shop.load()

    assert answer.rows_refused == 2
    assert rows("SELECT key FROM customers_customer") == [("1",)]
    assert value("SELECT count(*) FROM sales_order") == 2
    reasons = [r["_reason"] for r in shop.refused()]
    assert reasons == ["this customer was erased on request", "it belongs to a customer who was erased on request"]


def test_what_was_refused_for_it_is_told_without_the_person(shop):
    erase("2")

    shop.load()

    assert "Ben" not in shop.errors.read_text()
    assert [row.cells for row in RefusedRow.objects.all()] == [{}, {}]


def test_an_order_that_knows_them_by_a_card_is_refused_as_well(shop):
    shop.mapping = shop.mapping.replace('segment = "town"', WITH_CARDS).replace(
        'customer_key = "customer"', 'customer_key = { column = "customer", identifier = "card" }'
    )
    shop.write("sales.csv", "order,customer,day,article,pieces,price\nA1,Leeds,2025-01-02,tea,2,3.50\n")
    shop.load()
    erase("1", card="Leeds")

    answer = shop.load(shop.folder / "sales.csv")

    assert (answer.rows_read, answer.rows_refused) == (1, 1)
    assert "erased" in shop.refused()[0]["_reason"]


def test_the_intake_forgets_what_it_kept_of_them(shop):
    from eigenform.customers.contracts import ErasedPerson
    from eigenform.intake import actions

    shop.write("people.csv", "id,name,town\n1,Ada,Leeds\n2,Ben,York\n2,Ben,York\n")
    shop.load()
    assert RefusedRow.objects.count() == 1

    actions.forget(ErasedPerson("x", "shop", "2", ("Ben",), 0, 0))

    assert RefusedRow.objects.count() == 0
