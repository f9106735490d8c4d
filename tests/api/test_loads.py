"""Loads over HTTP: upload, let the worker work, read what was refused, mend it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from tests.intake.conftest import MAPPING, PEOPLE, SALES

pytestmark = pytest.mark.django_db(transaction=True)
BAD = SALES + "A3,2,2025-02-30,tea,1,3.50\n"


def upload(program, *, mapping: str = MAPPING, sales: str = SALES, **more):
    files = [SimpleUploadedFile(n, t.encode()) for n, t in (("people.csv", PEOPLE), ("sales.csv", sales))]
    return program.post("/api/v1/loads", {"mapping": mapping, "files": files, **more})


def work() -> None:
    call_command("db_worker", queue_name="*", batch=True, interval=0, startup_delay=False, verbosity=0)


def test_what_was_uploaded_is_loaded_by_the_worker_and_the_customers_are_there(program):
    started = upload(program, sales=BAD)
    assert started.status_code == 202, started.content
    load_id = started.json()["load_id"]
    assert program.get(f"/api/v1/loads/{load_id}").json()["state"] == "waiting"

    work()

    done = program.get(f"/api/v1/loads/{load_id}").json()
    assert (done["state"], done["answer"]["rows_refused"]) == ("done", 1)
    found = program.get("/api/v1/customers?q=ada").json()["items"]
    assert [row["customer"]["name"] for row in found] == ["Ada"]
    events = program.get(f"/api/v1/customers/{found[0]['customer']['id']}/timeline?kinds=order").json()["items"]
    assert [(e["kind"], e["on"], e["record"]["amount_minor"]) for e in events] == [("order", "2025-01-02", 1100)]
    refused = program.get(f"/api/v1/loads/{load_id}/refused").json()["rows"]
    assert [(r["row"], r["column"]) for r in refused] == [(5, "day")]
    mended = b"".join(program.get(f"/api/v1/loads/{load_id}/errors.csv").streaming_content).decode()
    assert "2025-02-30" in mended
    assert [load["load_id"] for load in program.get("/api/v1/loads").json()] == [load_id]
    assert [o["category"] for o in program.get("/api/v1/offerings").json()] == ["cup", "tea"]


def test_a_mapping_is_a_known_name_or_a_text_and_never_a_path(program):
    for given in ("/etc/passwd", "../../config/settings.py", "nothing"):
        got = upload(program, mapping=given)
        assert (got.status_code, got.json()["code"]) == (404, "api.no_such_mapping")
        assert "root" not in got.json()["message"]
    wrong = upload(program, mapping="name = \nnot = toml")
    assert wrong.json()["code"] == "intake.mapping_refused"
    assert {m["name"] for m in program.get("/api/v1/mappings").json()} >= {"olist", "cdnow"}


def test_a_reader_may_not_load_and_nothing_is_kept(reader_token):
    reader = Client(headers={"Authorization": f"Bearer {reader_token}"})

    got = upload(reader)

    assert (got.status_code, got.json()["code"]) == (403, "staff.not_allowed")
    assert reader.get("/api/v1/loads").json() == []


def test_a_reader_sees_how_many_rows_were_refused_and_not_whose(program, reader_token):
    load_id = upload(program, sales=BAD).json()["load_id"]
    work()
    reader = Client(headers={"Authorization": f"Bearer {reader_token}"})

    assert reader.get(f"/api/v1/loads/{load_id}").json()["answer"]["rows_refused"] == 1
    for path in ("refused", "errors.csv"):
        got = reader.get(f"/api/v1/loads/{load_id}/{path}")
        assert (got.status_code, got.json()["code"]) == (403, "staff.not_allowed"), path
