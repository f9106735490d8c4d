"""Loads that people start in the browser: kept, run by the worker, watched, started again."""

import pytest

from eigenform.intake import actions, queries
from eigenform.intake.actions.background import run_load
from eigenform.intake.contracts import LoadUnknown, MappingRefused, UploadRefused
from eigenform.intake.models import Load
from tests.intake.conftest import MAPPING, NOW, PEOPLE, SALES, rows, value


def uploads(**files: str):
    return [(f"{name}.csv", [text.encode()[:7], text.encode()[7:]]) for name, text in files.items()]


def enqueue(shop, *, sales: str = SALES, **options) -> int:
    return actions.enqueue(MAPPING, uploads(people=PEOPLE, sales=sales), scope=shop.scope, now=NOW, **options)


def folders() -> list[str]:
    from django.conf import settings

    folder = settings.ENV.home / "uploads"
    return [p.name for p in folder.iterdir()] if folder.is_dir() else []


@pytest.fixture(autouse=True)
def no_uploads_yet():
    import shutil

    from django.conf import settings

    shutil.rmtree(settings.ENV.home / "uploads", ignore_errors=True)


def test_an_upload_waits_runs_and_answers(shop):
    load_id = enqueue(shop, sales=SALES + "A3,2,2025-02-30,cup,1,4.00\n")
    assert (queries.load(load_id).state, [r.load_id for r in queries.running()]) == ("waiting", [load_id])

    run_load.call(load_id)

    done = queries.load(load_id)
    assert (done.state, done.answer["rows_loaded"], done.answer["rows_refused"]) == ("done", 5, 1)
    assert queries.running() == ()
    assert folders() == []
    page = queries.refused_rows(load_id)
    assert [(r.file, r.row, r.column) for r in page.rows] == [("sales.csv", 5, "day")]
    assert page.next_id is None


def test_the_errors_file_of_a_load_can_be_mended_and_uploaded(shop, tmp_path):
    load_id = enqueue(shop, sales=SALES + "A3,2,2025-02-30,cup,1,4.00\n")
    run_load.call(load_id)
    text = "".join(queries.errors_csv(load_id))
    assert text.splitlines()[0] == "order,customer,day,article,pieces,price,_file,_row,_column,_reason,_remedy"

    again = actions.enqueue(
        MAPPING, [("mended.csv", [text.replace("2025-02-30", "2025-02-28", 1).encode()])], scope=shop.scope, now=NOW
    )
    run_load.call(again)

    assert queries.load(again).answer["rows_loaded"] == 1
    assert value("SELECT count(*) FROM sales_order") == 3


def test_a_dry_run_shows_its_problems_and_leaves_the_facts_alone(shop):
    load_id = enqueue(shop, sales=SALES + "A3,2,2025-02-30,cup,1,4.00\n", dry_run=True)

    run_load.call(load_id)

    assert queries.load(load_id).answer["rows_refused"] == 1
    assert len(queries.refused_rows(load_id).rows) == 1
    assert value("SELECT count(*) FROM sales_order") == value("SELECT count(*) FROM ledger_entry") == 0


def test_a_refused_file_fails_with_its_reason_and_can_start_again(shop):
    load_id = enqueue(shop, sales="order,customer\nA1,1\n")

    run_load.call(load_id)

    failed = queries.load(load_id)
    assert (failed.state, failed.may_start_again) == ("failed", True)
    assert "has no column" in failed.message
    actions.start_again(load_id, scope=shop.scope, now=NOW)
    assert queries.load(load_id).state == "waiting"


def test_a_load_whose_process_is_gone_is_interrupted_and_ends_like_a_whole_one(shop):
    load_id = enqueue(shop)
    Load.objects.filter(id=load_id).update(state="running")
    assert queries.load(load_id).state == "interrupted"
    assert queries.running() == ()

    actions.start_again(load_id, scope=shop.scope, now=NOW)
    run_load.call(load_id)

    assert queries.load(load_id).state == "done"
    assert value("SELECT count(*) FROM sales_orderline") == 3


def test_a_running_load_gives_signs_of_life(shop, monkeypatch):
    from eigenform.intake.actions import writing

    load_id, seen = enqueue(shop), []
    whole = writing.write

    def watched(*given, **named):
        seen.append((queries.load(load_id).state, len(queries.running())))
        return whole(*given, **named)

    monkeypatch.setattr(writing, "write", watched)
    run_load.call(load_id)

    assert seen == [("running", 1)]


def test_a_task_that_is_delivered_twice_runs_once(shop):
    load_id = enqueue(shop)
    run_load.call(load_id)
    run_load.call(load_id)

    assert value("SELECT count(*) FROM ledger_entry WHERE kind = 'load'") == 1


@pytest.mark.parametrize("name", ["../../evil.csv", "..\\evil.csv", "/etc/evil.csv"])
def test_names_of_uploads_stay_inside_their_folder(shop, name):
    load_id = actions.enqueue(MAPPING, [(name, [PEOPLE.encode()])], scope=shop.scope, now=NOW)

    assert Load.objects.get(id=load_id).path.endswith("/evil.csv")
    assert "uploads" in Load.objects.get(id=load_id).path


def test_what_cannot_be_enqueued_leaves_nothing(shop):
    with pytest.raises(MappingRefused):
        actions.enqueue("name = 1\n", uploads(people=PEOPLE), scope=shop.scope, now=NOW)
    with pytest.raises(UploadRefused, match="no file came"):
        actions.enqueue(MAPPING, [], scope=shop.scope, now=NOW)
    with pytest.raises(UploadRefused, match="two files are called"):
        actions.enqueue(MAPPING, uploads(people=PEOPLE) * 2, scope=shop.scope, now=NOW)
    with pytest.raises(LoadUnknown):
        queries.load(99)

    assert folders() == []
    assert rows("SELECT id FROM intake_load") == []


def test_shipped_mappings_can_be_chosen_and_are_titled(db):
    shipped = {row.name: row.title for row in queries.mappings() if row.bundled}

    assert {"cdnow", "crm_sales", "olist", "online_retail", "scms_delivery"} <= set(shipped)
    assert all(shipped.values())
