"""What holds for every template and for the built assets."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src/eigenform/web"
DIST = WEB / "static/eigenform/dist"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_no_template_breaks_the_content_security_policy(path):
    html = path.read_text()

    assert re.findall(r'\sstyle\s*=|\son[a-z]+\s*="|javascript:|(?:src|href)="(?:https?:)?//', html) == []
    assert [tag for tag in re.findall(r"<script[^>]*>|<style", html) if "src=" not in tag] == []


def test_every_icon_that_is_named_is_drawn():
    named = {name for path in TEMPLATES for name in re.findall(r'{% icon "([\w-]+)"', path.read_text())}
    named |= {name for path in WEB.rglob("*.py") for name in re.findall(r'icon="([\w-]+)"', path.read_text())}
    drawn = {path.stem for path in (ROOT / "frontend/src/icons").glob("*.svg")}

    assert named
    assert named <= drawn


@pytest.mark.parametrize(("name", "budget_bytes"), [("app.js", 120_000), ("app.css", 90_000)])
def test_a_first_page_keeps_its_budget(name, budget_bytes):
    content = (DIST / name).read_bytes()

    assert 1000 < len(gzip.compress(content)) < budget_bytes


def test_the_style_fetches_nothing():
    css = (DIST / "app.css").read_text()

    assert [url for url in re.findall(r"url\(([^)]{0,40})", css) if not url.strip("\"'").startswith("data:")] == []
