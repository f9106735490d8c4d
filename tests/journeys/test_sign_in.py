"""The way in: the one-time link of a new installation, signing in, signing out."""

from datetime import UTC, datetime

from playwright.sync_api import Page, expect


def test_the_first_leader_sets_a_password_and_is_in(page: Page, live_server, transactional_db, url, shoot):
    from eigenform.staff import actions

    token = actions.first_setup_token(now=datetime.now(UTC))
    page.goto(url(f"/set-up/{token}/"))
    shoot("set-up")
    page.get_by_label("Name", exact=False).first.fill("ada")
    for field in page.locator("input[type=password]").all():
        field.fill("a-long-enough-password")
    page.locator("form button[type=submit]").first.click()

    expect(page).not_to_have_url(url(f"/set-up/{token}/"))


def test_a_stranger_is_sent_to_the_sign_in_page_and_a_wrong_password_stays_there(
    page: Page, live_server, leader, url, shoot
):
    page.goto(url("/customers/"))

    expect(page).to_have_url(url("/sign-in/?next=/customers/"))
    page.locator("input[name=username]").fill(leader)
    page.locator("input[name=password]").fill("not the password")
    page.locator("form button[type=submit]").first.click()
    expect(page.locator("input[name=password]")).to_be_visible()
    shoot("sign-in-refused")


def test_a_leader_signs_in_and_out(page: Page, live_server, leader, url):
    page.goto(url("/sign-in/"))
    page.locator("input[name=username]").fill(leader)
    page.locator("input[name=password]").fill("a-long-enough-password")
    page.locator("form button[type=submit]").first.click()

    expect(page).to_have_url(url("/"))
