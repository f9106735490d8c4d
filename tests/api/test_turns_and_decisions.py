"""Turns and decisions over HTTP: the same records and the same deeds as on the pages."""

import pytest
from django.test import Client

JSON = {"content_type": "application/json"}
pytestmark = pytest.mark.django_db


def test_turns_are_paged_newest_first(program, turn_with_decisions, now):
    from eigenform.ledger import feedback

    for number in (2, 3):
        feedback.open_turn(
            number=number, as_of=now.date(), seed=1, at=now, actor="0" * 32, policy_version=1, model_version="t",
            read_up_to_seq=0, summary={}, inputs={},
        )  # fmt: skip

    first = program.get("/api/v1/turns?limit=2").json()
    second = program.get(f"/api/v1/turns?limit=2&before={first['next']}").json()

    assert [t["number"] for t in first["items"]] == [3, 2]
    assert ([t["number"] for t in second["items"]], second["next"]) == ([1], None)
    assert program.get("/api/v1/turns/1").json()["summary"] == {"seen": {"order": 3}}


def test_a_decision_has_its_interval_basis_and_hold_out(program, turn_with_decisions):
    found = program.get("/api/v1/turns/1/decisions").json()

    assert [d["state"] for d in found] == ["waiting", "waiting", "held_out"]
    assert found[0]["gain"] == {"mean": 1200.0, "low": 300.0, "high": 2500.0, "unit": "GBP"}
    assert (found[0]["basis"], found[0]["held_out"], found[2]["held_out"]) == ("assumed", None, True)


def test_only_decisions_that_wait_are_listed(program, turn_with_decisions):
    first = program.get("/api/v1/decisions?limit=1").json()
    second = program.get(f"/api/v1/decisions?limit=1&after={first['next']}").json()

    assert [first["items"][0]["seq"], second["items"][0]["seq"]] == turn_with_decisions[:2]
    assert second["next"] is None


def test_approve_puts_it_on_my_list_and_done_closes_it(program, turn_with_decisions):
    seq = turn_with_decisions[0]

    task = program.post(f"/api/v1/decisions/{seq}/approve", {"due_on": "2026-03-04"}, **JSON).json()
    assert (task["title"], task["assignee"], task["due_on"]) == ("Improve furniture, delivery day", "ada", "2026-03-04")
    assert [t["id"] for t in program.get("/api/v1/work").json()] == [task["id"]]

    told = program.post(f"/api/v1/decisions/{seq}/report", {"outcome": "done", "done_on": "2026-03-04"}, **JSON).json()
    assert told["decision"]["state"] == "done"
    assert [d["verb"] for d in told["deeds"]] == ["approved", "done"]
    assert program.get("/api/v1/work").json() == []
    assert len(program.get("/api/v1/work?state=done").json()) == 1


def test_a_failure_needs_its_reason(program, turn_with_decisions):
    seq = turn_with_decisions[0]
    program.post(f"/api/v1/decisions/{seq}/approve", {}, **JSON)

    got = program.post(f"/api/v1/decisions/{seq}/report", {"outcome": "failed"}, **JSON)

    assert (got.status_code, got.json()["code"]) == (422, "coordination.reason_missing")


def test_what_was_declined_cannot_be_approved(program, turn_with_decisions):
    seq = turn_with_decisions[0]
    assert program.post(f"/api/v1/decisions/{seq}/decline", {"reason": "Not now."}, **JSON).status_code == 200

    got = program.post(f"/api/v1/decisions/{seq}/approve", {}, **JSON)

    assert (got.status_code, got.json()["code"]) == (409, "coordination.decision_not_open")


def test_put_off_stays_waiting_on_the_record(program, turn_with_decisions):
    told = program.post(f"/api/v1/decisions/{turn_with_decisions[0]}/later", **JSON).json()

    assert (told["decision"]["state"], [d["verb"] for d in told["deeds"]]) == ("waiting", ["later"])


def test_a_colleague_who_is_not_there_cannot_be_given_work(program, turn_with_decisions):
    got = program.post(f"/api/v1/decisions/{turn_with_decisions[0]}/approve", {"assignee_id": 4711}, **JSON)

    assert (got.status_code, got.json()["code"]) == (404, "staff.no_such_person")
    assert program.get("/api/v1/work?whose=all").json() == []


def test_a_day_that_cannot_be_meant_is_refused(program, turn_with_decisions):
    at = f"/api/v1/decisions/{turn_with_decisions[0]}"
    for day in ("1890-01-01", "9999-12-31"):
        got = program.post(f"{at}/approve", {"due_on": day}, **JSON)
        assert (got.status_code, got.json()["code"]) == (422, "coordination.day_out_of_bounds"), day
    assert program.post(f"{at}/approve", {}, **JSON).status_code == 200
    for day in ("1890-01-01", "9999-12-31"):
        got = program.post(f"{at}/report", {"outcome": "done", "done_on": day}, **JSON)
        assert (got.status_code, got.json()["code"]) == (422, "coordination.day_out_of_bounds"), day


def test_a_reader_cannot_be_given_work(program, reader_token, turn_with_decisions):
    from eigenform.staff import queries as staff

    rob = staff.by_username("rob").id

    got = program.post(f"/api/v1/decisions/{turn_with_decisions[0]}/approve", {"assignee_id": rob}, **JSON)

    assert (got.status_code, got.json()["code"]) == (409, "desk.assignee_may_not_decide")
    assert program.get("/api/v1/work?whose=all").json() == []


def test_the_policy_is_versioned_and_names_who_changed_it(program, token):
    before = program.get("/api/v1/policy").json()
    document = before["document"] | {"horizon_weeks": 26}

    after = program.put("/api/v1/policy", {"document": document, "reason": "We plan by halves."}, **JSON).json()

    assert (before["version"], after["version"], after["document"]["horizon_weeks"]) == (1, 2, 26)
    assert (after["author"], after["reason"]) == ("ada", "We plan by halves.")
    assert [v["version"] for v in program.get("/api/v1/policy/history").json()] == [2, 1]


def test_a_policy_that_means_nothing_is_refused_by_field(program):
    for document in ({"limits": {"holdout_share": 2}}, {"nonsense": 1}):
        got = program.put("/api/v1/policy", {"document": document, "reason": "x"}, **JSON)
        assert (got.status_code, got.json()["code"]) == (422, "policy.impossible")


def test_healthz_tells_the_database_and_the_worker(db, settings, tmp_path):
    import dataclasses
    import os

    from eigenform.records import heartbeat

    settings.ENV = dataclasses.replace(settings.ENV, home=tmp_path)
    assert Client().get("/healthz").json() == {"ok": True, "database": "ok", "worker": "none"}
    heartbeat.beat()
    assert Client().get("/healthz").json()["worker"] == "alive"
    os.utime(tmp_path / "worker.heartbeat", (0, 0))
    got = Client().get("/healthz")
    assert (got.status_code, got.json()["worker"]) == (503, "silent")
