"""Made-up requests: whatever is asked, the API never stumbles, and says no in its one shape."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eigenform.api.site import api

PATHS = api.get_openapi_schema()["paths"]
READS = sorted(path for path, operations in PATHS.items() if "get" in operations)
ODD = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.text(max_size=30),
    st.sampled_from(
        ["", "0", "-1", "1", "true", "null", "2026-02-30", "1e400", "NaN", "attribute:a|b|c", "%", "'", "\x00"]
    ),
)


@st.composite
def requests(draw) -> str:
    path = draw(st.sampled_from(READS))
    asked = []
    for parameter in PATHS[path]["get"].get("parameters", ()):
        value = quote(draw(ODD), safe="")
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", value or "0")
        elif draw(st.booleans()):
            asked.append(f"{parameter['name']}={value}")
    return f"{path}?{'&'.join(asked)}"


def check(program, path: str) -> None:
    got = program.get(path)
    assert got.status_code < 500, (path, got.content)
    if got.status_code >= 400 and got.headers["Content-Type"].startswith("application/json"):
        assert set(json.loads(got.content)) == {"code", "message", "facts"}, path


NO_RUSH = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}


@pytest.mark.django_db
@settings(max_examples=60, derandomize=True, **NO_RUSH)
@given(path=requests())
def test_no_reading_request_makes_the_api_stumble(program, path):
    check(program, path)


@pytest.mark.fuzz
@pytest.mark.django_db
@settings(max_examples=5000, **NO_RUSH)
@given(path=requests())
def test_thousands_of_reading_requests(program, path):
    check(program, path)
