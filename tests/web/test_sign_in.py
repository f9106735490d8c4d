"""Who gets in, and how often they may try."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from eigenform.ledger import queries as ledger
from eigenform.staff import actions, queries
from eigenform.web.pages import sign_in
from tests.web.conftest import PASSWORD

PAGES = ("/", "/turns/", "/turns/1/", "/decisions/1/", "/work/", "/work.csv", "/policy/", "/turns/1/worth.csv")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_sign_in_and_comes_back_to_the_page(path):
    response = Client().get(f"{path}?state=open")

    assert response.status_code == 302
    assert response.headers["Location"] == f"/sign-in/?next={path}%3Fstate%3Dopen"


@pytest.mark.django_db
def test_a_stranger_cannot_post_either():
    response = Client().post("/decisions/1/approve")

    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in/?next=/"
    assert ledger.last_seq() == 0


@pytest.mark.django_db
def test_a_fragment_for_a_stranger_takes_the_whole_page_to_sign_in():
    response = Client().get("/turns/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/turns/?x=1"})

    assert response.headers["HX-Redirect"] == "/sign-in/?next=/turns/"


def test_name_and_password_open_the_cockpit(people):
    client = Client()

    response = client.post("/sign-in/?next=/work/", {"username": "Max", "password": PASSWORD, "next": "/work/"})

    assert response.headers["Location"] == "/work/"
    assert "Nothing is open on your list" in client.get("/work/").content.decode()
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/work/").status_code == 302


def test_signing_in_leads_to_no_other_host(people):
    response = Client().post("/sign-in/", {"username": "Max", "password": PASSWORD, "next": "https://evil.example/"})

    assert response.headers["Location"] == "/"


def test_who_was_shut_out_cannot_sign_in(people):
    people["Max"].is_active = False
    people["Max"].save()

    response = Client().post("/sign-in/", {"username": "Max", "password": PASSWORD})

    assert "Name and password do not match" in response.content.decode()


def test_guessing_is_stopped_even_for_the_right_password(people):
    client = Client()
    for _ in range(sign_in.ATTEMPTS_MAX):
        assert client.post("/sign-in/", {"username": "Max", "password": "wrong"}).status_code == 200

    response = client.post("/sign-in/", {"username": "Max", "password": PASSWORD})

    assert response.status_code == 429
    assert "Too many attempts under this name" in response.content.decode()
    assert client.get("/work/").status_code == 302
    assert client.post("/sign-in/", {"username": "Lea", "password": PASSWORD}).status_code == 302


@pytest.mark.django_db
def test_the_first_link_makes_the_first_leader_once():
    client, token = Client(), actions.first_setup_token(now=timezone.now())
    page = client.get(f"/set-up/{token}/").content.decode()
    assert "You become the first leader" in page

    response = client.post(f"/set-up/{token}/", {"username": "Lea", "password": PASSWORD, "again": PASSWORD})

    assert response.headers["Location"] == "/"
    assert [(p.name, p.role) for p in queries.people()] == [("Lea", "leader")]
    assert client.get("/policy/").status_code == 200
    again = Client().get(f"/set-up/{token}/")
    assert again.status_code == 409
    assert "was used already" in again.content.decode()


def test_a_reset_link_sets_a_new_password_and_asks_for_no_name(people):
    token = actions.reset("Max", actor="0" * 32, now=timezone.now())
    assert "Your name" not in Client().get(f"/set-up/{token}/").content.decode()

    Client().post(f"/set-up/{token}/", {"password": "quite another one", "again": "quite another one"})

    assert Client().post("/sign-in/", {"username": "Max", "password": PASSWORD}).status_code == 200
    assert Client().post("/sign-in/", {"username": "Max", "password": "quite another one"}).status_code == 302


def test_a_weak_or_mistyped_password_changes_nothing(people):
    token = actions.reset("Max", actor="0" * 32, now=timezone.now())

    weak = Client().post(f"/set-up/{token}/", {"password": "short", "again": "short"})
    mistyped = Client().post(f"/set-up/{token}/", {"password": "quite another one", "again": "quite another two"})

    assert weak.status_code == mistyped.status_code == 422
    assert "too short" in weak.content.decode()
    assert "The two differ" in mistyped.content.decode()
    assert Client().post("/sign-in/", {"username": "Max", "password": PASSWORD}).status_code == 302


def test_an_old_or_foreign_link_says_so(people):
    old = actions.reset("Max", actor="0" * 32, now=datetime.now(UTC) - timedelta(hours=25))

    assert "ended 24 hours after it was made" in Client().get(f"/set-up/{old}/").content.decode()
    assert "is not one of ours" in Client().get("/set-up/nonsense/").content.decode()


def test_no_page_with_data_is_kept_by_the_browser(small_firm, as_person):
    assert as_person("Rita").get("/").headers["Cache-Control"] == "private, no-store"
