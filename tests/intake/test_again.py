"""Loading again: nothing changes, changes are kept with history, mended rows come in, killed loads end the same."""

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.intake.conftest import MAPPING, PEOPLE, SALES, rows, value


def test_the_same_files_twice_change_nothing(shop):
    shop.load()
    before = rows("SELECT id, key, load_id, subject FROM customers_customer ORDER BY id")

    answer = shop.load()

    assert (answer.rows_loaded, answer.rows_unchanged) == (0, 5)
    assert rows("SELECT id, key, load_id, subject FROM customers_customer ORDER BY id") == before
    assert value("SELECT count(*) FROM customers_customersearlier") == 0
    assert answer.tables == {"customers": 2, "offerings": 2, "orders": 2, "order_lines": 3}


def test_a_change_is_written_and_what_was_there_is_kept(shop):
    first = shop.load()
    shop.write("people.csv", PEOPLE.replace("York", "Hull"))

    answer = shop.load()

    assert (answer.rows_loaded, answer.rows_unchanged) == (1, 4)
    assert rows("SELECT key, segment FROM customers_customer ORDER BY key") == [("1", "Leeds"), ("2", "Hull")]
    from eigenform.customers.models import CustomersEarlier

    (earlier,) = CustomersEarlier.objects.all()
    assert (earlier.noun, earlier.load_id) == ("customer", answer.load_id)
    assert (earlier.before["segment"], earlier.before["load_id"], earlier.before["custom"]) == (
        "York",
        first.load_id,
        {},
    )


def test_columns_that_a_mapping_does_not_fill_stay(shop):
    shop.load()
    shop.mapping = MAPPING.replace('segment = "town"\n', "")
    shop.write("people.csv", "id,name\n1,Ada L.\n2,Ben\n")

    shop.load()

    assert rows("SELECT name, segment FROM customers_customer ORDER BY key") == [("Ada L.", "Leeds"), ("Ben", "York")]


def test_an_emptied_cell_empties_the_column(shop):
    shop.load()
    shop.write("people.csv", PEOPLE.replace("Leeds", ""))

    shop.load()

    assert value("SELECT segment FROM customers_customer WHERE key = '1'") == ""


def test_a_dry_run_counts_the_same_and_touches_nothing(shop):
    shop.write("sales.csv", SALES + "A3,9,2025-01-02,tea,1,3.50\n")

    tried = shop.load(dry_run=True)

    for table in (
        "customers_customer",
        "sales_order",
        "intake_load",
        "intake_mapping",
        "ledger_entry",
        "policy_policy",
    ):
        assert value(f"SELECT count(*) FROM {table}") == 0
    assert len(shop.refused()) == 1
    done = shop.load()
    assert (tried.rows_read, tried.rows_loaded, tried.rows_unchanged, tried.rows_refused, tried.tables) == (
        done.rows_read, done.rows_loaded, done.rows_unchanged, done.rows_refused, done.tables,
    )  # fmt: skip
    again = shop.load(dry_run=True)
    assert (again.rows_loaded, again.rows_unchanged, again.rows_refused) == (0, 5, 1)


def mend(shop, **cells: str) -> Path:
    found = shop.refused()
    for row in found:
        row.update(cells)
    path = shop.folder.parent / "mended.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, found[0])
        writer.writeheader()
        writer.writerows(found)
    return path


def test_a_mended_errors_file_loads_by_the_same_mapping(shop):
    shop.write("sales.csv", SALES + "A3,2,2025-02-30,cup,1,4.00\n")
    shop.load()

    answer = shop.load(mend(shop, day="2025-02-28"))

    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (1, 1, 0)
    assert str(value("SELECT ordered_on FROM sales_order WHERE key = 'A3'")) == "2025-02-28"
    assert value("SELECT count(*) FROM customers_customer") == 2


def test_an_errors_file_that_was_not_mended_is_refused_with_the_same_place(shop):
    shop.write("sales.csv", SALES + "A3,2,2025-02-30,cup,1,4.00\nA4,2\n")
    shop.load()
    first = [(r["_file"], r["_row"]) for r in shop.refused()]

    answer = shop.load(mend(shop))

    assert (answer.rows_read, answer.rows_refused) == (2, 2)
    assert [(r["_file"], r["_row"]) for r in shop.refused()] == first == [("sales.csv", "5"), ("sales.csv", "6")]


def test_rows_of_several_files_are_dealt_to_them(shop):
    shop.write("people.csv", PEOPLE + "3,Cy,Hull\n3,Dan,Hull\n")
    shop.write("sales.csv", SALES + "A3,3,2025-13-01,cup,1,4.00\n")
    shop.load()
    path = mend(shop, day="2025-12-01")
    path.write_text(path.read_text().replace("3,Dan", "4,Dan"))

    answer = shop.load(path)

    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (2, 2, 0)
    assert value("SELECT count(*) FROM customers_customer") == 4


def test_a_row_of_a_file_that_the_mapping_does_not_know(shop):
    shop.write("sales.csv", SALES + "A3,2,2025-02-30,cup,1,4.00\n")
    shop.load()

    answer = shop.load(mend(shop, _file="elsewhere.csv"))

    assert (answer.rows_read, answer.rows_refused) == (1, 1)
    assert "no file called 'elsewhere.csv'" in shop.refused()[0]["_reason"]


def teas() -> list[tuple]:
    return rows("SELECT key, quantity FROM sales_orderline WHERE key LIKE %s ORDER BY key", "A1|tea%")


ORDINAL = MAPPING.replace('key = ["order", "article"]', 'key = ["order", "article"]\nrepeat = "ordinal"')


def test_equal_keys_are_numbered_and_a_mended_row_takes_its_own_number(shop):
    shop.mapping = ORDINAL
    shop.write("sales.csv", SALES + "A1,1,2025-01-02,tea,x,3.50\nA1,1,2025-01-02,tea,7,3.50\n")
    shop.load()
    assert teas() == [
        ("A1|tea#1", 2),
        ("A1|tea#3", 7),
    ]

    shop.load(mend(shop, pieces="5"))
    assert teas() == [
        ("A1|tea#1", 2), ("A1|tea#2", 5), ("A1|tea#3", 7),
    ]  # fmt: skip

    shop.write("sales.csv", SALES + "A1,1,2025-01-02,tea,5,3.50\nA1,1,2025-01-02,tea,7,3.50\n")
    assert shop.load().rows_loaded == 0


def test_one_file_alone_loads_against_what_is_there(shop):
    shop.load()
    path = shop.write(
        "sales.csv", "order,customer,day,article,pieces,price\nA9,2,2025-02-01,cup,1,4.00\nA8,7,2025-02-01,cup,1,4.00\n"
    )

    answer = shop.load(path)

    assert (answer.rows_read, answer.rows_loaded, answer.rows_refused) == (2, 1, 1)


def test_lookups_are_kept_for_files_that_come_later_without_them(shop):
    shop.mapping = MAPPING.replace(
        "[customers]",
        '[files.towns]\npath = "towns.csv"\n\n[lookups.county]\nfile = "towns"\nkey = "town"\nvalues = ["county"]\n\n'
        "[customers]",
    ).replace('segment = "town"', 'segment = { lookup = "county", column = "town", take = "county" }')
    shop.write("towns.csv", "town,county\nLeeds,West Yorkshire\nYork,North Yorkshire\n")
    shop.load()

    answer = shop.load(shop.write("people.csv", "id,name,town\n3,Cy,York\n4,Dan,Oz\n"))

    assert value("SELECT segment FROM customers_customer WHERE key = '3'") == "North Yorkshire"
    assert answer.rows_refused == 1
    assert "county has no row for 'Oz'" in shop.refused()[0]["_reason"]


def test_one_ledger_entry_per_load_with_what_the_loop_needs(shop):
    from eigenform.ledger.models import Entry

    first = shop.load()
    shop.load()

    entries = list(Entry.objects.filter(kind="load").order_by("recorded_seq"))
    assert entries[0].recorded_seq == first.recorded_seq
    assert len(entries) == 2
    body = entries[0].body
    assert (body["mapping"], body["zone"], body["currency"], body["histories"], body["simulated"]) == (
        "shop", "Europe/London", "GBP", "complete", False,
    )  # fmt: skip
    assert "Ada" not in str(body)


def test_a_batch_that_fails_leaves_what_was_written_and_a_second_start_ends_the_same(shop, monkeypatch):
    from eigenform.intake.actions import recorders, writing

    monkeypatch.setattr(writing, "BATCH_ROWS", 2)
    whole, calls = recorders.record, []

    def fails_at_the_fifth(table, incoming):
        calls.append(table)
        if len(calls) == 5:
            raise OSError("the disk is full")
        return whole(table, incoming)

    with monkeypatch.context() as patch:
        patch.setattr(recorders, "record", fails_at_the_fifth)
        with pytest.raises(OSError, match="disk is full"):
            shop.load()
    assert value("SELECT count(*) FROM sales_orderline") < 3
    assert rows("SELECT state, message FROM intake_load") == [("failed", "the disk is full")]

    answer = shop.load()

    assert answer.rows_refused == 0
    assert rows("SELECT key, quantity FROM sales_orderline ORDER BY key") == [
        ("A1|cup", 1),
        ("A1|tea", 2),
        ("A2|tea", 1),
    ]
    assert value("SELECT count(*) FROM customers_customersearlier") == 0


def test_a_load_killed_half_way_and_started_again_ends_in_the_same_state(tmp_path, shared_data):
    homes = [tmp_path / "killed", tmp_path / "whole"]
    for home in homes:
        home.mkdir()
    started = run(homes[0], shared_data, wait=False)
    database = homes[0] / "eigenform.sqlite3"
    wait_until(lambda: count(database, "sales_order") > 0)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert count(database, "sales_orderline") < 69_659
    assert count(database, "ledger_entry WHERE kind = 'load'") == 0

    assert run(homes[0], shared_data).returncode == 0
    assert run(homes[1], shared_data).returncode == 0

    assert content(homes[0]) == content(homes[1])


def run(home: Path, shared_data: Path, *, wait: bool = True):
    command = [sys.executable, "-m", "eigenform.cli.main", "load", "cdnow", str(shared_data / "cdnow"), "--json"]
    env = {**os.environ, "EIGENFORM_HOME": str(home), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "config.settings"}
    process = subprocess.Popen(
        command,
        env=env,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    if wait:
        process.wait()
    return process


def wait_until(holds, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except sqlite3.OperationalError:
            pass
        time.sleep(0.02)
    raise AssertionError("it did not come so far")


def count(database: Path, table: str) -> int:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def content(home: Path) -> list:
    queries = (
        "SELECT key, kind, name, custom FROM customers_customer ORDER BY key",
        "SELECT o.key, c.key, ordered_on, state FROM sales_order o JOIN customers_customer c ON c.id = o.customer_id "
        "ORDER BY o.key",
        "SELECT l.key, o.key, quantity, amount_minor FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id "
        "ORDER BY l.key",
        "SELECT count(*) FROM sales_salesearlier",
    )
    with sqlite3.connect(home / "eigenform.sqlite3") as connection:
        return [connection.execute(query).fetchall() for query in queries]
