"""Loads through the page: upload, watch, see what was refused, download it, load it again mended."""

import csv
import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from eigenform.customers.models import Customer
from eigenform.intake.models import Load
from eigenform.sales.models import OrderLine
from tests.intake.conftest import MAPPING, PEOPLE, SALES
from tests.web.conftest import words

BAD = SALES + "A3,1,2025-02-30,tea,1,3.50\nA4,1,2025-01-05,cup,-2,4.00\n"


def work_off() -> None:
    """Do what waits in the background, as `eigenform serve` does, but inside the test's transaction."""
    for waiting in DBTaskResult.objects.ready():
        waiting.claim("test")
        Worker.run_task(SimpleNamespace(_run_tasks=0), waiting)


def file(name: str, content: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode())


def upload(client, sales=BAD, **more):
    """Post the shop's files with a mapping of the reader's own."""
    posted = {
        "files": [file("people.csv", PEOPLE), file("sales.csv", sales)],
        "own_mapping": file("shop.toml", MAPPING),
    }
    return client.post("/load/start", posted | more)


@pytest.fixture
def loaded(people, firm_policy, as_person):
    """Max's load of two files with two bad rows, done."""
    max_ = as_person("Max")
    response = upload(max_)
    assert response.status_code == 302
    work_off()
    return SimpleNamespace(client=max_, href=response.url, load=Load.objects.get())


class TestUpload:
    def test_the_form_offers_the_mappings_that_are_shipped(self, firm_policy, as_person):
        response = as_person("Max").get("/load/")
        said = words(response)
        assert "Nothing was loaded through this page yet." in said
        assert "olist: Olist: a Brazilian marketplace" in said
        assert 'name="files" multiple required' in response.content.decode()

    def test_a_load_waits_shows_its_bar_and_is_watched(self, people, firm_policy, as_person):
        client = as_person("Max")
        href = upload(client).url
        page = client.get(href)
        assert "This page follows by itself." in words(page)
        assert f'hx-get="{href}progress"' in page.content.decode()
        bar = client.get(f"{href}progress")
        assert bar.content.decode().strip().startswith('<div class="ef-progress"')
        assert "HX-Refresh" not in bar.headers
        work_off()
        assert client.get(f"{href}progress").headers["HX-Refresh"] == "true"

    def test_a_look_writes_nothing(self, people, firm_policy, as_person):
        client = as_person("Max")
        href = upload(client, dry_run="on").url
        work_off()
        said = words(client.get(href))
        assert "2 would be refused, the others taken." in said
        assert Customer.objects.count() == 0

    @pytest.mark.parametrize(
        ("posted", "told"),
        [
            ({"own_mapping": file("m.toml", "name =")}, "The mapping cannot be used"),
            ({"own_mapping": SimpleUploadedFile("m.toml", b"\xff\xfe")}, "is not UTF-8 text"),
            ({"mapping": "/etc/passwd"}, "no mapping came with it"),
            ({"mapping": "../../secret_key"}, "no mapping came with it"),
            ({"mapping": "cdnow", "files": []}, "no file came with it"),
        ],
    )
    def test_what_cannot_be_taken_is_said_on_the_form(self, people, firm_policy, as_person, posted, told):
        response = as_person("Max").post("/load/start", {"files": [file("people.csv", PEOPLE)]} | posted)
        assert response.status_code == 422
        assert told in words(response)
        assert not Load.objects.exists()

    def test_a_load_that_fails_says_why(self, people, firm_policy, as_person):
        client = as_person("Max")
        href = upload(client, sales="order,customer\nA1,1\n").url
        work_off()
        said = words(client.get(href))
        assert "It failed, and wrote nothing further." in said
        assert "has no column" in said


class TestResult:
    def test_counts_and_tables(self, loaded):
        said = words(loaded.client.get(loaded.href))
        assert "7 rows read; 2 were refused, the others are in." in said
        assert "Rows read 7 New or changed 5 There already 0 Refused 2" in said
        assert "customers 2" in said
        assert "order_lines 3" in said

    def test_problems_by_reason_with_their_first_rows_and_the_remedy(self, loaded):
        problems = loaded.client.get(loaded.href).context["problems"]
        told = {p.rows[0].column: (p.reason, p.rows[0].row, p.rows[0].value) for p in problems}
        assert told["day"] == ("'2025-02-30' is no date", 5, "2025-02-30") or told["day"][1:] == (5, "2025-02-30")
        assert told["pieces"][1:] == (6, "-2")
        assert all(p.remedy for p in problems)

    def test_texts_in_refused_cells_are_cut(self, people, firm_policy, as_person):
        client = as_person("Max")
        secret = "ada@example.org lives at 12 High Street and pays late"
        href = upload(client, sales=SALES + f'A3,1,2025-01-02,tea,1,"{secret}"\n').url
        work_off()
        said = words(client.get(href))
        assert "ada… (53 characters)" in said
        assert "High Street" not in said

    def test_a_reader_sees_how_many_but_neither_rows_nor_files_nor_forms(self, loaded, as_person):
        reader = as_person("Rita")
        response = reader.get(loaded.href)
        assert "Refused 2" in words(response)
        assert "sales.csv, line" not in words(response)
        assert "enctype" not in response.content.decode()
        assert reader.get(f"{loaded.href}errors.csv").status_code == 403
        assert reader.post("/load/start", {"files": [file("a.csv", "a")]}).status_code == 403
        assert reader.post(f"{loaded.href}again").status_code == 403
        assert 'type="file"' not in reader.get("/load/").content.decode()

    def test_the_list_says_who_loaded_what(self, loaded, as_person):
        said = words(as_person("Rita").get("/load/"))
        assert "The last load refused 2 rows." in said
        assert "several files shop done 7 2 Max" in said

    def test_no_such_load(self, people, firm_policy, as_person):
        assert as_person("Max").get("/load/77/").status_code in (404, 409)


class TestMend:
    def test_the_errors_file_mended_is_loaded_by_the_same_mapping(self, loaded):
        response = loaded.client.get(f"{loaded.href}errors.csv")
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [(r["_file"], r["_row"], r["_column"]) for r in rows] == [
            ("sales.csv", "5", "day"),
            ("sales.csv", "6", "pieces"),
        ]
        mended = text.replace("2025-02-30", "2025-02-28").replace(",-2,", ",2,")
        again = loaded.client.post(f"{loaded.href}again", {"files": [file("errors.csv", mended)]})
        work_off()
        said = words(loaded.client.get(again.url))
        assert "2 rows read, none refused." in said
        assert OrderLine.objects.count() == 5

    def test_an_interrupted_load_starts_again_and_ends_the_same(self, people, firm_policy, as_person):
        client = as_person("Max")
        href = upload(client).url
        DBTaskResult.objects.all().delete()
        Load.objects.update(state="interrupted")
        assert "Start it again" in words(client.get(href))
        assert "Start again" in words(client.get("/load/"))
        assert client.post(f"{href}again").url == href
        work_off()
        assert Load.objects.get().state == "done"
        assert OrderLine.objects.count() == 3

    def test_one_that_is_done_does_not_start_again(self, loaded):
        response = loaded.client.post(f"{loaded.href}again")
        assert response.status_code == 409
        assert "Only one that failed or was interrupted can start again" in words(response)


class TestWords:
    @pytest.mark.parametrize(
        ("seconds", "told"), [(0.2, "0 s"), (59, "59 s"), (190, "3 min 10 s"), (7500, "2 h 5 min")]
    )
    def test_durations(self, seconds, told):
        from eigenform.web.pages.loads.wording import duration

        assert duration(seconds) == told

    def test_a_bar_says_rate_and_time_left(self, now):
        from datetime import timedelta

        from eigenform.intake.contracts import LoadRow
        from eigenform.web.pages.loads.wording import bar

        load = LoadRow(
            1, "shop", "f", "running", False, "a", now - timedelta(seconds=10), None, "writing orders", 50_000, 150_000,
            "", {},
        )  # fmt: skip
        job = bar(load, poll_href="/p", now=now)
        assert (job.label, job.rate, job.left) == ("Writing orders", "5,000 rows a second", "20 s left")


@pytest.mark.parametrize("number", [4711, 2**63, "9" * 23])
def test_a_load_that_is_not_there_says_so(people, firm_policy, as_person, number):
    client = as_person("Max")

    for path in ("", "progress", "errors.csv"):
        assert client.get(f"/load/{number}/{path}").status_code == 404, path
    assert client.post(f"/load/{number}/again").status_code == 404
    assert client.post(f"/load/{number}/again", {"files": [file("a.csv", "a")]}).status_code == 404
    assert not Load.objects.exists()
