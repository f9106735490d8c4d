"""Is the site well? For whoever watches it: load balancers, monitors, people."""

import time

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from eigenform.records import heartbeat


def healthz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Answer 200 when the database answers and no worker fell silent, else 503; one trivial query."""
    worker = heartbeat.state(now_seconds=time.time())
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = "ok"
    except DatabaseError:
        database = "unreachable"
    ok = database == "ok" and worker != "silent"
    answer = JsonResponse({"ok": ok, "database": database, "worker": worker}, status=200 if ok else 503)
    answer.headers["Cache-Control"] = "no-store"
    return answer
