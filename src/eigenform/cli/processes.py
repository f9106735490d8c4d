"""The server's processes: web workers and one background worker, which all end with the process that started them."""

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from eigenform.base.errors import Refused

log = logging.getLogger("eigenform.serve")

HEARTBEAT_SECONDS = 5
GRACE_SECONDS = 10  # a task gets so long to end before it is killed; a load that is cut off can be started again
THREADS = 4
LOGGING = {
    "formatters": {"json": {"()": "eigenform.records.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {name: {"handlers": ["stderr"], "propagate": False} for name in ("_granian", "granian.access")},
}


class PortBusy(Refused):
    """Something listens on the port already."""

    code = "cli.port_busy"

    def __init__(self, *, host: str, port: int, problem: str) -> None:
        self.host, self.port, self.problem = host, port, problem
        super().__init__(f"Port {port} on {host} cannot be used ({problem}). Try `--port {port + 1}`.")


def refuse_busy_port(host: str, port: int) -> None:
    """Refuse a port that cannot be listened on, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortBusy(host=host, port=port, problem=error.strerror or str(error)) from error


def end_with_parent(*, grace_seconds: float) -> None:
    """End this process when the one that started it is gone, even if that was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        with contextlib.suppress(Exception):
            signal.raise_signal(signal.SIGTERM)
        time.sleep(grace_seconds)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def web_application() -> Any:
    """Return the WSGI application of a web process; the server calls this in each of them."""
    end_with_parent(grace_seconds=0)
    from config.wsgi import application  # noqa: PLC0415 - in the new process

    return application


def background_worker() -> None:
    """Run tasks from the database until told to end; the body of the worker process."""
    end_with_parent(grace_seconds=GRACE_SECONDS)
    from eigenform.cli.home import set_up  # noqa: PLC0415 - in the new process

    set_up()
    from django.core.management import call_command  # noqa: PLC0415

    threading.Thread(target=_beat, name="heartbeat", daemon=True).start()
    call_command("db_worker", queue_name="*", interval=0.5, verbosity=1, reload=False, startup_delay=False)


def _beat() -> None:
    from eigenform.records import heartbeat  # noqa: PLC0415 - after Django is ready

    while True:
        heartbeat.beat()
        time.sleep(HEARTBEAT_SECONDS)


class Supervised:
    """The background worker as a process that is started again when it dies."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._stopping = threading.Event()
        self._process = self._context.Process(target=background_worker, name="eigenform-worker")
        self._thread = threading.Thread(target=self._watch, name="worker-supervisor", daemon=True)

    def start(self) -> None:
        """Start the worker and watch over it."""
        self._process.start()
        self._thread.start()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            self._process.join(timeout=1)
            if self._process.is_alive() or self._stopping.wait(1):
                continue
            log.error(
                "The background worker ended and is started again.", extra={"facts": {"exit": self._process.exitcode}}
            )
            self._process = self._context.Process(target=background_worker, name="eigenform-worker")
            self._process.start()

    def stop(self) -> None:
        """End the worker: its task gets a moment to finish."""
        self._stopping.set()
        self._thread.join(timeout=3)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(GRACE_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        from eigenform.records import heartbeat  # noqa: PLC0415 - after Django is ready

        heartbeat.end()


def serve(*, host: str, port: int, workers: int | None, with_worker: bool, announce: Callable[[], None]) -> None:
    """Run the web server and the background worker until a signal ends both."""
    from django.db import connection, connections  # noqa: PLC0415 - after Django is ready
    from granian import Granian  # noqa: PLC0415
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    from eigenform.records import heartbeat  # noqa: PLC0415

    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "eigenform.cli.processes:web_application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers or (1 if connection.vendor == "sqlite" else 2),
        blocking_threads=THREADS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
    )
    server.on_startup(announce)
    connections.close_all()
    worker = Supervised() if with_worker else None
    try:
        if worker:
            heartbeat.end()  # of a server that was killed: this one's worker speaks for itself
            worker.start()
        server.serve()
    finally:
        if worker:
            worker.stop()
