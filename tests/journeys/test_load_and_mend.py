"""Loading through the page with a bad row: see the problem, download the errors file, mend it, load it again."""

from playwright.sync_api import Page, expect

from eigenform.intake import queries as intake
from eigenform.sales.models import Order

HEADER = "customer_id  date number_of_cds  dollar_value\n"
GOOD = "00001 19970101  1   11.77\n00002 19970112  1   12.00\n"
BAD = "00003 19971345  1   13.50\n"


def begin(page: Page, label: str, path, button: str) -> None:
    page.get_by_label(label, exact=False).first.set_input_files(path)
    page.get_by_role("button", name=button, exact=True).click()


def test_a_bad_row_is_told_mended_and_loaded_again(signed_in: Page, url, background, tmp_path, shoot):
    page = signed_in
    source = tmp_path / "CDNOW_master.txt"
    source.write_text(HEADER + GOOD + BAD, encoding="utf-8")

    page.goto(url("/load/"))
    page.locator("select[name=mapping]").select_option("cdnow")
    begin(page, "Files", source, "Begin")
    background()
    page.reload()
    expect(page.get_by_text("What was refused, and how to mend it")).to_be_visible()
    expect(page.get_by_text("line 4").first).to_be_visible()
    shoot("load-refused")
    assert Order.objects.count() == 2

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the errors file").click()
    errors = tmp_path / "errors.csv"
    download.value.save_as(errors)
    text = errors.read_text(encoding="utf-8-sig")
    assert "_reason" in text.splitlines()[0]
    assert "19971345" in text
    errors.write_text(text.replace("19971345", "19971215"), encoding="utf-8")

    begin(page, "Load it again, mended", errors, "Load it again")
    background()
    page.reload()
    shoot("load-mended")
    assert sorted(Order.objects.values_list("ordered_on", flat=True))[-1].isoformat() == "1997-12-15"
    assert intake.loads(limit=1)[0].answer["rows_refused"] == 0
