"""The work list: mine and everybody's, by day, on screen and as a csv."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.utils import timezone

from eigenform.desk import actions as desk
from eigenform.ledger import queries as ledger
from tests.web.conftest import words


def approve(client, seq, person, due_on):
    response = client.post(f"/decisions/{seq}/approve", {"assignee_id": person.pk, "due_on": due_on.isoformat()})
    assert response.status_code == 302


@pytest.fixture
def days():
    today = timezone.now().date()
    return {"late": today - timedelta(days=40), "today": today, "soon": today + timedelta(days=40)}


def test_work_stands_by_day_for_the_person_it_was_given_to(small_firm, as_person, days):
    lea, staff = as_person("Lea"), small_firm.staff
    approve(lea, small_firm.contacts["Ada Hart"], staff["Max"], days["late"])
    approve(lea, small_firm.change, staff["Max"], days["today"])
    approve(lea, small_firm.talk, staff["Lea"], days["soon"])

    said = words(as_person("Max").get("/work/"))
    everybody = words(as_person("Max").get("/work/?who=all"))

    assert "2 tasks on your list: 1 late, 1 for today." in said
    assert said.index("Call Ada Hart") < said.index("Today,") < said.index("Improve delivery day of furniture")
    assert said.count("▼ late") == 1
    assert "Talk to Northern Freight" not in said
    assert "Talk to Northern Freight Lea" in everybody
    assert "3 tasks on everybody's list" in everybody


def test_reporting_from_the_list_closes_the_task(small_firm, as_person, days):
    max_, seq = as_person("Max"), small_firm.change
    approve(max_, seq, small_firm.staff["Max"], days["today"])

    response = max_.post(
        f"/decisions/{seq}/report",
        {"outcome": "failed", "reason": "The carrier refused.", "done_on": days["today"].isoformat()},
        headers={"Referer": "http://testserver/work/?who=me&state=open"},
        follow=True,
    )

    assert response.redirect_chain == [("/work/?who=me&state=open", 302)]
    assert "Failed, and its reason is in the ledger." in words(response)
    assert ledger.decision(seq).state == "failed"
    assert "The carrier refused." in words(max_.get("/work/?state=failed"))
    assert "Nothing is open on your list." in words(max_.get("/work/"))


def test_a_reader_sees_everybody_s_work_without_buttons(small_firm, as_person, days):
    approve(as_person("Lea"), small_firm.change, small_firm.staff["Max"], days["today"])

    page = as_person("Rita").get("/work/?who=all").content.decode()

    assert "Improve delivery day of furniture" in page
    assert "/report" not in page


def test_the_csv_holds_the_same_and_runs_nothing(small_firm, as_person, days):
    lea = as_person("Lea")
    approve(lea, small_firm.change, small_firm.staff["Max"], days["today"])
    desk.assign(
        noun="note", noun_key="1", title='=HYPERLINK("http://evil.example")', because="+44 20 7946 0000",
        assignee_id=small_firm.staff["Max"].pk, due_on=days["soon"], now=timezone.now(),
    )  # fmt: skip

    response = as_person("Rita").get("/work.csv?who=all&state=open")

    assert response.headers["Content-Disposition"] == 'attachment; filename="work-list.csv"'
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [r["task"] for r in rows] == [
        "Improve delivery day of furniture",
        '\'=HYPERLINK("http://evil.example")',
    ]
    assert (rows[0]["due_on"], rows[0]["person"], rows[0]["decision"]) == (
        days["today"].isoformat(), "Max", str(small_firm.change),
    )  # fmt: skip
    assert rows[1]["because"] == "'+44 20 7946 0000"


@pytest.mark.parametrize("tasks", [1, 60])
def test_a_long_list_costs_no_more_queries(small_firm, as_person, django_assert_max_num_queries, tasks):
    for i in range(tasks):
        desk.assign(
            noun="note", noun_key=str(i), title=f"Task {i}", because="", assignee_id=small_firm.staff["Max"].pk,
            due_on=date(2026, 12, 1), now=timezone.now(),
        )  # fmt: skip
    client = as_person("Max")

    with django_assert_max_num_queries(8):
        said = words(client.get("/work/"))

    assert f"Task {tasks - 1}" in said


def test_an_unknown_filter_shows_what_is_to_do(small_firm, as_person):
    assert "Nothing is open on everybody's list." in words(as_person("Rita").get("/work/?who=all&state=nonsense"))
