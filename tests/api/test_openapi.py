"""The published description of the API is the one in docs/, and its page works with nothing from elsewhere."""

import json
from pathlib import Path

import pytest
from django.test import Client

from eigenform.api.site import api

PINNED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_docs_hold_the_description_that_is_served():
    served = json.loads(json.dumps(api.get_openapi_schema(), default=str))

    assert json.loads(PINNED.read_text(encoding="utf-8")) == served, (
        "The API changed. If that is meant: .venv/bin/python scripts/openapi.py"
    )


def test_every_operation_says_what_it_does_and_who_may():
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), f"{method} {path}"
            assert operation["security"], f"{method} {path}"


@pytest.mark.django_db
def test_the_page_and_all_that_it_loads_come_from_here():
    page = Client().get("/api/v1/docs")

    assert page.status_code == 200
    assert b"//" not in page.content.replace(b"http://www.w3.org", b"").split(b"<body")[1]
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].split("script-src")[1].split(";")[0]
