"""Turns: what each decided, filtered; a new one, a dry run and a replay in the background."""

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from eigenform import loop
from eigenform.ledger import feedback as ledger
from eigenform.ledger import queries
from eigenform.web.pages import proposals, turn_jobs
from tests.web import conftest as firm
from tests.web.conftest import words


def work_off() -> None:
    """Do what waits in the background, as `eigenform serve` does, but inside the test's transaction."""
    for waiting in DBTaskResult.objects.ready():
        waiting.claim("test")
        Worker.run_task(SimpleNamespace(_run_tasks=0), waiting)


def answered(seq: int, **changes) -> dict:
    """Return a decision of the ledger as a turn's JSON answer tells it: money in main units."""
    d = queries.decision(seq)
    gain = {"mean": d.gain.mean / 100, "low": d.gain.low / 100, "high": d.gain.high / 100, "unit": "GBP"}
    told = {
        "id": seq, "kind": d.kind, "subject": d.subject, "subject_id": d.subject, "because": " ".join(d.because),
        "basis": d.basis, "expected_gain": gain, "cost": d.cost_minor / 100, "held_out": d.held_out,
        "state": d.state, "facts": dict(d.facts),
    }  # fmt: skip
    return told | changes


def test_turns_are_listed_newest_first(small_firm, as_person, now):
    firm.write_turn(now, firm.summary(small_firm.partner_subject), number=2)

    said = words(as_person("Rita").get("/turns/"))

    assert said.index("Turn 2") < said.index("Turn 1 27 Feb 2026 6 1 7 62 of 302 £480k")
    assert "The last one is turn 2, as of 27 Feb 2026." in said


def test_each_decision_says_what_for_whom_why_and_how_sure(small_firm, as_person):
    response = as_person("Rita").get("/turns/1/")
    said = words(response)

    assert "As of 27 Feb 2026: 6 decisions, 5 wait for a person, 1 held out." in said
    ada = said[said.index("Ada Hart") :]
    assert "The relationship is worth GBP 4,820 over the next 52 weeks." in ada
    assert "Expected gain £100 £10 to £210 assumed 80 % interval £10 to £210; n 12" in ada
    assert "not yet measured Cost £5.00 Hold-out Not held out." in ada
    assert "Nobody is held out. It is measured by a staggered release." in said
    assert f'href="/customers/{small_firm.customers["Ada Hart"].pk}/"' in response.content.decode()


def test_what_the_turn_knew_and_saw_is_told(small_firm, as_person):
    said = words(as_person("Rita").get("/turns/1/"))

    assert "orders 1,204 promises 310" in said
    assert "Policy version 1 Model bg-nbd 1 Seed 1" in said


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("kind=talk_to_partner", "Northern Freight", "Ada Hart"),
        ("state=held_out", "Dora Lind", "Ada Hart"),
        ("kind=contact_customer&state=waiting", "Ada Hart", "Dora Lind"),
    ],
)
def test_decisions_are_filtered_by_kind_and_state(small_firm, as_person, query, there, absent):
    said = words(as_person("Rita").get(f"/turns/1/?{query}"))

    assert there in said
    assert absent not in said


def test_a_filter_can_be_taken_off_and_keeps_the_other(small_firm, as_person):
    page = as_person("Rita").get("/turns/1/?kind=contact_customer&state=waiting").content.decode()

    assert 'href="?state=waiting" aria-current="true">Contact customer · 4' in page
    assert 'href="?kind=contact_customer" aria-current="true">waiting for a person · 5' in page


def test_many_decisions_come_in_pages_with_few_queries(small_firm, as_person, now, django_assert_max_num_queries):
    subject = f"customer:{small_firm.customers['Ada Hart'].subject}"
    ledger.record_decisions(
        [firm.contact(subject, mean=9_000.0 + i) for i in range(40)],
        turn_seq=small_firm.turn_seq, at=now, actor="0" * 32, model_version="m", policy_version=1,
    )  # fmt: skip
    client = as_person("Max")

    with django_assert_max_num_queries(12):
        page = client.get("/turns/1/").content.decode()

    assert page.count('data-verb="approve"') == 11  # twelve cards, one of them held out
    assert "1 to 12 of 46 decisions" in page
    assert "37 to 46 of 46 decisions" in words(client.get("/turns/1/?page=4"))
    assert len(page.encode()) < 60_000


@pytest.mark.parametrize(
    "path", ["/turns/99/", "/turns/99/worth.csv", "/turns/job/nonsense/", f"/turns/{2**31}/", f"/turns/{2**63}/"]
)
def test_what_is_not_there_says_so(small_firm, as_person, path):
    response = as_person("Rita").get(path)

    assert response.status_code == 404
    assert "Nothing is here" in words(response)


def test_a_reader_runs_no_turn(small_firm, as_person):
    reader = as_person("Rita")

    response = reader.post("/turns/run", {"as_of": "2026-03-01"})

    assert response.status_code == 403
    assert "You may not run a turn." in words(response)
    work_off()
    assert queries.latest_turn().number == 1
    assert 'action="/turns/run"' not in reader.get("/turns/").content.decode()


def test_a_day_that_is_none_is_refused(small_firm, as_person):
    response = as_person("Max").post("/turns/run", {"as_of": "2026-02-31"})

    assert response.status_code == 409
    assert "2026-02-31 is not a day." in words(response)


def test_a_turn_runs_in_the_background_and_leads_to_its_page(small_firm, as_person, monkeypatch, now):
    asked = {}

    def turn(*, as_of, scope, dry_run, **_rest):
        asked.update(as_of=as_of, actor=scope.actor, dry_run=dry_run)
        firm.write_turn(now, firm.summary(small_firm.partner_subject), number=2)
        return SimpleNamespace(to_json=lambda: {"turn": 2, "decisions": []})

    monkeypatch.setattr(loop, "turn", turn)
    client = as_person("Max")
    job = client.post("/turns/run", {"as_of": "2026-03-01"}).headers["Location"]
    waiting = client.get(job)
    work_off()
    fragment = client.get(job, headers={"HX-Request": "true", "HX-Target": "job"})

    assert "Turn as of 1 Mar 2026" in words(waiting)
    assert 'hx-trigger="load delay:1s"' in waiting.content.decode()
    assert asked == {"as_of": date(2026, 3, 1), "actor": small_firm.staff["Max"].actor, "dry_run": False}
    assert fragment.headers["HX-Redirect"] == "/turns/2/"
    assert "Turn 2 is written." in words(client.get("/turns/2/"))


def test_a_dry_run_shows_what_it_would_decide_and_writes_nothing(small_firm, as_person, monkeypatch):
    seq = small_firm.contacts["Ada Hart"]
    answer = {"turn": None, "decisions": [answered(seq, id=None), answered(small_firm.change, id=None)]}
    asked = []
    monkeypatch.setattr(loop, "turn", lambda **how: asked.append(how) or SimpleNamespace(to_json=lambda: answer))
    before = queries.last_seq()
    client = as_person("Max")

    job = client.post("/turns/run", {"as_of": "2026-03-01", "dry_run": "1"}).headers["Location"]
    work_off()
    said = words(client.get(job))

    assert "This turn would make 2 decisions. Nothing was written." in said
    assert "Contact customer Ada Hart" in said
    assert "£100 £10 to £210" in said
    assert "assumed · not yet measured £5.00 Not held out." in said
    assert queries.last_seq() == before
    assert [how["dry_run"] for how in asked] == [True]


def test_background_work_keeps_no_names_so_an_erasure_leaves_none(transactional_db, people, as_person):
    from eigenform.coordination import actions as coordination
    from eigenform.customers import queries as customers
    from eigenform.records.scope import SYSTEM
    from tests.loop import firm as grown

    grown.grown()
    grown.adopt(effects=grown.hopeful())
    loop.turn(as_of=grown.AS_OF, scope=grown.LEADER, now=grown.NOW)
    client = as_person("Max")
    day = grown.AS_OF.isoformat()
    dry = client.post("/turns/run", {"as_of": day, "dry_run": "1"}).headers["Location"]
    again = client.post("/turns/1/replay").headers["Location"]
    work_off()
    written = client.post("/turns/run", {"as_of": day}).headers["Location"]
    work_off()

    kept = "\n".join(str(row) for row in DBTaskResult.objects.values())
    assert _subjects(kept)
    assert not [trace for trace in ("Hidden Name", "person-", "Name of Sl", "Name of Sw") if trace in kept]
    said = words(client.get(dry))
    name = next(f"Hidden Name {i}" for i in range(150) if f"Contact customer Hidden Name {i} " in said)
    assert "The same came out:" in words(client.get(again))
    assert client.get(written).headers["Location"] == "/turns/2/"
    person = next(c for c in customers.by_subjects(_subjects(kept)).values() if c.name == name)
    coordination.erase_person(person.id, scope=SYSTEM, now=grown.NOW)
    after = words(client.get(dry))
    assert f"{name} " not in after
    assert "A customer, erased on request" in after


def _subjects(text: str) -> set[str]:
    return set(re.findall(r"customer:[0-9a-f]{32}", text))


def test_a_refused_turn_says_why(small_firm, as_person, monkeypatch):
    from eigenform.records.scope import NotAllowed

    def turn(**_rest):
        raise NotAllowed(what="run a turn on a Sunday")

    monkeypatch.setattr(loop, "turn", turn)
    client = as_person("Max")
    job = client.post("/turns/run", {}).headers["Location"]
    work_off()

    assert "You may not run a turn on a Sunday." in words(client.get(job))


def test_a_replay_that_agrees_says_so(small_firm, as_person, monkeypatch):
    decisions = [answered(d.seq) for d in queries.decisions_of_turn(small_firm.turn_seq)]
    answer = {"decisions": decisions, "as_of": "2026-02-27", "seed": 1, "policy_version": 1}
    monkeypatch.setattr(loop, "replay", lambda number, scope: SimpleNamespace(to_json=lambda: answer))
    client = as_person("Rita")

    job = client.post("/turns/1/replay").headers["Location"]
    work_off()

    assert "The same came out: 6 decisions, each with the same subject, reasons, gain and hold-out." in words(
        client.get(job)
    )


def test_a_replay_that_differs_names_what_differs(small_firm):
    made = queries.decisions_of_turn(small_firm.turn_seq)
    same = [answered(d.seq) for d in made]
    gain = same[0]["expected_gain"]
    changed = [answered(made[0].seq, expected_gain=gain | {"mean": gain["mean"] + 0.01}), *same[2:]]

    assert proposals.differences(made, same) == ()
    assert proposals.differences(made, changed) == (
        "Not decided again: contact customer, Ben Stone.",
        f"Decided otherwise: entry {made[0].seq}.",
    )
    assert proposals.differences(made[1:], same) == ("Decided only now: contact customer, Ada Hart.",)


def test_an_hour_of_waiting_tells_what_background_work_needs(small_firm, as_person, monkeypatch, now):
    waiting = turn_jobs.Job(
        id="x", state="running", as_of="2026-03-01", dry_run=False, replayed=None, enqueued_at=now,
        is_picked_up=False, answer=None, problem="",
    )  # fmt: skip
    monkeypatch.setattr(turn_jobs, "job", lambda _id: waiting)
    client = as_person("Max")

    assert "Nobody has picked it up" in words(client.get("/turns/job/x/"))
    monkeypatch.setattr(turn_jobs, "job", lambda _id: replace(waiting, is_picked_up=True))
    assert "Nobody has picked it up" not in words(client.get("/turns/job/x/"))


def test_a_turn_is_offered_for_today_or_for_the_end_of_old_data(small_firm, as_person):
    from eigenform.sales.models import Order

    today = timezone.now().date()
    assert f'value="{today.isoformat()}"' in as_person("Max").get("/turns/").content.decode()
    cache.clear()
    Order.objects.create(source="t", key="1", ordered_on=date(2018, 10, 17), state="done", currency="GBP")
    Order.objects.create(source="t", key="2", ordered_on=date(2199, 1, 1), state="done", currency="GBP")

    assert 'value="2018-10-17"' in as_person("Max").get("/turns/").content.decode()
