"""Nothing stands outside its frame: tables fit their wrapper at common widths."""

import pytest
from playwright.sync_api import Page

from eigenform import loop
from eigenform.customers.models import Customer
from tests.loop import firm

OUTSIDE = """() => [...document.querySelectorAll('.ef-table-wrap')]
  .filter(w => getComputedStyle(w).overflowX === 'visible' && w.scrollWidth > w.clientWidth + 1)
  .map(w => w.innerText.slice(0, 80) + ' ' + w.scrollWidth + ' > ' + w.clientWidth)"""


@pytest.mark.parametrize("width", [1280, 1100])
def test_tables_fit_their_frame(signed_in: Page, transactional_db, url, width):
    firm.grown()
    firm.adopt(effects=firm.hopeful())
    loop.turn(as_of=firm.AS_OF, scope=firm.LEADER, now=firm.NOW)
    page, found = signed_in, {}
    page.set_viewport_size({"width": width, "height": 900})
    customer = Customer.objects.earliest("pk").pk
    for path in (
        "/",
        "/customers/",
        f"/customers/{customer}/",
        "/offerings/",
        "/offerings/category/?category=Chairs",
        "/turns/",
        "/turns/1/",
        "/load/",
        "/what-worked/",
        "/work/",
    ):
        page.goto(url(path))
        found[path] = page.evaluate(OUTSIDE)

    assert {path: wide for path, wide in found.items() if wide} == {}
