"""An installation of its own for every test: commands run in processes of their own, as people run them."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Installation:
    """A home with a database of its own, of the kind that the tests run on."""

    home: Path
    env: dict[str, str]

    def run(self, *words: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run `eigenform` and expect a status."""
        done = subprocess.run(
            [sys.executable, "-m", "eigenform.cli.main", *words],
            env=self.env, capture_output=True, text=True, check=False, cwd=self.home.parent,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def answer(self, *words: str) -> dict[str, Any]:
        """Run with --json and return the one object on standard output."""
        return json.loads(self.run(*words, "--json").stdout)

    def refusal(self, *words: str) -> dict[str, Any]:
        """Run what is refused and return the last line of standard error."""
        done = self.run(*words, status=1)
        refused = json.loads(done.stderr.strip().splitlines()[-1])
        assert set(refused) == {"code", "message", "facts"}
        return refused

    def django(self, *words: str) -> None:
        """Run one of Django's own commands."""
        command = [sys.executable, "-m", "django", *words]
        env = self.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run(command, env=env, capture_output=True, check=True, cwd=Path(__file__).parents[2])


def _env(home: Path, database: str | None) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("EIGENFORM") and k != "DATABASE_URL"}
    env |= {"EIGENFORM_HOME": str(home), "EIGENFORM_LOG": "WARNING", "PYTHONPATH": str(Path(__file__).parents[2])}
    if database is None:
        return env
    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    return env | {"DATABASE_URL": f"{base}/{database}"}


@pytest.fixture(scope="session")
def on_postgresql(django_db_setup: None) -> bool:
    """Tell whether the tests run on PostgreSQL."""
    from django.db import connection

    return connection.vendor == "postgresql"


@contextmanager
def _database(template: str = "template1") -> Iterator[str]:
    """A PostgreSQL database that lives as long as the block."""
    from django.db import connection

    name = f"cli_{uuid.uuid4().hex[:12]}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield name
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _used(
    tmp_path_factory: pytest.TempPathFactory, on_postgresql: bool, django_db_blocker
) -> Iterator[tuple[Path, str]]:
    """An installation with Ada, made once and copied for each test that begins where somebody works already."""
    home = tmp_path_factory.mktemp("used") / "home"
    with django_db_blocker.unblock(), _database() if on_postgresql else nullcontext("") as name:
        Installation(home, _env(home, name or None)).run("staff", "add", "Ada")
        yield home, name


@pytest.fixture
def fresh(tmp_path: Path, on_postgresql: bool, db: None) -> Iterator[Installation]:
    """An installation that nobody has used yet."""
    with _database() if on_postgresql else nullcontext("") as name:
        yield Installation(tmp_path / "home", _env(tmp_path / "home", name or None))


@pytest.fixture
def fresh_elsewhere(tmp_path: Path, on_postgresql: bool, db: None) -> Iterator[Installation]:
    """Another installation that nobody has used yet."""
    with _database() if on_postgresql else nullcontext("") as name:
        yield Installation(tmp_path / "elsewhere", _env(tmp_path / "elsewhere", name or None))


@pytest.fixture
def installation(tmp_path: Path, _used: tuple[Path, str], on_postgresql: bool, db: None) -> Iterator[Installation]:
    """An installation in which a member named Ada was added."""
    shutil.copytree(_used[0], tmp_path / "home")
    with _database(_used[1]) if on_postgresql else nullcontext("") as name:
        yield Installation(tmp_path / "home", _env(tmp_path / "home", name or None))
