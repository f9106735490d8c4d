"""The page that describes the API, in a browser that may load nothing from elsewhere."""

from playwright.sync_api import Page, expect


def test_the_page_lists_the_operations(signed_in: Page, url, shoot):
    signed_in.goto(url("/api/v1/docs"))

    expect(signed_in.get_by_text("/api/v1/turns", exact=True).first).to_be_visible()
    shoot("api-docs")
