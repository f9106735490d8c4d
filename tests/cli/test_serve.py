"""`eigenform serve`: the site and its worker live and end together."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil
import pytest

pytestmark = pytest.mark.django_db
PATIENCE_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(holds, what: str):
    """Wait until something holds; no test depends on how fast it is."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.1)
    pytest.fail(f"waited {PATIENCE_SECONDS} s in vain: {what}")


def health(port: int) -> dict | None:
    try:
        return json.loads(urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read())
    except HTTPError as error:
        return json.loads(error.read())
    except (URLError, OSError):
        return None


@pytest.fixture
def served(installation) -> Iterator[tuple[subprocess.Popen, int]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "eigenform.cli.main", "serve", "--port", str(port), "--json"],
        env=installation.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        until(lambda: (health(port) or {}).get("worker") == "alive", "the site answers and its worker lives")
        yield process, port
    finally:
        for child in [process, *psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []:
            child.kill()
        process.wait()


def children_of(process: subprocess.Popen) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_a_new_installation_prints_one_link_and_ends_as_a_whole(served, installation):
    process, port = served
    children = children_of(process)

    told = json.loads(process.stdout.readline())
    assert told["url"] == f"http://localhost:{port}"
    assert urlopen(told["set_up_link"]).status == 200
    assert installation.refusal("serve", "--port", str(port))["code"] == "cli.port_busy"

    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    until(lambda: not any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children), "all have ended")
    assert not (installation.home / "worker.heartbeat").exists()


def test_a_worker_that_dies_is_started_again(served, installation):
    process, port = served
    sign = installation.home / "worker.heartbeat"
    worker = psutil.Process(int(sign.read_text()))
    assert worker in children_of(process)

    worker.kill()
    sign.unlink()

    until(lambda: sign.exists() and sign.read_text(), "a new worker gives a sign of life")
    assert int(sign.read_text()) != worker.pid
    assert health(port)["worker"] == "alive"


def test_nothing_survives_a_server_that_was_killed(served):
    process, port = served
    children = children_of(process)

    process.kill()
    process.wait()

    until(lambda: not any(c.is_running() and c.status() != psutil.STATUS_ZOMBIE for c in children), "all have ended")
    assert health(port) is None
