"""Effort in a browser: the plan and its prices, winning against keeping by the address, approval with its confirmation."""

import pytest
from playwright.sync_api import Page, expect

from eigenform import loop
from eigenform.ledger import queries as ledger
from eigenform.policy.contracts import Offer, Prior
from tests.journeys.test_turn_to_deed import blameless
from tests.loop import firm


@pytest.fixture
def planned(transactional_db):
    """A firm after a turn with calls and e-mails, and with little time for calls."""
    firm.grown()
    mail = Offer("e-mail", "email", cost_minor=20, minutes=2.0, effect=Prior(mean=0.1, sd=0.05))
    minutes = {"phone": 60.0, "email": 30.0, "meeting": 960.0}
    scarce = {"minutes_by_channel": minutes, "holdout_share": 0.3}
    firm.adopt(effects=firm.hopeful(), offers=(mail,), limits=scarce)
    return loop.turn(as_of=firm.AS_OF, scope=firm.LEADER, now=firm.NOW)


def test_a_leader_sees_what_an_hour_is_worth_and_approves_the_plan(signed_in: Page, planned, url, shoot):
    page = signed_in
    page.goto(url("/effort/"))

    expect(page.locator("h1")).to_have_text("Effort")
    expect(page.get_by_text("one more hour by").first).to_be_visible()
    expect(page.locator(".ef-chart, figure").first).to_be_visible()
    blameless(page)
    shoot("effort")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})

    page.get_by_role("link", name="Approve the plan").click()
    expect(page.get_by_text("left alone at random").first).to_be_visible()
    blameless(page)
    shoot("effort-approve")
    page.get_by_label("I have read what will happen.").check()
    page.locator("form button[type=submit].btn-primary").click()

    expect(page.get_by_text("Approved:").first).to_be_visible()
    assert ledger.waiting_count() == 0


def test_the_address_holds_what_was_filled_in_for_winning_and_keeping(signed_in: Page, planned, url, shoot):
    page = signed_in
    page.goto(url("/effort/"))
    for label, value in {
        "Margin of a customer and year": "50",
        "Discount, % a year": "15",
        "Spent to win a prospect": "7.369",
        "That wins, %": "30.838",
        "At most to be won, %": "40",
        "Spent a year to keep a customer": "10",
        "That keeps, %": "27.542855",
        "At most to be kept, %": "70",
    }.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Reckon").click()

    expect(page.get_by_text("which wins 31%").first).to_be_visible()
    assert "win_spend=7.369" in page.url
    blameless(page)
    shoot("effort-equity")
