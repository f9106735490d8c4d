"""An installation's life: begun, backed up, restored, upgraded, looked after."""

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.django_db  # says that the database's settings are needed


def test_an_empty_installation_is_ready_at_once_and_lets_the_first_people_in(fresh):
    told = fresh.answer("staff", "add", "Ada King", "--role", "leader")

    assert told["link"].startswith("http://localhost:8000/set-up/")
    assert fresh.refusal("staff", "add", "Ada King")["code"] == "staff.person_refused"
    again = fresh.answer("staff", "reset", "Ada King", "--url", "https://crm.example")
    assert again["link"].startswith("https://crm.example/set-up/")


def test_an_empty_installation_turns_and_says_that_it_cannot_tell(installation):
    told = installation.answer("turn", "--as-of", "2026-03-02", "--seed", "3")

    assert (told["turn"], told["as_of"], told["seed"], told["decisions"]) == (1, "2026-03-02", 3, [])
    assert told["worth"] is None
    assert told["worth_reason"]
    replayed = installation.answer("turn", "--replay", "1")
    assert {k: v for k, v in replayed.items() if k not in ("seconds", "replayed")} == {
        k: v for k, v in told.items() if k not in ("seconds", "replayed")
    }
    assert installation.refusal("turn", "--replay", "9")["facts"] == {"turn": 9, "known": [1]}
    said = installation.run("turn", "--as-of", "2026-03-02", "--dry-run").stdout
    assert "nothing was written" in said
    assert "cannot tell" in said


def test_what_was_backed_up_comes_back_and_nothing_else(installation, tmp_path):
    file = tmp_path / "kept.zip"
    (installation.home / "uploads").mkdir(exist_ok=True)
    (installation.home / "uploads" / "orders.csv").write_text("a,b\n")
    kept = installation.answer("backup", str(file))
    installation.run("staff", "add", "Bob")
    (installation.home / "uploads" / "orders.csv").unlink()

    back = installation.answer("restore", str(file))

    assert back["rows"] == kept["rows"] > 0
    assert back["upgrade_needed"] is False
    assert (installation.home / "uploads" / "orders.csv").read_text() == "a,b\n"
    assert installation.refusal("staff", "reset", "Bob")["code"] == "staff.person_refused"
    installation.run("staff", "reset", "Ada")
    installation.run("staff", "add", "Cid")  # numbers go on where they were: none is given twice
    assert "secret_key" not in "".join(zipfile.ZipFile(file).namelist())
    # What was there before is kept, and can be put back in turn.
    installation.run("restore", back["kept"])
    installation.run("staff", "reset", "Bob")


def test_a_backup_moves_to_an_empty_installation(installation, fresh_elsewhere, tmp_path):
    installation.run("backup", str(tmp_path / "kept.zip"))

    assert fresh_elsewhere.answer("restore", str(tmp_path / "kept.zip"))["kept"] is None

    fresh_elsewhere.run("staff", "reset", "Ada")


@pytest.mark.parametrize("content", [b"", b"no zip", "zip without manifest"], ids=["empty", "text", "foreign"])
def test_what_is_no_backup_is_refused_and_changes_nothing(installation, tmp_path, content):
    file = tmp_path / "odd.zip"
    if isinstance(content, str):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("readme.txt", content)
    else:
        file.write_bytes(content)

    assert installation.refusal("restore", str(file))["code"] == "cli.backup_unreadable"


def test_a_damaged_backup_changes_nothing(installation, tmp_path):
    whole, damaged = tmp_path / "kept.zip", tmp_path / "damaged.zip"
    installation.run("backup", str(whole))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                manifest["rows"]["staff_staff"] = 7
                content = json.dumps(manifest).encode()
            new.writestr(name, content)
    installation.run("staff", "add", "Bob")

    assert installation.refusal("restore", str(damaged))["code"] == "cli.backup_unreadable"
    installation.run("staff", "reset", "Bob")


def test_an_older_database_is_refused_until_it_is_upgraded(installation):
    installation.django("migrate", "desk", "0001")

    assert installation.refusal("staff", "add", "Bob")["code"] == "cli.upgrade_needed"
    told = installation.answer("upgrade")

    assert "desk.0002_apitoken" in told["applied"]
    assert zipfile.is_zipfile(told["backup"])
    installation.run("staff", "add", "Bob")
    assert installation.answer("upgrade")["applied"] == []


def test_a_failed_upgrade_leaves_everything_as_it_was(installation):
    installation.django("migrate", "desk", "0001")
    # The table that the next step makes is there already, so that the step fails.
    made = "from django.db import connection; connection.cursor().execute('CREATE TABLE desk_apitoken (mine int)')"
    installation.django("shell", "-v", "0", "-c", made)

    refused = installation.refusal("upgrade")

    assert refused["code"] == "cli.upgrade_failed"
    assert Path(refused["facts"]["backup"]).exists()
    assert installation.refusal("staff", "add", "Bob")["code"] == "cli.upgrade_needed"


def test_a_database_of_a_newer_version_is_refused(installation):
    made = (
        "from django.db.migrations.recorder import MigrationRecorder as R; from django.db import connection as c; "
        "R(c).record_applied('desk', '9999_from_the_future')"
    )
    installation.django("shell", "-v", "0", "-c", made)

    assert installation.refusal("turn")["code"] == "cli.made_by_newer_version"
    assert installation.refusal("upgrade")["code"] == "cli.made_by_newer_version"
    found = installation.run("doctor", "--json", status=1)
    assert {c["name"] for c in json.loads(found.stdout)["checks"] if not c["ok"]} == {"database"}


def test_a_database_that_does_not_answer_is_named(installation):
    away = {"DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none"}
    installation.env.update(away)

    refused = installation.refusal("turn")

    assert refused["code"] == "cli.database_unreachable"
    assert "secret" not in json.dumps(refused)


def test_an_address_that_means_nothing_is_refused(installation):
    installation.env["DATABASE_URL"] = "nonsense"

    assert installation.refusal("turn")["code"] == "cli.home_unusable"


def test_the_export_holds_every_view_with_all_its_rows(installation, tmp_path):
    import duckdb

    told = installation.answer("export", str(tmp_path / "out"))

    assert {"v_customer", "v_order", "v_entry", "v_staff"} <= set(told["rows"])
    assert told["rows"]["v_staff"] == 1
    rows = duckdb.execute(f"SELECT count(*) FROM '{tmp_path}/out/v_entry.parquet'").fetchall()
    assert rows == [(told["rows"]["v_entry"],)]


def test_the_doctor_finds_a_well_installation_well(installation):
    from eigenform.cli.checks import FREE_MB_MIN

    if shutil.disk_usage(installation.home.parent).free < FREE_MB_MIN * 2**20:
        pytest.skip("this machine's disk is full, which the doctor would say")

    told = installation.answer("doctor", "--port", "8199")

    assert told["ok"] is True
    assert {"database", "analytics", "assets", "worker", "clock", "loads"} <= {c["name"] for c in told["checks"]}


def test_the_doctor_names_what_is_wrong_and_the_remedy(installation):
    installation.django("migrate", "desk", "0001")
    (installation.home / "secret_key").chmod(0o644)
    (installation.home / "worker.heartbeat").touch()
    os.utime(installation.home / "worker.heartbeat", (0, 0))

    told = installation.run("doctor", "--json", status=1)

    wrong = {c["name"]: c["remedy"] for c in json.loads(told.stdout)["checks"] if not c["ok"]}
    assert set(wrong) == {"secret key", "database", "worker"}
    assert wrong["database"] == "Run: eigenform upgrade"
    assert json.loads(told.stderr.splitlines()[-1])["code"] == "cli.unwell"
