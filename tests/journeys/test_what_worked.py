"""What worked, in a real browser: before anything was measured, after, and with numbers that cannot be told yet."""

import pytest
from playwright.sync_api import Page, expect

from eigenform import loop
from eigenform.marketing.models import Touch
from tests.journeys.test_turn_to_deed import blameless
from tests.loop import firm
from tests.loop.test_effects import LATER, decided  # noqa: F401 - a fixture


@pytest.fixture
def measured(decided):  # noqa: F811 - the fixture
    """A firm whose first plan is measured, with a campaign of long ago and one of which too few were left out."""
    from eigenform.customers.models import Customer

    people = list(Customer.objects.order_by("pk"))
    Touch.objects.bulk_create(
        Touch(
            source="books", key=f"{name}-{i}", customer=person, channel="email", campaign=name, touched_on=on,
            direction="withheld" if i % every == 0 else "out", propensity=1 / every if i % every == 0 else 1 - 1 / every,
        )
        for name, on, every in (
            ("Autumn letter to everybody who bought in the last year", firm.AS_OF.replace(year=2025, month=10), 3),
            ("Winter card", firm.AS_OF.replace(year=2025, month=12), 12),
        )
        for i, person in enumerate(people)
    )  # fmt: skip
    return loop.turn(as_of=LATER, scope=firm.LEADER, now=firm.NOW)


def test_the_effects_are_read_chosen_and_downloaded(signed_in: Page, measured, url, shoot):
    page = signed_in
    page.goto(url("/"))
    page.get_by_role("link", name="What worked").first.click()
    expect(page.locator("h1")).to_have_text("What worked")
    expect(page.get_by_text("Our contacts bring", exact=False)).to_be_visible()
    expect(page.get_by_role("row", name="Plan of turn 1")).to_be_visible()
    expect(page.get_by_text("were withheld, at least 20 are needed").first).to_be_attached()
    page.get_by_role("link", name="All contacts", exact=True).click()
    expect(page.get_by_role("heading", name="For whom")).to_be_visible()
    page.get_by_text("How this is measured").click()
    expect(page.get_by_text("By assignment, not by what was carried out")).to_be_visible()
    blameless(page)
    page.wait_for_load_state("networkidle")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate("window.scrollTo(0, 0)")
    shoot("what-worked")
    with page.expect_download() as got:
        page.get_by_role("link", name="Download csv").first.click()
    assert got.value.suggested_filename == "what-worked-effects.csv"


def test_before_the_first_measurement_the_page_says_when_it_comes(signed_in: Page, transactional_db, url, shoot):
    firm.grown()
    firm.adopt(effects=firm.hopeful())
    loop.turn(as_of=firm.AS_OF, scope=firm.LEADER, now=firm.NOW)
    page = signed_in
    page.goto(url("/what-worked/"))

    expect(page.get_by_text("their 91 days end on 1 Jun 2026", exact=False)).to_be_visible()
    blameless(page)
    shoot("what-worked-nothing-yet")
