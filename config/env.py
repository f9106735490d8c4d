"""The environment, read once: every setting of an installation stands here and nowhere else."""

import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

LOCAL_HOSTS = "localhost,127.0.0.1,[::1]"


@dataclass(frozen=True, slots=True)
class Env:
    """What the machine tells us. `home` holds the database, the secret key, uploads and error files."""

    home: Path
    database_url: str
    secret_key: str
    hosts: tuple[str, ...]
    https: bool
    debug: bool
    log_level: str
    is_demo: bool = False

    def for_demo(self) -> "Env":
        """Return the demo's own surroundings: its folder and its database, whatever DATABASE_URL says."""
        home = self.home / "demo"
        home.mkdir(parents=True, exist_ok=True)
        return replace(self, home=home, database_url=_sqlite_in(home), secret_key=_secret_key(home, None), is_demo=True)


def _sqlite_in(home: Path) -> str:
    return f"sqlite:///{home / 'eigenform.sqlite3'}"


def _secret_key(home: Path, given: str | None) -> str:
    if given:
        return given
    path = home / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


def read() -> Env:
    """Read the process's environment; with EIGENFORM_DEMO=1 the demo's surroundings."""
    given = os.environ
    home = Path(given.get("EIGENFORM_HOME") or platformdirs.user_data_dir("eigenform")).expanduser().absolute()
    home.mkdir(parents=True, exist_ok=True)
    env = Env(
        home=home,
        database_url=given.get("DATABASE_URL") or _sqlite_in(home),
        secret_key=_secret_key(home, given.get("EIGENFORM_SECRET_KEY")),
        hosts=tuple(h.strip() for h in given.get("EIGENFORM_HOSTS", LOCAL_HOSTS).split(",") if h.strip()),
        https=given.get("EIGENFORM_HTTPS", "") == "1",
        debug=given.get("EIGENFORM_DEBUG", "") == "1",
        log_level=given.get("EIGENFORM_LOG", "INFO").upper(),
    )
    return env.for_demo() if given.get("EIGENFORM_DEMO") == "1" else env
