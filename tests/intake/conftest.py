"""A small source of three files, and a way to load it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

MAPPING = """
name = "shop"
zone = "Europe/London"
currency = "GBP"

[files.people]
path = "people.csv"

[files.sales]
path = "sales.csv"

[customers]
file = "people"
key = ["id"]
name = "name"
kind = { value = "person" }
segment = "town"

[offerings]
file = "sales"
key = ["article"]
repeat = "last"
name = "article"

[orders]
file = "sales"
key = ["order"]
repeat = "first"
customer_key = "customer"
ordered_on = "day"

[order_lines]
file = "sales"
key = ["order", "article"]
order_key = "order"
offering_key = "article"
quantity = "pieces"
unit_price = "price"
"""
PEOPLE = "id,name,town\n1,Ada,Leeds\n2,Ben,York\n"
SALES = (
    "order,customer,day,article,pieces,price\n"
    "A1,1,2025-01-02,tea,2,3.50\n"
    "A1,1,2025-01-02,cup,1,4.00\n"
    "A2,2,2025-01-03 14:05:00,tea,1,3.50\n"
)


class Shop:
    """A folder with a source's files and its mapping."""

    def __init__(self, folder: Path, scope) -> None:
        self.folder, self.scope, self.mapping = folder, scope, MAPPING
        self.errors = folder.parent / "errors.csv"
        self.write("people.csv", PEOPLE)
        self.write("sales.csv", SALES)

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, path: Path | None = None, **options):
        from eigenform.intake.actions import load

        options.setdefault("errors_file", self.errors)
        return load(self.mapping, path or self.folder, scope=self.scope, now=NOW, **options)

    def refused(self) -> list[dict[str, str]]:
        import csv

        with self.errors.open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))


@pytest.fixture
def shop(tmp_path: Path, leader_scope, db) -> Shop:
    """A shop with two people, three lines and two orders; nothing is loaded yet."""
    folder = tmp_path / "source"
    folder.mkdir()
    return Shop(folder, leader_scope)


def rows(query: str, *given: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return cursor.fetchall()


def value(query: str, *given: object):
    return rows(query, *given)[0][0]


@contextmanager
def _loaded_for_the_module(unblock, name: str, path: Path, scope) -> Iterator[object]:
    from eigenform.intake.actions import load

    with unblock(), transaction.atomic():
        yield load(name, path, scope=scope, now=NOW)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, shared_data) -> Iterator[Callable[[str, str], object]]:
    """Load a public data set once for a module: its tests read what is there, and it is gone afterwards."""
    from eigenform.records.scope import SYSTEM

    contexts = []

    def load_once(name: str, folder: str):
        context = _loaded_for_the_module(django_db_blocker.unblock, name, shared_data / folder, SYSTEM)
        contexts.append(context)
        return context.__enter__()

    yield load_once
    for context in reversed(contexts):
        context.__exit__(None, None, None)
