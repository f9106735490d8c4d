"""The command itself, in a process of its own: files, mapping, database, turns, staff, and the truth at the end."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from eigenform.cli import demo
from eigenform.value.dynamics.plan import Plan
from tests.demo.pure_path import verdict

NOWHERE = "postgres://nobody@127.0.0.1:1/none"


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`eigenform demo --no-serve --json`, with another database named that must never be touched."""
    environment = {**os.environ, "EIGENFORM_HOME": str(home), "DATABASE_URL": NOWHERE}
    environment.pop("EIGENFORM_DEMO", None)
    command = [sys.executable, "-m", "eigenform.cli.main", "demo", "--no-serve", "--json", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, dict]:
    """A home in which the demo was made, and its answer. An earlier start had been cut short there."""
    home = tmp_path_factory.mktemp("home")
    (home / "demo").mkdir()
    (home / "demo" / "eigenform.sqlite3").write_bytes(b"half a database")
    done = run(home)
    assert done.returncode == 0, done.stderr
    return home, json.loads(done.stdout)


def rows(home: Path, query: str) -> list[tuple]:
    """Look into the demo's database."""
    with sqlite3.connect(home / "demo" / "eigenform.sqlite3") as database:
        return database.execute(query).fetchall()


def test_the_last_turn_found_what_was_planted(made):
    _home, answer = made
    planted, found = answer["planted"], answer["found"]

    assert found["attributes"] == [f"{planted['category']}/{planted['attribute']}"]
    assert found["partners"] == [planted["partner"]]
    assert found["attribute"] and found["partner"] and found["worth"]
    assert len(planted["best_customers"]) == 50


def test_the_short_path_of_the_check_reads_the_same_as_the_long_one(made):
    """The slow check judges without a home; its estimates must be those of the real path, or it would prove nothing."""
    _home, answer = made

    _world, said, result = verdict(answer["seed"], Plan())

    assert [f"{category}/{attribute}" for category, attribute in said.attributes] == answer["found"]["attributes"]
    assert list(said.partners) == answer["found"]["partners"]
    assert result.top_share == answer["found"]["top_share"]
    assert result.rank_correlation == pytest.approx(answer["found"]["rank_correlation"], abs=1e-6)


def test_every_row_of_its_files_was_taken(made):
    home, answer = made

    assert rows(home, "SELECT count(*) FROM customers_customer") == [(answer["customers"],)]
    assert rows(home, "SELECT count(*) FROM sales_order") == [(answer["orders"],)]
    assert rows(home, "SELECT count(*) FROM intake_refusedrow") == [(0,)]


def test_staff_acted_between_the_turns_and_the_last_one_waits_for_a_person(made):
    home, _answer = made
    deeds = (
        "SELECT t.number, d.verb FROM ledger_deed d JOIN ledger_decision c ON c.entry_id = d.decision_id "
        "JOIN ledger_turn t ON t.entry_id = c.turn_id WHERE d.verb <> 'held_out'"
    )
    verbs = {1: set(), 2: set(), 3: set()}
    for number, verb in rows(home, deeds):
        verbs[number].add(verb)

    assert verbs == {n: {"approved", "declined", "done", "failed"} if n < 3 else set() for n in (1, 2, 3)}
    assert rows(home, "SELECT count(*) FROM desk_task WHERE state = 'open'") == [(4,)]


def test_the_second_turn_left_alone_what_the_first_had_decided(made):
    home, _answer = made
    kinds = rows(
        home,
        "SELECT t.number, d.kind, count(*) FROM ledger_decision d JOIN ledger_turn t ON t.entry_id = d.turn_id "
        "WHERE d.kind <> 'contact_customer' GROUP BY 1, 2 ORDER BY 1, 2",
    )
    again = rows(
        home,
        "SELECT count(*) FROM ledger_decision a JOIN ledger_decision b ON a.subject = b.subject AND a.kind = b.kind "
        "JOIN ledger_turn s ON s.entry_id = a.turn_id JOIN ledger_turn t ON t.entry_id = b.turn_id "
        "WHERE s.number = 1 AND t.number = 2 AND coalesce(a.held_out, 0) = 0",
    )

    assert kinds == [(n, kind, 1) for n in (1, 3) for kind in ("change_attribute", "talk_to_partner")]
    assert again == [(0,)]


def test_the_second_start_takes_what_is_there(made):
    home, answer = made
    before = (home / "demo" / "eigenform.sqlite3").stat().st_ino

    again = json.loads(run(home).stdout)

    assert {k: v for k, v in again.items() if k != "seconds"} == {k: v for k, v in answer.items() if k != "seconds"}
    assert (home / "demo" / "eigenform.sqlite3").stat().st_ino == before


@pytest.mark.parametrize(
    ("changed", "is_kept"),
    [({}, True), ({"code": "older"}, False), ({"answer": {"seed": 2}}, False)],
    ids=["same code and seed", "other code", "other seed"],
)
def test_only_the_demo_of_this_code_and_seed_is_served_again(tmp_path, monkeypatch, changed, is_kept):
    monkeypatch.setattr(demo, "_code_version", lambda: "this")
    (tmp_path / "eigenform.sqlite3").touch()
    (tmp_path / "demo.json").write_text(json.dumps({"code": "this", "answer": {"seed": 1}, **changed}))

    assert (demo._made_before(tmp_path, 1) is not None) == is_kept


def test_a_demo_without_its_last_file_was_cut_short(tmp_path):
    (tmp_path / "eigenform.sqlite3").touch()

    assert demo._made_before(tmp_path, 1) is None


def test_the_demo_never_writes_into_another_home():
    """In this process the settings of another home are in force: the command refuses before it does anything."""
    os.environ.pop("EIGENFORM_DEMO", None)
    try:
        result = CliRunner().invoke(demo.command, ["--no-serve"])
    finally:
        os.environ.pop("EIGENFORM_DEMO", None)

    assert isinstance(result.exception, demo.DemoNeedsItsOwnProcess)
