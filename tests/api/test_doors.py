"""Who gets in, and how errors are told: always {"code", "message", "facts"}."""

import pytest
from django.test import Client

PATHS = [
    *("me", "turns", "turns/1", "turns/1/decisions", "decisions", "decisions/1", "customers", "customers/1"),
    *("customers/1/timeline", "residuals", "estimates?subject=base", "effects", "policy", "policy/history", "work"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_gets_nothing(path):
    got = Client().get(f"/api/v1/{path}")

    assert got.status_code == 401
    assert got.json()["code"] == "api.not_signed_in"


@pytest.mark.django_db
def test_a_token_that_is_not_ours_or_was_revoked_opens_nothing(program, token, now):
    from eigenform.desk import actions

    wrong = Client().get("/api/v1/me", headers={"Authorization": "Bearer nothing"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "api.token_unknown")

    assert program.get("/api/v1/me").status_code == 200
    actions.revoke_token("reporting", username="ada", actor="0" * 32, now=now)
    assert program.get("/api/v1/me").status_code == 401


@pytest.mark.django_db
def test_who_left_gets_nothing_with_an_old_token(program):
    from django.contrib.auth import get_user_model

    get_user_model().objects.filter(username="ada").update(is_active=False)

    assert program.get("/api/v1/me").status_code == 401


@pytest.mark.django_db
def test_me_says_what_i_may(program, reader_token):
    assert program.get("/api/v1/me").json()["may_steer"] is True

    reader = Client(headers={"Authorization": f"Bearer {reader_token}"})
    me = reader.get("/api/v1/me").json()
    assert (me["username"], me["may_decide"], me["may_steer"]) == ("rob", False, False)


@pytest.mark.django_db
def test_a_reader_may_not_decide_nor_steer(reader_token, turn_with_decisions):
    reader = Client(headers={"Authorization": f"Bearer {reader_token}"})
    bodies = {
        f"/api/v1/decisions/{turn_with_decisions[0]}/decline": {"reason": "No."},
        f"/api/v1/decisions/{turn_with_decisions[0]}/approve": {},
        "/api/v1/turns": {"as_of": "2026-03-02"},
    }

    for path, body in bodies.items():
        got = reader.post(path, body, content_type="application/json")
        assert (got.status_code, got.json()["code"]) == (403, "staff.not_allowed"), path
    put = reader.put("/api/v1/policy", {"document": {}, "reason": "x"}, content_type="application/json")
    assert put.status_code == 403


@pytest.mark.django_db
def test_a_session_works_and_needs_the_csrf_token_to_change_something(token, turn_with_decisions):
    browser = Client(enforce_csrf_checks=True)
    assert browser.login(username="ada", password="a-long-enough-password")

    assert browser.get("/api/v1/me").json()["username"] == "ada"
    got = browser.post(f"/api/v1/decisions/{turn_with_decisions[0]}/later")
    assert (got.status_code, got.json()["code"]) == (403, "api.refused")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "turns?limit=-1",
        "turns?limit=100000",
        "turns?before=99999999999999999999",
        "turns/0",
        "decisions/99999999999999999999",
        "decisions?after=-3",
        "customers?limit=0",
        "customers?sort=secret",
        "customers?cursor=%00%ff",
        "customers?cursor=bm8",
        "work?limit=501",
        "residuals?limit=0",
    ],
)
def test_parameters_out_of_bounds_are_refused_in_our_shape(program, path):
    got = program.get(f"/api/v1/{path}")

    assert got.status_code == 422, got.content
    assert set(got.json()) == {"code", "message", "facts"}


@pytest.mark.django_db
def test_what_is_not_there_says_so(program):
    for path, code in {
        "turns/7": "ledger.no_such_turn",
        "decisions/7": "ledger.no_such_decision",
        "customers/7": "customers.no_such_customer",
    }.items():
        got = program.get(f"/api/v1/{path}")
        assert (got.status_code, got.json()["code"]) == (404, code)


@pytest.mark.django_db
def test_a_body_that_is_no_json_is_refused_in_our_shape(program):
    got = program.post("/api/v1/turns", "{", content_type="application/json")

    assert got.status_code in (400, 422)
    assert set(got.json()) == {"code", "message", "facts"}


@pytest.mark.django_db
def test_a_fault_is_told_without_its_inside(program, monkeypatch):
    from eigenform.api import people

    monkeypatch.setattr(people.desk, "work_list", lambda **_: 1 / 0)
    program.raise_request_exception = False

    got = program.get("/api/v1/work")

    assert (got.status_code, got.json()["code"]) == (500, "internal")
    assert "division" not in got.content.decode()
