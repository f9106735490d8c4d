"""From what the base is worth to one customer who slips away and the numbers behind their worth."""

import pytest
from playwright.sync_api import Page, expect

from eigenform import loop
from eigenform.customers.models import Standing
from tests.journeys.test_turn_to_deed import blameless
from tests.loop import firm


@pytest.fixture
def turned(transactional_db):
    """A firm after its first turn, one of whose customers slips away."""
    firm.grown()
    firm.adopt(effects=firm.hopeful())
    answer = loop.turn(as_of=firm.AS_OF, scope=firm.LEADER, now=firm.NOW)
    if not Standing.objects.filter(slipping_minor__isnull=False).exists():
        pytest.fail("nobody slips away in the small firm: plant somebody who does")
    return answer


def test_a_person_sees_the_worth_the_spread_and_who_slips_away(signed_in: Page, turned, url, shoot):
    page = signed_in
    page.goto(url("/worth/"))
    page.wait_for_load_state("networkidle")

    expect(page.locator("h1")).to_have_text("Worth")
    expect(page.get_by_text("80 % interval").first).to_be_visible()
    assert page.locator("figure[data-drawn=yes]").count() == page.locator("figure[data-chart]").count() >= 3
    blameless(page)
    page.get_by_text("Show the formula").click()
    expect(page.get_by_text("purchases within")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shoot("worth")

    first = page.locator("#slipping [data-row-link]").first
    name = first.inner_text()
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)
    expect(page.get_by_text("they used to buy every")).to_be_visible()
    page.locator("#worth summary").click()
    expect(page.get_by_role("rowheader", name="Purchases if they are")).to_be_visible()
    blameless(page)
    shoot("worth-customer")


def test_the_list_of_customers_shows_who_slips(signed_in: Page, turned, url, shoot):
    page = signed_in
    page.goto(url("/customers/"))
    page.get_by_role("link", name="Slipping away").click()
    expect(page).to_have_url(url("/customers/?slipping=yes"))
    expect(page.locator("tbody tr")).to_have_count(Standing.objects.filter(slipping_minor__isnull=False).count())
    blameless(page)
    shoot("customers-slipping")


def test_before_the_first_turn_it_says_what_is_missing(signed_in: Page, url, shoot):
    page = signed_in
    page.goto(url("/worth/"))
    expect(page.get_by_text("Cannot tell")).to_be_visible()
    expect(page.get_by_role("link", name="Run a turn")).to_be_visible()
    blameless(page)
    shoot("worth-cannot-tell")
