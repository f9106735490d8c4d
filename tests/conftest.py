"""What every test stands on: real data by path, a scope, and a ledger that can be cleared. The home is in `home`."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test is timed: by default hypothesis fails one whose example takes 200 ms, which a busy machine makes of any.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("EIGENFORM_SHARED_DATA", ROOT.parent / "shared" / "data"))


def pytest_configure() -> None:
    """Hash passwords quickly: their strength is Django's to test."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches a database: only that can differ between two of them, so only that runs on both."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & {"db", "transactional_db", "django_db_setup"}:
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the public data sets, or a skip that says where it was looked for."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the public data sets are not beside this project (../shared/data)")
    return SHARED_DATA


@pytest.fixture
def now() -> datetime:
    """A fixed moment: no test asks the clock."""
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def leader_scope():
    """The scope of somebody who may do everything."""
    from eigenform.records.scope import Scope

    return Scope(actor="a" * 32, may_read=True, may_decide=True, may_load=True, may_steer=True)


@pytest.fixture(scope="session", autouse=True)
def _lift_append_only_for_flush() -> Iterator[None]:
    """Let the flush between transactional tests clear append-only tables, and nothing else.

    The triggers stay in force while a test runs: they are lifted inside the flush command and put back before the
    next test starts.
    """
    from django.core.management.commands import flush
    from django.db import connection

    from eigenform.records import append_only

    tables = (
        "ledger_entry ledger_turn ledger_turninput ledger_estimate ledger_effect ledger_decision ledger_deed "
        "policy_policy".split()
    )
    original = flush.Command.handle

    def handle(self, **options):
        with connection.cursor() as cursor:
            for table in tables:
                for text in append_only.statements_to_lift(connection.vendor, table):
                    cursor.execute(text)
        try:
            return original(self, **options)
        finally:
            with connection.cursor() as cursor:
                for table in tables:
                    for text in append_only.statements(connection.vendor, table):
                        cursor.execute(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle)
        yield
