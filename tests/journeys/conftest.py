"""A real Chromium before a live server: signed-in pages, screenshots in every look, and a console that stays silent."""

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

SCREENSHOTS = Path(__file__).parents[2] / "test-results" / "screenshots"
LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]
HEIGHTS = {1280: 900, 390: 844}
PASSWORD = "a-long-enough-password"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking")
OFFLINE = ("disable-component-update", "disable-sync", "disable-dev-shm-usage")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as a journey: it runs in one browser, on one database."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Use the machine's own Chromium if there is one, else the one that `make setup-dev` fetched."""
    args = {**browser_type_launch_args, "args": [f"--{flag}" for flag in (*QUIET, *OFFLINE)]}
    return {**args, "executable_path": CHROMIUM} if CHROMIUM else args


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """A desktop window whose owner asked for less motion, so that no picture shows half an animation."""
    return {
        **browser_context_args,
        "viewport": {"width": 1280, "height": HEIGHTS[1280]},
        "reduced_motion": "reduce",
        "locale": "en-GB",
    }


@pytest.fixture(autouse=True)
def silent_console(context: BrowserContext) -> Iterator[list[str]]:
    """Fail a journey during which any page wrote an error to the console; a journey may empty the list it expects."""
    said: list[str] = []
    context.on(
        "console", lambda m: said.append(f"{m.page.url if m.page else ''}: {m.text}") if m.type == "error" else None
    )
    context.on("weberror", lambda e: said.append(f"uncaught: {e.error}"))
    yield said
    assert said == [], "The browser's console shows errors."


@pytest.fixture
def leader(transactional_db: None) -> str:
    """A leader who can sign in with PASSWORD; returns the name."""
    from eigenform.staff import actions

    actions.ensure_with_password("ada", PASSWORD)
    return "ada"


@pytest.fixture
def signed_in(page: Page, context: BrowserContext, live_server, leader: str) -> Page:
    """A page of the leader, who signed in before; relative addresses go to the live server."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    assert client.login(username=leader, password=PASSWORD)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return page


@pytest.fixture
def url(live_server) -> Callable[[str], str]:
    """Turn a path into an address of the live server."""
    return lambda path: f"{live_server.url}{path}"


@pytest.fixture
def shoot(page: Page) -> Iterator[Callable[[str], None]]:
    """Write the page as it stands into test-results/screenshots: light and dark, wide and phone, the whole length."""

    def take(name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            page.wait_for_timeout(150)
            page.screenshot(path=SCREENSHOTS / f"{name}-{scheme}-{width}.png", full_page=True, animations="disabled")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.set_viewport_size({"width": 1280, "height": HEIGHTS[1280]})

    yield take


@pytest.fixture
def background(transactional_db: None) -> Callable[[], None]:
    """Do the background work that waits, as the worker of `eigenform serve` does, and return when none is left."""
    from django.core.management import call_command

    def drain() -> None:
        kept = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}
        try:
            call_command("db_worker", queue_name="*", batch=True, interval=0, startup_delay=False, verbosity=0)
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    return drain
