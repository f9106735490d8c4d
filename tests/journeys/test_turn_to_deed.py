"""From signing in to a deed: cockpit, customer, turn, approve by key, work list, done; and the next turn knows."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from eigenform import loop
from eigenform.ledger import queries as ledger
from eigenform.marketing.models import Touch
from tests.loop import firm

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def turned(transactional_db):
    """A firm after its first turn."""
    firm.grown()
    firm.adopt(effects=firm.hopeful())
    return loop.turn(as_of=firm.AS_OF, scope=firm.LEADER, now=firm.NOW)


def blameless(page: Page) -> None:
    """Fail if axe finds anything on the page."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: the front end was not built in this checkout")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations.map(v => v.id + ': ' + v.nodes[0].html)")
    assert found == []


def test_a_person_signs_in_sees_why_approves_and_reports(page: Page, live_server, turned, leader, url, shoot):
    contacts = [d for d in turned.decisions if d["kind"] == "contact_customer" and not d["held_out"]]
    page.goto(url("/"))
    page.locator("input[name=username]").fill(leader)
    page.locator("input[name=password]").fill("a-long-enough-password")
    page.locator("form button[type=submit]").first.click()

    expect(page.locator("h1")).to_have_text("Cockpit")
    expect(page.get_by_text("exposed, not lost").first).to_be_visible()
    shoot("cockpit")

    page.goto(url("/customers/"))
    page.locator("input[type=search]").first.fill(contacts[0]["subject_name"])
    link = page.get_by_role("link", name=contacts[0]["subject_name"], exact=True)
    expect(link).to_have_count(1)
    link.click()
    expect(page.locator("h1")).to_have_text(contacts[0]["subject_name"])
    shoot("customer")

    page.goto(url("/turns/1/?kind=contact_customer"))
    shoot("turn")
    first = contacts[0]["id"]
    page.goto(url(f"/decisions/{first}/"))
    expect(page.get_by_text("not yet measured").first).to_be_visible()
    card = page.locator(f"#decision-{first}")
    card.focus()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Done").first).to_be_visible()
    assert ledger.decision(first).state == "approved"

    page.goto(url("/work/"))
    expect(page.get_by_text(contacts[0]["subject_name"]).first).to_be_visible()
    shoot("work-list")
    page.get_by_role("button", name="Done").first.click()
    expect(page.get_by_text("Nothing to do")).to_be_visible()
    assert ledger.decision(first).state == "done"
    touch = Touch.objects.get(source="eigenform")
    assert touch.propensity == pytest.approx(0.9)

    again = loop.turn(as_of=firm.AS_OF, scope=firm.LEADER, now=firm.NOW)
    assert contacts[0]["subject_id"] not in {d["subject_id"] for d in again.decisions}


@pytest.mark.parametrize(
    "path", ["/", "/customers/", "/offerings/", "/turns/", "/turns/1/", "/load/", "/policy/", "/work/"]
)
def test_no_page_has_a_fault_that_axe_finds_or_scrolls_sideways_on_a_phone(signed_in: Page, turned, url, path, shoot):
    page = signed_in
    page.goto(url(path))
    page.wait_for_load_state("networkidle")

    blameless(page)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot("page-" + (path.strip("/").replace("/", "-") or "cockpit"))
