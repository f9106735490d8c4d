"""A standalone Spark cluster on the loopback interface, for tests and benchmarks: one master, two workers.

python scripts/spark_cluster.py COMMAND …     runs the command with SPARK_URL set, then stops the cluster
"""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

_READY_SECONDS = 120


def why_not() -> str | None:
    """Return why no cluster can be had on this machine, or None."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed (the extra `spark`)"
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java") or (home and Path(home, "bin", "java").exists())):
        return "there is no Java; Spark needs version 17 or 21"
    return None


@contextlib.contextmanager
def cluster(*, workers: int = 2, memory: str = "2g") -> Iterator[str]:
    """Start a master and workers, give the cluster's address, and stop them whatever happens."""
    import pyspark

    home = Path(pyspark.__file__).parent
    port, page = _free_port(), _free_port()
    folder = tempfile.mkdtemp(prefix="eigenform-cluster-")
    env = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": folder,
        "PYSPARK_PYTHON": sys.executable,
    }
    url = f"spark://127.0.0.1:{port}"
    deploy = [str(home / "bin" / "spark-class"), "org.apache.spark.deploy"]
    master = [f"{deploy[1]}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(page)]
    worker = [f"{deploy[1]}.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", memory]
    started: list[subprocess.Popen[bytes]] = []
    try:
        with Path(folder, "cluster.log").open("wb") as log:
            started.append(_start([deploy[0], *master], env, log))
            _wait_for(lambda: _listens(port), started, folder)
            each = [deploy[0], *worker, "--webui-port", "0", url]
            started.extend(_start(each, env, log) for _ in range(workers))
            _wait_for(lambda: _alive(page) >= workers, started, folder)
        yield url
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: list[str], env: dict[str, str], log) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _alive(page: int) -> int:
    """Ask the master how many workers have come."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{page}/json/", timeout=2) as answer:
            return int(json.load(answer)["aliveworkers"])
    except (OSError, ValueError):
        return 0


def _wait_for(ready, started: list[subprocess.Popen[bytes]], folder: str) -> None:
    until = time.monotonic() + _READY_SECONDS
    while not ready():
        ended = [process for process in started if process.poll() is not None]
        if ended or time.monotonic() > until:
            text = Path(folder, "cluster.log").read_text(errors="replace")[-2000:]
            raise RuntimeError(f"The Spark cluster did not start:\n{text}")
        time.sleep(0.25)


def main() -> int:
    """Run a command beside a cluster."""
    with cluster() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "SPARK_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
